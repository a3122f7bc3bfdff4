//! Where results go: standard output, or a file.

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::Context;

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

    /// Opens the file of `--output`, so that a wrong name is told before anything runs.
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

/// Opens a file for writing and leaves its content.
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

/// Checks that a file can be written, and leaves its content, so that a wrong name is told
/// before anything runs.
pub(crate) fn check(path: &Path, option: &str) -> anyhow::Result<()> {
    let opened = writable(path).map(drop);
    opened.with_context(|| format!("cannot write to `{}` ({option})", path.display()))
}

/// Whether the reader of standard output has gone, as `head` does.
pub(crate) fn is_closed_pipe(error: &anyhow::Error) -> bool {
    let io = error.downcast_ref::<io::Error>();
    io.is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
}
