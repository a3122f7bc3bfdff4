//! The dependencies, held to `deny.toml`: licences, sources, and crates of two versions.
//!
//! `cargo deny check` reads the same file, and queries the advisories too.

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::path::Path;
use std::process::Command;

use serde::Deserialize;

use crate::breach::Breach;

/// The parts of `deny.toml` that are read here.
#[derive(Debug, Deserialize)]
struct Deny {
    licenses: Licenses,
    bans: Bans,
    sources: Sources,
}

#[derive(Debug, Deserialize)]
struct Licenses {
    allow: Vec<String>,
}

#[derive(Debug, Deserialize)]
struct Bans {
    skip: Vec<Skip>,
}

/// A known duplicate: `name@version`, or `name:^version` for all that begin so.
#[derive(Debug, Deserialize)]
struct Skip {
    #[serde(rename = "crate")]
    krate: String,
    reason: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Sources {
    allow_registry: Vec<String>,
}

/// The packages, as `cargo metadata` tells them.
#[derive(Debug, Deserialize)]
struct Metadata {
    packages: Vec<Package>,
}

#[derive(Debug, Deserialize)]
struct Package {
    name: String,
    version: String,
    license: Option<String>,
    /// None for a member of the workspace.
    source: Option<String>,
}

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
    let deny = toml::from_str::<Deny>(deny)?;
    let packages = serde_json::from_str::<Metadata>(metadata)?.packages;
    let mut found = Vec::new();
    let mut breach = |place: &str, fact: String, rule: &str| {
        found.push(Breach::new(place, fact, format!("{rule} (deny.toml)")));
    };
    let mut versions = BTreeMap::<&str, BTreeSet<&str>>::new();
    for package in &packages {
        let (name, version) = (package.name.as_str(), package.version.as_str());
        let place = format!("{name} {version}");
        let terms = package.license.as_deref().unwrap_or("no licence");
        if !permits(terms, &deny.licenses.allow) {
            let rule = "a dependency has a licence that pollmark's users can take";
            breach(&place, format!("is under {terms}"), rule);
        }
        let source = package.source.as_deref().unwrap_or_default();
        let registry = source.strip_prefix("registry+").unwrap_or(source);
        if package.source.is_some() && !deny.sources.allow_registry.iter().any(|it| it == registry)
        {
            breach(
                &place,
                format!("comes from {source}"),
                "dependencies have one source",
            );
        }
        versions.entry(name).or_default().insert(version);
    }
    let is_known = |skip: &Skip, name: &str, version: &str| {
        let (known, begin) = skip.krate.split_once(['@', ':']).unwrap_or_default();
        let rest = version.strip_prefix(begin.trim_start_matches(['^', '=']));
        known == name && rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    };
    versions.retain(|_, versions| versions.len() > 1);
    for (name, versions) in &versions {
        let skips = |version: &&&str| {
            let mut skips = deny.bans.skip.iter();
            skips.any(|skip| is_known(skip, name, version))
        };
        if versions.iter().filter(|version| !skips(version)).count() > 1 {
            let rule = "a crate of two versions is compiled twice, and is explained";
            breach(name, format!("has the versions {versions:?}"), rule);
        }
    }
    for skip in &deny.bans.skip {
        let mut known = versions.iter();
        let is_needed = known.any(|(name, versions)| {
            let mut versions = versions.iter();
            versions.any(|version| is_known(skip, name, version))
        });
        if !is_needed || skip.reason.is_empty() {
            let rule = "a known duplicate is there, and has a reason";
            breach(&skip.krate, format!("{skip:?}"), rule);
        }
    }
    Ok(found)
}

/// Whether the terms can be met by these licences: `AND` binds closer than `OR`, for which old
/// packages write a slash.
fn permits(terms: &str, allowed: &[String]) -> bool {
    let spaced = terms
        .replace('/', " OR ")
        .replace('(', " ( ")
        .replace(')', " ) ");
    let mut words = spaced.split_whitespace().collect::<Vec<_>>();
    words.reverse();
    any(&mut words, allowed) && words.is_empty()
}

fn any(words: &mut Vec<&str>, allowed: &[String]) -> bool {
    let mut is_met = all(words, allowed);
    while words.pop_if(|word| *word == "OR").is_some() {
        is_met |= all(words, allowed);
    }
    is_met
}

fn all(words: &mut Vec<&str>, allowed: &[String]) -> bool {
    let mut is_met = one(words, allowed);
    while words.pop_if(|word| *word == "AND").is_some() {
        is_met &= one(words, allowed);
    }
    is_met
}

/// A licence, with its exception if it has one, or an expression in parentheses.
fn one(words: &mut Vec<&str>, allowed: &[String]) -> bool {
    let mut name = words.pop().unwrap_or_default().to_owned();
    if name == "(" {
        let is_met = any(words, allowed);
        return words.pop() == Some(")") && is_met;
    }
    if words.pop_if(|word| *word == "WITH").is_some() {
        name = format!("{name} WITH {}", words.pop().unwrap_or_default());
    }
    allowed.contains(&name)
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
        let allowed = ["MIT", "Unicode-3.0"].map(str::to_owned);
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
