//! Runs every benchmark on every runner through the command: small, but with all of its
//! checks.

mod common;

use serde_json::Value;

use common::results::{cells, name, of, run};
use common::small::{SMALL, Small};
use common::{HANGS, pollmark, process};

/// The variants that a runner cannot show, each with a word of the reason.
const UNSUPPORTED: [(&str, &str); 1] = [("brigade-pipe/tasks@virtual", "time is virtual")];

fn run_small((variant, params, _): &Small, more: &[&str]) -> Value {
    let params = params.iter().flat_map(|param| ["--param", param]);
    let args: Vec<&str> = [*variant].into_iter().chain(params).collect();
    run(&[&args, more].concat())
}

#[test]
fn every_variant_is_ok_on_every_runner_or_says_why_not() {
    for small @ (variant, _, items) in &SMALL {
        let results = run_small(
            small,
            &["--runner", "all,virtual", "--workers", "2", "--speed", "10"],
        );
        assert_eq!(cells(&results).len(), 6, "{variant}");
        for cell in cells(&results) {
            let name = name(cell);
            let reason = UNSUPPORTED
                .iter()
                .find(|(unsupported, _)| *unsupported == name);
            if let Some((_, reason)) = reason {
                assert_eq!(cell["status"], "unsupported", "{name}");
                let error = cell["error"].as_str().expect("a reason is text");
                assert!(error.contains(reason), "{name}: {error}");
                continue;
            }
            assert_eq!(cell["status"], "ok", "{name}: {}", cell["error"]);
            assert_eq!(cell["outcome"]["items"], *items, "{name}");
            assert_eq!(cell["transcript"], Value::Array(Vec::new()), "{name}");
        }
    }
}

#[test]
fn the_table_has_every_benchmark() {
    let listed = pollmark()
        .args(["list", "--format", "json"])
        .assert()
        .success();
    let list: Value = serde_json::from_slice(&listed.get_output().stdout).expect("it is JSON");
    let mut found = Vec::new();
    for scenario in list["scenarios"].as_array().expect("a list") {
        for variant in scenario["variants"].as_array().expect("a list") {
            if scenario["kind"] == "benchmark" {
                let id = |value: &Value| value["id"].as_str().expect("text").to_owned();
                found.push(format!("{}/{}", id(scenario), id(variant)));
            }
        }
    }
    let known: Vec<&str> = SMALL.iter().map(|(variant, ..)| *variant).collect();
    assert_eq!(found, known);
}

#[test]
fn where_each_task_would_be_a_thread_too_many_are_refused_with_the_number() {
    for (cell, param) in [
        ("memory@threads", "tasks=12000"),
        ("spawn/remote@threads", "tasks=11999"),
        ("timer-storm/tasks@threads", "timers=12000"),
    ] {
        let results = run(&[cell, "--param", param]);
        let [cell] = cells(&results) else {
            panic!("{cell} is one cell")
        };
        assert_eq!(cell["status"], "unsupported", "{}", name(cell));
        let error = cell["error"].as_str().expect("a reason is text");
        assert!(error.contains("12001 OS threads"), "{error}");
    }
}

#[test]
fn pipes_that_are_not_to_be_had_are_an_error_and_no_panic() {
    let program = process();
    // Both limits, so that the process cannot raise one.
    let ran = assert_cmd::Command::new("sh")
        .args(["-c", r#"ulimit -n 256 && exec "$0" "$@""#])
        .arg(program.get_program())
        .args(["run", "brigade-pipe", "brigade-one-thread"])
        .args(["--runner", "all", "--format", "json"])
        .timeout(HANGS)
        .assert()
        .code(1);
    let results = serde_json::from_slice(&ran.get_output().stdout).expect("it is JSON");
    assert_eq!(cells(&results).len(), 10);
    for cell in cells(&results) {
        assert_eq!(cell["status"], "failed", "{}", name(cell));
        let error = cell["error"].as_str().expect("an error is text");
        assert!(
            error.contains("no 501 pipes") && error.contains("ulimit -n"),
            "{error}"
        );
    }
}

#[test]
fn a_flood_takes_the_steps_that_the_cap_of_the_pool_makes() {
    let least_steps = |args: &[&str], least: u64| {
        let results = run(&[&["blocking-flood/pool"], args].concat());
        for cell in cells(&results) {
            let number = |name: &str| cell["outcome"][name].as_u64().expect("a number");
            let (peak, steps) = (number("peak"), number("steps"));
            let name = name(cell);
            assert!(steps >= least, "{name}: {peak} at a time, {steps} steps");
        }
    };
    let equal = ["--runner", "all,virtual", "--blocking-threads", "10"];
    least_steps(&[&equal[..], &["--param", "jobs=31"]].concat(), 4);
    // The pools' own cap is 500 at a time.
    least_steps(
        &["--runner", "smol,async-std", "--blocking-threads", "native"],
        2,
    );
}

#[test]
fn the_pools_own_variable_counts_where_no_cap_is_set() {
    let peaks = |cap: &str| {
        let mut command = pollmark();
        command.env("BLOCKING_MAX_THREADS", "2");
        let args = ["blocking-flood/pool", "--param", "jobs=9"];
        let with = ["--runner", "smol,async-std", "--blocking-threads", cap];
        let results = of(command, &[&args[..], &with].concat());
        let peak = |cell: &Value| cell["outcome"]["peak"].as_u64().expect("a number");
        cells(&results).iter().map(peak).collect::<Vec<_>>()
    };
    assert_eq!(peaks("native"), [2, 2]);
    assert!(peaks("9").iter().all(|peak| *peak > 2));
}
