//! Traces for programs: Chrome's format and JSON, for everything on every runner.

mod common;

use std::{fs, thread};

use serde_json::Value;

use common::fields::Holds::{List, Map, Number, NumberOrNull, Text, TextOrNull};
use common::fields::has_fields;
use common::results::cells;
use common::runners;
use common::short::EXPERIMENTS;
use common::small::SMALL;
use common::{pollmark, sheet};

/// Traces with `args` in both formats: the JSON, and the sheet for Chrome.
fn traced(args: &[&str]) -> [Value; 2] {
    let dir = tempfile::tempdir().expect("a directory can be made");
    let file = dir.path().join("sheet.json");
    let mut command = pollmark();
    command
        .arg("trace")
        .args(args)
        .args(["--format", "json", "--chrome"]);
    // Other tests check the outcome: a trace must be right in any case.
    let ran = command.arg(&file).assert().code(predicates::ord::le(1));
    let sheet = fs::read(&file).expect("the sheet was written");
    [&ran.get_output().stdout, &sheet].map(|json| serde_json::from_slice(json).expect("it is JSON"))
}

fn every_lesson_is_right_on(runners: &[&str]) {
    let [traces, sheet] = traced(&[
        "all",
        "--runner",
        &runners.join(","),
        "--workers",
        "2",
        "--speed",
        "200",
        // One search is ten times as large otherwise: seconds, if it is not optimised.
        "--param",
        "scale=1",
    ]);
    let lessons = cells(&traces).len();
    assert!(
        lessons > 60 * runners.len(),
        "{lessons} lessons are not all"
    );
    let [tasks, lines] = sheet::holds(&traces, &sheet);
    assert!(tasks > 2 * lessons, "{tasks} tasks in {lessons} lessons");
    assert!(
        lines > 200 * runners.len(),
        "{lines} lines are too few to say that they agree"
    );
}

#[test]
fn lessons_on_every_runner() {
    let runners = runners::all();
    thread::scope(|scope| {
        // Each command runs the ideals too.
        for half in runners.chunks(3) {
            scope.spawn(|| every_lesson_is_right_on(half));
        }
    });
}

fn is_right_everywhere(cell: &str, params: &[&str]) {
    let params = params.iter().flat_map(|param| ["--param", param]);
    let args = [cell, "--runner", "all,virtual", "--workers", "2"];
    let args: Vec<&str> = args.into_iter().chain(params).collect();
    let [traces, sheet] = traced(&args);
    let [tasks, _] = sheet::holds(&traces, &sheet);
    assert!(tasks > 0, "{cell} has no tasks");
}

#[test]
fn experiments_everywhere() {
    for short in EXPERIMENTS {
        is_right_everywhere(short.scenario, short.params);
    }
}

#[test]
fn benchmarks_everywhere() {
    for (variant, params, _) in SMALL {
        is_right_everywhere(variant, params);
    }
}

/// The edges of waits are aligned, and the names give their lengths.
#[test]
fn the_ideal_is_drawn_at_the_speed_of_what_stands_beside_it() {
    let cells = ["waiter/tasks", "--runner", "tokio,virtual"];
    let [_, sheet] = traced(&[&cells[..], &["--workers", "1", "--speed", "40"]].concat());
    let events = sheet["traceEvents"].as_array().expect("events are a list");
    let names = events
        .iter()
        .filter(|event| event["name"] == "process_name");
    let names: Vec<&Value> = names.map(|event| &event["args"]["name"]).collect();
    assert_eq!(
        names,
        [
            "tokio (1): waiter/tasks, 40x",
            "virtual (1): waiter/tasks, 40x"
        ]
    );
    let end = |process: u64| {
        let mut ends = events.iter().filter(|event| event["ph"] == "e");
        let end = ends.find(|event| event["pid"] == process && event["name"] == "main");
        end.expect("it ends")["ts"].as_f64().expect("a time")
    };
    // 16 s of the scenario, in microseconds.
    let ideal = 16e6 / 40.0;
    assert!((ideal..ideal + 1.0).contains(&end(2)), "{}", end(2));
    assert!(end(1) >= ideal, "{}", end(1));
}

/// The fields that core documents, one by one.
#[test]
fn json_has_the_fields_that_are_documented() {
    let [traces, _] = traced(&["waiter/offloaded", "--runner", "tokio,virtual"]);
    assert_eq!(traces["schema"], "pollmark-trace/1");
    for cell in cells(&traces) {
        let fields = [
            ("command", Text),
            ("axes", Map),
            ("critical_path", List),
            ("findings", List),
            ("transcript", List),
            ("error", TextOrNull),
        ];
        has_fields("a cell", cell, &fields);
        let trace = &cell["trace"];
        let run = [
            ("clock", Text),
            ("speed", Number),
            ("workers", NumberOrNull),
            ("root", Number),
            ("epoch_ns", Number),
            ("until_ns", Number),
            ("limit", Number),
            ("dropped", Number),
            ("poll_cost_ns", NumberOrNull),
        ];
        has_fields("a run", &trace["run"], &run);
        let task = [
            ("id", Number),
            ("name", Text),
            ("kind", Text),
            ("parent", NumberOrNull),
            ("spawned_at", Map),
            ("spawned_ns", Number),
            ("started_ns", NumberOrNull),
            ("ended_ns", NumberOrNull),
            ("end", TextOrNull),
            ("polls", Number),
            ("wakes", Number),
        ];
        let list = |name: &str| trace[name].as_array().expect("a list").iter();
        list("tasks").for_each(|one| has_fields("a task", one, &task));
        assert!(list("tasks").any(|task| task["kind"] == "call"));
        let event = [
            ("at_ns", Number),
            ("thread", Number),
            ("task", Number),
            ("event", Text),
        ];
        list("events").for_each(|one| has_fields("an event", one, &event));
    }
}

/// The limit cuts a trace, and the rest of it can still be drawn.
#[test]
fn what_is_left_of_a_trace_that_was_cut_is_right_too() {
    let limited = ["--trace-limit", "40", "--workers", "2"];
    let [traces, sheet] =
        traced(&[&["shops/fixed", "--runner", "tokio,virtual"], &limited[..]].concat());
    for cell in cells(&traces) {
        assert!(cell["trace"]["run"]["dropped"].as_u64() > Some(0));
    }
    sheet::holds(&traces, &sheet);
}
