//! `docs/json.md` and output, held against each other: no field that is not documented, and none
//! documented that is never there.

mod common;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use tempfile::tempdir;

use common::pollmark;

/// The fields that the commands of this test do not come to print, each with its reason.
const NOT_SEEN: [(&str, &str); 0] = [];

/// The tables of the page: for each type its fields, and what each holds.
struct Page(BTreeMap<String, BTreeMap<String, String>>);

impl Page {
    fn read() -> Self {
        let text = include_str!("../../docs/json.md");
        let mut types: BTreeMap<String, BTreeMap<String, String>> = BTreeMap::new();
        let mut name = String::new();
        for line in text.lines() {
            if let Some(heading) = line.trim_start_matches('#').strip_prefix(' ')
                && line.starts_with("##")
            {
                heading.clone_into(&mut name);
            }
            let cells: Vec<&str> = line.split('|').map(str::trim).collect();
            if let ["", field, holds, _, ""] = cells[..]
                && !name.is_empty()
                && field != "field"
                && !field.starts_with('-')
            {
                let fields = types.entry(name.clone()).or_default();
                let before = fields.insert(field.to_owned(), holds.to_owned());
                assert_eq!(before, None, "{name} has two rows for `{field}`");
            }
        }
        Page(types)
    }

    /// Holds a value against the type of that name, and notes the fields that it has.
    #[track_caller]
    fn hold(&self, name: &str, value: &Value, seen: &mut BTreeSet<(String, String)>) {
        let fields = &self.0[name];
        for (field, value) in value.as_object().expect("an object") {
            let holds = fields.get(field);
            let holds = holds.unwrap_or_else(|| panic!("{name} has no row for `{field}`"));
            let fits = holds.split(" or ").any(|one| self.fits(one, value, seen));
            assert!(
                fits,
                "`{field}` of {name} is {value}, documented as {holds}"
            );
            seen.insert((name.to_owned(), field.clone()));
        }
        for (field, holds) in fields {
            let may_be_absent = holds.ends_with("absent") || value.get(field).is_some();
            assert!(may_be_absent, "{name} without `{field}`: {value}");
        }
    }

    fn fits(&self, holds: &str, value: &Value, seen: &mut BTreeSet<(String, String)>) -> bool {
        let mut all = |mut values: Box<dyn Iterator<Item = &Value> + '_>, inner: &str| {
            values.all(|value| self.fits(inner, value, seen))
        };
        if let Some(inner) = holds.strip_prefix("list of ") {
            let list = value.as_array();
            return list.is_some_and(|list| all(Box::new(list.iter()), inner));
        }
        if let Some(inner) = holds.strip_prefix("map of ") {
            let map = value.as_object();
            return map.is_some_and(|map| all(Box::new(map.values()), inner));
        }
        match holds {
            "text" => value.is_string(),
            "number" => value.is_number(),
            "bool" => value.is_boolean(),
            "null" => value.is_null(),
            "map" => value.is_object(),
            "absent" => false,
            word if word.starts_with('`') => value.as_str() == Some(word.trim_matches('`')),
            name if value.is_object() => {
                assert!(self.0.contains_key(name), "`{name}` has no table");
                self.hold(name, value, seen);
                true
            }
            _ => false,
        }
    }
}

/// The JSON that a command prints, whatever its exit code.
#[track_caller]
fn printed(args: &str) -> Value {
    let output = pollmark().args(args.split(' ')).assert();
    let output = output.get_output();
    let told = String::from_utf8_lossy(&output.stderr);
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{args}: {error}: {told}"))
}

#[test]
fn every_field_is_documented_and_every_documented_field_is_printed() {
    let page = Page::read();
    let mut seen = BTreeSet::new();
    let folder = tempdir().unwrap();
    let saved = folder.path().join("saved.json");
    let saved = saved.to_str().unwrap();
    let compare = format!(
        "compare yield-storm --param tasks=2 --param yields=2 --runner tokio,threads --samples 2 \
         --quiet --save {saved} --build same={}",
        assert_cmd::cargo::cargo_bin!("pollmark").display()
    );
    let commands = [
        (
            "Results",
            "run waiter/tasks shops/await-shops --runner tokio,virtual --speed 1000".to_owned(),
        ),
        ("Results", compare),
        ("Diff", format!("diff {saved} {saved}")),
        (
            "Traces",
            "trace waiter/blocking-tasks waiter/cancel-pending waiter/offloaded shops/await-shops \
             divisibles/not-waiting --runner tokio,virtual --workers 1 --speed 100"
                .to_owned(),
        ),
        // Stopped while a timer is to wake its tasks.
        (
            "Traces",
            "trace waiter/tasks@tokio --speed 1 --timeout 200ms".to_owned(),
        ),
        ("Semantics", "semantics --from tokio --to smol".to_owned()),
        ("Semantics", "semantics --runner threads".to_owned()),
        ("Listing", "list".to_owned()),
    ];
    for (name, command) in commands {
        page.hold(name, &printed(&(command + " --format json")), &mut seen);
    }
    let reasons = NOT_SEEN.map(|(field, _)| field);
    for (name, fields) in &page.0 {
        for field in fields.keys() {
            let path = format!("{name}.{field}");
            let is_seen = seen.contains(&(name.clone(), field.clone()));
            assert_ne!(is_seen, reasons.contains(&&*path), "{path}");
        }
    }
}

#[test]
fn the_saved_file_is_what_is_printed() {
    let page = Page::read();
    let folder = tempdir().unwrap();
    let saved = folder.path().join("saved.json");
    let command = "run waiter/tasks@virtual --quiet --save";
    let mut run = pollmark();
    run.args(command.split(' ')).arg(&saved).assert().success();
    let saved: Value = serde_json::from_slice(&std::fs::read(saved).unwrap()).unwrap();
    page.hold("Results", &saved, &mut BTreeSet::new());
}
