//! Runs every variant of every experiment on every runner, through the command.

mod common;

use std::sync::LazyLock;

use serde_json::Value;

use common::pollmark;
use common::results::{cells, name, run};
use common::runners;
use common::short::EXPERIMENTS;

/// Runs one experiment short on so many workers and looks at every cell.
fn holds_everywhere(scenario: &str, workers: &str) {
    let short = EXPERIMENTS.iter().find(|short| short.scenario == scenario);
    let short = short.expect("the experiment is in the table");
    let params = short.params.iter().flat_map(|param| ["--param", param]);
    let args = [scenario, "--runner", "all,virtual", "--workers", workers];
    let args: Vec<&str> = args.into_iter().chain(params).collect();
    let results = run(&args);

    let mut expected: Vec<(String, Option<u64>)> = Vec::new();
    for (variant, work) in short.variants {
        for runner in runners::all() {
            let shown = (*variant, runner) != ("on-thread", "virtual");
            expected.push((
                format!("{scenario}/{variant}@{runner}"),
                shown.then_some(*work),
            ));
        }
    }
    let found: Vec<(String, Option<u64>)> = cells(&results)
        .iter()
        .map(|cell| (name(cell), cell["outcome"][short.work].as_u64()))
        .collect();
    assert_eq!(found, expected);

    for cell in cells(&results) {
        let name = name(cell);
        if name == "hog/on-thread@virtual" {
            assert_eq!(cell["status"], "unsupported");
            continue;
        }
        assert_eq!(cell["status"], "ok", "{name}: {}", cell["error"]);
        // A measured run is not recorded.
        assert_eq!(cell["transcript"], Value::Array(Vec::new()), "{name}");
    }
    measures_are_there(&results);
}

/// The figures by which a variant is compared are in the outcome of every cell. The virtual
/// clock has no figure for work that takes no time there.
fn measures_are_there(results: &Value) {
    let ran = |cell: &&Value| cell["status"] == "ok";
    for cell in cells(results).iter().filter(ran) {
        let costless = cell["scenario"] == "await-cost" && cell["runner"] == "virtual";
        for path in measures(cell) {
            let figure = cell["outcome"].pointer(&path);
            let figure = figure.unwrap_or_else(|| panic!("{} has no {path}", name(cell)));
            let is_right = if costless {
                figure.is_null()
            } else {
                figure.is_number()
            };
            assert!(is_right, "{}: {path} is {figure}", name(cell));
        }
    }
}

/// The paths of the figures by which the cell's variant is compared; none if that is its
/// time.
fn measures(cell: &Value) -> Vec<String> {
    static LIST: LazyLock<Value> = LazyLock::new(|| {
        let mut command = pollmark();
        let ran = command
            .args(["list", "--format", "json"])
            .assert()
            .success();
        serde_json::from_slice(&ran.get_output().stdout).expect("the list is JSON")
    });
    let find = |all: &'static Value, id: &Value| {
        let mut all = all.as_array().expect("a list").iter();
        all.find(|one| one["id"] == *id).expect("it is listed")
    };
    let scenario = find(&LIST["scenarios"], &cell["scenario"]);
    let variant = find(&scenario["variants"], &cell["variant"]);
    let measures = variant["measures"].as_array().expect("measures are a list");
    let path = |measure: &Value| measure["path"].as_str().expect("a path is text").to_owned();
    measures.iter().map(path).collect()
}

#[test]
fn every_experiment_is_in_the_table() {
    let ran = pollmark()
        .args(["list", "--format", "json"])
        .assert()
        .success();
    let list: Value = serde_json::from_slice(&ran.get_output().stdout).unwrap();
    let all = list["scenarios"].as_array().unwrap().iter();
    let listed: Vec<&str> = all
        .filter(|scenario| scenario["kind"] == "experiment")
        .map(|scenario| scenario["id"].as_str().unwrap())
        .collect();
    let known: Vec<&str> = EXPERIMENTS.iter().map(|short| short.scenario).collect();
    assert_eq!(listed, known);
}

#[test]
fn visitors() {
    holds_everywhere("visitors", "2");
}

#[test]
fn hog_on_one_worker() {
    holds_everywhere("hog", "1");
}

#[test]
fn hog_on_two_workers() {
    holds_everywhere("hog", "2");
}

#[test]
fn fairness_on_one_worker() {
    holds_everywhere("fairness", "1");
}

#[test]
fn fairness_on_two_workers() {
    holds_everywhere("fairness", "2");
}

#[test]
fn crunch() {
    holds_everywhere("crunch", "2");
}

#[test]
fn await_cost() {
    holds_everywhere("await-cost", "2");
}

#[test]
fn cancel_latency() {
    holds_everywhere("cancel-latency", "2");
}

#[test]
fn poll_order() {
    holds_everywhere("poll-order", "2");
}

#[test]
fn more_visitors_than_threads_are_unsupported_and_no_failure() {
    let results = run(&["visitors/at-once@threads", "--param", "visitors=100000"]);
    let [cell] = cells(&results) else {
        panic!("one cell was asked for")
    };
    assert_eq!(cell["status"], "unsupported");
    let why = cell["error"].as_str().unwrap();
    assert!(why.contains("100000 visitors"), "{why}");
}
