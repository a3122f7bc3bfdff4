//! The processes of cells: none outlives the command, and the end of one does not affect
//! another.
#![cfg(target_os = "linux")]

mod common;

use std::cell::Cell;
use std::process::{Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use nix::sys::signal::Signal;
use nix::unistd::Pid;
use serde_json::Value;

use common::results::{cells, name};
use common::running::{
    Process, Running, none_is_left, obey_signals, processes_of, saved, until, while_it_runs,
    working,
};
use common::{pollmark, process};

/// The cell to kill or stop: it takes 27 s at the speed of [`start`].
const VICTIM: &str = "waiter/sync@tokio";

/// Starts `pollmark run` at the speed of scenario time.
fn start(args: &[&str]) -> Running {
    obey_signals();
    let child = process()
        .arg("run")
        .args(args)
        .args(["--speed", "1", "--workers", "1", "--format", "json"])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    Running::of(child)
}

#[track_caller]
fn process_of(parent: Pid, runner: &str) -> Process {
    until("the cell's process runs", || {
        processes_of(parent, Some(runner)).first().copied()
    })
}

/// Kills the command while five cells run that would go on long after this test loses
/// patience.
#[track_caller]
fn leaves_no_process_behind(signal: Signal) {
    let coffees = ["--param", "customers=100", "--timeout", "1h"];
    let running = start(&[&["cafe/sync", "--jobs", "5"], &coffees[..]].concat());
    let parent = running.pid();
    until("all five cells run", || {
        (processes_of(parent, None).len() == 5).then_some(())
    });
    running.signal(signal);
    let ended = running.end();
    assert!(!ended.status.success(), "{ended:?}");
    none_is_left(parent);
}

#[test]
fn sigkill_leaves_no_process_behind() {
    leaves_no_process_behind(Signal::SIGKILL);
}

#[test]
fn sigint_leaves_no_process_behind() {
    leaves_no_process_behind(Signal::SIGINT);
}

#[test]
fn sigterm_leaves_no_process_behind() {
    leaves_no_process_behind(Signal::SIGTERM);
}

/// Cells that end long before the victim.
const OTHERS: [&str; 3] = [
    "waiter/never-awaited@smol",
    "waiter/never-awaited@threads",
    "waiter/orphan@virtual",
];

/// The victim's cell, after checking that all others are ok and the exit code is 1.
#[track_caller]
fn only_the_victim_failed(ended: &Output) -> Value {
    let told = String::from_utf8_lossy(&ended.stderr);
    assert_eq!(ended.status.code(), Some(1), "{told}");
    let results: Value = serde_json::from_slice(&ended.stdout).unwrap();
    let names: Vec<String> = cells(&results).iter().map(name).collect();
    assert_eq!(names[0], VICTIM);
    assert_eq!(names[1..], OTHERS);
    for other in &cells(&results)[1..] {
        assert_eq!(other["status"], "ok", "{other}");
    }
    cells(&results)[0].clone()
}

#[track_caller]
fn a_signal_fails_the_cell(signal: Signal, number: &str) {
    let running = start(&[&[VICTIM], &OTHERS[..]].concat());
    let parent = running.pid();
    let victim = process_of(parent, "tokio");
    // A handler of the standard library may catch the first SIGSEGV itself.
    until("the victim has ended", || {
        let ended = !processes_of(parent, Some("tokio")).contains(&victim);
        (ended || !victim.signal(signal)).then_some(())
    });
    let cell = only_the_victim_failed(&running.end());
    assert_eq!(cell["status"], "failed");
    let error = cell["error"].as_str().unwrap();
    assert!(
        error.contains(signal.as_str()) && error.contains(number),
        "{error}"
    );
    assert_eq!(cell["samples"], serde_json::json!([]));
    none_is_left(parent);
}

#[test]
fn a_process_that_is_killed_is_a_failed_cell() {
    a_signal_fails_the_cell(Signal::SIGKILL, "9");
}

#[test]
fn a_process_that_crashes_is_a_failed_cell() {
    a_signal_fails_the_cell(Signal::SIGSEGV, "11");
}

#[test]
fn a_process_that_stands_still_is_timed_out() {
    let args = [&[VICTIM], &OTHERS[..], &["--timeout", "1s"]].concat();
    let running = start(&args);
    let parent = running.pid();
    let victim = process_of(parent, "tokio");
    assert!(victim.signal(Signal::SIGSTOP));
    let cell = only_the_victim_failed(&running.end());
    assert_eq!(cell["status"], "timed_out", "{cell}");
    none_is_left(parent);
}

#[test]
fn a_cell_that_takes_too_long_is_timed_out() {
    // A cell that waits can give up by itself; one that blocks has to be killed.
    let running = start(&["waiter/sequential@smol", VICTIM, "--timeout", "250ms"]);
    let parent = running.pid();
    let ended = running.end();
    assert_eq!(ended.status.code(), Some(1), "{ended:?}");
    let results: Value = serde_json::from_slice(&ended.stdout).unwrap();
    for cell in cells(&results) {
        assert_eq!(cell["status"], "timed_out", "{cell}");
        assert!(cell["error"].is_string(), "{cell}");
    }
    none_is_left(parent);
}

#[test]
fn saved_results_are_whole_at_any_time() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("results.json");
    let mut child = process()
        .args(["run", "waiter", "--speed", "100", "--format", "json"])
        .args(["--jobs", "4", "--save"])
        .arg(&path)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut seen = 0;
    let status = until("the run has ended", || {
        let ended = child.try_wait().unwrap();
        if let Some(results) = saved(&path) {
            let count = cells(&results).len();
            assert!(count >= seen, "{count} cells after {seen}");
            seen = count;
        }
        ended
    });
    assert!(status.code().is_some_and(|code| code < 2), "{status}");
    assert_eq!(seen, 75);
}

#[test]
fn saved_results_outlive_a_killed_command() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("results.json");
    let save = ["--save", path.to_str().unwrap()];
    let running = start(&[&[VICTIM], &OTHERS[..], &save].concat());
    let parent = running.pid();
    until("three cells are saved", || {
        let results = saved(&path)?;
        (cells(&results).len() == OTHERS.len()).then_some(())
    });
    running.signal(Signal::SIGKILL);
    drop(running);
    none_is_left(parent);
    let results = saved(&path).unwrap();
    let names: Vec<String> = cells(&results).iter().map(name).collect();
    assert_eq!(names, OTHERS);
    assert!(cells(&results).iter().all(|cell| cell["status"] == "ok"));
}

#[test]
fn a_program_that_was_removed_still_runs_its_cells() {
    let program = process();
    let program = std::path::Path::new(program.get_program());
    let folder = tempfile::tempdir_in(program.parent().unwrap()).unwrap();
    let copy = folder.path().join("pollmark");
    std::fs::hard_link(program, &copy).unwrap();
    let child = std::process::Command::new(&copy)
        .args(["compare", "io@tokio,smol", "--samples", "2"])
        .args(["--speed", "20", "--format", "json"])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let running = Running::of(child);
    let parent = running.pid();
    until("a cell runs", || {
        processes_of(parent, None).first().copied()
    });
    std::fs::remove_file(&copy).unwrap();
    let ended = running.end();
    assert_eq!(ended.status.code(), Some(0), "{ended:?}");
    let results: Value = serde_json::from_slice(&ended.stdout).unwrap();
    for cell in cells(&results) {
        assert_eq!(cell["samples"].as_array().map(Vec::len), Some(2), "{cell}");
    }
}

#[test]
fn a_cell_that_ended_while_the_command_was_stopped_is_not_timed_out() {
    let child = process()
        .args([
            "run",
            "waiter/tasks@tokio",
            "--speed",
            "20",
            "--timeout",
            "3s",
        ])
        .args(["--format", "json"])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let running = Running::of(child);
    let parent = running.pid();
    let cell = process_of(parent, "tokio");
    // It has read its job, then.
    until("tokio's workers run", || (cell.threads() > 1).then_some(()));
    running.signal(Signal::SIGSTOP);
    let stopped = Instant::now();
    none_is_left(parent);
    // Longer than the cell's time limit and the time that its process is given beyond it.
    let longer = Duration::from_millis(5500);
    thread::sleep(longer.saturating_sub(stopped.elapsed()));
    running.signal(Signal::SIGCONT);
    let ended = running.end();
    assert_eq!(ended.status.code(), Some(0), "{ended:?}");
    let results: Value = serde_json::from_slice(&ended.stdout).unwrap();
    assert_eq!(cells(&results)[0]["status"], "ok", "{results}");
}

#[test]
fn a_probe_that_is_killed_from_outside_is_broken() {
    for signal in [Signal::SIGKILL, Signal::SIGTERM] {
        let child = process()
            .args(["semantics", "--runner", "threads", "--format", "json"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let running = Running::of(child);
        let parent = running.pid();
        let killed = Cell::new(0);
        let ended = while_it_runs(running, || {
            for probe in working(parent, &["probe"], None) {
                killed.set(killed.get() + u32::from(probe.signal(signal)));
            }
        });
        assert!(killed.get() > 0);
        let told = String::from_utf8_lossy(&ended.stdout);
        let how = format!("killed by signal {} ({signal})", signal as i32);
        assert!(!told.contains("aborts the process"), "{told}");
        if told.contains(&how) {
            assert_eq!(ended.status.code(), Some(1), "{told}");
            assert!(told.contains(r#""status": "broken""#), "{told}");
        }
    }
}

/// A job of any length reaches the process of a cell, also one that is longer than what a pipe holds.
#[test]
fn many_workers_and_values_are_planned() {
    let many: Vec<String> = (1..=150).map(|count| count.to_string()).collect();
    let customers = format!("customers={}", many.join(","));
    for args in [
        &["all", "--workers", "1,2,3"][..],
        &["cafe/sync", "--param", &customers],
        &["cafe", "--workers", &many[..50].join(",")],
    ] {
        let mut command = pollmark();
        command.arg("run").args(args).arg("--dry-run");
        command.assert().success();
    }
}
