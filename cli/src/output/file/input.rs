//! Reading within limits: a device has no end, and a pipe may have none.

use std::fs::{self, File};
use std::io::{self, BufRead, Read};
use std::os::fd::AsFd;
use std::os::unix::fs::{FileTypeExt, OpenOptionsExt};
use std::path::Path;

use nix::fcntl::{FcntlArg, OFlag, fcntl};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

use crate::text::messages;

/// The most bytes of a file of saved results.
pub(crate) const FILE: u64 = 512 * MIB;

/// The most bytes of an answer.
pub(crate) const ANSWER: u64 = 64 * KIB;

const KIB: u64 = 1 << 10;
const MIB: u64 = 1 << 20;

/// The time that a pipe may be silent before the user is told, in milliseconds.
const SILENCE: u16 = 500;

/// Opens a file to read it. Says that it waits if it is a FIFO without a writer.
pub(crate) fn open(path: &Path) -> io::Result<File> {
    if !fs::metadata(path)?.file_type().is_fifo() {
        return File::open(path);
    }
    let at_once = OFlag::O_NONBLOCK.bits();
    let file = File::options()
        .read(true)
        .custom_flags(at_once)
        .open(path)?;
    let mut events = [PollFd::new(file.as_fd(), PollFlags::POLLIN)];
    if poll(&mut events, SILENCE)? == 0 {
        let path = path.display();
        messages::note(&format!("`{path}` is a pipe: waiting for its writer"));
        poll(&mut events, PollTimeout::NONE)?;
    }
    fcntl(&file, FcntlArg::F_SETFL(OFlag::empty()))?;
    Ok(file)
}

/// Reads `from` to its end. If there are more than `most` bytes, reading on is an error.
#[derive(Debug)]
pub(crate) struct Bounded<R> {
    from: R,
    most: u64,
    read: u64,
}

impl<R> Bounded<R> {
    pub(crate) fn new(from: R, most: u64) -> Self {
        Bounded {
            from,
            most,
            read: 0,
        }
    }
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.from.read(buffer)?;
        self.read += read as u64;
        within(self.read, self.most).map(|()| read)
    }
}

/// Reads a line; empty at the end.
///
/// # Errors
///
/// It is longer than `most` bytes, or no text.
pub(crate) fn line(from: impl BufRead, most: u64) -> io::Result<String> {
    let mut bytes = Vec::new();
    from.take(most + 1).read_until(b'\n', &mut bytes)?;
    within(bytes.len() as u64, most)?;
    String::from_utf8(bytes).map_err(|_| io::Error::other("it is no text (UTF-8)"))
}

fn within(bytes: u64, most: u64) -> io::Result<()> {
    if bytes <= most {
        return Ok(());
    }
    let most = match most / MIB {
        0 => format!("{} KiB", most / KIB),
        mib => format!("{mib} MiB"),
    };
    let why = format!("it is longer than {most}, the most that is read");
    Err(io::Error::new(io::ErrorKind::FileTooLarge, why))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(from: impl Read, most: u64) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        Bounded::new(from, most).read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    #[test]
    fn an_input_without_an_end_is_an_error_that_names_the_limit() {
        let endless = || io::BufReader::new(io::repeat(b'0'));
        let whole = read(endless(), 2 * KIB).unwrap_err().to_string();
        assert_eq!(whole, "it is longer than 2 KiB, the most that is read");
        let line = line(endless(), 2 * MIB).unwrap_err().to_string();
        assert_eq!(line, "it is longer than 2 MiB, the most that is read");
    }

    #[test]
    fn an_input_of_the_limit_is_read() {
        let text = vec![b'x'; 1024];
        assert_eq!(read(&*text, KIB).unwrap(), text);
        assert_eq!(line(&b"one\ntwo\n"[..], KIB).unwrap(), "one\n");
        assert_eq!(line(&b""[..], KIB).unwrap(), "");
        assert!(line(&b"\xff\n"[..], KIB).is_err());
    }
}
