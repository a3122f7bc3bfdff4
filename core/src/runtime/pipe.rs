//! Bytes from a pipe of the operating system, as a task awaits them.
//!
//! Waiting for input and output is a runtime's own affair: each has a reactor, and
//! core knows none of them. So this is a part of the contract that a runtime may
//! leave out, and as small as what needs it: a byte at a time. Writing needs no
//! part of it, since a pipe that is nearly empty takes a byte at once.

use std::future::Future;
use std::io;

/// The reading end of a pipe, made by [`Runtime::pipe_reader`](crate::Runtime::pipe_reader).
pub trait ReadByte: Send + 'static {
    /// Waits for a byte. `None` once nobody holds the writing end any more and every
    /// byte was read.
    ///
    /// # Errors
    ///
    /// What the operating system says of the read.
    ///
    /// # Cancellation
    ///
    /// Dropping the future before it is ready takes no byte. Not so where each task
    /// has a thread of its own, which reads inside the poll and cannot be given up.
    fn read_byte(&mut self) -> impl Future<Output = io::Result<Option<u8>>> + Send;
}

/// The pipe of a runtime that offers none: there is no value of it.
#[derive(Debug)]
pub(crate) enum NoPipe {}

impl ReadByte for NoPipe {
    async fn read_byte(&mut self) -> io::Result<Option<u8>> {
        match *self {}
    }
}

/// What a read of at most one byte came to.
///
/// For runners: a read of no bytes is the end of the pipe.
pub fn byte_read(count: usize, byte: [u8; 1]) -> Option<u8> {
    let [byte] = byte;
    (count > 0).then_some(byte)
}
