//! Manifests and lock files of the copy.

use anyhow::{Context, Result};
use toml_edit::{DocumentMut, Item, Table, TableLike, Value, value};

/// The packages that a version is most often asked of, for messages.
pub(super) const RUNTIMES: [&str; 6] = [
    "async-executor",
    "async-io",
    "async-std",
    "blocking",
    "smol",
    "tokio",
];

/// The earliest versions with which pollmark compiles and its tests pass, of packages of which
/// its manifests ask for later ones.
const FLOORS: [(&str, &str); 3] = [
    ("async-executor", "1.8"),
    ("async-io", "2.3"),
    ("tokio", "1.38"),
];

/// The manifest with the requirements lowered to the [`FLOORS`].
pub(super) fn lowered(manifest: &str) -> Result<String> {
    let mut manifest: DocumentMut = manifest.parse()?;
    lower(manifest.as_table_mut());
    for table in ["workspace", "target"] {
        let Some(table) = manifest.get_mut(table).and_then(Item::as_table_like_mut) else {
            continue;
        };
        lower(table);
        // Below `target` they stand by platform.
        let inner = table
            .iter_mut()
            .filter_map(|(_, item)| item.as_table_like_mut());
        inner.for_each(lower);
    }
    Ok(manifest.to_string())
}

fn lower(table: &mut dyn TableLike) {
    for section in ["dependencies", "dev-dependencies", "build-dependencies"] {
        let Some(section) = table.get_mut(section).and_then(Item::as_table_like_mut) else {
            continue;
        };
        for (key, item) in section.iter_mut() {
            let package = item
                .get("package")
                .and_then(Item::as_str)
                .unwrap_or(key.get());
            let floor = FLOORS.iter().find(|(name, _)| *name == package);
            let asked = match item.is_str() {
                true => Some(item),
                // What it inherits from the workspace has none.
                false if item.get("version").is_none() => None,
                false => item.get_mut("version"),
            };
            if let (Some((_, floor)), Some(asked)) = (floor, asked) {
                *asked = value(*floor);
            }
        }
    }
}

/// The workspace's manifest with these packages taken from a revision of a git repository.
pub(super) fn patched<'a>(
    manifest: &str,
    names: impl Iterator<Item = &'a str>,
    url: &str,
    revision: &str,
) -> Result<String> {
    let mut manifest: DocumentMut = manifest.parse()?;
    let patch = manifest.entry("patch").or_insert(Item::Table(Table::new()));
    let patch = patch.as_table_like_mut().context("`patch` is no table")?;
    let registry = patch
        .entry("crates-io")
        .or_insert(Item::Table(Table::new()));
    let registry = registry
        .as_table_like_mut()
        .context("`patch.crates-io` is no table")?;
    for name in names {
        let source = [("git", url), ("rev", revision)].into_iter().collect();
        registry.insert(name, value(Value::InlineTable(source)));
    }
    Ok(manifest.to_string())
}

/// The folders of the members, as the workspace's manifest names them.
pub(super) fn members(manifest: &str) -> Result<Vec<String>> {
    let manifest: DocumentMut = manifest.parse()?;
    let members = manifest
        .get("workspace")
        .and_then(|workspace| workspace.get("members")?.as_array());
    let members = members.into_iter().flatten();
    Ok(members
        .filter_map(|member| member.as_str().map(str::to_owned))
        .collect())
}

/// The versions of a package in a lock file; none if it is not there.
pub(super) fn versions(lock: &str, package: &str) -> Vec<String> {
    fields(lock, package, "version")
}

/// Whether a package of a lock file comes from that revision of a repository.
pub(super) fn is_from(lock: &str, package: &str, url: &str, revision: &str) -> bool {
    let is_it = |source: &String| {
        let source = source.strip_prefix("git+")?;
        let (from, rest) = source.split_once("?rev=")?;
        let rest = rest.replace("%2F", "/");
        let asked = rest.split('#').next();
        let is_same = from.trim_end_matches('/') == url.trim_end_matches('/');
        (is_same && asked == Some(revision)).then_some(())
    };
    let sources = fields(lock, package, "source");
    sources.iter().any(|source| is_it(source).is_some())
}

/// A field of each package of that name.
fn fields(lock: &str, package: &str, name: &str) -> Vec<String> {
    let lock: Option<DocumentMut> = lock.parse().ok();
    let packages = lock
        .as_ref()
        .and_then(|lock| lock.get("package")?.as_array_of_tables());
    let packages = packages.into_iter().flatten();
    let field = |table: &Table, name: &str| table.get(name)?.as_str().map(str::to_owned);
    packages
        .filter(|table| field(table, "name").is_some_and(|name| name == package))
        .filter_map(|table| field(table, name))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requirements_are_lowered_and_all_else_stays() {
        let manifest = r#"
[package] # of ours
name = "tokio"
version = "0.1.0"

[workspace.dependencies]
tokio = { version = "1.54", features = ["rt"] } # the runtime
smol = "2.0"
async-io = "2.6"

[dependencies]
tokio.workspace = true
renamed = { package = "async-executor", version = "1.14" }

[target.'cfg(unix)'.dev-dependencies.tokio]
version = "1.54"
"#;
        let expected = manifest
            .replace("\"1.54\"", "\"1.38\"")
            .replace("\"2.6\"", "\"2.3\"")
            .replace("\"1.14\"", "\"1.8\"");
        assert_eq!(lowered(manifest).unwrap(), expected);
    }

    #[test]
    fn packages_of_a_repository_replace_those_of_the_registry() {
        let manifest = "[workspace]\nmembers = []\n";
        let url = "https://example.org/tokio";
        let patched = patched(manifest, ["tokio"].into_iter(), url, "abc").unwrap();
        let patch = "[patch.crates-io]\n\
                     tokio = { git = \"https://example.org/tokio\", rev = \"abc\" }\n";
        assert!(patched.starts_with(manifest), "{patched}");
        assert!(patched.ends_with(patch), "{patched}");
    }

    #[test]
    fn versions_are_those_of_the_lock() {
        let lock = "version = 4\n\n[[package]]\nname = \"tokio\"\nversion = \"1.50.0\"\n\n\
                    [[package]]\nname = \"tokio-util\"\nversion = \"0.7.0\"\n\n\
                    [[package]]\nname = \"tokio\"\nversion = \"0.2.25\"\n";
        assert_eq!(versions(lock, "tokio"), ["1.50.0", "0.2.25"]);
        assert!(versions(lock, "toki").is_empty());
        assert!(versions("no lock", "tokio").is_empty());
    }

    #[test]
    fn the_source_of_a_package_is_a_repository_at_a_revision() {
        let lock = "[[package]]\nname = \"tokio\"\nversion = \"1.50.0\"\n\
                    source = \"git+https://example.org/tokio?rev=abc#abcdef\"\n";
        let url = "https://example.org/tokio";
        assert!(is_from(lock, "tokio", url, "abc"));
        assert!(!is_from(lock, "tokio", url, "abd"));
        assert!(!is_from(lock, "tokio", "https://example.org/other", "abc"));
        assert!(!is_from(lock, "mio", url, "abc"));
    }
}
