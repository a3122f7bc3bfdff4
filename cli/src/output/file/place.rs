//! The place that a path leads to.

use std::fs::{self, Metadata};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use nix::errno::Errno;

/// The most links that one path may lead through, as on Linux.
const LINKS: usize = 40;

/// The place that a path leads to. The paths in it have no links.
#[derive(Debug)]
pub(super) enum Place {
    /// A regular file.
    File(PathBuf, Metadata),
    /// A free name in a folder.
    Free(PathBuf),
    /// A pipe, a device, or an open file of a process, such as `/dev/stdout`.
    Stream(Metadata),
}

impl Place {
    /// Follows `path`.
    ///
    /// # Errors
    ///
    /// It leads to a folder, into a folder that is not there, in a circle, or cannot be
    /// followed.
    pub(super) fn of(path: &Path) -> io::Result<Self> {
        match fs::metadata(path) {
            Ok(found) if found.is_dir() => Err(io::ErrorKind::IsADirectory.into()),
            Ok(found) if !found.is_file() => Ok(Place::Stream(found)),
            Ok(found) => Ok(match followed(path)? {
                file if is_of_process(&file) => Place::Stream(found),
                file => Place::File(file, found),
            }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let name = path.as_os_str().as_bytes();
                match name.ends_with(b"/") || name.ends_with(b"/.") {
                    true => Err(error),
                    false => followed(path).map(Place::Free),
                }
            }
            Err(error) if error.raw_os_error() == Some(Errno::ELOOP as i32) => Err(circle()),
            Err(error) => Err(error),
        }
    }
}

/// The file behind a path, by which two paths to one file are found.
#[derive(Debug, PartialEq)]
pub(crate) enum Identity {
    /// Device and inode.
    Inode(u64, u64),
    /// Of a file that is not there yet.
    Name(PathBuf),
}

impl Identity {
    /// `None` for a path that leads nowhere.
    pub(crate) fn of(path: &Path) -> Option<Self> {
        Some(match Place::of(path).ok()? {
            Place::File(_, found) | Place::Stream(found) => {
                Identity::Inode(found.dev(), found.ino())
            }
            Place::Free(name) => Identity::Name(name),
        })
    }
}

/// Follows the links of a path. Those that the system makes of a process's open files have no
/// path to follow, and are left.
fn followed(path: &Path) -> io::Result<PathBuf> {
    let mut path = path.to_owned();
    for _ in 0..LINKS {
        let name = path.file_name().ok_or(io::ErrorKind::NotFound)?;
        let folder = match path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        let folder = fs::canonicalize(folder)?;
        let here = folder.join(name);
        match fs::read_link(&here) {
            Ok(target) if !is_of_process(&here) => path = folder.join(target),
            _ => return Ok(here),
        }
    }
    Err(circle())
}

fn is_of_process(path: &Path) -> bool {
    path.starts_with("/proc") || path.starts_with("/dev/fd")
}

fn circle() -> io::Error {
    io::Error::other("its links lead in a circle")
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn links_are_followed_to_a_file_a_free_name_or_a_stream() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::write(at("file"), "").unwrap();
        for (link, target) in [("one", "two"), ("two", "file"), ("dangling", "free")] {
            symlink(target, at(link)).unwrap();
        }
        symlink("/proc/self/fd/0", at("stdin")).unwrap();
        let file = fs::canonicalize(at("file")).unwrap();
        assert!(matches!(Place::of(&at("one")), Ok(Place::File(found, _)) if found == file));
        let free = file.with_file_name("free");
        assert!(matches!(Place::of(&at("dangling")), Ok(Place::Free(found)) if found == free));
        assert!(matches!(Place::of(&at("stdin")), Ok(Place::Stream(_))));
        assert!(matches!(
            Place::of(Path::new("/dev/null")),
            Ok(Place::Stream(_))
        ));
    }

    #[test]
    fn a_path_that_leads_nowhere_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        symlink("b", at("a")).unwrap();
        symlink("a", at("b")).unwrap();
        let circle = Place::of(&at("a")).unwrap_err().to_string();
        assert!(circle.contains("circle"), "{circle}");
        for path in [at("no/x"), at("x/"), at("x/."), at("."), PathBuf::new()] {
            assert!(Place::of(&path).is_err(), "{}", path.display());
        }
        let long = Place::of(&at(&"n".repeat(300)));
        assert!(long.is_err());
    }

    #[test]
    fn one_file_is_found_by_all_its_names() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::write(at("file"), "").unwrap();
        fs::hard_link(at("file"), at("hard")).unwrap();
        symlink("file", at("soft")).unwrap();
        symlink("free", at("dangling")).unwrap();
        let identity = |name: &str| Identity::of(&at(name)).unwrap();
        assert_eq!(identity("file"), identity("hard"));
        assert_eq!(identity("file"), identity("soft"));
        assert_eq!(identity("free"), identity("dangling"));
        assert_ne!(identity("file"), identity("free"));
        assert_eq!(Identity::of(&at("no/x")), None);
    }
}
