//! Columns of another build: its binary runs their cells, and its mistakes are told.
#![cfg(target_os = "linux")]

mod common;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};

use nix::sys::signal::Signal;
use predicates::prelude::*;
use serde_json::{Value, json};
use tempfile::TempDir;

use common::results::cells;
use common::running::{Running, none_is_left, processes_of, saved, until};
use common::{pollmark, process};

/// The binary under test, which serves as another build of itself.
fn own() -> String {
    assert_cmd::cargo::cargo_bin!("pollmark")
        .display()
        .to_string()
}

fn same() -> String {
    format!("same={}", own())
}

/// `pollmark ARGS --format json`, which succeeds.
#[track_caller]
fn json_of(args: &[&str]) -> Value {
    let ran = pollmark().args(args).args(["--format", "json"]).assert();
    serde_json::from_slice(&ran.success().get_output().stdout).unwrap()
}

fn texts<'a>(cells: &'a [Value], field: &str) -> Vec<Option<&'a str>> {
    cells.iter().map(|cell| cell[field].as_str()).collect()
}

#[test]
fn every_runner_has_a_column_of_the_build_in_the_same_rounds() {
    let same = same();
    let args = [
        "compare",
        "waiter/tasks",
        "--runner",
        "tokio,smol",
        "--speed",
        "2000",
    ];
    let results = json_of(&[&args[..], &["--samples", "7", "--build", &same]].concat());
    let columns = ["tokio", "tokio@same", "smol", "smol@same"].map(Some);
    assert_eq!(texts(cells(&results), "column"), columns);
    let builds = [None, Some("same"), None, Some("same")];
    assert_eq!(texts(cells(&results), "build"), builds);
    let runners = ["tokio", "tokio", "smol", "smol"].map(Some);
    assert_eq!(texts(cells(&results), "runner"), runners);

    // Each has its sample in each round, in orders that differ.
    for cell in cells(&results) {
        assert_eq!(cell["status"], "ok", "{cell}");
        assert_eq!(cell["samples"].as_array().unwrap().len(), 7);
        assert!(cell["counted"]["allocations"].as_u64() > Some(0), "{cell}");
    }
    let comparison = &results["comparison"];
    let order = comparison["order"].as_array().unwrap();
    assert!(order.iter().any(|round| *round != order[0]), "{order:?}");
    assert_eq!(comparison["judgements"].as_array().unwrap().len(), 4);
    // The question is about this binary, whatever the ideal.
    assert_eq!(comparison["reference"], "tokio");

    let [this, other] = [&results["environment"], &results["builds"]["same"]];
    for field in ["versions", "profile", "rustc", "git_commit", "cpus"] {
        assert_eq!(this[field], other[field], "{field}");
    }
}

#[test]
fn a_table_has_the_column_and_both_environments() {
    let same = same();
    let args = [
        "compare",
        "waiter/tasks@tokio",
        "--speed",
        "2000",
        "--samples",
        "6",
    ];
    let ran = pollmark().args(args).args(["--build", &same]).assert();
    let text = String::from_utf8(ran.success().get_output().stdout.clone()).unwrap();
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(text.contains("tokio@same"), "{text}");
    assert_eq!(text.matches(" build, rustc ").count(), 2, "{text}");
    assert!(text.contains("; same: "), "{text}");
}

#[test]
fn a_cell_of_a_build_names_the_command_that_runs_it_again() {
    let same = same();
    let cell = "cafe/concurrent@smol@same";
    let results = json_of(&["run", cell, "--build", &same, "--speed", "1000"]);
    let [again] = cells(&results) else {
        panic!("one cell: {results}");
    };
    let command = again["command"].as_str().unwrap();
    let begin = format!("pollmark run {cell} --build {same} ");
    assert!(command.starts_with(&begin), "{command}");
    let words: Vec<&str> = command.split(' ').skip(1).collect();
    let repeated = json_of(&words);
    assert_eq!(cells(&repeated)[0]["column"], "smol@same");
    assert_eq!(cells(&repeated)[0]["command"], command);
}

#[test]
fn a_trace_of_a_build_is_recorded_there() {
    let same = same();
    let trace = json_of(&["trace", "cafe/concurrent@tokio@same", "--build", &same]);
    let cell = &cells(&trace)[0];
    assert_eq!(cell["build"], "same");
    assert!(!cell["trace"]["events"].as_array().unwrap().is_empty());
}

#[test]
fn killed_in_the_middle_it_leaves_a_readable_save_and_no_process() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("results.json");
    let mut command = process();
    command
        .args(["compare", "waiter/tasks@tokio", "--speed", "2000"])
        .args(["--samples", "10000", "--build", &same(), "--save"])
        .arg(&path)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let running = Running::of(command.spawn().unwrap());
    let parent = running.pid();
    until(
        "two rounds are saved, and a process of a cell is there",
        || {
            let results = saved(&path)?;
            let rounds = results["comparison"]["order"].as_array()?.len();
            (rounds >= 2 && !processes_of(parent, None).is_empty()).then_some(())
        },
    );
    running.signal(Signal::SIGKILL);
    drop(running.end());
    none_is_left(parent);
    let results = saved(&path).unwrap();
    let columns = ["tokio", "tokio@same"].map(Some);
    assert_eq!(texts(cells(&results), "column"), columns);
    assert!(results["builds"]["same"]["versions"]["tokio"].is_string());
    let path = path.to_str().unwrap();
    pollmark().args(["diff", path, path]).assert().success();
}

/// A program in `folder` that does this.
fn script(folder: &TempDir, name: &str, text: &str) -> String {
    let path = folder.path().join(name);
    fs::write(&path, format!("#!/bin/sh\n{text}\n")).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    path.display().to_string()
}

/// The answer of the binary under test to a job.
fn answer(job: &str) -> Value {
    let shell = r#"printf '%s\n' "$2" | "$1" __cell $$ test"#;
    let ran = Command::new("sh")
        .args(["-c", shell, "sh", &own(), job])
        .output()
        .unwrap();
    let text = String::from_utf8(ran.stdout).unwrap();
    let last = text
        .lines()
        .last()
        .unwrap_or_else(|| panic!("no answer to {job}"));
    serde_json::from_str(last).unwrap()
}

#[test]
fn what_a_build_lacks_its_cell_says() {
    let folder = tempfile::tempdir().unwrap();
    let mut hello = answer("\"Hello\"");
    hello["Hello"]["scenarios"]
        .as_object_mut()
        .unwrap()
        .remove("hello");
    hello["Hello"]["runners"]["tokio"] = json!([]);
    hello["Hello"]["environment"]["git_commit"] = json!("0123456789ab");
    let said = folder.path().join("hello.json");
    fs::write(&said, format!("{hello}\n")).unwrap();
    let old = script(&folder, "old", &format!("cat {}", said.display()));
    let build = format!("old={old}");
    for (cell, why) in [
        ("hello/spawn", "the build `old` has no scenario `hello`"),
        (
            "waiter/tasks@tokio+event-interval=31@old",
            "the build `old` has no setting `event-interval` of `tokio`",
        ),
    ] {
        let args = ["run", cell, "--runner", "tokio", "--speed", "1000"];
        let results = json_of(&[&args[..], &["--build", &build]].concat());
        let lacking = cells(&results).last().unwrap();
        assert_eq!(lacking["status"], "unsupported", "{lacking}");
        assert_eq!(lacking["error"], why);
    }
    let args = [
        "run",
        "hello/spawn@tokio",
        "--speed",
        "1000",
        "--build",
        &build,
    ];
    let differs = predicate::function(|told: &str| {
        let told = told.split_whitespace().collect::<Vec<_>>().join(" ");
        told.contains("old was built from another commit of pollmark")
    });
    pollmark().args(args).assert().success().stderr(differs);
}

#[test]
fn a_build_that_does_not_speak_the_protocol_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let plain = folder.path().join("plain");
    fs::write(&plain, "no program").unwrap();
    let text = folder.path().join("text");
    fs::write(&text, "no program").unwrap();
    fs::set_permissions(&text, fs::Permissions::from_mode(0o755)).unwrap();
    let script = |name, text| script(&folder, name, text);
    let path = |path: &Path| path.display().to_string();
    let newer = r#"echo '{"Hello":{"protocol":999,"more":[]}}'"#;
    for (program, why) in [
        (
            script("newer", newer),
            "it speaks version 999 of the protocol",
        ),
        (
            script("odd", r#"echo '{"Hello":{}}'"#),
            "no version of the protocol",
        ),
        (
            script("short", r#"echo '{"Hello":{"protocol":1}}'"#),
            "it does not say all it should: missing field",
        ),
        (
            script("older", "echo 'error: the parent wrote no job' >&2; exit 2"),
            "ended with code 2: error: the parent wrote no job",
        ),
        (
            script("garbage", "head -c 100000 /dev/urandom; echo; echo '[1,'"),
            "its process ended without a word of that",
        ),
        (
            script("silent", "exec sleep 1000"),
            "it said nothing in 10 s",
        ),
        (script("killed", "kill -9 $$"), "SIGKILL"),
        ("/bin/true".to_owned(), "ended without a word of that"),
        (path(&plain), "it cannot be started"),
        (path(&text), "it cannot be started"),
        (path(folder.path()), "it is no file"),
        (path(&folder.path().join("none")), "there is no such file"),
    ] {
        let build = format!("old={program}");
        let told = predicate::function(|told: &str| {
            let told = told.split_whitespace().collect::<Vec<_>>().join(" ");
            told.starts_with("error: --build old=") && told.contains(why)
        });
        let args = ["compare", "waiter/tasks@tokio", "--build", &build];
        let refused = pollmark().args(args).assert();
        refused.code(2).stdout("").stderr(told);
    }
}

#[test]
fn a_wrong_build_or_column_of_one_is_told() {
    let same = same();
    for (args, why) in [
        (&["--build", "old"][..], "write NAME=PATH"),
        (&["--build", "old="], "write NAME=PATH"),
        (&["--build", "=old"], "is no name"),
        (&["--build", "a@b=old"], "is no name"),
        (&["--build", &same, "--build", &same], "two binaries `same`"),
        (&["--runner", "tokio@old"], "no `--build old=PATH` says"),
        (
            &["--runner", "tokio@sane", "--build", &same],
            "did you mean `same`",
        ),
        (
            &["--runner", "tokia@same", "--build", &same],
            "did you mean `tokio`",
        ),
    ] {
        let told = predicate::function(|told: &str| {
            told.split_whitespace()
                .collect::<Vec<_>>()
                .join(" ")
                .contains(why)
        });
        let refused = pollmark()
            .args(["compare", "waiter/tasks"])
            .args(args)
            .assert();
        refused.code(2).stdout("").stderr(told);
    }
    let tip = predicate::str::contains("`run`, `compare` and `trace` take `--build`");
    let refused = pollmark().args(["semantics", "--build", &same]).assert();
    refused.code(2).stderr(tip);
}

/// The names of the fields of a value, inside of each other; those of maps by name are left out.
fn fields(value: &Value, at: &str, found: &mut Vec<String>) {
    const BY_NAME: [&str; 6] = [
        "versions",
        "params",
        "figures",
        "outcome",
        "scenarios",
        "runners",
    ];
    let Value::Object(map) = value else {
        return;
    };
    for (name, value) in map {
        let at = format!("{at}/{name}");
        if !BY_NAME.contains(&name.as_str()) {
            fields(value, &at, found);
        }
        found.push(at);
    }
}

#[test]
fn the_document_of_the_protocol_says_what_a_process_says() {
    let document = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/protocol.md");
    let document = fs::read_to_string(document).unwrap();
    let blocks = document.split("```json\n").skip(1);
    let blocks: Vec<&str> = blocks
        .map(|block| block.split("```").next().unwrap())
        .collect();
    let (mut jobs, mut last) = (0, Value::Null);
    for block in blocks {
        let value: Value = serde_json::from_str(block).expect("an example is JSON");
        let is_job = value == "Hello" || value.get("Sample").is_some();
        if is_job {
            jobs += 1;
            last = answer(&value.to_string());
            continue;
        }
        let [said, documented] = [&last, &value].map(|value| {
            let mut found = Vec::new();
            fields(value, "", &mut found);
            found.sort();
            found
        });
        assert_eq!(said, documented);
    }
    assert_eq!(jobs, 2, "a job in the document has an answer after it");
    // The job is what this binary writes.
    assert!(document.contains("version 1"), "the version is named");
}
