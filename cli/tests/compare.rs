//! Runs `compare` through the command.

mod common;

use std::fs;
use std::process::Stdio;
use std::thread;
use std::time::{Duration, Instant};

use predicates::prelude::PredicateBooleanExt;
use predicates::str::contains;
use serde_json::Value;
use tempfile::tempdir;

use common::{pollmark, process};

/// A comparison that takes a second or two: a wait of 1 ms on each runner named.
fn compare(args: &[&str]) -> Value {
    let output = pollmark()
        .args(["compare", "io", "--speed", "1000", "--format", "json"])
        .args(["--runs", "1"])
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
        // Counted in a separate run, never in the timed ones.
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
        .filter_map(|cell| cell["column"].as_str())
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
fn on_a_clock_without_noise_twins_are_equal() {
    let output = pollmark()
        .args([
            "compare",
            "async-for/deliver-concurrently",
            "--runner",
            "virtual,virtual",
        ])
        .arg("--quiet")
        .assert()
        .success();
    let told = contains("virtual and virtual#2 are equal").and(contains("Settled after 16 rounds"));
    output.stdout(told.and(contains("tie").not()));
}

/// Long names, with all runners side by side.
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
fn cpu_time_has_no_speed_up_and_a_picture_is_drawn_of_it() {
    let folder = tempdir().unwrap();
    let picture = folder.path().join("picture.svg");
    let output = pollmark()
        .args(["compare", "io", "--speed", "1000", "--runner", "tokio,smol"])
        .args(["--workers", "1,2", "--figure", "cpu", "--samples", "6"])
        .arg("--svg")
        .arg(&picture)
        .assert()
        .success();
    let text = String::from_utf8(output.get_output().stdout.clone()).unwrap();
    assert!(!text.contains("speed-up"), "{text}");
    let heads = text.lines().filter(|line| line.starts_with("  runner "));
    for head in heads {
        assert!(head.contains("x tokio"), "{head}");
        assert_eq!(head.matches("cpu").count(), 1, "{head}");
    }
    let file = fs::read_to_string(&picture).unwrap();
    let document = roxmltree::Document::parse(&file).unwrap();
    let letters = document
        .descendants()
        .filter(|node| node.has_tag_name("text"));
    let letters: Vec<&str> = letters.filter_map(|node| node.text()).collect();
    assert!(
        letters.contains(&"tokio") && letters.contains(&"smol"),
        "{letters:?}"
    );
    let curves = letters
        .iter()
        .filter(|text| text.ends_with("cpu by workers"));
    assert!(curves.count() > 0, "{letters:?}");
}

#[test]
fn a_budget_ends_it_with_what_there_is() {
    let started = Instant::now();
    let results = compare(&["--runner", "smol", "--samples", "10000", "--budget", "1s"]);
    let rounds = results["comparison"]["order"].as_array().unwrap().len();
    assert!((1..10_000).contains(&rounds), "{rounds}");
    // Far less than ten thousand rounds would take, even on a busy machine.
    assert!(started.elapsed() < Duration::from_secs(60));
}

/// One verdict per column of the comparison of `runners`, with what else `args` say.
fn judgements(runners: &str, args: &[&str]) -> Vec<Value> {
    let results = compare(&[&["--runner", runners], args].concat());
    let judgements = results["comparison"]["judgements"].as_array();
    judgements.unwrap().clone()
}

#[test]
fn rounds_end_once_a_row_is_settled() {
    let twins = judgements("virtual,virtual", &[]);
    for twin in &twins {
        assert_eq!(twin["verdict"], "equal", "{twin}");
        assert_eq!(twin["fastest"], false, "there is no rest: {twin}");
        assert_eq!(twin["rounds"], 16, "{twin}");
        assert_eq!(twin["stopped_by"], "settled", "{twin}");
        assert_eq!(twin["more_rounds"], Value::Null, "{twin}");
    }
    let twins = compare(&["--runner", "virtual,virtual"]);
    let comparison = &twins["comparison"];
    assert_eq!(comparison["margin"], 0.05);
    assert_eq!(
        comparison["looks"],
        serde_json::json!([10, 16, 32, 64, 128, 256])
    );
    let precision = comparison["precision"].as_f64().unwrap();
    let settles = (1.05_f64 / 1.02).ln() / 2.0;
    assert!((precision - settles).abs() < 1e-9, "{precision}");
    let precise = judgements("virtual,virtual", &["--precision", "0.1%"]);
    assert_eq!(precise[1]["stopped_by"], "precision");
    let exactly = judgements("virtual,virtual", &["--samples", "5"]);
    assert_eq!(exactly[0]["rounds"], 5);
    assert_eq!(exactly[0]["stopped_by"], "samples");
    assert_eq!(exactly[0]["verdict"], "unknown");
    assert_eq!(exactly[1]["more_rounds"], 11, "the next look is at 16");
}

#[test]
fn a_budget_is_never_below_the_first_look() {
    let judged = judgements("tokio,smol", &["--budget", "1ms", "--precision", "0.001%"]);
    for column in &judged {
        assert_eq!(column["rounds"], 16, "{column}");
        assert_eq!(column["stopped_by"], "budget", "{column}");
    }
}

#[test]
fn a_plan_tells_what_each_precision_costs() {
    let plan = [
        "compare",
        "io",
        "--speed",
        "1000",
        "--runner",
        "virtual,virtual",
        "--plan",
    ];
    let output = pollmark().args(plan).assert().success();
    let text = String::from_utf8(output.get_output().stdout.clone()).unwrap();
    for part in [
        "a round",
        "±10 %",
        "±1.45 %",
        "io/together",
        "(16)",
        "all of it",
    ] {
        assert!(text.contains(part), "no `{part}` in\n{text}");
    }
}

#[test]
fn what_two_minutes_do_not_serve_is_told_beforehand() {
    pollmark()
        .args(["compare", "waiter/sync", "--runner", "tokio,smol"])
        .args(["--speed", "1000", "--budget", "10ms"])
        .assert()
        .success()
        .stderr(contains("0.01 s does not serve 2 cells: the 16 rounds"));
}

#[test]
fn a_gate_fails_for_what_is_behind_by_more() {
    let gated = |runner: &str, reference: &[&str], samples: &str| {
        let mut command = pollmark();
        command.args([
            "compare", "io", "--quiet", "--runner", runner, "--gate", "50%",
        ]);
        command
            .args(["--samples", samples])
            .args(reference)
            .assert()
    };
    // A wait of a microsecond takes far longer than that, on every machine.
    let ideal = ["--reference", "ideal", "--speed", "1000000"];
    let told = "--gate: io/together: tokio is behind ideal by more than 50 %: ";
    gated("tokio", &ideal, "12").code(1).stderr(contains(told));
    let told = "--gate: io/together: it is not known whether tokio is behind ideal";
    gated("tokio", &ideal, "2").success().stderr(contains(told));
    // One column alone is no question.
    gated("tokio", &[], "2")
        .code(2)
        .stderr(contains("no column to hold against tokio"));
    // Without another reference it is the first column.
    let within = gated("virtual,virtual", &[], "12").success();
    within
        .stderr(contains("--gate").not())
        .stdout(contains("x virtual"));
}

#[test]
fn csv_has_the_verdict_on_each_cell() {
    let output = pollmark()
        .args([
            "compare",
            "io",
            "--runner",
            "virtual,virtual",
            "--samples",
            "12",
        ])
        .args(["--format", "csv"])
        .assert()
        .success();
    let text = String::from_utf8(output.get_output().stdout.clone()).unwrap();
    let mut lines = text.lines();
    assert!(
        lines.next().unwrap().ends_with(",figures,verdict,fastest"),
        "{text}"
    );
    assert_eq!(lines.clone().count(), 24);
    assert!(lines.all(|line| line.ends_with(",equal,false")), "{text}");
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
    let refused: [(&[&str], &str); 8] = [
        (&["io", "--reference", "tokyo"], "did you mean `tokio`"),
        (&["io", "--figure", "tiem"], "did you mean `time`"),
        (
            &["io", "--samples", "0"],
            "not a whole number from 1 to 10000",
        ),
        (&["io", "--budget", "-1s"], "duration"),
        (&["io", "--noise", "lots"], "not a share"),
        (
            &["io", "--noise", "3%", "--margin", "2%"],
            "--margin is less than --noise",
        ),
        (&["io", "--plan", "--samples", "3"], "cannot be used with"),
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

#[test]
fn caps_of_each_runtimes_own_are_told_as_unequal() {
    let args = [
        "--samples",
        "1",
        "--quiet",
        "--runner",
        "tokio,smol",
        "--runs=1",
    ];
    let told = contains("unequal pools: each runtime's own cap of blocking threads");
    let compared = |caps: &str| {
        let mut command = pollmark();
        command.args(["compare", "done", "--blocking-threads", caps]);
        command.args(args).assert().success()
    };
    compared("native").stderr(told.clone());
    compared("5").stderr(told.not());
}

#[test]
#[cfg(target_os = "linux")]
fn a_comparison_that_is_killed_leaves_its_samples() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("partial.json");
    let mut child = process()
        .args(["compare", "io", "--speed", "1000", "--runner", "tokio,smol"])
        .args(["--samples", "10000", "--runs", "1", "--save"])
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

#[test]
fn a_sample_is_the_median_of_runs_where_the_variant_and_the_runtime_allow_several() {
    let samples = |cells: &[&str], runners: &str| {
        let args = ["--samples", "2", "--quiet", "--format", "json"];
        let runners = ["--runner", runners, "--workers", "2"];
        let args = [&["compare"], cells, &args, &runners].concat();
        let output = pollmark().args(args).assert().success();
        let results: Value = serde_json::from_slice(&output.get_output().stdout).unwrap();
        results["cells"].as_array().unwrap().clone()
    };
    let runs = |cell: &Value| {
        let samples = cell["samples"].as_array().unwrap().iter();
        samples
            .map(|sample| sample["runs"].as_u64().unwrap())
            .collect::<Vec<_>>()
    };
    let spawn = ["spawn/local", "--param", "tasks=20"];
    let three = "tokio,smol,virtual";
    for cell in samples(&[&spawn[..], &["--runs", "3"]].concat(), three) {
        assert_eq!(runs(&cell), [3; 2], "{cell}");
        let figure = cell["samples"][0]["figures"]["per task"].as_f64();
        assert!(figure.is_some_and(|figure| (figure > 0.0) == (cell["runner"] != "virtual")));
    }
    // Without a number as many as fit, and the same for all of a row.
    let fit: Vec<Vec<u64>> = samples(&spawn, three).iter().map(runs).collect();
    let first = fit[0][0];
    assert!(first > 3, "{fit:?}");
    assert!(fit.iter().flatten().all(|runs| *runs == first), "{fit:?}");
    // Its executor is the process's: a second run would not be on a runtime of its own. What is
    // beside it is compared with it, and has one run too.
    let beside = "tokio,smol,async-std";
    for cell in samples(&[&spawn[..], &["--runs", "3"]].concat(), beside) {
        assert_eq!(runs(&cell), [1; 2], "{cell}");
    }
    for cell in samples(&["memory", "--param", "tasks=20", "--runs", "3"], three) {
        assert_eq!(runs(&cell), [1, 1]);
    }
}

#[test]
fn what_a_runtime_costs_is_told_in_real_time() {
    let compare = |args: &[&str]| {
        let more = [
            "--runner",
            "tokio-current-thread",
            "--samples",
            "1",
            "--runs",
            "1",
            "--quiet",
        ];
        let output = pollmark()
            .arg("compare")
            .args(args)
            .args(more)
            .assert()
            .success();
        String::from_utf8(output.get_output().stdout.clone()).unwrap()
    };
    let text = compare(&["waiter/tasks", "--speed", "100000"]);
    assert!(
        text.contains("16 s + ") && text.contains(" real "),
        "{text}"
    );
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        words.contains("late in 1 of 1 rounds, the last time by "),
        "{words}"
    );
    assert!(
        words.contains("speed 100000 is too high, and --speed "),
        "{words}"
    );
    // All of its time is the runtime's.
    let text = compare(&["done"]);
    assert!(
        text.contains("0 s + ") && text.contains("us real "),
        "{text}"
    );
}
