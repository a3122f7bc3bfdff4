//! Where results and complaints go.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::Context;

use crate::environment::Environment;
use crate::report::{CellResult, Comparison, Results};

/// Standard output, or the file that takes its place.
pub(crate) enum Output {
    Stdout(anstream::AutoStream<io::Stdout>),
    File(PathBuf, anstream::StripStream<File>),
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
        let file = File::create(path).with_context(|| {
            format!(
                "cannot write the results to `{}` (--output)",
                path.display()
            )
        })?;
        Ok(Output::File(
            path.to_owned(),
            anstream::StripStream::new(file),
        ))
    }

    pub(crate) fn write(&mut self, bytes: &[u8]) -> anyhow::Result<()> {
        match self {
            Output::Stdout(stdout) => stdout
                .write_all(bytes)
                .and_then(|()| stdout.flush())
                .context("cannot write to standard output")?,
            Output::File(path, file) => file
                .write_all(bytes)
                .and_then(|()| file.flush())
                .with_context(|| format!("cannot write to `{}` (--output)", path.display()))?,
        }
        Ok(())
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
    // Where standard error is closed there is nobody to tell.
    let _ = writeln!(stderr, "{style}{label}:{style:#} {text}");
}
