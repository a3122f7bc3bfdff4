//! The result of a read from a pipe, for [`ReadByte`](crate::ReadByte).

/// The result of a read of at most one byte.
///
/// For runners: a read of no bytes is the end of the pipe.
pub fn byte_read(count: usize, byte: [u8; 1]) -> Option<u8> {
    let [byte] = byte;
    (count > 0).then_some(byte)
}
