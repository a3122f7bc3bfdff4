//! A program that is made at a path: a copy of a binary.

use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use super::place::Place;
use super::replaced;

/// A bit of a mode by which somebody may run the file.
const RUNS: u32 = 0o111;

/// The place of a program, where none is yet, or another one.
#[derive(Debug)]
pub(crate) struct Program(PathBuf);

impl Program {
    /// Checks that a program can be put there, and leaves no new file.
    ///
    /// # Errors
    ///
    /// The path leads to something else than a program, which is not replaced, or to a folder in
    /// which nothing can be made.
    pub(crate) fn at(path: &Path) -> io::Result<Self> {
        let (at, old) = match Place::of(path)? {
            Place::Free(at) => (at, None),
            Place::File(at, old) if old.permissions().mode() & RUNS != 0 => (at, Some(old)),
            Place::File(..) => return Err(other("it is a file that is no program")),
            Place::Stream(_) => return Err(other("it is no regular file")),
        };
        replaced::check(&at, old.as_ref())?;
        Ok(Program(at))
    }

    /// Copies the binary there, and replaces an earlier one at once: it may run.
    pub(crate) fn put(&self, binary: &Path) -> io::Result<()> {
        let folder = self.0.parent().unwrap_or(Path::new("/"));
        let part = tempfile::NamedTempFile::new_in(folder)?.into_temp_path();
        fs::copy(binary, &part)?;
        part.persist(&self.0).map_err(|failed| failed.error)
    }
}

fn other(why: &str) -> io::Error {
    io::Error::other(why)
}
