//! Files that are replaced in one step: a reader finds the old content or the new, never a
//! half of it, even if this process is killed.

use std::fs::{self, File, Metadata, Permissions};
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::{MetadataExt, PermissionsExt, fchown};
use std::path::Path;

use tempfile::{Builder, TempPath};

use super::lock::{self, Held};

/// Writes a content, again each time it is called.
pub(crate) type Content<'a> = &'a dyn Fn(&mut dyn Write) -> io::Result<()>;

/// Replaces the file at `path`, which has no links, or makes it. Mode and owner stay. Returns
/// the new file, locked before its name was `path`.
pub(super) fn replace(path: &Path, content: Content<'_>) -> io::Result<Held> {
    let old = match fs::symlink_metadata(path) {
        Ok(old) if old.is_file() => Some(old),
        Ok(_) => return Err(io::Error::other("it is no file any more")),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => return Err(error),
    };
    let (file, part) = beside(path, old.as_ref())?;
    write(&file, content)?;
    part.persist(path).map_err(|failed| failed.error)?;
    Ok(file)
}

/// Makes the file at `path`, as [`replace`] does.
///
/// # Errors
///
/// There is one already: another command has made it since `path` was looked at.
pub(super) fn make(path: &Path, content: Content<'_>) -> io::Result<Held> {
    let (file, part) = beside(path, None)?;
    write(&file, content)?;
    match part.persist_noclobber(path) {
        Ok(()) => Ok(file),
        Err(failed) if failed.error.kind() == io::ErrorKind::AlreadyExists => Err(lock::busy()),
        // Not every file system can tell.
        Err(failed) => {
            let replaced = failed.path.persist(path);
            replaced.map(|()| file).map_err(|failed| failed.error)
        }
    }
}

/// Checks that the file at `path` can be replaced, and leaves nothing behind.
pub(super) fn check(path: &Path, old: Option<&Metadata>) -> io::Result<()> {
    beside(path, old).map(drop)
}

/// Overwrites a file without a new one in its place.
pub(super) fn overwrite(mut file: &File, content: Content<'_>) -> io::Result<()> {
    io::Seek::rewind(&mut file)?;
    file.set_len(0)?;
    write(file, content)
}

pub(super) fn write(file: &File, content: Content<'_>) -> io::Result<()> {
    let mut buffered = BufWriter::new(file);
    content(&mut buffered)?;
    buffered.flush()
}

/// A new file beside `path` with a name of its own, like `old`. Removed unless it is given
/// another name.
fn beside(path: &Path, old: Option<&Metadata>) -> io::Result<(Held, TempPath)> {
    let folder = path.parent().unwrap_or(Path::new("/"));
    // The umask takes from it. The content of an old file is not for others before its mode is.
    let mode = if old.is_some() { 0o600 } else { 0o666 };
    let made = Builder::new()
        .prefix(".pollmark-")
        .permissions(Permissions::from_mode(mode))
        .tempfile_in(folder)
        .map_err(bare)?;
    let (file, part) = made.into_parts();
    if let Some(old) = old {
        let new = file.metadata()?;
        if (new.uid(), new.gid()) != (old.uid(), old.gid()) {
            fchown(&file, Some(old.uid()), Some(old.gid()))?;
        }
        file.set_permissions(Permissions::from_mode(old.mode() & 0o7777))?;
    }
    Ok((Held::lock(file)?, part))
}

/// The error without the name of the new file, which says nothing to the user.
fn bare(error: io::Error) -> io::Error {
    let text = error.to_string();
    match text.split_once(" at path ") {
        Some((text, _)) => io::Error::new(error.kind(), text.to_owned()),
        None => error,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().mode() & 0o7777
    }

    #[test]
    fn the_mode_stays_and_nothing_else_is_left() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        replace(&path, &|to| to.write_all(b"first")).unwrap();
        fs::set_permissions(&path, Permissions::from_mode(0o640)).unwrap();
        let file = replace(&path, &|to| to.write_all(b"second")).unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"second");
        assert_eq!(
            file.metadata().unwrap().ino(),
            fs::metadata(&path).unwrap().ino()
        );
        assert_eq!(mode(&path), 0o640);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_content_that_fails_leaves_the_old_one_and_no_part() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        fs::write(&path, "old").unwrap();
        let half = |to: &mut dyn Write| {
            to.write_all(b"half")?;
            Err(io::ErrorKind::StorageFull.into())
        };
        assert!(replace(&path, &half).is_err());
        assert_eq!(fs::read(&path).unwrap(), b"old");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn only_one_of_two_commands_makes_a_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        let first = make(&path, &|to| to.write_all(b"first")).unwrap();
        let second = make(&path, &|to| to.write_all(b"second")).unwrap_err();
        assert!(second.to_string().contains("another pollmark"), "{second}");
        assert_eq!(fs::read(&path).unwrap(), b"first");
        let opened = File::options().write(true).open(&path).unwrap();
        assert!(Held::lock(opened).is_err());
        drop(first);
        let opened = File::options().write(true).open(&path).unwrap();
        assert!(Held::lock(opened).is_ok());
    }
}
