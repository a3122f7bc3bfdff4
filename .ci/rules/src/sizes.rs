//! Sizes of folders and files, and names that say nothing.

use std::collections::{BTreeMap, BTreeSet};

use crate::breach::Breach;
use crate::tree::Tree;

/// Lines of a source file, its tests included.
const LINES: usize = 340;
/// Entries of a folder of sources.
const ENTRIES: usize = 12;
/// Folders with a limit of their own, and the reason.
const FOLDERS: &[(&str, usize, &str)] = &[
    ("core/src", 11, "the root shows the tour: one entry a room"),
    ("cli/src", 11, "the root shows the rooms"),
    (
        "cli/src/commands",
        16,
        "one entry a command, and what they share",
    ),
    (
        "core/src/scenarios/lessons",
        60,
        "a program and its text for each lesson",
    ),
    (
        "core/src/scenarios/experiments",
        40,
        "a program and its text for each experiment",
    ),
    (
        "core/src/scenarios/benchmarks",
        40,
        "a program and its text for each benchmark",
    ),
];
/// Names of files that only their author could tell the subject of.
const RIDDLES: &[&str] = &[
    "agenda",
    "baton",
    "board",
    "crew",
    "here",
    "likeness",
    "packet",
    "peaks",
    "quiet",
    "seat",
    "standstill",
    "witness",
];

/// The folders and files that are too large, or named by a riddle.
pub(crate) fn check(tree: &Tree) -> Vec<Breach> {
    let mut breaches = Vec::new();
    let mut entries = BTreeMap::<&str, BTreeSet<&str>>::new();
    let sources = tree.files.iter().filter(|(path, _)| path.contains("/src/"));
    for (path, text) in sources {
        let root = path.find("/src/").map_or(0, |at| at + "/src".len());
        for (at, _) in path.match_indices('/').filter(|(at, _)| *at >= root) {
            let entry = path[at + 1..].split('/').next().unwrap_or_default();
            entries.entry(&path[..at]).or_default().insert(entry);
        }
        let lines = text.lines().count();
        if path.ends_with(".rs") && lines > LINES {
            let rule = format!("a source file has at most {LINES} lines: one subject");
            breaches.push(Breach::new(path, format!("{lines} lines"), rule));
        }
        let name = path.rsplit('/').next().unwrap_or(path);
        let stem = name.split('.').next().unwrap_or(name);
        if RIDDLES.contains(&stem) {
            let rule = "a file is named by the field's word for its subject, to be searched for";
            breaches.push(Breach::new(path, format!("is named `{stem}`"), rule));
        }
    }
    for (folder, entries) in entries {
        let own = FOLDERS.iter().find(|(path, ..)| *path == folder);
        let (_, limit, why) = own.unwrap_or(&("", ENTRIES, "a folder is taken in at one look"));
        if entries.len() > *limit {
            let rule = format!("{folder} has at most {limit} entries: {why}");
            breaches.push(Breach::new(
                folder,
                format!("{} entries", entries.len()),
                rule,
            ));
        }
    }
    breaches
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(files: &[(&str, &str)]) -> Vec<String> {
        check(&Tree::of(files))
            .into_iter()
            .map(|breach| breach.place)
            .collect()
    }

    #[test]
    fn a_long_file_is_a_breach_and_a_long_test_is_not() {
        let long = "\n".repeat(LINES + 1);
        let files = [
            ("x/src/a.rs", long.as_str()),
            ("x/tests/a.rs", &long),
            ("x/src/a.md", &long),
        ];
        assert_eq!(places(&files), ["x/src/a.rs"]);
    }

    #[test]
    fn a_full_folder_is_a_breach_and_a_folder_in_it_is_one_entry() {
        let names = (0..=ENTRIES)
            .map(|i| format!("x/src/room/n{i}.rs"))
            .collect::<Vec<_>>();
        let files = names
            .iter()
            .map(|name| (name.as_str(), ""))
            .collect::<Vec<_>>();
        assert_eq!(places(&files), ["x/src/room"]);
        assert!(places(&files[1..]).is_empty());
        let root = (0..=11)
            .map(|i| format!("core/src/n{i}/mod.rs"))
            .collect::<Vec<_>>();
        let files = root
            .iter()
            .map(|name| (name.as_str(), ""))
            .collect::<Vec<_>>();
        assert_eq!(places(&files), ["core/src"]);
    }

    #[test]
    fn a_riddle_is_a_breach() {
        assert_eq!(
            places(&[("x/src/baton.rs", ""), ("x/tests/baton.rs", "")]),
            ["x/src/baton.rs"]
        );
    }
}
