//! The findings of a trace: it reports mistakes, and nothing if there are none.
//!
//! Most tests use the virtual clock, on which no other program makes a poll long.

mod common;

use predicates::prelude::*;
use predicates::str::contains;
use serde_json::Value;

use common::pollmark;
use common::results::cells;

/// The one cell that `pollmark trace ARGS` traces.
fn traced(args: &[&str]) -> Value {
    let mut command = pollmark();
    command.arg("trace").args(args).args(["--format", "json"]);
    let ran = command.assert().success();
    let traces: Value = serde_json::from_slice(&ran.get_output().stdout).expect("it is JSON");
    let [cell] = cells(&traces) else {
        panic!("{args:?} is not one cell")
    };
    cell.clone()
}

/// The complaints, worst first.
fn complaints(args: &[&str]) -> Vec<String> {
    let cell = traced(args);
    let findings = cell["findings"].as_array().expect("findings are a list");
    let name = |finding: &Value| finding["complaint"].as_str().expect("text").to_owned();
    findings.iter().map(name).collect()
}

#[test]
fn each_mistake_is_found() {
    let hog = [
        "--workers",
        "1",
        "--param",
        "hog=40ms",
        "--param",
        "beat=5ms",
    ];
    let held = ["long_poll", "never_yields", "starved"];
    let mistakes: [(&[&str], &[&str]); 11] = [
        (&[&["hog/inline@virtual"], &hog[..]].concat(), &held),
        (&[&["hog/blocking@virtual"], &hog[..]].concat(), &held),
        (&["waiter/blocking@virtual"], &held[..2]),
        (
            &["divisibles/slow-poll@virtual", "--param", "scale=2"],
            &held[..2],
        ),
        (&["waiter/never-awaited@virtual"], &["nothing_awaited"]),
        (&["waiter/orphan@virtual"], &["never_polled"]),
        (&["waiter/cancel-pending@virtual"], &["dropped"]),
        (&["slow-resource/timeout@virtual"], &["future_dropped"]),
        (&["gather/fail-fast-futures@virtual"], &["future_dropped"]),
        (&["shops/await-shops@virtual"], &["never_woken"]),
        (&["shops/no-task-done@virtual"], &["never_woken"]),
    ];
    for (args, expected) in mistakes {
        assert_eq!(complaints(args), expected, "{args:?}");
    }
}

#[test]
fn who_waits_for_ever_is_named_and_how_the_run_stands_still() {
    let cell = traced(&["shops/await-shops@virtual"]);
    let finding = &cell["findings"][0];
    assert_eq!(
        finding["text"],
        "`main` waits, and nothing wakes it: since 5 s, for the end of `shop 1`; so do `shop 1` \
         (since 5 s), `shop 2` (since 5 s), `shop 3` (since 5 s); no timer and no task is left \
         that could"
    );
    assert_eq!(finding["severity"], "severe");
}

/// The number of tries for a test that a busy machine may spoil.
const TRIES: usize = 10;

/// For some runners, whether a timer of `hog/blocking` is reported as late, and why.
#[test]
fn a_timer_is_late_where_its_thread_is_held_and_nowhere_else() {
    let late = |runner: &str, workers: &str| {
        let cell = format!("hog/blocking@{runner}");
        let args = [
            &cell,
            "--workers",
            workers,
            "--param",
            "hog=200ms",
            "--param",
            "beat=50ms",
        ];
        let cell = traced(&args);
        let findings = cell["findings"].as_array().expect("findings are a list");
        let mut late = findings
            .iter()
            .filter(|finding| finding["complaint"] == "late_timer");
        let text = late
            .next()
            .map(|finding| finding["text"].as_str().expect("text").to_owned());
        text.map(|text| {
            assert!(text.starts_with("`heart` was woken "), "{text}");
            let (_, why) = text
                .split_once(" after its timer was due: ")
                .expect("a figure");
            why.to_owned()
        })
    };
    let held = "the thread that woke it was held by `hog`";
    assert_eq!(late("tokio-current-thread", "1").as_deref(), Some(held));
    assert_eq!(late("tokio", "1").as_deref(), Some(held));
    // The first beat starts the hog, so the hog runs where timers are driven, provided that the
    // other worker is parked by then. A worker that is not yet parked may come to drive the
    // timers itself.
    let beside_a_free_worker = format!("{held}, though another worker was free");
    let seen = (0..TRIES).any(|_| {
        let late = late("tokio", "2");
        assert!(
            late.as_deref().is_none_or(|why| why.starts_with(held)),
            "{late:?}"
        );
        late.as_ref() == Some(&beside_a_free_worker)
    });
    assert!(
        seen,
        "in {TRIES} runs no timer was late beside a free worker"
    );
    for runner in ["async-std", "smol", "threads", "virtual"] {
        assert_eq!(late(runner, "2"), None, "{runner}");
    }
}

#[test]
fn nothing_is_found_where_nothing_is_wrong() {
    for cell in [
        "waiter/sequential@virtual",
        "waiter/tasks@virtual",
        "waiter/spawn-await@virtual",
        "waiter/offloaded@virtual",
        "waiter/as-completed@virtual",
        "waiter/parallel@virtual",
        "cafe/sequential@virtual",
        "cafe/concurrent@virtual",
        "hog/yielding@virtual",
        "hog/offloaded@virtual",
        "jobs/gather@virtual",
        "schedule/steps@virtual",
        "task-group/ok@virtual",
        "async-for/iterate@virtual",
        "sums/concurrent@virtual",
        "hello/spawn@virtual",
        "factorial/ascending@virtual",
        "count/concurrent@virtual",
        "divisibles/parallel@virtual",
    ] {
        assert_eq!(complaints(&[cell, "--workers", "1"]), [""; 0], "{cell}");
    }
}

/// A cell, its workers, its highest concurrency and its highest parallelism.
#[test]
fn the_axes_tell_concurrency_from_parallelism() {
    let axes = [
        ("waiter/sequential@virtual", "3", 1, 1),
        ("waiter/tasks@virtual", "3", 3, 1),
        ("waiter/blocking-tasks@virtual", "2", 3, 2),
        ("waiter/blocking-tasks@virtual", "3", 3, 3),
        ("waiter/parallel@virtual", "1", 3, 3),
        // Futures of one task, on one thread.
        ("io/together@virtual", "3", 2, 1),
        ("io/together@threads", "1", 2, 1),
        ("io/together@smol", "1", 2, 1),
        ("jobs/milk-bread-gather@virtual", "3", 2, 1),
        ("cafe/sequential@virtual", "3", 1, 1),
        ("crunch/tasks@virtual", "2", 6, 2),
        ("crunch/tasks@virtual", "3", 6, 3),
        // Exact on real runtimes too: by nature, or because each task holds its thread for long.
        ("waiter/sequential@tokio-current-thread", "1", 1, 1),
        ("waiter/tasks@tokio-current-thread", "1", 3, 1),
        ("waiter/blocking-tasks@smol", "2", 3, 2),
        ("waiter/blocking-tasks@tokio", "3", 3, 3),
    ];
    for (cell, workers, concurrency, parallelism) in axes {
        let mut args = vec![cell, "--workers", workers];
        if cell.starts_with("crunch") {
            args.extend(["--param", "total=12ms", "--param", "pieces=6"]);
        }
        let axes = &traced(&args)["axes"];
        let most = (&axes["concurrency"]["max"], &axes["parallelism"]["max"]);
        let expected = (Value::from(concurrency), Value::from(parallelism));
        assert_eq!(most, (&expected.0, &expected.1), "{args:?}");
    }
}

#[test]
fn on_threads_each_order_has_a_track_of_its_own() {
    let cell = traced(&["waiter/tasks@threads"]);
    let trace = &cell["trace"];
    let events = trace["events"].as_array().expect("events are a list");
    let tracks: Vec<Vec<&Value>> = (0..4)
        .map(|task| {
            let polls = |event: &&Value| event["event"] == "poll_started" && event["task"] == task;
            let mut threads: Vec<&Value> = events
                .iter()
                .filter(polls)
                .map(|event| &event["thread"])
                .collect();
            threads.dedup();
            threads
        })
        .collect();
    let mut all = tracks.concat();
    assert_eq!(all.len(), 4, "a task changed its thread: {tracks:?}");
    all.sort_by_key(|thread| thread.as_u64());
    all.dedup();
    assert_eq!(all.len(), 4, "two tasks share a thread: {tracks:?}");
}

/// `pollmark trace ARGS` ends with `code` and says `why` on standard error.
#[track_caller]
fn gated(args: &[&str], code: i32, why: impl Predicate<str>) {
    let ran = pollmark().arg("trace").args(args).assert();
    ran.code(code).stderr(why);
}

#[test]
fn a_denied_finding_fails_the_command_and_is_named_with_its_place() {
    let cell = ["waiter/blocking-tasks@virtual", "--workers", "1"];
    let deny = |denied: &'static str| [&cell[..], &["--deny", denied]].concat();
    let told = || {
        let one = contains("denied: long-poll in waiter/blocking-tasks@virtual (1):");
        one.and(contains("`Chops` held"))
            .and(contains("core/src/scenarios/lessons/waiter.rs:"))
            .and(contains("never-woken").not())
    };
    gated(&deny("long-poll=10ms,never-woken"), 1, told());
    gated(&deny("long-poll=16s"), 1, told());
    gated(&deny("long-poll=17s"), 0, contains("denied").not());
    gated(&deny("dropped,never-polled"), 0, contains("denied").not());
    gated(&deny("all"), 1, told().and(contains("denied: starved in")));
    let json = [&deny("all")[..], &["--format", "json"]].concat();
    let ran = pollmark().arg("trace").args(json).assert().code(1);
    let traces: Value = serde_json::from_slice(&ran.get_output().stdout).expect("it is JSON");
    assert_eq!(cells(&traces).len(), 1);
    gated(
        &["waiter/tasks@virtual", "--deny", "all"],
        0,
        contains("denied").not(),
    );
}

/// In scenario time the polls last up to 16 s, both on this runner and in the ideal beside it.
#[test]
fn a_denied_length_is_real_time_and_the_ideal_beside_is_not_judged() {
    let deny = |denied: &'static str| ["waiter/blocking-tasks@threads", "--deny", denied];
    gated(&deny("all"), 0, contains("denied").not());
    let deny = |denied: &'static str| ["cafe/blocking@tokio-current-thread", "--deny", denied];
    gated(&deny("long-poll=4s"), 0, contains("denied").not());
    gated(&deny("long-poll=200ms"), 1, contains(" real)"));
}

#[test]
fn a_run_that_is_cut_at_its_limit_is_not_passed() {
    let cut = ["waiter/tasks@virtual", "--trace-limit", "10", "--deny"];
    let why = "waiter/tasks@virtual (2) was not recorded to its end";
    let workers = ["never-woken", "--workers", "2"];
    gated(&[&cut[..], &workers].concat(), 1, contains(why));
}

#[test]
fn a_wrong_denial_is_told_before_anything_runs() {
    for (denied, why) in [
        ("long-pol", "did you mean `long-poll`"),
        ("long_poll", "did you mean `long-poll`"),
        ("nonsense", "never-woken, pool-exhausted"),
        ("long-poll,", "unknown finding"),
        ("", "unknown finding"),
        ("long-poll=soon", "duration"),
        ("long-poll=1ms", "from 10 ms on"),
        ("left-behind=1s", "no length"),
    ] {
        let wrong = ["waiter/tasks@virtual", "--deny", denied];
        gated(&wrong, 2, contains(why).and(contains("panicked").not()));
    }
    let help = pollmark().args(["trace", "--help"]).assert().success();
    let help = String::from_utf8_lossy(&help.get_output().stdout).into_owned();
    for name in ["never-woken", "nothing-awaited", "`all`"] {
        assert!(help.contains(name), "no {name} in {help}");
    }
}
