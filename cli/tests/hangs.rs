//! Lessons that never end: pollmark stops them, and says so everywhere.

mod common;

use serde_json::Value;

use common::pollmark;
use common::results::{cells, name, run};

/// The number of times that a hang must be told right, of as many.
const TIMES: usize = 10;

const LESSONS: [&str; 2] = ["shops/await-shops", "shops/no-task-done"];

/// Faster than a lesson is shown, since nothing is to be read along.
const SPEED: [&str; 2] = ["--speed", "100"];

/// The tasks that hang in both lessons.
const HANG: [&str; 4] = ["main", "shop 1", "shop 2", "shop 3"];

fn list(value: &Value) -> &[Value] {
    value.as_array().expect("it is a list")
}

fn traced(runners: &str) -> Value {
    let mut command = pollmark();
    command.arg("trace").args(LESSONS).args(SPEED);
    command.args(["--runner", runners, "--format", "json"]);
    let ran = command.assert().success();
    serde_json::from_slice(&ran.get_output().stdout).expect("it is JSON")
}

/// Holds the trace of a lesson to the truth, which is the same on every runner.
fn is_told_right(cell: &Value) {
    let (name, trace) = (name(cell), &cell["trace"]);
    let of = |complaint: &str| {
        let mut findings = list(&cell["findings"]).iter();
        findings.find(|finding| finding["complaint"] == complaint)
    };
    for wrong in ["left_behind", "dropped", "lost_wake"] {
        assert_eq!(of(wrong), None, "{name}");
    }
    let found = of("never_woken").expect("it hangs");
    let text = found["text"].as_str().expect("text");
    let mut told = "`main` waits, and nothing wakes it: since ".to_owned();
    assert!(text.starts_with(&told), "{name}: {text}");
    if name.starts_with(LESSONS[0]) {
        told = ", for the end of `shop 1`".to_owned();
        assert!(text.contains(&told), "{name}: {text}");
    }
    for shop in &HANG[1..] {
        assert!(
            text.contains(&format!("`{shop}` (since ")),
            "{name}: {text}"
        );
    }
    assert_eq!(trace["run"]["stopped"], true, "{name}");
    let open = list(&trace["tasks"])
        .iter()
        .filter(|task| task["end"].is_null());
    let open: Vec<&Value> = open.map(|task| &task["name"]).collect();
    assert_eq!(open, HANG, "{name}");
    let dropped = |event: &Value| event["event"] == "dropped";
    assert!(!list(&trace["events"]).iter().any(dropped), "{name}");
}

#[test]
fn a_hang_is_told_the_same_on_every_runner_each_time() {
    for runners in [vec!["virtual"], vec!["all"; TIMES]].concat() {
        cells(&traced(runners)).iter().for_each(is_told_right);
    }
}

#[test]
fn what_pollmark_stops_is_told_as_still_waiting() {
    let args = [&LESSONS[..], &SPEED, &["--runner", "all,virtual"]].concat();
    for cell in cells(&run(&args)) {
        let (name, lines) = (name(cell), list(&cell["transcript"]));
        let stopped = |line: &&Value| line["event"] == "stopped";
        let (stopped, before): (Vec<&Value>, Vec<&Value>) = lines.iter().partition(stopped);
        let tasks: Vec<&Value> = stopped.iter().map(|line| &line["task"]).collect();
        assert_eq!(tasks, HANG, "{name}");
        assert!(
            stopped.iter().all(|line| line["text"] == "still waiting"),
            "{name}"
        );
        assert!(
            !before.iter().any(|line| line["event"] == "cancelled"),
            "{name}"
        );
    }
}

#[test]
fn a_terminal_shows_who_was_stopped() {
    let shown = |args: &[&str]| {
        let cell = "shops/await-shops@virtual";
        let ran = pollmark().args(args).arg(cell).assert().success();
        String::from_utf8(ran.get_output().stdout.clone()).expect("it is text")
    };
    let text = shown(&["run"]);
    let line = "\n      5.000  shop 1          still waiting, stopped by pollmark\n";
    assert!(text.contains(line), "{text}");
    let text = shown(&["trace", "--ascii"]);
    assert!(text.contains("   * stopped by pollmark\n"), "{text}");
    let row = |task: &str| {
        text.lines()
            .find(|line| line.starts_with(&format!("  {task} ")))
    };
    for task in HANG {
        assert!(row(task).is_some_and(|row| row.ends_with('*')), "{text}");
    }
    let text = shown(&["trace", "--steps"]);
    let end = "          5.000  pollmark stops the run\n";
    assert!(text.contains(end), "{text}");
}

/// A program that is only slow waits for its timers and its tasks: nothing is said to hang.
#[test]
fn a_run_that_is_given_up_too_early_does_not_hang() {
    let mut command = pollmark();
    command.args([
        "trace",
        "waiter/tasks",
        "--runner",
        "all",
        "--timeout",
        "200ms",
    ]);
    let ran = command.args(["--format", "json"]).assert().failure();
    let traces: Value = serde_json::from_slice(&ran.get_output().stdout).expect("it is JSON");
    for cell in cells(&traces) {
        assert_eq!(cell["status"], "timed_out", "{}", name(cell));
        let hangs = |finding: &Value| finding["complaint"] == "never_woken";
        let findings = list(&cell["findings"]);
        assert!(!findings.iter().any(hangs), "{}: {findings:?}", name(cell));
    }
}
