//! Pipes, through tokio's driver of input and output.

use std::io::{self, ErrorKind, PipeReader};
use std::os::fd::OwnedFd;

use pollmark_core::ReadByte;
use pollmark_core::support::byte_read;
use tokio::net::unix::pipe::Receiver;

/// A pipe that tokio's driver watches.
pub(crate) struct Reader(Receiver);

impl Reader {
    /// To be called on a thread that has entered the runtime.
    pub(crate) fn new(pipe: PipeReader) -> io::Result<Self> {
        Receiver::from_owned_fd(OwnedFd::from(pipe)).map(Reader)
    }
}

impl ReadByte for Reader {
    async fn read_byte(&mut self) -> io::Result<Option<u8>> {
        let mut byte = [0];
        loop {
            match self.0.try_read(&mut byte) {
                Err(error) if error.kind() == ErrorKind::WouldBlock => self.0.readable().await?,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                read => return read.map(|count| byte_read(count, byte)),
            }
        }
    }
}
