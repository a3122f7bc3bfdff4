//! Where results and complaints go.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::Context;

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
            Output::Stdout(stdout) => stdout.write_all(bytes).and_then(|()| stdout.flush())?,
            Output::File(path, file) => file
                .write_all(bytes)
                .and_then(|()| file.flush())
                .with_context(|| format!("cannot write to `{}` (--output)", path.display()))?,
        }
        Ok(())
    }
}

/// Replaces the file at `path` by `bytes` in one step: whoever reads it, or kills
/// this process, finds the old content or the new, never half of it.
pub(crate) fn replace(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    let mut part = path.as_os_str().to_owned();
    part.push(".part");
    fs::write(&part, bytes)
        .and_then(|()| fs::rename(&part, path))
        .with_context(|| format!("cannot save to `{}` (--save)", path.display()))
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
