//! The sources of pollmark, and their copy in the cache.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use nix::fcntl::{Flock, FlockArg};
use toml_edit::DocumentMut;

use super::manifest;
use crate::output::file::trouble::FileTrouble;

/// The workspace of pollmark.
#[derive(Debug)]
pub(super) struct Sources {
    pub(super) folder: PathBuf,
    /// The text of its lock file.
    pub(super) lock: String,
}

impl Sources {
    /// Those around the current folder, or those that this binary was built from.
    ///
    /// # Errors
    ///
    /// There are none.
    pub(super) fn find() -> Result<Self> {
        let current = std::env::current_dir().context("there is no current folder")?;
        let recorded = Some(env!("POLLMARK_SOURCES")).filter(|path| !path.is_empty());
        let recorded = recorded.map(Path::new);
        let mut folders = current.ancestors().chain(recorded);
        let Some(folder) = folders.find(|folder| is_pollmark(folder)) else {
            let gone = recorded.map_or_else(String::new, |path| {
                format!(
                    ", and those that it was built from are not in {}",
                    path.display()
                )
            });
            bail!(
                "the sources of pollmark are not in the current folder{gone}; run this in a \
                 folder that has them"
            );
        };
        Ok(Sources {
            folder: folder.to_owned(),
            lock: lock_of(folder)?,
        })
    }

    /// Copies the sources to a folder of the cache, in place of an earlier copy.
    pub(super) fn copied_into(&self, cache: &Cache) -> Result<PathBuf> {
        let copy = cache.folder.join("sources");
        let kept = fs::canonicalize(&cache.folder).unwrap_or_else(|_| cache.folder.clone());
        if fs::canonicalize(&self.folder).is_ok_and(|folder| folder.starts_with(&kept)) {
            bail!(
                "the current folder is the cache of an earlier build; use the sources themselves"
            );
        }
        let copied = || -> Result<()> {
            if copy.exists() {
                fs::remove_dir_all(&copy)?;
            }
            copy_folder(&self.folder, &copy, &kept)
        };
        copied().with_context(|| {
            let (from, to) = (self.folder.display(), copy.display());
            FileTrouble(format!("cannot copy {from} to {to}"))
        })?;
        Ok(copy)
    }
}

/// The text of the lock file in `folder`.
pub(super) fn lock_of(folder: &Path) -> Result<String> {
    let path = folder.join("Cargo.lock");
    fs::read_to_string(&path)
        .with_context(|| FileTrouble(format!("cannot read `{}`", path.display())))
}

/// Whether `folder` holds a workspace that has the package `pollmark` as a member.
fn is_pollmark(folder: &Path) -> bool {
    folder.join("Cargo.lock").is_file()
        && manifests(folder).is_ok_and(|paths| paths.iter().any(|path| is_of_pollmark(path)))
}

fn is_of_pollmark(manifest: &Path) -> bool {
    let text = fs::read_to_string(manifest).unwrap_or_default();
    let manifest: Option<DocumentMut> = text.parse().ok();
    let name = manifest
        .as_ref()
        .and_then(|manifest| manifest.get("package")?.get("name")?.as_str());
    name == Some("pollmark")
}

/// The manifests of a workspace: its own, and those of its members.
pub(super) fn manifests(folder: &Path) -> Result<Vec<PathBuf>> {
    let root = folder.join("Cargo.toml");
    let members = manifest::members(&fs::read_to_string(&root)?)?;
    let members = members
        .iter()
        .map(|member| folder.join(member).join("Cargo.toml"));
    let members = members.filter(|manifest| manifest.is_file());
    Ok([root.clone()].into_iter().chain(members).collect())
}

/// Copies all but what git and cargo keep, for the copy is compiled anew, and but the cache, which
/// it is in.
fn copy_folder(from: &Path, to: &Path, cache: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let (path, copy) = (entry.path(), to.join(entry.file_name()));
        let kind = entry.file_type()?;
        if kind.is_dir() {
            // A folder with this tag can be made again, as cargo's target folder.
            let is_wanted = entry.file_name() != ".git"
                && !path.join("CACHEDIR.TAG").exists()
                && fs::canonicalize(&path)? != cache;
            if is_wanted {
                copy_folder(&path, &copy, cache)?;
            }
        } else if kind.is_file() && entry.file_name() != ".git" {
            fs::copy(&path, &copy)?;
        }
    }
    Ok(())
}

/// The folder in which builds are made, held by one command at a time.
#[derive(Debug)]
pub(super) struct Cache {
    folder: PathBuf,
    _held: Flock<File>,
}

impl Cache {
    /// # Errors
    ///
    /// Another command builds, or the folder cannot be made.
    pub(super) fn held() -> Result<Self> {
        let path = |name| std::env::var_os(name).map(PathBuf::from);
        let user = path("XDG_CACHE_HOME").filter(|path| path.is_absolute());
        let user = user.or_else(|| Some(path("HOME")?.join(".cache")));
        let user = user.context("there is no folder for the build: set HOME or XDG_CACHE_HOME")?;
        let folder = user.join("pollmark");
        let open = || {
            fs::create_dir_all(&folder)?;
            File::create(folder.join("lock"))
        };
        let trouble = || FileTrouble(format!("cannot build in {}", folder.display()));
        let file = open().with_context(trouble)?;
        match Flock::lock(file, FlockArg::LockExclusiveNonblock) {
            Ok(held) => Ok(Cache {
                folder,
                _held: held,
            }),
            Err(_) => bail!("another `pollmark build` is under way; wait for its end"),
        }
    }

    /// The target folder, shared by all builds with the same flags: others would be built anew.
    pub(super) fn target(&self, flags: &str) -> PathBuf {
        let letter = |letter: char| match letter.is_ascii_alphanumeric() {
            true => letter,
            false => '_',
        };
        let flags: String = flags.chars().map(letter).collect();
        let name = if flags.is_empty() {
            "target"
        } else {
            "target-"
        };
        self.folder.join(format!("{name}{flags}"))
    }
}
