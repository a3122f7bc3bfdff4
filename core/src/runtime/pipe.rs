//! Bytes from a pipe of the operating system, awaited by tasks.
//!
//! Waiting for input and output is specific to a runtime: each has a reactor, and core knows none
//! of them. So this is an optional part of the contract, and as small as its use allows: a byte at
//! a time. Writing needs no such part, since a pipe that is nearly empty takes a byte at once.

use std::future::Future;
use std::io;

/// The reading end of a pipe, made by [`Runtime::pipe_reader`](crate::Runtime::pipe_reader).
pub trait ReadByte: Send + 'static {
    /// Waits for a byte. `None` once every byte was read and the writing end is closed everywhere.
    ///
    /// # Errors
    ///
    /// The operating system's error from the read.
    ///
    /// # Cancellation
    ///
    /// Dropping the future before it is ready takes no byte. The exception is a runtime on which
    /// each task has a thread of its own: it reads inside the poll and cannot be given up.
    fn read_byte(&mut self) -> impl Future<Output = io::Result<Option<u8>>> + Send;
}

/// The pipe of a runtime that offers none: this type has no values.
#[derive(Debug)]
pub(crate) enum NoPipe {}

impl ReadByte for NoPipe {
    async fn read_byte(&mut self) -> io::Result<Option<u8>> {
        match *self {}
    }
}
