//! Pipes, through the reactor that async-std is built on, which has no name in async-std itself.

use std::io::{self, ErrorKind, PipeReader, Read};

use async_io::Async;
use pollmark_core::ReadByte;
use pollmark_core::support::byte_read;

/// A pipe that the reactor watches.
pub(crate) struct Reader(Async<PipeReader>);

impl Reader {
    pub(crate) fn new(pipe: PipeReader) -> io::Result<Self> {
        Async::new(pipe).map(Reader)
    }
}

impl ReadByte for Reader {
    async fn read_byte(&mut self) -> io::Result<Option<u8>> {
        let mut byte = [0];
        loop {
            match self.0.read_with(|mut pipe| pipe.read(&mut byte)).await {
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                read => return read.map(|count| byte_read(count, byte)),
            }
        }
    }
}
