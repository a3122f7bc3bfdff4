//! Pipes: each read blocks the thread of the task that reads.

use std::io::{self, PipeReader, Read};

use pollmark_core::ReadByte;
use pollmark_core::support::byte_read;

/// Reads on the calling thread, inside the poll: the task has it to itself.
pub(crate) struct Reader(PipeReader);

impl Reader {
    pub(crate) fn new(pipe: PipeReader) -> Self {
        Reader(pipe)
    }
}

impl ReadByte for Reader {
    async fn read_byte(&mut self) -> io::Result<Option<u8>> {
        let mut byte = [0];
        loop {
            match self.0.read(&mut byte) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                read => return read.map(|count| byte_read(count, byte)),
            }
        }
    }
}
