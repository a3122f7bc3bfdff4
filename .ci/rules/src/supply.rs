//! The dependencies, held to `deny.toml`: licences, sources, and crates of two versions.
//!
//! `cargo deny check` reads the same file, and queries the advisories too.

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::breach::Breach;

/// The breaches of the repository at this path.
///
/// # Errors
///
/// `deny.toml` cannot be read, or `cargo metadata` fails: it may have to download.
pub(crate) fn breaches(root: &Path) -> Result<Vec<Breach>, Box<dyn Error>> {
    let deny = std::fs::read_to_string(root.join("deny.toml"))?;
    let cargo = option_env!("CARGO").unwrap_or("cargo");
    let mut command = Command::new(cargo);
    command.args(["metadata", "--format-version", "1", "--locked"]);
    let metadata = command.current_dir(root).output()?;
    if !metadata.status.success() {
        return Err(String::from_utf8_lossy(&metadata.stderr).into());
    }
    check(&deny, &String::from_utf8(metadata.stdout)?)
}

fn check(deny: &str, metadata: &str) -> Result<Vec<Breach>, Box<dyn Error>> {
    let deny = toml::from_str::<Value>(deny)?;
    let metadata = serde_json::from_str::<Value>(metadata)?;
    let allowed = texts(list(&deny["licenses"], "allow")?);
    let registries = texts(list(&deny["sources"], "allow-registry")?);
    let skips = list(&deny["bans"], "skip")?;

    let mut found = Vec::new();
    let mut breach = |place: &str, fact: String, rule: &str| {
        found.push(Breach::new(place, fact, format!("{rule} (deny.toml)")));
    };
    let mut versions = BTreeMap::<&str, BTreeSet<&str>>::new();
    for package in list(&metadata, "packages")? {
        let (name, version) = (text(&package["name"]), text(&package["version"]));
        let place = format!("{name} {version}");
        let terms = package["license"].as_str().unwrap_or("no licence");
        if !permits(terms, &allowed) {
            let rule = "a dependency has a licence that pollmark's users can take";
            breach(&place, format!("is under {terms}"), rule);
        }
        // A member of the workspace has none.
        if let Some(source) = package["source"].as_str()
            && !registries.contains(&source.trim_start_matches("registry+"))
        {
            let rule = "dependencies come from the registries that are named";
            breach(&place, format!("comes from {source}"), rule);
        }
        versions.entry(name).or_default().insert(version);
    }
    versions.retain(|_, versions| versions.len() > 1);
    for (name, versions) in &versions {
        let is_known = |version: &&&str| skips.iter().any(|skip| is_of(skip, name, version));
        if versions.iter().filter(|version| !is_known(version)).count() > 1 {
            let rule = "a crate of two versions is compiled twice, and is explained";
            breach(name, format!("has the versions {versions:?}"), rule);
        }
    }
    for skip in skips {
        let is_needed = versions.iter().any(|(name, versions)| {
            let mut versions = versions.iter();
            versions.any(|version| is_of(skip, name, version))
        });
        if !is_needed || text(&skip["reason"]).is_empty() {
            let rule = "a known duplicate is there, and has a reason";
            breach(text(&skip["crate"]), skip.to_string(), rule);
        }
    }
    Ok(found)
}

fn list<'a>(section: &'a Value, name: &str) -> Result<&'a [Value], String> {
    let list = section[name].as_array();
    list.map(Vec::as_slice)
        .ok_or_else(|| format!("no list `{name}`"))
}

fn texts(list: &[Value]) -> Vec<&str> {
    list.iter().map(text).collect()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// Whether a known duplicate is this version: it is `name@version`, or `name:^version` for all
/// that begin so.
fn is_of(skip: &Value, name: &str, version: &str) -> bool {
    let (known, begin) = text(&skip["crate"])
        .split_once(['@', ':'])
        .unwrap_or_default();
    let rest = version.strip_prefix(begin.trim_start_matches(['^', '=']));
    known == name && rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

/// Whether the terms can be met by these licences: `AND` binds closer than `OR`, for which old
/// packages write a slash.
fn permits(terms: &str, allowed: &[&str]) -> bool {
    let spaced = terms
        .replace('/', " OR ")
        .replace('(', " ( ")
        .replace(')', " ) ");
    let mut words = spaced.split_whitespace().collect::<Vec<_>>();
    words.reverse();
    any(&mut words, allowed) && words.is_empty()
}

fn any(words: &mut Vec<&str>, allowed: &[&str]) -> bool {
    let mut is_met = all(words, allowed);
    while words.pop_if(|word| *word == "OR").is_some() {
        is_met |= all(words, allowed);
    }
    is_met
}

fn all(words: &mut Vec<&str>, allowed: &[&str]) -> bool {
    let mut is_met = one(words, allowed);
    while words.pop_if(|word| *word == "AND").is_some() {
        is_met &= one(words, allowed);
    }
    is_met
}

/// A licence, with its exception if it has one, or an expression in parentheses.
fn one(words: &mut Vec<&str>, allowed: &[&str]) -> bool {
    let mut name = words.pop().unwrap_or_default().to_owned();
    if name == "(" {
        let is_met = any(words, allowed);
        return words.pop() == Some(")") && is_met;
    }
    if words.pop_if(|word| *word == "WITH").is_some() {
        name = format!("{name} WITH {}", words.pop().unwrap_or_default());
    }
    allowed.contains(&name.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    const DENY: &str = r#"
        licenses = { allow = ["MIT", "Unicode-3.0"] }
        bans = { skip = [{ crate = "old@1.9.0", reason = "twice" }] }
        sources = { allow-registry = ["https://crates"] }
    "#;

    /// The place of each breach: packages `name version licence source` that are added to the
    /// one known duplicate.
    fn places(packages: &[[&str; 4]]) -> Vec<String> {
        let known = [
            ["old", "1.9.0", "MIT", CRATES],
            ["old", "2.5.0", "MIT", CRATES],
        ];
        let package = |[name, version, license, source]: &[&str; 4]| {
            serde_json::json!({
                "name": name, "version": version, "license": license, "source": source,
            })
        };
        let packages = known.iter().chain(packages).map(package);
        let metadata = serde_json::json!({ "packages": packages.collect::<Vec<_>>() });
        let found = check(DENY, &metadata.to_string()).unwrap();
        found.into_iter().map(|breach| breach.place).collect()
    }

    const CRATES: &str = "registry+https://crates";

    #[test]
    fn a_licence_that_is_not_allowed_is_a_breach() {
        assert!(places(&[["a", "1.0.0", "Apache-2.0/MIT", CRATES]]).is_empty());
        assert_eq!(places(&[["a", "1.0.0", "GPL-3.0", CRATES]]), ["a 1.0.0"]);
    }

    #[test]
    fn an_expression_is_met_by_one_of_or_and_all_of_and() {
        let allowed = ["MIT", "Unicode-3.0"];
        for (terms, is_met) in [
            ("MIT OR GPL-3.0 AND GPL-2.0", true),
            ("GPL-3.0 AND MIT OR GPL-2.0", false),
            ("(MIT OR Apache-2.0) AND Unicode-3.0", true),
            ("(MIT OR Apache-2.0) AND GPL-3.0", false),
            ("Apache-2.0 WITH LLVM-exception OR MIT", true),
            ("MIT WITH a-condition", false),
            ("(MIT", false),
            ("MIT MIT", false),
            ("no licence", false),
        ] {
            assert_eq!(permits(terms, &allowed), is_met, "{terms}");
        }
    }

    #[test]
    fn another_source_is_a_breach() {
        let git = "git+https://example.com/a#1";
        assert_eq!(places(&[["a", "1.0.0", "MIT", git]]), ["a 1.0.0"]);
    }

    #[test]
    fn a_duplicate_that_is_not_known_is_a_breach() {
        let two = ["1.0.0", "2.0.0"].map(|version| ["new", version, "MIT", CRATES]);
        assert_eq!(places(&two), ["new"]);
        assert_eq!(places(&[["old", "1.90.0", "MIT", CRATES]]), ["old"]);
    }

    #[test]
    fn a_known_duplicate_that_is_gone_or_unexplained_is_a_breach() {
        let none = check(DENY, r#"{ "packages": [] }"#).unwrap();
        assert_eq!(none[0].place, "old@1.9.0");
        let unexplained = DENY.replace("twice", "");
        let found = check(&unexplained, r#"{ "packages": [] }"#).unwrap();
        assert_eq!(found.len(), 1);
    }
}
