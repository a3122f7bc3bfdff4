//! Comparing and telling what changed, through the command.

mod common;

use std::fs;
use std::path::Path;
use std::process::Stdio;
use std::thread;
use std::time::{Duration, Instant};

use predicates::prelude::PredicateBooleanExt;
use predicates::str::contains;
use serde_json::{Value, json};
use tempfile::tempdir;

use common::{pollmark, process};

/// A comparison that takes a second or two: a wait of 1 ms on each runner named.
fn compare(args: &[&str]) -> Value {
    let output = pollmark()
        .args(["compare", "io", "--speed", "1000", "--format", "json"])
        .args(args)
        .assert()
        .success()
        .get_output()
        .stdout
        .clone();
    serde_json::from_slice(&output).unwrap()
}

#[test]
fn every_round_runs_every_cell_once_in_an_order_of_its_own() {
    let args = [
        "--runner",
        "tokio,smol,threads",
        "--workers",
        "2",
        "--samples",
        "6",
        "--order-seed",
        "3",
    ];
    let results = compare(&args);
    let order = results["comparison"]["order"].as_array().unwrap();
    assert_eq!(order.len(), 6);
    for round in order {
        let mut cells: Vec<&str> = round
            .as_array()
            .unwrap()
            .iter()
            .filter_map(Value::as_str)
            .collect();
        cells.sort_unstable();
        assert_eq!(
            cells,
            [
                "io/together@smol (2)",
                "io/together@threads",
                "io/together@tokio (2)"
            ]
        );
    }
    assert!(
        order.iter().any(|round| round != &order[0]),
        "never shuffled"
    );
    for cell in results["cells"].as_array().unwrap() {
        let samples = cell["samples"].as_array().unwrap();
        let rounds: Vec<u64> = samples
            .iter()
            .filter_map(|sample| sample["round"].as_u64())
            .collect();
        assert_eq!(rounds, [0, 1, 2, 3, 4, 5]);
        assert!(
            samples
                .iter()
                .all(|sample| sample["wall_ns"].as_u64() >= Some(1_000_000))
        );
        // Counted in a run of its own, never in the timed ones.
        assert!(samples.iter().all(|sample| sample["allocations"].is_null()));
        assert!(cell["counted"]["allocations"].as_u64() > Some(0), "{cell}");
    }
    assert_eq!(
        compare(&args)["comparison"]["order"],
        results["comparison"]["order"]
    );
}

#[test]
fn a_runner_named_twice_is_compared_with_itself() {
    let results = compare(&["--runner", "tokio,tokio", "--samples", "6"]);
    let runners: Vec<&str> = results["cells"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|cell| cell["runner"].as_str())
        .collect();
    assert_eq!(runners, ["tokio", "tokio#2"]);
    let judgements = results["comparison"]["judgements"].as_array().unwrap();
    assert_eq!(judgements.len(), 2);
    assert!(
        judgements
            .iter()
            .all(|judged| judged["ratio"].as_f64() > Some(0.9))
    );
}

#[test]
fn on_a_clock_without_noise_twins_tie() {
    let output = pollmark()
        .args([
            "compare",
            "async-for/deliver-concurrently",
            "--runner",
            "virtual,virtual",
        ])
        .args(["--samples", "6", "--quiet"])
        .assert()
        .success();
    output.stdout(contains("A tie"));
}

/// Long names, and all runners beside each other.
#[test]
fn what_does_not_fit_beside_its_figures_stands_above_them() {
    let cells = [
        "cancel-latency/before-first-poll",
        "cancel-latency/nested-timeout",
    ];
    let (folder, mut texts) = (tempdir().unwrap(), Vec::new());
    let path = folder.path().join("results.json");
    let path = path.to_str().unwrap();
    let compare = ["--param", "rounds=11", "--samples", "1", "--save", path];
    for args in [
        [&["compare"], &cells[..], &compare].concat(),
        vec!["diff", path, path],
    ] {
        let output = pollmark().args(args).assert().success();
        let text = String::from_utf8(output.get_output().stdout.clone()).unwrap();
        for line in text.lines() {
            assert!(line.chars().count() <= 80, "{line}");
        }
        texts.push(text);
    }
    for above in [
        "\ncancel-latency/before-first-poll rounds=11\n  ",
        "\ncancel-latency/nested-timeout rounds=11\n  ",
    ] {
        assert!(texts[0].contains(above), "{}", texts[0]);
    }
    let above = "\ncancel-latency/before-first-poll@tokio-current-thread (1) rounds=11\n  ";
    assert!(texts[1].contains(above), "{}", texts[1]);
}

#[test]
fn the_table_fits_80_columns_and_names_how_it_was_made() {
    let output = pollmark()
        .args([
            "compare",
            "jobs/gather",
            "count",
            "--speed",
            "2000",
            "--samples",
            "6",
        ])
        .args(["--workers", "1,2", "--order-seed", "5"])
        .assert()
        .success()
        .get_output()
        .stdout
        .clone();
    let text = String::from_utf8(output).unwrap();
    for line in text.lines() {
        assert!(line.chars().count() <= 80, "{line}");
    }
    for part in [
        "jobs/gather, 1 worker",
        "jobs/gather, 2 workers",
        "speed-up",
        "x ideal",
        "--order-seed 5",
        "6 rounds",
    ] {
        assert!(text.contains(part), "no `{part}` in\n{text}");
    }
}

#[test]
fn a_budget_ends_it_with_what_there_is() {
    let started = Instant::now();
    let results = compare(&["--runner", "smol", "--samples", "10000", "--budget", "1s"]);
    let rounds = results["comparison"]["order"].as_array().unwrap().len();
    assert!((1..10_000).contains(&rounds), "{rounds}");
    // Far from what ten thousand rounds would take, on however busy a machine.
    assert!(started.elapsed() < Duration::from_secs(60));
}

#[test]
fn what_never_ends_is_left_out_and_alone_refused() {
    pollmark()
        .args(["compare", "shops/await-shops", "--samples", "1"])
        .assert()
        .code(2)
        .stderr(contains("nothing to compare: shops/await-shops never ends"));
}

#[test]
fn wrong_input_is_told_with_the_choices() {
    let refused: [(&[&str], &str); 6] = [
        (&["io", "--reference", "tokyo"], "did you mean `tokio`"),
        (&["io", "--figure", "tiem"], "did you mean `time`"),
        (
            &["io", "--samples", "0"],
            "not a whole number from 1 to 10000",
        ),
        (&["io", "--budget", "-1s"], "duration"),
        (&["io", "--noise", "lots"], "not a share"),
        (&["io", "--runner", "tokyo"], "did you mean `tokio`"),
    ];
    for (args, told) in refused {
        pollmark()
            .arg("compare")
            .args(args)
            .assert()
            .code(2)
            .stderr(contains(told));
    }
}

/// A saved comparison with one cell on tokio whose samples took `nanos`.
fn saved(nanos: &[u64]) -> Value {
    let mut results = compare(&["--runner", "tokio", "--samples", "1"]);
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
        &saved(&[1000, 1010, 990, 1005, 995, 1000, 1002, 998]),
    );
    let near = write(
        folder.path(),
        "near",
        &saved(&[1020, 1010, 1000, 1015, 995, 1010, 1012, 998]),
    );
    let slow = write(
        folder.path(),
        "slow",
        &saved(&[1200, 1210, 1190, 1205, 1195, 1200, 1202, 1198]),
    );
    // One run that was interrupted makes no regression.
    let once = write(
        folder.path(),
        "once",
        &saved(&[1000, 1010, 990, 9005, 995, 1000, 1002, 998]),
    );
    let diff = |new: &str| pollmark().args(["diff", &old, new]).assert();
    diff(&old).success().stdout(contains("1 same"));
    diff(&near).success().stdout(contains("1 same"));
    diff(&once).success().stdout(contains("1 same"));
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
fn few_samples_tell_nothing_and_fail_nothing() {
    let folder = tempdir().unwrap();
    let old = write(folder.path(), "old", &saved(&[1000; 3]));
    let new = write(folder.path(), "new", &saved(&[5000; 3]));
    pollmark()
        .args(["diff", &old, &new])
        .assert()
        .success()
        .stdout(contains("unknown").and(contains("6 samples")));
}

#[test]
fn files_that_cannot_be_held_against_each_other_are_refused() {
    let folder = tempdir().unwrap();
    let results = saved(&[1000; 8]);
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
        .code(2)
        .stderr(contains("schema `pollmark/0`").and(contains("pollmark/1")));

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
        let output = pollmark().arg("diff").arg(&old).arg(path).assert().code(2);
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

#[test]
#[cfg(target_os = "linux")]
fn a_comparison_that_is_killed_leaves_its_samples() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("partial.json");
    let mut child = process()
        .args(["compare", "io", "--speed", "1000", "--runner", "tokio,smol"])
        .args(["--samples", "10000", "--save"])
        .arg(&path)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let rounds = || -> Option<usize> {
        let results: Value = serde_json::from_slice(&fs::read(&path).ok()?).unwrap();
        Some(results["comparison"]["order"].as_array()?.len())
    };
    let deadline = Instant::now() + Duration::from_secs(60);
    while rounds() < Some(3) && Instant::now() < deadline {
        thread::sleep(Duration::from_millis(2));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(rounds() >= Some(3));
    let path = path.to_str().unwrap();
    pollmark().args(["diff", path, path]).assert().success();
}
