//! Where results are written, and how they look in each format.

mod common;

use std::fs;

use predicates::prelude::*;
use predicates::str::{contains, is_empty};
use serde_json::Value;
use tempfile::TempDir;

use common::pollmark;
use common::results::{cells, name, run};
use common::runners;
const QUICK: [&str; 4] = ["cafe/concurrent", "--speed", "1000", "--quiet"];
const ESCAPE: &str = "\u{1b}";

/// The output of `pollmark run ARGS`.
#[track_caller]
fn printed(args: &[&str]) -> String {
    let mut command = pollmark();
    let ran = command.arg("run").args(args).assert().success();
    String::from_utf8(ran.get_output().stdout.clone()).unwrap()
}

/// A path in a folder of its own, which is removed with it.
struct Place {
    folder: TempDir,
    path: String,
}

impl Place {
    fn new(file: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(file).to_str().unwrap().to_owned();
        Place { folder, path }
    }

    fn text(&self) -> String {
        fs::read_to_string(&self.path).unwrap()
    }
}

#[test]
fn output_takes_the_place_of_standard_output() {
    for (format, begins) in [
        ("human", "cafe "),
        ("json", "{"),
        ("csv", "scenario,"),
        ("markdown", "| program |"),
    ] {
        let place = Place::new("results");
        fs::write(
            &place.path,
            "older and longer than what will stand here\n".repeat(1_000),
        )
        .unwrap();
        pollmark()
            .arg("run")
            .args(QUICK)
            .args(["--format", format, "--output", &place.path])
            .assert()
            .success()
            .stdout("");
        let text = place.text();
        assert!(text.starts_with(begins), "{format}: {text}");
        assert!(!text.contains("older"), "{format}: {text}");
    }
}

#[test]
fn save_writes_the_same_cells_and_leaves_nothing_else() {
    let place = Place::new("results.json");
    let args = [
        &QUICK[..],
        &["--runner", "all,virtual", "--save", &place.path],
    ]
    .concat();
    let shown = run(&args);
    let saved: Value = serde_json::from_str(&place.text()).unwrap();
    assert_eq!(saved["schema"], "pollmark/2");
    assert_eq!(cells(&saved).len(), 6);
    assert_eq!(saved["cells"], shown["cells"]);
    assert_eq!(
        saved["environment"]["versions"],
        shown["environment"]["versions"]
    );
    let folder = fs::read_dir(place.folder.path()).unwrap();
    assert_eq!(folder.count(), 1);
}

#[test]
fn save_goes_with_every_format() {
    let place = Place::new("results.json");
    let args = [&QUICK[..], &["--format", "markdown", "--save", &place.path]].concat();
    assert!(printed(&args).starts_with("| program |"));
    let saved: Value = serde_json::from_str(&place.text()).unwrap();
    assert_eq!(cells(&saved).len(), 5);
}

#[test]
fn a_dry_run_leaves_saved_results_alone() {
    let place = Place::new("results.json");
    fs::write(&place.path, "results of last night").unwrap();
    let args = [&QUICK[..], &["--dry-run", "--save", &place.path]].concat();
    assert!(printed(&args).contains("cafe/concurrent@smol"));
    assert_eq!(place.text(), "results of last night");
}

#[cfg(unix)]
#[test]
fn save_follows_a_link() {
    let place = Place::new("link.json");
    let target = place.folder.path().join("target.json");
    fs::write(&target, "").unwrap();
    std::os::unix::fs::symlink(&target, &place.path).unwrap();
    printed(&[&QUICK[..], &["--save", &place.path]].concat());
    let saved: Value = serde_json::from_slice(&fs::read(&target).unwrap()).unwrap();
    assert_eq!(cells(&saved).len(), 5);
    assert!(fs::symlink_metadata(&place.path).unwrap().is_symlink());
}

#[test]
fn csv_has_a_header_and_a_record_a_cell() {
    let args = [
        "cafe/sequential",
        "cafe/concurrent",
        "--runner",
        "all,virtual",
        "--workers",
        "2",
        "--speed",
        "1000",
        "--format",
        "csv",
    ];
    let text = printed(&args);
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let header = reader.headers().unwrap().clone();
    let column = |name: &str| {
        let found = header.iter().position(|column| column == name);
        found.unwrap_or_else(|| panic!("no column `{name}` in {header:?}"))
    };
    let records: Vec<csv::StringRecord> = reader.records().collect::<Result<_, _>>().unwrap();
    assert_eq!(records.len(), 12);
    for record in &records {
        assert_eq!(&record[column("scenario")], "cafe");
        assert_eq!(&record[column("status")], "ok");
        assert_eq!(&record[column("error")], "");
        let params: Value = serde_json::from_str(&record[column("params")]).unwrap();
        assert_eq!(params["customers"], 2);
        let measured: u64 = record[column("scenario_ns")].parse().unwrap();
        let ideal: u64 = record[column("ideal_ns")].parse().unwrap();
        let expected = match &record[column("variant")] {
            "sequential" => 10_000_000_000,
            _ => 5_000_000_000,
        };
        assert_eq!(ideal, expected);
        assert!(measured + 1_000_000 >= ideal, "{record:?}");
        let workers = match &record[column("runner")] {
            "threads" => "",
            "tokio-current-thread" => "1",
            _ => "2",
        };
        assert_eq!(&record[column("workers")], workers);
    }
}

#[test]
fn markdown_is_a_table() {
    let text = printed(&[&QUICK[..], &["--format", "markdown"]].concat());
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 3, "{text}");
    let columns = lines[0].matches('|').count();
    for line in &lines {
        assert!(line.starts_with('|') && line.ends_with('|'), "{line}");
        assert_eq!(line.matches('|').count(), columns, "{line}");
    }
    let runners = format!("| {} |", runners::real().join(" | "));
    assert!(lines[0].ends_with(&runners), "{}", lines[0]);
    assert!(lines[1].chars().all(|c| "|-:".contains(c)), "{}", lines[1]);
    // asyncio's time and the ideal; the measured time is never less.
    let row = lines[2].strip_prefix("| cafe/concurrent | 5.00 | 5 |");
    let measured = row.expect("the row begins with what is known").split('|');
    for cell in measured.map(str::trim).filter(|cell| !cell.is_empty()) {
        let seconds: f64 = cell.parse().unwrap();
        assert!(seconds >= 5.0, "{}", lines[2]);
    }
}

/// The lesson is that the order differs: tokio polls first the task that was spawned last. All of
/// it lasts a few milliseconds, which is no instant.
#[test]
fn a_short_run_in_another_order_is_not_told_as_the_same() {
    let args = ["divisibles/no-yield", "--workers", "1"];
    let text = printed(&[&args[..], &["--runner", "tokio,smol,virtual"]].concat());
    let times = |part: &str| text.matches(part).count();
    assert_eq!(times("(the same events in another order)"), 2, "{text}");
    assert_eq!(times("below 100052    finished"), 3, "{text}");
    assert!(!text.contains("at the same times"), "{text}");
}

#[test]
fn quiet_leaves_out_the_transcript_and_no_more() {
    let args = ["waiter/as-completed@virtual", "--workers", "1"];
    let quiet = printed(&[&args[..], &["--quiet"]].concat());
    let loud = printed(&args);
    let transcript = ["started", "says", "serves the Caesar salad", "pollmark run"];
    for line in transcript {
        assert!(loud.contains(line), "no {line} in {loud}");
        assert!(!quiet.contains(line), "{line} in {quiet}");
    }
    for text in [&loud, &quiet] {
        assert!(
            text.contains("efficiency") && text.contains("1 of 1 cells ok"),
            "{text}"
        );
        assert!(
            text.contains("16.000 s") && text.contains("100 %"),
            "{text}"
        );
    }
}

#[test]
fn a_dry_run_runs_nothing_and_lists_the_cells() {
    // It would take seven and a half hours, if it ran.
    let text = printed(&[
        "waiter/sync",
        "--workers",
        "1,2",
        "--speed",
        "0.001",
        "--dry-run",
    ]);
    let listed: Vec<&str> = text
        .lines()
        .filter_map(|line| line.strip_prefix("pollmark run "))
        .filter_map(|line| line.split("  ").next())
        .collect();
    let mut expected = Vec::new();
    for runner in runners::real() {
        let workers: &[&str] = match runner {
            "threads" => &[""],
            runner if runners::takes_workers(runner) => &[" --workers 1", " --workers 2"],
            _ => &[" --workers 1"],
        };
        let cell = |workers| format!("waiter/sync@{runner}{workers} --speed 0.001");
        expected.extend(workers.iter().map(cell));
    }
    assert_eq!(listed, expected);
    let estimated = text.lines().filter(|line| line.ends_with(" about 27000 s"));
    assert_eq!(estimated.count(), expected.len(), "{text}");
    assert!(
        text.lines().all(|line| line.chars().count() <= 80),
        "{text}"
    );
    let total = format!("{} cells", expected.len());
    assert!(text.contains(&total), "{text}");
}

#[test]
fn a_dry_run_expects_the_virtual_clock_to_take_no_time() {
    let text = printed(&["waiter/sync@virtual", "--speed", "0.001", "--dry-run"]);
    assert!(text.contains("waiter/sync@virtual"), "{text}");
    assert!(!text.contains("27000 s"), "{text}");
}

#[test]
fn colours_are_for_terminals() {
    let plain = [
        vec!["list"],
        [&["run"], &QUICK[..]].concat(),
        vec!["run", "wayter"],
    ];
    for args in plain {
        pollmark()
            .args(&args)
            .assert()
            .stdout(contains(ESCAPE).not())
            .stderr(contains(ESCAPE).not());
    }
    // Forced, the colours are there, so the rest of this test means something.
    let forced = || {
        let mut command = pollmark();
        command.arg("run").args(QUICK).env("CLICOLOR_FORCE", "1");
        command
    };
    forced().assert().stdout(contains(ESCAPE));
    let place = Place::new("results");
    let output = ["--output", &place.path];
    forced().args(output).assert().success().stdout(is_empty());
    assert!(!place.text().contains(ESCAPE), "{}", place.text());
}

/// Whether this is a line of a transcript, which is as long as the task's text.
fn is_of_transcript(line: &str) -> bool {
    let time = line.trim_start().split("  ").next().unwrap_or_default();
    line.starts_with("  ") && time.contains('.') && time.parse::<f64>().is_ok()
}

#[test]
fn no_line_for_people_is_over_80_columns() {
    let quiet = ["cafe", "--quiet", "--speed", "100", "--workers", "1,16"];
    let loud = [
        "waiter",
        "cafe",
        "--runner",
        "all,virtual",
        "--speed",
        "200",
    ];
    let long = ["cancel-latency", "--quiet", "--param", "rounds=11"];
    for args in [&quiet[..], &loud, &long] {
        let mut command = pollmark();
        // At that speed a busy machine may be too slow, and the output says so too.
        let ran = command.arg("run").args(args).assert();
        let text = String::from_utf8(ran.get_output().stdout.clone()).unwrap();
        let lines = text.lines().filter(|line| !is_of_transcript(line));
        assert!(lines.clone().count() > 20, "{text}");
        for line in lines {
            assert!(line.chars().count() <= 80, "{line}");
        }
    }
}

/// A command that is broken into lines is still one command to a shell.
#[test]
fn a_command_that_does_not_fit_is_broken_where_a_shell_reads_on() {
    let cell = "waiter/cancel-before-start@tokio-current-thread";
    let text = printed(&[cell, "--blocking-threads", "9", "--speed", "1000"]);
    let (_, shown) = text.split_once("pollmark run ").expect("it is shown");
    let first = shown.lines().next().unwrap();
    assert!(first.ends_with(" \\"), "{text}");
    let words = shown.replace("\\\n", " ");
    let words: Vec<&str> = words.lines().next().unwrap().split_whitespace().collect();
    assert_eq!(
        words,
        [
            cell,
            "--workers",
            "1",
            "--speed",
            "1000",
            "--blocking-threads",
            "9"
        ]
    );
}

#[test]
fn help_is_not_wider_than_80_columns() {
    for command in [
        "run",
        "compare",
        "diff",
        "trace",
        "list",
        "explain",
        "semantics",
        "build",
        "completions",
    ] {
        for flag in ["-h", "--help"] {
            let ran = pollmark().args([command, flag]).assert().success();
            let text = String::from_utf8(ran.get_output().stdout.clone()).unwrap();
            for line in text.lines() {
                assert!(line.chars().count() <= 80, "{command} {flag}: {line}");
            }
        }
    }
}

#[test]
fn completions_know_the_commands_of_each_shell() {
    for shell in ["bash", "zsh", "fish"] {
        let mut command = pollmark();
        let completes = contains("pollmark")
            .and(contains("blocking-threads"))
            .and(contains("__cell").not());
        let ran = command.args(["completions", shell]).assert();
        ran.success().stdout(completes).stderr("");
    }
}

#[test]
fn every_cell_prints_the_command_that_runs_it_again() {
    let results = run(&[
        "cafe/blocking",
        "cafe/concurrent",
        "--runner",
        "smol,threads,virtual",
        "--workers",
        "3",
        "--speed",
        "500",
        "--param",
        "customers=2,3",
        "--seed",
        "7",
        "--blocking-threads",
        "9",
        "--cores",
        "4",
    ]);
    assert_eq!(cells(&results).len(), 12);
    // One cell of each runner, among them a parameter of each value.
    for cell in [0, 3, 4].map(|index| &cells(&results)[index]) {
        let command = cell["command"].as_str().unwrap();
        let words: Vec<&str> = command.split(' ').collect();
        let ["pollmark", "run", args @ ..] = &words[..] else {
            panic!("{command}");
        };
        let again = run(args);
        let [again] = cells(&again) else {
            panic!("{command} gives not one cell: {again}");
        };
        assert_eq!(name(again), name(cell), "{command}");
        for same in [
            "workers",
            "blocking_threads",
            "speed",
            "params",
            "ideal_ns",
            "lower_bound_ns",
            "status",
            "command",
        ] {
            assert_eq!(again[same], cell[same], "{same} of {command}");
        }
    }
}
