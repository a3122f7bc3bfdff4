//! Ctrl-C: the running cells end, the finished ones are shown, and the exit code says so.
#![cfg(target_os = "linux")]

mod common;

use std::io;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};

use nix::sys::signal::Signal;
use serde_json::Value;
use tempfile::TempDir;

use common::process;
use common::results::{cells, name};
use common::running::{Running, none_is_left, obey_signals, processes_of, saved, until};

/// The exit code that a shell gives a command that Ctrl-C ended.
const INTERRUPTED: i32 = 130;

/// A cell that takes 27 s at the speed of scenario time.
const VICTIM: &str = "waiter/sync@tokio";

/// Starts `pollmark ARGS` in a process group of its own, as a shell does.
fn start(args: &[&str], save: Option<&Path>) -> Running {
    start_into(Stdio::piped(), args, save)
}

fn start_into(stdout: impl Into<Stdio>, args: &[&str], save: Option<&Path>) -> Running {
    obey_signals();
    let mut command = process();
    command.args(args).process_group(0);
    if let Some(save) = save {
        command.arg("--save").arg(save);
    }
    command
        .stdin(Stdio::null())
        .stdout(stdout)
        .stderr(Stdio::piped());
    Running::of(command.spawn().unwrap())
}

fn place() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("results.json");
    (folder, path)
}

/// Standard output and standard error of a command that Ctrl-C ended.
#[track_caller]
fn interrupted(ended: &Output) -> (String, String) {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    let (stdout, stderr) = (text(&ended.stdout), text(&ended.stderr));
    assert_eq!(ended.status.code(), Some(INTERRUPTED), "{stdout}{stderr}");
    assert!(stderr.contains("interrupted"), "{stderr}");
    (stdout, stderr)
}

fn rounds(results: &Value) -> usize {
    results["comparison"]["order"]
        .as_array()
        .map_or(0, Vec::len)
}

#[test]
fn compare_shows_the_samples_that_there_are() {
    let (_folder, path) = place();
    let io = ["compare", "io", "--speed", "1000", "--runner", "tokio,smol"];
    let running = start(
        &[&io[..], &["--samples", "10000", "--runs", "1"]].concat(),
        Some(&path),
    );
    let parent = running.pid();
    until("three rounds are saved", || {
        (rounds(&saved(&path)?) >= 3).then_some(())
    });
    running.signal_group(Signal::SIGINT);
    let (stdout, stderr) = interrupted(&running.end());
    none_is_left(parent);

    for part in ["io/together, ", "tokio ", "smol ", "shuffled order"] {
        assert!(stdout.contains(part), "no `{part}` in {stdout}");
    }
    let told = stdout.split("Interrupted in round ").nth(1);
    let (told, rest) = told
        .and_then(|told| told.split_once(' '))
        .expect("it is told");
    let told: usize = told.parse().unwrap();
    assert!((4..=10_000).contains(&told), "{stdout}");
    assert!(rest.starts_with("of 10000. "), "{stdout}");
    let warned = format!("interrupted in round {told} of 10000");
    assert!(stderr.contains(&warned), "{stderr}");
    for line in stdout.lines() {
        assert!(line.chars().count() <= 80, "{line}");
    }

    // The saved samples are judged, and no cell counts as failed.
    let results = saved(&path).unwrap();
    assert!((told - 1..=told).contains(&rounds(&results)), "{told}");
    assert_eq!(
        results["comparison"]["judgements"]
            .as_array()
            .unwrap()
            .len(),
        2
    );
    for cell in cells(&results) {
        assert_eq!(cell["status"], "ok", "{cell}");
        let samples = cell["samples"].as_array().unwrap().len();
        assert!((told - 1..=told).contains(&samples), "{samples}");
    }
}

#[test]
fn compare_without_a_sample_has_nothing_to_show() {
    let args = ["compare", VICTIM, "--speed", "1", "--workers", "1"];
    let running = start(&args, None);
    let parent = running.pid();
    until("it warms up", || {
        processes_of(parent, Some("tokio")).first().copied()
    });
    running.signal_group(Signal::SIGINT);
    let (stdout, _) = interrupted(&running.end());
    assert_eq!(stdout, "");
    none_is_left(parent);
}

/// Interrupts a comparison of the victim alone after its first round of `samples`.
#[track_caller]
fn interrupt_after_a_round(samples: &str) -> (String, String, Value) {
    let (_folder, path) = place();
    let args = ["compare", VICTIM, "--speed", "20", "--workers", "1"];
    let args = [&args[..], &["--samples", samples]].concat();
    let running = start(&args, Some(&path));
    let parent = running.pid();
    until("a round is saved", || {
        (rounds(&saved(&path)?) == 1).then_some(())
    });
    running.signal_group(Signal::SIGINT);
    let (stdout, stderr) = interrupted(&running.end());
    none_is_left(parent);
    (words(&stdout), words(&stderr), saved(&path).unwrap())
}

/// The words of an output, regardless of line breaks.
fn words(told: &str) -> String {
    told.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn compare_tells_what_was_left_out_after_the_last_round() {
    let (stdout, stderr, _) = interrupt_after_a_round("1");
    for part in [
        "Interrupted after the last round. 1 round in shuffled order",
        "tasks, poll: not known",
    ] {
        assert!(stdout.contains(part), "no `{part}` in {stdout}");
    }
    let warned = "interrupted before every cell's allocations were counted";
    assert!(stderr.contains(warned), "{stderr}");
}

#[test]
fn a_round_in_which_nothing_ran_is_none() {
    let (stdout, stderr, saved) = interrupt_after_a_round("3");
    let told = "Interrupted in round 2 of 3. 1 round in shuffled order";
    assert!(stdout.contains(told), "{stdout}");
    assert!(stderr.contains("1 sample is too few"), "{stderr}");
    assert_eq!(rounds(&saved), 1);
}

#[test]
fn compare_shows_the_samples_of_a_first_round_that_was_not_ended() {
    let (_folder, path) = place();
    let args = ["compare", "waiter/sync@tokio,smol", "--speed", "20"];
    // With this seed smol comes last in the first round.
    let args = [
        &args[..],
        &["--workers", "1", "--samples", "3", "--order-seed", "0"],
    ];
    let running = start(&args.concat(), Some(&path));
    let parent = running.pid();
    let smol = || processes_of(parent, Some("smol")).first().copied();
    let warm_up = until("smol warms up", smol);
    until("smol runs again", || smol().filter(|now| *now != warm_up));
    running.signal_group(Signal::SIGINT);
    let (stdout, stderr) = interrupted(&running.end());
    none_is_left(parent);

    let (stdout, stderr) = (words(&stdout), words(&stderr));
    let told = "Interrupted in round 1 of 3. 0 whole rounds in shuffled order";
    assert!(stdout.contains(told), "{stdout}");
    let warned = "1 sample is too few to tell small differences apart: 1 comparison needs 12";
    assert!(stderr.contains(warned), "{stderr}");
    let order = &saved(&path).unwrap()["comparison"]["order"];
    assert_eq!(order.as_array().map(Vec::len), Some(1), "{order}");
}

/// Cells that end long before the victim.
const OTHERS: [&str; 2] = ["waiter/never-awaited@smol", "waiter/orphan@virtual"];

/// Interrupts a run while its victim runs and its other cells are done.
#[track_caller]
fn interrupt_run(format: &str) -> (String, String, Value) {
    let (_folder, path) = place();
    let args = ["--speed", "1", "--workers", "1", "--format", format];
    let args = [&["run", VICTIM][..], &OTHERS, &args].concat();
    let running = start(&args, Some(&path));
    let parent = running.pid();
    until("the other cells are saved", || {
        (cells(&saved(&path)?).len() == OTHERS.len()).then_some(())
    });
    let victim = until("the victim runs", || {
        processes_of(parent, Some("tokio")).first().copied()
    });
    // Otherwise the terminal's signal could kill it before the command knows of the signal, and
    // the cell would count as failed.
    assert_ne!(victim.group(), parent);
    running.signal_group(Signal::SIGINT);
    let (stdout, stderr) = interrupted(&running.end());
    none_is_left(parent);
    (stdout, stderr, saved(&path).unwrap())
}

#[test]
fn run_shows_the_cells_that_are_done() {
    let (stdout, stderr, saved) = interrupt_run("human");
    for part in [
        "waiter/never-awaited  ",
        "waiter/orphan  ",
        "2 of 2 cells ok",
    ] {
        assert!(stdout.contains(part), "no `{part}` in {stdout}");
    }
    assert!(
        stderr.contains("1 of 3 cells did not come to their end"),
        "{stderr}"
    );
    let names: Vec<String> = cells(&saved).iter().map(name).collect();
    assert_eq!(names, OTHERS);
}

#[test]
fn run_gives_programs_the_cells_that_are_done() {
    let (stdout, _, saved) = interrupt_run("json");
    let results: Value = serde_json::from_str(&stdout).unwrap();
    assert_eq!(results["cells"], saved["cells"]);
}

/// Interrupts a command whose output is no longer read: in `pollmark ARGS | tee log`,
/// Ctrl-C ends `tee` too.
#[track_caller]
fn interrupt_unread(args: &[&str], ready: impl Fn(&Value) -> bool) {
    let (_folder, path) = place();
    let (reader, writer) = io::pipe().unwrap();
    drop(reader);
    let running = start_into(writer, args, Some(&path));
    let parent = running.pid();
    until("there is something to show", || {
        ready(&saved(&path)?).then_some(())
    });
    running.signal_group(Signal::SIGINT);
    interrupted(&running.end());
    none_is_left(parent);
}

#[test]
fn a_run_that_nobody_reads_any_more_was_interrupted_all_the_same() {
    let args = [&["run", VICTIM][..], &OTHERS].concat();
    // Nothing is written before the run ends.
    let args = [&args[..], &["--speed", "1", "--workers", "1", "--quiet"]].concat();
    interrupt_unread(&args, |results| cells(results).len() == OTHERS.len());
}

#[test]
fn a_comparison_that_nobody_reads_any_more_was_interrupted_all_the_same() {
    let io = ["compare", "io@tokio", "--speed", "1000"];
    let args = [&io[..], &["--samples", "10000", "--runs", "1"]].concat();
    interrupt_unread(&args, |results| rounds(results) >= 1);
}

/// SIGINT is ignored in a script whose commands go on in the background.
#[test]
fn where_it_is_ignored_it_still_is() {
    let program = process();
    let program = program.get_program().to_str().expect("a path that is text");
    let run = format!("trap '' INT; exec {program} run {VICTIM} --speed 20 --quiet");
    let mut shell = std::process::Command::new("sh");
    shell.args(["-c", &run]).process_group(0);
    shell.stdout(Stdio::piped()).stderr(Stdio::piped());
    let running = Running::of(shell.spawn().unwrap());
    let parent = running.pid();
    until("the cell runs", || {
        processes_of(parent, Some("tokio")).first().copied()
    });
    running.signal_group(Signal::SIGINT);
    let ended = running.end();
    assert_eq!(ended.status.code(), Some(0), "{ended:?}");
    assert!(String::from_utf8_lossy(&ended.stdout).contains("1 of 1 cells ok"));
}
