//! The file that an option such as `--save` names.

use std::ffi::OsStr;
use std::fs::{self, File, Metadata};
use std::io::{self, Write};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use anyhow::Context;

use super::lock::{self, Held};
use super::place::Place;
use super::replaced::{self, Content};
use super::stream;
use super::trouble::{self, FileTrouble};
use crate::text::messages;

/// The file of an option, checked and held for this command.
#[derive(Debug)]
pub(crate) struct Destination {
    option: &'static str,
    /// The path as the user wrote it.
    path: PathBuf,
    way: Way,
}

/// How to write.
#[derive(Debug)]
enum Way {
    /// By a new file at this path, in one step; `None` until there is one to hold.
    Replace(PathBuf, Option<Held>),
    /// Into the file that there is.
    InPlace(Held),
    /// Through a stream, not open yet.
    Unopened(Metadata),
    Stream(File),
    /// Nowhere: not even a temporary file could be written.
    Nowhere,
}

impl Destination {
    /// Checks that the file at `path` can be written, by all that a write takes but its end,
    /// and leaves no new file. From now on other commands are refused it.
    ///
    /// # Errors
    ///
    /// It cannot be written, or another command writes to it.
    pub(crate) fn check(path: &Path, option: &'static str) -> anyhow::Result<Self> {
        let way = way(path, option);
        Ok(Destination {
            option,
            path: path.to_owned(),
            way: way.with_context(|| cannot_write(path, option))?,
        })
    }

    /// Opens a stream, which may wait for its reader; says so.
    pub(crate) fn open(&mut self) -> anyhow::Result<()> {
        if let Way::Unopened(found) = &self.way {
            let waits = || messages::note(&format!("{self} is a pipe: waiting for its reader"));
            let file = stream::open(&self.path, found, waits);
            self.way = Way::Stream(file.with_context(|| cannot_write(&self.path, self.option))?);
        }
        Ok(())
    }

    /// Makes a file that is not there yet, with this content, so that it can be read at any
    /// time.
    pub(crate) fn make(&mut self, content: Content<'_>) -> anyhow::Result<()> {
        if let Way::Replace(at, held @ None) = &mut self.way {
            let made = replaced::make(at, content);
            *held = Some(made.with_context(|| cannot_write(&self.path, self.option))?);
        }
        Ok(())
    }

    /// Saves a content that will be saved again: not to a stream, which cannot take it back.
    pub(crate) fn save_so_far(&mut self, content: Content<'_>) {
        if !matches!(self.way, Way::Stream(_) | Way::Unopened(_)) {
            self.save(content);
        }
    }

    /// Saves `content` in the place of the one before; if that fails, to a file in the folder
    /// for temporary files from now on, and says so.
    pub(crate) fn save(&mut self, content: Content<'_>) {
        let Err(error) = self.write(content) else {
            return;
        };
        trouble::remember();
        let (way, told) = match elsewhere(&self.path, content) {
            Ok((path, held)) => {
                let told = format!("saved to `{}` instead", path.display());
                (Way::Replace(path, Some(held)), told)
            }
            Err(other) => {
                let told = format!("nor to a temporary file: {other}. Nothing more is saved");
                (Way::Nowhere, told)
            }
        };
        messages::warn(&format!("cannot save to {self}: {error}; {told}"));
        self.way = way;
    }

    fn write(&mut self, content: Content<'_>) -> io::Result<()> {
        match &mut self.way {
            Way::Replace(at, held) => *held = Some(replaced::replace(at, content)?),
            Way::InPlace(held) => replaced::overwrite(held, content)?,
            Way::Stream(file) => replaced::write(file, content)?,
            Way::Unopened(_) => return Err(io::ErrorKind::NotConnected.into()),
            Way::Nowhere => {}
        }
        Ok(())
    }

    /// Writes the first part of a content, in the place of the old one.
    pub(crate) fn begin(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.write(&|to| to.write_all(bytes))
    }

    /// Writes a further part of the content that [`begin`](Destination::begin) began.
    pub(crate) fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        match &mut self.way {
            Way::Replace(_, Some(held)) | Way::InPlace(held) => (&**held).write_all(bytes),
            Way::Stream(file) => file.write_all(bytes),
            Way::Replace(_, None) | Way::Unopened(_) | Way::Nowhere => self.begin(bytes),
        }
    }
}

impl std::fmt::Display for Destination {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "`{}` ({})", self.path.display(), self.option)
    }
}

fn cannot_write(path: &Path, option: &str) -> FileTrouble {
    FileTrouble(format!("cannot write to `{}` ({option})", path.display()))
}

fn way(path: &Path, option: &str) -> io::Result<Way> {
    let (at, old) = match Place::of(path)? {
        Place::Stream(found) => return Ok(Way::Unopened(found)),
        Place::Free(at) => {
            replaced::check(&at, None)?;
            return Ok(Way::Replace(at, None));
        }
        Place::File(at, old) => (at, old),
    };
    // A file that may not be written is not replaced either.
    let held = Held::lock(File::options().write(true).open(&at)?)?;
    let inode = |found: &Metadata| (found.dev(), found.ino());
    if inode(&held.metadata()?) != inode(&fs::metadata(&at)?) {
        return Err(lock::busy());
    }
    let why = match replaced::check(&at, Some(&old)) {
        _ if old.nlink() > 1 => "it has other names (hard links)".to_owned(),
        Err(error) => format!("no file can take its place ({error})"),
        Ok(()) => return Ok(Way::Replace(at, Some(held))),
    };
    messages::note(&format!(
        "`{}` ({option}) is written in place, since {why}: until the end a reader may find half \
         of it",
        path.display()
    ));
    Ok(Way::InPlace(held))
}

/// Saves to a file of its own in the folder for temporary files, with the extension of `target`.
fn elsewhere(target: &Path, content: Content<'_>) -> io::Result<(PathBuf, Held)> {
    let extension = target.extension().unwrap_or(OsStr::new("json"));
    let suffix = format!(".{}", extension.to_string_lossy());
    let mut builder = tempfile::Builder::new();
    let made = builder.prefix("pollmark-").suffix(&suffix).tempfile()?;
    replaced::write(made.as_file(), content)?;
    let (file, path) = made.keep().map_err(|failed| failed.error)?;
    Ok((path, Held::lock(file)?))
}
