//! The schedule, the task group, gather and the smallest programs, to the nanosecond.

use std::time::Duration;

use pollmark_core::scenarios::{Done, Gather, Greeter, Groups, Phases, Schedule};
use pollmark_core::{Config, Options, Report, Scenario, Verdict, perform};
use pollmark_runner_virtual::Virtual;
use serde_json::json;

const WORKERS: [usize; 3] = [1, 2, 3];

fn run<C: Scenario>(case: C, config: Config) -> Report {
    let options = Options {
        config,
        ..Options::default()
    };
    let report = perform::<Virtual, _>(case, &options).expect("one thread starts");
    assert_eq!(report.verdict, Verdict::Ok, "{report}");
    report
}

/// Runs `case` and asserts that it takes `seconds` with any number of workers; the
/// runs by number of workers.
fn takes<C: Scenario>(case: C, seconds: f64) -> [Report; 3] {
    WORKERS.map(|workers| {
        let report = run(case, Config::with_workers(workers));
        let expected = Some(Duration::from_secs_f64(seconds));
        assert_eq!(report.elapsed, expected, "{workers} workers");
        report
    })
}

/// The events, a line each: `1 milk failed`.
fn course(report: &Report) -> Vec<String> {
    let line = |entry: &pollmark_core::Entry| {
        let (at, task) = (entry.at.as_secs_f64(), &entry.task);
        match &entry.text {
            Some(text) => format!("{at} {task}: {text}"),
            None => format!("{at} {task} {}", entry.event),
        }
    };
    report.transcript.iter().map(line).collect()
}

/// As [`course`], for the step lines of the schedule only.
fn steps(report: &Report) -> Vec<String> {
    let lines = course(report).into_iter();
    lines.filter(|line| line.contains(": T")).collect()
}

#[test]
fn the_schedule_goes_step_by_step_from_t0_to_t6() {
    for report in takes(Schedule::Steps, 2.0) {
        assert_eq!(
            steps(&report),
            [
                "0 main: T0: starts, then waits | ready: milk, bread | waiting: main",
                "0 milk: T1: starts, then waits | ready: bread | waiting: main, milk",
                "0 bread: T2: starts, then waits | waiting: main, milk, bread",
                "1 milk: T3: resumes, is done | ready: main | waiting: bread",
                "1 main: T4: resumes, then waits | waiting: bread, main",
                "2 bread: T5: resumes, is done | ready: main",
                "2 main: T6: resumes, is done | nobody is left",
            ]
        );
        let steps = report.outcome.value("steps");
        assert_eq!(steps.as_array().map(Vec::len), Some(7));
        assert_eq!(
            steps[3],
            json!({
                "step": "T3", "at_ns": 1_000_000_000, "task": "milk", "event": "resumes",
                "then": "done", "ready": ["main"], "running": [], "waiting": ["bread"],
            })
        );
    }
}

#[test]
fn awaiting_the_long_task_first_wakes_main_once() {
    for report in takes(Schedule::LongFirst, 120.0) {
        assert_eq!(
            steps(&report),
            [
                "0 main: T0: starts, then waits | ready: milk, bread | waiting: main",
                "0 milk: T1: starts, then waits | ready: bread | waiting: main, milk",
                "0 bread: T2: starts, then waits | waiting: main, milk, bread",
                "60 bread: T3: resumes, is done | waiting: main, milk",
                "120 milk: T4: resumes, is done | ready: main",
                "120 main: T5: resumes, is done | nobody is left",
            ]
        );
        assert_eq!(*report.outcome.value("main_steps"), 2);
    }
}

#[test]
fn a_wait_of_zero_does_not_yield_here() {
    for report in takes(Schedule::ZeroFirst, 120.0) {
        assert_eq!(
            steps(&report),
            [
                "0 main: T0: starts, then waits | ready: milk, bread | waiting: main",
                "0 milk: T1: starts, is done | ready: bread, main",
                "0 bread: T2: starts, then waits | ready: main | waiting: bread",
                "0 main: T3: resumes, then waits | waiting: bread, main",
                "120 bread: T4: resumes, is done | ready: main",
                "120 main: T5: resumes, is done | nobody is left",
            ]
        );
        assert_eq!(*report.outcome.value("milk_steps"), 1);
    }
}

#[test]
fn ties_broken_by_a_seed_pass_the_same_checks() {
    fn every<C: Scenario>() {
        for (variant, seed) in C::VARIANTS
            .iter()
            .flat_map(|v| (0..20).map(move |s| (v, s)))
        {
            for workers in WORKERS {
                let seeded = Config {
                    seed: Some(seed),
                    ..Config::with_workers(workers)
                };
                run(*variant, seeded);
            }
        }
    }
    every::<Schedule>();
    every::<Groups>();
    every::<Gather>();
    every::<Greeter>();
    every::<Phases>();
    every::<Done>();
}

#[test]
fn a_worker_for_each_task_passes_the_same_checks() {
    fn every<C: Scenario>() {
        for variant in C::VARIANTS {
            let threads = Config {
                worker_per_task: true,
                ..Config::with_workers(1)
            };
            run(*variant, threads);
        }
    }
    every::<Schedule>();
    every::<Groups>();
    every::<Gather>();
    every::<Greeter>();
    every::<Phases>();
    every::<Done>();
}

#[test]
fn code_after_a_group_runs_when_its_last_task_has_ended() {
    for report in takes(Groups::Ok, 2.0) {
        assert_eq!(
            course(&report),
            [
                "0 main started",
                "0 main: scheduling done",
                "0 milk started",
                "0 bread started",
                "1 milk finished",
                "2 bread finished",
                "2 main: done",
                "2 main finished",
            ]
        );
        assert_eq!(*report.outcome.value("errors"), json!([]));
    }
}

#[test]
fn a_failing_child_ends_its_group() {
    for report in takes(Groups::FailingChild, 1.0) {
        assert_eq!(
            course(&report),
            [
                "0 main started",
                "0 milk started",
                "0 bread started",
                "0 eggs started",
                "0.5 eggs finished",
                "1 milk failed",
                "1 bread cancelled",
                "1 main: the group failed: milk: sold out",
                "1 main finished",
            ]
        );
        assert_eq!(*report.outcome.value("errors"), json!(["milk: sold out"]));
        assert_eq!(*report.outcome.value("outlived"), 0);
    }
}

#[test]
fn a_failure_ends_body_children_and_grandchildren() {
    for report in takes(Groups::Nested, 1.0) {
        assert_eq!(
            course(&report),
            [
                "0 main started",
                "0 body started",
                "0 milk started",
                "0 friends started",
                "0 Ann started",
                "0 Ben started",
                "1 milk failed",
                "1 body cancelled",
                "1 friends cancelled",
                "1 Ann cancelled",
                "1 Ben cancelled",
                "1 main: the group failed: milk: sold out",
                "1 main finished",
            ]
        );
        assert_eq!(*report.outcome.value("outlived"), 0);
    }
}

#[test]
fn two_failures_at_one_instant_are_both_reported() {
    for report in takes(Groups::TwoFailures, 1.0) {
        assert_eq!(
            course(&report)[4..],
            [
                "1 milk failed",
                "1 eggs failed",
                "1 bread cancelled",
                "1 main: the group failed: milk: sold out",
                "1 main: the group failed: eggs: sold out",
                "1 main finished",
            ]
        );
        let errors = json!(["milk: sold out", "eggs: sold out"]);
        assert_eq!(*report.outcome.value("errors"), errors);
    }
}

#[test]
fn a_group_cannot_end_before_a_child_that_blocks() {
    let [one, two, three] = takes(Groups::BlockingSibling, 2.0);
    let begin = ["0 main started", "0 milk started", "0 oven started"];
    let end = [
        "2 main: the group failed: milk: sold out",
        "2 main finished",
    ];
    let on_one = ["2 oven finished", "2 milk failed"];
    assert_eq!(course(&one), [&begin[..], &on_one, &end].concat());
    let on_more = ["1 milk failed", "2 oven finished"];
    for report in [two, three] {
        assert_eq!(course(&report), [&begin[..], &on_more, &end].concat());
    }
}

#[test]
fn joined_futures_are_dropped_with_the_first_error() {
    for report in takes(Gather::FailFastFutures, 1.0) {
        assert_eq!(
            course(&report)[4..],
            [
                "0.5 eggs finished",
                "1 milk failed",
                "1 bread cancelled",
                "1 main: fails: milk sold out",
                "1 main finished",
            ]
        );
    }
}

#[test]
fn joined_tasks_go_on_after_the_first_error() {
    for report in takes(Gather::FailFastTasks, 2.0) {
        assert_eq!(
            course(&report)[4..],
            [
                "0.5 eggs finished",
                "1 milk failed",
                "1 main: fails: milk sold out",
                "2 bread finished",
                "2 main: and yet: bread bought, eggs bought",
                "2 main finished",
            ]
        );
    }
}

#[test]
fn every_result_is_collected_in_the_order_of_the_arguments() {
    for report in takes(Gather::Collect, 2.0) {
        let results = json!(["milk sold out", "bread bought", "eggs bought"]);
        assert_eq!(*report.outcome.value("results"), results);
    }
}

#[test]
fn a_task_that_main_leaves_behind_ends_with_the_runtime() {
    for report in takes(Gather::MainEnds, 1.0) {
        assert_eq!(*report.outcome.value("error"), "milk sold out");
        assert_eq!(*report.outcome.value("bread"), "dropped_at_shutdown");
        let course = course(&report);
        let last = course.last().map(String::as_str);
        assert_eq!(last, Some("1 bread cancelled"));
    }
}

#[test]
fn a_future_that_is_made_does_nothing() {
    for report in takes(Greeter::MadeFirst, 1.0) {
        assert_eq!(
            course(&report),
            [
                "0 main started",
                "0 main: the greeting is made, and nothing has happened",
                "0 greeting started",
                "0 greeting: hello",
                "1 greeting: world",
                "1 greeting finished",
                "1 main finished",
            ]
        );
        assert_eq!(*report.outcome.value("polls_when_made"), 0);
        assert_eq!(*report.outcome.value("polls_in_all"), 2);
    }
}

#[test]
fn phases_that_never_suspend_are_one_poll() {
    for report in takes(Phases::Chained, 0.0) {
        let results = json!(["result 1", "result 2, made from result 1"]);
        assert_eq!(*report.outcome.value("results"), results);
        assert_eq!(*report.outcome.value("polls"), 1);
    }
}

#[test]
fn the_smallest_program_says_one_word() {
    for report in takes(Done::Smallest, 0.0) {
        assert_eq!(course(&report)[1..2], ["0 main: done"]);
    }
}
