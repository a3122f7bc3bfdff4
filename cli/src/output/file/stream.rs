//! Pipes, devices and open files of a process, which are written through.

use std::fs::{File, Metadata};
use std::io;
use std::os::fd::AsFd;
use std::os::unix::fs::{FileTypeExt, MetadataExt, OpenOptionsExt};
use std::path::Path;

use nix::errno::Errno;
use nix::fcntl::{FcntlArg, OFlag, fcntl};

/// Opens the stream that `path` leads to, and waits for the reader of a FIFO after a call of
/// `waits`.
pub(super) fn open(path: &Path, found: &Metadata, waits: impl FnOnce()) -> io::Result<File> {
    // The stream of this process itself keeps its position, and may be a socket, which has no
    // path.
    let (stdout, stderr) = (io::stdout(), io::stderr());
    for own in [stdout.as_fd(), stderr.as_fd()] {
        let Ok(own) = own.try_clone_to_owned().map(File::from) else {
            continue;
        };
        let known = own.metadata()?;
        if (known.dev(), known.ino()) == (found.dev(), found.ino()) {
            return Ok(own);
        }
    }
    if !found.file_type().is_fifo() {
        return File::options().append(true).open(path);
    }
    let at_once = File::options()
        .write(true)
        .custom_flags(OFlag::O_NONBLOCK.bits())
        .open(path);
    match at_once {
        Ok(file) => {
            fcntl(&file, FcntlArg::F_SETFL(OFlag::empty()))?;
            Ok(file)
        }
        Err(error) if error.raw_os_error() == Some(Errno::ENXIO as i32) => {
            waits();
            File::options().write(true).open(path)
        }
        Err(error) => Err(error),
    }
}
