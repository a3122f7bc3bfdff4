//! Sizes of folders and files, and names that say nothing.

use std::collections::{BTreeMap, BTreeSet};

use crate::breach::Breach;
use crate::tree::Tree;

/// Lines of a source file, its tests included.
const LINES: usize = 340;
/// Entries of a folder of sources.
const ENTRIES: usize = 12;
/// Folders with a limit of their own, and the reason.
#[rustfmt::skip]
const FOLDERS: &[(&str, usize, &str)] = &[
    ("core/src", 11, "the root shows the tour: one entry a room"),
    ("cli/src", 11, "the root shows the rooms"),
    ("cli/src/commands", 16, "one entry a command, and what they share"),
    ("core/src/scenarios/lessons", 60, "a program and its text for each lesson"),
    ("core/src/scenarios/experiments", 40, "a program and its text for each experiment"),
    ("core/src/scenarios/benchmarks", 40, "a program and its text for each benchmark"),
];
/// Names of files that only their author could tell the subject of.
#[rustfmt::skip]
const RIDDLES: &[&str] = &[
    "agenda", "baton", "board", "crew", "here", "likeness", "packet", "peaks", "quiet", "seat",
    "standstill", "witness",
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

    fn places(files: &str) -> Vec<String> {
        let breaches = check(&Tree::of(files)).into_iter();
        breaches.map(|breach| breach.place).collect()
    }

    #[test]
    fn a_long_file_is_a_breach_and_a_long_test_is_not() {
        let long = "\\n".repeat(LINES + 1);
        let files = ["x/src/a.rs", "x/tests/a.rs", "x/src/a.md"];
        let files = files.map(|file| format!("{file}: //{long}\n"));
        assert_eq!(places(&files.concat()), ["x/src/a.rs"]);
    }

    #[test]
    fn a_full_folder_is_a_breach_and_a_folder_in_it_is_one_entry() {
        let entries = |count: usize, begin: &str, end: &str| {
            let names = (0..count).map(|i| format!("{begin}/n{i}{end}:\n"));
            places(&names.collect::<String>())
        };
        assert_eq!(entries(ENTRIES + 1, "x/src/room", ".rs"), ["x/src/room"]);
        assert!(entries(ENTRIES, "x/src/room", ".rs").is_empty());
        assert_eq!(entries(12, "core/src", "/mod.rs"), ["core/src"]);
    }

    #[test]
    fn a_riddle_is_a_breach() {
        let files = "x/src/baton.rs:\nx/tests/baton.rs:";
        assert_eq!(places(files), ["x/src/baton.rs"]);
    }
}
