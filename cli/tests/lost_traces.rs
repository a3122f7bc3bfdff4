//! Traces of cells with processes that do not come to their end, and of large ones.
#![cfg(target_os = "linux")]

mod common;

use std::fs;
use std::process::Stdio;
use std::time::Duration;

use nix::sys::signal::Signal;
use pollmark_core::trace::{State, Trace, lives};
use serde_json::Value;

use common::process;
use common::results::cells;
use common::running::{Running, until, until_ended, while_it_runs, working};

/// A cell with one poll that computes for longer than any of these tests takes.
const HOG: &[&str] = &[
    "trace",
    "hog/inline@tokio-current-thread",
    "--param",
    "hog=60s",
];

fn start(args: &[&str]) -> Running {
    let mut command = process();
    command.args(args).stdin(Stdio::null());
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    Running::of(command.spawn().unwrap())
}

/// The only cell that a command tells, which did not go as expected, and its trace.
#[track_caller]
fn failed(running: Running) -> (Value, Trace) {
    let ended = until_ended(running);
    let told = String::from_utf8_lossy(&ended.stderr);
    assert_eq!(ended.status.code(), Some(1), "{told}");
    let results: Value = serde_json::from_slice(&ended.stdout).unwrap();
    let cell = cells(&results)[0].clone();
    let trace: Trace = serde_json::from_value(cell["trace"].clone()).unwrap();
    assert_eq!(trace.validate(), Ok(()));
    (cell, trace)
}

/// The hog is being polled until the end of the recording, for `least` or longer.
#[track_caller]
fn the_poll_goes_on(trace: &Trace, least: Duration) {
    let hog = trace.tasks.iter().find(|task| task.name == "hog").unwrap();
    assert_eq!((hog.polls, hog.ended), (1, None));
    let lives = lives(trace);
    let last = lives[hog.id].last().unwrap();
    assert_eq!((last.state, last.to), (State::Running, trace.run.until));
    assert!(last.to - last.from >= least, "{last:?}");
}

/// The cell and the trace of a hog with a process that is sent `signal` while it computes.
#[track_caller]
fn signalled(signal: Signal, timeout: &str) -> (Value, Trace) {
    let running = start(&[HOG, &["--timeout", timeout, "--format", "json"]].concat());
    let parent = running.pid();
    // Its CPU time is no more than the time for which it ran, so some was written out.
    until("the hog computes", || {
        let hog = working(parent, &["trace"], None).first().copied()?;
        (hog.cpu_time() > Duration::from_millis(500)).then(|| assert!(hog.signal(signal)))
    });
    let (cell, trace) = failed(running);
    let error = cell["error"].as_str().unwrap();
    assert!(error.contains("; the recording goes up to "), "{error}");
    the_poll_goes_on(&trace, Duration::from_millis(50));
    (cell, trace)
}

#[test]
fn a_trace_survives_the_kill_of_its_cell() {
    let (cell, _) = signalled(Signal::SIGKILL, "1h");
    assert_eq!(cell["status"], "failed");
    assert!(
        cell["error"].as_str().unwrap().contains("SIGKILL"),
        "{cell}"
    );
}

#[test]
fn a_trace_survives_the_crash_of_its_cell() {
    let (cell, _) = signalled(Signal::SIGABRT, "1h");
    assert_eq!(cell["status"], "failed");
    assert!(
        cell["error"].as_str().unwrap().contains("SIGABRT"),
        "{cell}"
    );
}

#[test]
fn a_trace_survives_a_process_that_had_to_be_killed() {
    let (cell, _) = signalled(Signal::SIGSTOP, "8s");
    assert_eq!(cell["status"], "timed_out");
    assert!(
        cell["error"].as_str().unwrap().contains("(--timeout)"),
        "{cell}"
    );
}

#[test]
fn a_poll_that_does_not_return_is_left_behind_with_its_trace() {
    let running = start(&[HOG, &["--timeout", "1s", "--format", "json"]].concat());
    let (cell, trace) = failed(running);
    assert_eq!(cell["status"], "timed_out");
    let error = cell["error"].as_str().unwrap();
    assert!(error.contains("left behind"), "{error}");
    the_poll_goes_on(&trace, Duration::from_millis(900));
    let findings = cell["findings"].as_array().unwrap();
    let is_told = |finding: &Value| finding["complaint"] == "long_poll";
    assert!(findings.iter().any(is_told), "{findings:?}");
}

#[test]
fn runs_are_saved_as_they_are_told() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("traces.json");
    let save = ["--save", path.to_str().unwrap(), "--format", "json"];
    let ended = until_ended(start(&[&["trace", "waiter@virtual"], &save[..]].concat()));
    assert!(ended.status.success(), "{ended:?}");
    assert_eq!(fs::read(path).unwrap(), ended.stdout);
}

/// The most memory that the command had while it traced so many visitors.
fn peak(visitors: u64) -> u64 {
    let param = format!("visitors={visitors}");
    let args = ["trace", "visitors/at-once@virtual", "--param", &param];
    let running = start(&args);
    let status = format!("/proc/{}/status", running.pid());
    let mut peak = 0;
    let ended = while_it_runs(running, || {
        let status = fs::read_to_string(&status).unwrap_or_default();
        let mut lines = status.lines();
        let line = lines.find_map(|line| line.strip_prefix("VmHWM:"));
        let kib = line.and_then(|line| line.split_whitespace().next()?.parse().ok());
        peak = peak.max(kib.unwrap_or(0));
    });
    assert!(ended.status.success(), "{ended:?}");
    1024 * peak
}

#[test]
fn a_larger_trace_costs_the_command_so_much_memory_an_event() {
    /// Spawned, polled twice, woken, ended.
    const EVENTS_OF_A_VISITOR: u64 = 6;
    const BYTES: u64 = 800;
    let (few, many) = (1_000, 4_000);
    let (least, most) = (peak(few), peak(many));
    // A peak that no look saw would bound nothing.
    assert!(most > least, "{least} and {most} bytes");
    let an_event = (most - least) / ((many - few) * EVENTS_OF_A_VISITOR);
    assert!(an_event < BYTES, "an event takes {an_event} bytes");
}
