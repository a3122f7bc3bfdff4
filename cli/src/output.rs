//! Where results and complaints go.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::Context;

use crate::environment::Environment;
use crate::human;
use crate::report::{CellResult, Comparison, Results};

/// Standard output, or the file that takes its place.
pub(crate) enum Output {
    Stdout(anstream::AutoStream<io::Stdout>),
    File {
        path: PathBuf,
        file: anstream::StripStream<File>,
        /// Whether anything was written to it.
        begun: bool,
    },
}

impl Output {
    pub(crate) fn stdout() -> Self {
        Output::Stdout(anstream::AutoStream::auto(io::stdout()))
    }

    /// Opens what `--output` names, so that a wrong name is told before anything runs.
    pub(crate) fn open(path: Option<&Path>) -> anyhow::Result<Self> {
        let Some(path) = path else {
            return Ok(Output::stdout());
        };
        let file = writable(path).with_context(|| {
            format!(
                "cannot write the results to `{}` (--output)",
                path.display()
            )
        })?;
        Ok(Output::File {
            path: path.to_owned(),
            file: anstream::StripStream::new(file),
            begun: false,
        })
    }

    pub(crate) fn write(&mut self, bytes: &[u8]) -> anyhow::Result<()> {
        match self {
            Output::Stdout(stdout) => stdout
                .write_all(bytes)
                .and_then(|()| stdout.flush())
                .context("cannot write to standard output")?,
            Output::File { path, file, begun } => {
                // Not before there is something to put in its place.
                let emptied = match std::mem::replace(begun, true) {
                    false => empty(file.as_inner()),
                    true => Ok(()),
                };
                emptied
                    .and_then(|()| file.write_all(bytes))
                    .and_then(|()| file.flush())
                    .with_context(|| format!("cannot write to `{}` (--output)", path.display()))?;
            }
        }
        Ok(())
    }
}

/// Opens a file for writing and leaves what it holds.
fn writable(path: &Path) -> io::Result<File> {
    File::options().append(true).create(true).open(path)
}

fn empty(file: &File) -> io::Result<()> {
    // A device or a pipe holds nothing.
    match file.metadata()?.is_file() {
        true => file.set_len(0),
        false => Ok(()),
    }
}

/// Checks that a file can be written, and leaves what it holds, so that a wrong name is
/// told before anything runs.
pub(crate) fn check(path: &Path, option: &str) -> anyhow::Result<()> {
    let opened = writable(path).map(drop);
    opened.with_context(|| format!("cannot write to `{}` ({option})", path.display()))
}

/// Whether the two name one file.
pub(crate) fn is_same_file(one: &Path, other: &Path) -> bool {
    let whole = |path: &Path| {
        let name = path.file_name()?.to_owned();
        let folder = path
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty());
        let folder = fs::canonicalize(folder.unwrap_or(Path::new("."))).ok()?;
        Some(folder.join(name))
    };
    one == other || whole(one).is_some_and(|one| Some(one) == whole(other))
}

/// As [`check`], for what results will be saved to: a file that is not there yet holds
/// results without cells from now on, so that it can be read at any time.
pub(crate) fn check_save(path: &Path, environment: &Environment) -> anyhow::Result<()> {
    match path.exists() {
        true => check(path, "--save"),
        false => save(path, environment, [].iter(), None),
    }
}

/// Saves what stands so far to the file that `--save` names.
pub(crate) fn save<'a>(
    path: &Path,
    environment: &Environment,
    cells: impl Iterator<Item = &'a CellResult>,
    comparison: Option<Comparison>,
) -> anyhow::Result<()> {
    let results = Results::new(environment, cells.cloned().collect(), comparison);
    replace(path, &serde_json::to_vec_pretty(&results)?)
}

/// Replaces the file at `path` by `bytes` in one step: whoever reads it, or kills
/// this process, finds the old content or the new, never half of it.
///
/// Links are followed. What is no file, such as a device or a pipe, is written to.
fn replace(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    write_whole(path, bytes)
        .with_context(|| format!("cannot save to `{}` (--save)", path.display()))
}

fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let path = match fs::canonicalize(path) {
        Ok(target) if target.is_file() => target,
        // A device, a pipe, or a folder, which the write refuses.
        Ok(other) => return fs::write(other, bytes),
        Err(_) => path.to_owned(),
    };
    let mut part = path.clone().into_os_string();
    part.push(".part");
    let replaced = fs::write(&part, bytes).and_then(|()| fs::rename(&part, &path));
    if replaced.is_err() {
        let _ = fs::remove_file(&part);
    }
    replaced
}

/// Whether the reader of standard output has gone, as `head` does.
pub(crate) fn is_closed_pipe(error: &anyhow::Error) -> bool {
    let io = error.downcast_ref::<io::Error>();
    io.is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
}

/// Prints an error on standard error, in the manner of the argument parser.
pub(crate) fn complain(error: &anyhow::Error) {
    say("error", anstyle::AnsiColor::Red, &format!("{error:#}"));
}

/// Prints a warning on standard error.
pub(crate) fn warn(text: &str) {
    say("warning", anstyle::AnsiColor::Yellow, text);
}

/// Prints a remark on standard error.
pub(crate) fn note(text: &str) {
    say("note", anstyle::AnsiColor::Cyan, text);
}

fn say(label: &str, colour: anstyle::AnsiColor, text: &str) {
    let style = colour.on_default().bold();
    let mut stderr = anstream::stderr();
    let text = human::labelled(style, label, text, "");
    // Where standard error is closed there is nobody to tell.
    let _ = stderr.write_all(text.as_bytes());
}
