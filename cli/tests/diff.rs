//! Runs `diff` on two saved comparisons, through the command.

mod common;

use std::fs;
use std::path::Path;

use predicates::prelude::PredicateBooleanExt;
use predicates::str::contains;
use serde_json::{Value, json};
use tempfile::tempdir;

use common::pollmark;

/// A saved comparison with one cell on tokio whose samples took `nanos`.
fn saved(nanos: &[u64]) -> Value {
    let output = pollmark()
        .args(["compare", "io", "--speed", "1000", "--runner", "tokio"])
        .args(["--samples", "1", "--format", "json"])
        .assert()
        .success();
    let mut results: Value = serde_json::from_slice(&output.get_output().stdout).unwrap();
    let cell = &mut results["cells"][0];
    let sample = cell["samples"][0].clone();
    let samples: Vec<Value> = nanos
        .iter()
        .enumerate()
        .map(|(round, nanos)| {
            let mut sample = sample.clone();
            sample["round"] = json!(round);
            sample["scenario_ns"] = json!(nanos);
            sample
        })
        .collect();
    cell["samples"] = json!(samples);
    results
}

fn write(folder: &Path, name: &str, results: &Value) -> String {
    let path = folder.join(name);
    fs::write(&path, serde_json::to_vec(results).unwrap()).unwrap();
    path.to_str().unwrap().to_owned()
}

#[test]
fn a_regression_is_exit_1_and_noise_is_none() {
    let folder = tempdir().unwrap();
    let old = write(
        folder.path(),
        "old",
        &saved(&[
            1000, 1010, 990, 1005, 995, 1000, 1002, 998, 1000, 1010, 990, 1005, 995, 1000,
        ]),
    );
    let near = write(
        folder.path(),
        "near",
        &saved(&[
            1020, 1010, 1000, 1015, 995, 1010, 1012, 998, 1020, 1010, 1000, 1015, 995, 1010,
        ]),
    );
    let slow = write(
        folder.path(),
        "slow",
        &saved(&[
            1200, 1210, 1190, 1205, 1195, 1200, 1202, 1198, 1200, 1210, 1190, 1205, 1195, 1200,
        ]),
    );
    // A single run that was interrupted makes no regression.
    let once = write(
        folder.path(),
        "once",
        &saved(&[
            1000, 1010, 990, 9005, 995, 1000, 1002, 998, 1000, 1010, 990, 1005, 995, 1000,
        ]),
    );
    let diff = |new: &str| pollmark().args(["diff", &old, new]).assert();
    diff(&old).success().stdout(contains("1 equal"));
    diff(&near).success().stdout(contains("1 equal"));
    diff(&once).success().stdout(contains("1 equal"));
    diff(&slow).code(1).stdout(contains("WORSE"));
    pollmark()
        .args(["diff", &slow, &old])
        .assert()
        .success()
        .stdout(contains("better"));
    pollmark()
        .args(["diff", &old, &slow, "--threshold", "30%"])
        .assert()
        .success();
    pollmark()
        .args(["diff", &old, &slow, "--format", "json"])
        .assert()
        .code(1)
        .stdout(contains(r#""verdict": "worse""#));
}

#[test]
fn a_cell_that_now_fails_is_a_regression() {
    let folder = tempdir().unwrap();
    let mut results = saved(&[1000; 8]);
    let old = write(folder.path(), "old", &results);
    results["cells"][0]["status"] = json!("failed");
    results["cells"][0]["samples"] = json!([]);
    let new = write(folder.path(), "new", &results);
    pollmark()
        .args(["diff", &old, &new])
        .assert()
        .code(1)
        .stdout(contains("BROKEN"));
}

#[test]
fn unknown_says_how_many_samples_would_tell() {
    let folder = tempdir().unwrap();
    let wide = |from: u64| -> Vec<u64> { (0..20).map(|round| from + 15 * round).collect() };
    let old = write(folder.path(), "old", &saved(&wide(1000)));
    let new = write(folder.path(), "new", &saved(&wide(1150)));
    let diff = |args: &[&str]| {
        let mut command = pollmark();
        command
            .args(["diff", &old, &new])
            .args(args)
            .assert()
            .success()
    };
    diff(&[]).stdout(contains("1 unknown").and(contains("samples on either side would tell")));
    let json = diff(&["--format", "json"]);
    let json: Value = serde_json::from_slice(&json.get_output().stdout).unwrap();
    assert_eq!(json["schema"], "pollmark-diff/2");
    let change = &json["changes"][0];
    assert_eq!(change["verdict"], "unknown");
    assert!(change["samples_that_tell"].as_u64() > Some(20), "{change}");
}

#[test]
fn few_samples_tell_nothing_and_fail_nothing() {
    let folder = tempdir().unwrap();
    let old = write(folder.path(), "old", &saved(&[1000; 3]));
    let new = write(folder.path(), "new", &saved(&[5000; 3]));
    pollmark()
        .args(["diff", &old, &new])
        .assert()
        .success()
        .stdout(contains("unknown").and(contains("12 samples")));
}

#[test]
fn files_that_cannot_be_held_against_each_other_are_refused() {
    let folder = tempdir().unwrap();
    let results = saved(&[1000; 14]);
    let old = write(folder.path(), "old", &results);

    let mut elsewhere = results.clone();
    elsewhere["environment"]["cpu_model"] = json!("Another CPU");
    let elsewhere = write(folder.path(), "elsewhere", &elsewhere);
    let allow = "--allow-different-machines";
    pollmark()
        .args(["diff", &old, &elsewhere])
        .assert()
        .code(2)
        .stderr(contains("the CPU is").and(contains(allow)));
    pollmark()
        .args(["diff", &old, &elsewhere, allow])
        .assert()
        .success();

    let mut debug = results.clone();
    debug["environment"]["profile"] = json!("another");
    let debug = write(folder.path(), "debug", &debug);
    pollmark()
        .args(["diff", &old, &debug])
        .assert()
        .code(2)
        .stderr(contains("build profile"));

    let mut ancient = results.clone();
    ancient["schema"] = json!("pollmark/0");
    let ancient = write(folder.path(), "ancient", &ancient);
    pollmark()
        .args(["diff", &ancient, &old])
        .assert()
        .code(3)
        .stderr(contains("schema `pollmark/0`").and(contains("`pollmark/1`")));

    // The schema before has verdicts of another kind; nothing else of it is lost.
    let mut before = results.clone();
    before["schema"] = json!("pollmark/1");
    for judgement in before["comparison"]["judgements"].as_array_mut().unwrap() {
        let fields = judgement.as_object_mut().unwrap();
        fields.retain(|name, _| {
            let new = ["verdict", "fastest", "more_rounds", "rounds", "stopped_by"];
            !new.contains(&name.as_str()) && !name.starts_with("ratio_to_fastest")
        });
        fields.insert("place".to_owned(), json!("tie"));
    }
    let before = write(folder.path(), "before", &before);
    let diff = pollmark().args(["diff", &before, &old]).assert().success();
    diff.stdout(contains("1 equal"));

    let mut other = results.clone();
    other["cells"][0]["variant"] = json!("elsewhere");
    let other = write(folder.path(), "other", &other);
    pollmark()
        .args(["diff", &old, &other])
        .assert()
        .code(2)
        .stderr(contains("no cell in common"));
}

#[test]
fn a_damaged_file_is_an_error_that_names_the_place() {
    let folder = tempdir().unwrap();
    let results = saved(&[1000; 8]);
    let old = write(folder.path(), "old", &results);
    let whole = fs::read_to_string(&old).unwrap();

    let half = folder.path().join("half");
    fs::write(&half, &whole[..whole.len() / 2]).unwrap();
    let refuses = |path: &Path, parts: &[&str]| {
        let output = pollmark().arg("diff").arg(&old).arg(path).assert().code(3);
        let told = String::from_utf8_lossy(&output.get_output().stderr).into_owned();
        for part in parts {
            assert!(told.contains(part), "no `{part}` in {told}");
        }
        assert!(!told.contains("panicked"), "{told}");
    };
    refuses(&half, &["half", "breaks off", "line"]);

    let edited = folder.path().join("edited");
    fs::write(
        &edited,
        whole.replacen("\"scenario_ns\":1000", "\"scenario_ns\":\"fast\"", 1),
    )
    .unwrap();
    refuses(&edited, &["edited", "line", "fast"]);

    let mut twice = results.clone();
    twice["cells"][0]["samples"][1]["round"] = json!(0);
    let twice = write(folder.path(), "twice", &twice);
    refuses(
        Path::new(&twice),
        &["twice", "cells[0] (io/together@tokio)", "same round"],
    );

    let text = folder.path().join("text");
    fs::write(&text, "hello").unwrap();
    refuses(&text, &["text", "no JSON"]);
    refuses(&folder.path().join("absent"), &["cannot read", "absent"]);
}
