//! A file that this command alone writes to.

use std::fs::File;
use std::io;
use std::ops::Deref;

use nix::errno::Errno;
use nix::fcntl::{Flock, FlockArg};

/// An open file with an advisory lock, which ends when it is closed.
#[derive(Debug)]
pub(super) enum Held {
    Locked(Flock<File>),
    /// Its file system has no locks.
    Unlocked(File),
}

impl Held {
    /// Locks `file`.
    ///
    /// # Errors
    ///
    /// Another command has locked it.
    pub(super) fn lock(file: File) -> io::Result<Self> {
        match Flock::lock(file, FlockArg::LockExclusiveNonblock) {
            Ok(locked) => Ok(Held::Locked(locked)),
            Err((_, Errno::EWOULDBLOCK)) => Err(busy()),
            Err((file, _)) => Ok(Held::Unlocked(file)),
        }
    }
}

impl Deref for Held {
    type Target = File;

    fn deref(&self) -> &File {
        match self {
            Held::Locked(file) => file,
            Held::Unlocked(file) => file,
        }
    }
}

/// The error of a file that another command writes to.
pub(super) fn busy() -> io::Error {
    io::Error::new(
        io::ErrorKind::ResourceBusy,
        "another pollmark is writing to it; wait for its end, or name another file",
    )
}
