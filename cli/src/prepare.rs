//! The prologue of the commands that run cells.

use std::fs;
use std::path::Path;

/// Whether the two name one file.
pub(crate) fn is_same_file(one: &Path, other: &Path) -> bool {
    let whole = |path: &Path| {
        let name = path.file_name()?.to_owned();
        let folder = path
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty());
        let folder = fs::canonicalize(folder.unwrap_or(Path::new("."))).ok()?;
        Some(folder.join(name))
    };
    one == other || whole(one).is_some_and(|one| Some(one) == whole(other))
}
