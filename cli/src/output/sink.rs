//! Where results go: standard output, or a file.

use std::io::{self, Write};

use anyhow::Context;

use super::file::Destination;
use super::file::trouble::{self, FileTrouble};
use crate::text::messages;

/// Standard output, or the file that takes its place.
pub(crate) enum Output {
    Stdout(anstream::AutoStream<io::Stdout>),
    File {
        destination: Destination,
        /// Whether anything was written to it: its old content stays until then.
        begun: bool,
    },
}

impl Output {
    pub(crate) fn stdout() -> Self {
        Output::Stdout(anstream::AutoStream::auto(io::stdout()))
    }

    /// Standard output, unless there is a file.
    pub(crate) fn to(destination: Option<Destination>) -> Self {
        destination.map_or_else(Output::stdout, |destination| Output::File {
            destination,
            begun: false,
        })
    }

    /// Writes on. What cannot be written to the file is shown on standard output.
    ///
    /// # Errors
    ///
    /// Standard output cannot be written, or the reader of a pipe has gone.
    pub(crate) fn write(&mut self, bytes: &[u8]) -> anyhow::Result<()> {
        let (destination, begun) = match self {
            Output::Stdout(stdout) => {
                return stdout
                    .write_all(bytes)
                    .and_then(|()| stdout.flush())
                    .with_context(|| FileTrouble("cannot write to standard output".to_owned()));
            }
            Output::File { destination, begun } => (destination, begun),
        };
        let mut plain = anstream::StripStream::new(Vec::new());
        plain.write_all(bytes)?;
        let plain = plain.into_inner();
        let written = match std::mem::replace(begun, true) {
            true => destination.append(&plain),
            false => destination.begin(&plain),
        };
        let Err(error) = written else { return Ok(()) };
        let trouble = format!("cannot write to {destination}");
        if error.kind() == io::ErrorKind::BrokenPipe {
            return Err(error).context(FileTrouble(trouble));
        }
        trouble::remember();
        messages::warn(&format!("{trouble}: {error}; shown here instead"));
        *self = Output::stdout();
        self.write(bytes)
    }
}

/// Whether the reader of standard output has gone, as `head` does.
pub(crate) fn is_closed_pipe(error: &anyhow::Error) -> bool {
    let io = error.downcast_ref::<io::Error>();
    io.is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
}
