//! The questions on which runtimes differ: every runtime answers every one, on both sides.

mod common;

use std::sync::LazyLock;

use predicates::str::contains;
use serde_json::Value;

use common::fields::{Holds, has_fields};
use common::pollmark;
use common::runners;

const QUESTIONS: [&str; 20] = [
    "handle-drop",
    "panic",
    "detached-panic",
    "cancel-request",
    "cancel-before-first-poll",
    "cancel-busy",
    "cancel-waits",
    "drop-panic",
    "main-ends",
    "shutdown-drops",
    "shutdown-join",
    "shutdown-spawn",
    "zero-sleep",
    "sleep-deadline",
    "timer-granularity",
    "timer-beside-work",
    "forced-yields",
    "poll-order",
    "blocking-threads",
    "blocking-drop",
];

/// All answers, asked for once for all tests of this file.
static ASKED: LazyLock<Value> = LazyLock::new(|| {
    let ran = pollmark()
        .args(["semantics", "--format", "json"])
        // Backtraces of the deliberate panics would take time, so the command must turn them off.
        .env("RUST_BACKTRACE", "1")
        .assert()
        .success();
    serde_json::from_slice(&ran.get_output().stdout).unwrap()
});

fn question(id: &str) -> &'static Value {
    let questions = ASKED["questions"].as_array().unwrap();
    let found = questions.iter().find(|question| question["id"] == id);
    found.unwrap_or_else(|| panic!("nobody asks `{id}`"))
}

fn answer(id: &str, side: &str, runner: &str) -> &'static str {
    let answer = &question(id)[side][runner];
    let text = answer["answer"].as_str();
    text.unwrap_or_else(|| panic!("`{id}` of {runner}, {side}: {answer}"))
}

#[track_caller]
fn gives(id: &str, side: &str, runners: &[&str], expected: &str) {
    for runner in runners {
        assert_eq!(
            answer(id, side, runner),
            expected,
            "{id} of {runner}, {side}"
        );
    }
}

#[test]
fn every_question_is_answered_by_every_runner_on_both_sides() {
    assert_eq!(ASKED["schema"], "pollmark-semantics/1");
    assert!(ASKED["environment"]["versions"]["tokio"].is_string());
    let ids: Vec<&str> = ASKED["questions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|question| question["id"].as_str().unwrap())
        .collect();
    assert_eq!(ids, QUESTIONS);
    for id in QUESTIONS {
        let fields = [
            ("title", Holds::Text),
            ("why", Holds::Text),
            ("how", Holds::Text),
            ("rule", Holds::TextOrNull),
            ("unit", Holds::TextOrNull),
            ("native", Holds::Map),
            ("contract", Holds::Map),
        ];
        has_fields(id, question(id), &fields);
        for side in ["native", "contract"] {
            let answers = question(id)[side].as_object().unwrap();
            assert_eq!(answers.len(), runners::real().len(), "{id}, {side}");
            for runner in runners::real() {
                is_whole(&format!("{id} of {runner}, {side}"), &answers[runner]);
            }
        }
    }
}

/// Checks that there is an answer, or none and a reason.
#[track_caller]
fn is_whole(name: &str, answer: &Value) {
    let fields = [
        ("status", Holds::Text),
        ("answer", Holds::TextOrNull),
        ("value", Holds::NumberOrNull),
        ("detail", Holds::TextOrNull),
        ("reason", Holds::TextOrNull),
    ];
    has_fields(name, answer, &fields);
    match answer["status"].as_str().unwrap() {
        "observed" | "aborts" => {
            assert!(answer["answer"].is_string(), "{name}: {answer}");
            assert!(answer["reason"].is_null(), "{name}: {answer}");
        }
        "not_applicable" => {
            assert!(answer["answer"].is_null(), "{name}: {answer}");
            assert!(answer["reason"].is_string(), "{name}: {answer}");
        }
        _ => panic!("{name}: {answer}"),
    }
}

#[test]
fn natively_only_smol_cancels_a_task_whose_handle_is_dropped() {
    let detached = ["tokio", "tokio-current-thread", "async-std", "threads"];
    gives(
        "handle-drop",
        "native",
        &detached,
        "the task goes on, detached",
    );
    gives("handle-drop", "native", &["smol"], "the task is cancelled");
}

#[test]
fn natively_a_panic_is_an_error_or_unwinds_the_awaiter() {
    let error = ["tokio", "tokio-current-thread", "threads"];
    gives("panic", "native", &error, "an error at the join");
    gives(
        "panic",
        "native",
        &["smol", "async-std"],
        "the awaiter panics too",
    );
    gives(
        "detached-panic",
        "native",
        &runners::real(),
        "the others go on",
    );
}

#[test]
fn natively_a_cancel_is_asked_for_at_different_times() {
    let tokio = ["tokio", "tokio-current-thread"];
    gives("cancel-request", "native", &tokio, "by the call");
    let when = "when its future is polled or dropped";
    gives("cancel-request", "native", &["smol"], when);
    gives(
        "cancel-request",
        "native",
        &["async-std"],
        "when its future is polled",
    );
    gives("cancel-busy", "native", &tokio, "its value");
    let lost = "nothing, its value is lost";
    gives("cancel-busy", "native", &["smol", "async-std"], lost);
    assert_eq!(
        question("cancel-request")["native"]["threads"]["status"],
        "not_applicable"
    );
}

#[test]
fn a_probe_that_brings_its_process_down_is_an_answer() {
    for runner in ["smol", "async-std"] {
        let answer = &question("drop-panic")["native"][runner];
        assert_eq!(answer["status"], "aborts", "{runner}: {answer}");
    }
    gives("drop-panic", "native", &["tokio"], "an error (panicked)");
}

#[test]
fn natively_a_runtime_that_is_gone_shows_in_its_own_way() {
    let tokio = ["tokio", "tokio-current-thread"];
    gives("shutdown-drops", "native", &tokio, "its future is dropped");
    gives(
        "shutdown-drops",
        "native",
        &["smol"],
        "its future is dropped",
    );
    gives("shutdown-join", "native", &tokio, "an error (cancelled)");
    gives("shutdown-join", "native", &["smol"], "the awaiter panics");
    gives("shutdown-spawn", "native", &tokio, "an error (cancelled)");
    let nothing = "it waits, and nothing comes";
    gives("shutdown-spawn", "native", &["smol"], nothing);
}

#[test]
fn a_sleep_of_zero_and_an_unpolled_one() {
    gives("zero-sleep", "native", &["smol"], "no, it is ready at once");
    let made = "when the sleep is made";
    gives("sleep-deadline", "native", &["smol", "tokio"], made);
    let polled = "when the sleep is first polled";
    gives("sleep-deadline", "native", &["async-std"], polled);
}

#[test]
fn tokios_timers_stand_still_while_the_worker_that_drives_them_computes() {
    for side in ["native", "contract"] {
        let held = "no, only when it has ended";
        gives("timer-beside-work", side, &["tokio"], held);
        let others = ["async-std", "smol", "threads"];
        gives("timer-beside-work", side, &others, "yes");
        let single = &question("timer-beside-work")[side]["tokio-current-thread"];
        assert_eq!(single["status"], "not_applicable", "{single}");
    }
}

#[test]
fn natively_only_tokio_makes_a_task_yield() {
    let yields = |runner: &str| question("forced-yields")["native"][runner]["value"].as_u64();
    assert!(yields("tokio").unwrap() > 0);
    assert!(yields("tokio-current-thread").unwrap() > 0);
    assert_eq!(yields("smol"), Some(0));
    assert_eq!(yields("async-std"), Some(0));
    assert_eq!(yields("threads"), None);
}

#[test]
fn ready_tasks_have_an_order_on_one_worker() {
    let fifo = ["tokio-current-thread", "async-std", "smol"];
    gives("poll-order", "native", &fifo, "first in, first out");
    let last = "the last one, then first in, first out";
    gives("poll-order", "native", &["tokio"], last);
}

#[test]
fn a_blocking_call_in_the_queue() {
    let still = "no, it still runs";
    gives("blocking-drop", "native", &["tokio", "async-std"], still);
    gives("blocking-drop", "native", &["smol"], "yes, it never runs");
    gives("blocking-drop", "contract", &runners::real(), still);
}

#[test]
fn through_the_contract_every_runner_gives_the_same() {
    for (id, expected) in [
        ("handle-drop", "the task goes on, detached"),
        ("panic", "an error at the join"),
        ("detached-panic", "the others go on"),
        ("cancel-request", "by the call"),
        ("cancel-waits", "yes, it waits"),
        ("shutdown-spawn", "an error (shut down)"),
        ("sleep-deadline", "when the sleep is made"),
    ] {
        assert!(question(id)["rule"].is_string(), "{id}");
        gives(id, "contract", &runners::real(), expected);
    }
    // async-std has no shutdown, and its runner declares that.
    let end = ["tokio", "tokio-current-thread", "smol", "threads"];
    gives("shutdown-drops", "contract", &end, "its future is dropped");
    gives("shutdown-join", "contract", &end, "an error (shut down)");
    gives("shutdown-drops", "contract", &["async-std"], "it goes on");
}

#[test]
fn what_the_contract_does_not_level_is_as_it_is_natively() {
    for id in [
        "cancel-busy",
        "drop-panic",
        "zero-sleep",
        "poll-order",
        "forced-yields",
    ] {
        assert!(question(id)["rule"].is_null(), "{id}");
        for runner in ["tokio-current-thread", "async-std", "smol"] {
            let native = answer(id, "native", runner);
            assert_eq!(answer(id, "contract", runner), native, "{id} of {runner}");
        }
    }
}

#[test]
fn people_read_it_in_eighty_columns() {
    let ran = pollmark().arg("semantics").assert().success();
    let text = String::from_utf8(ran.get_output().stdout.clone()).unwrap();
    for line in text.lines() {
        assert!(line.chars().count() <= 80, "{line}");
        assert!(!line.contains(['\u{1b}', '\u{a0}']), "{line:?}");
    }
    for id in QUESTIONS {
        for field in ["title", "why"] {
            let wanted = words(question(id)[field].as_str().unwrap());
            assert!(words(&text).contains(&wanted), "no `{wanted}`");
        }
    }
    assert!(text.contains("the task is cancelled: smol\n"), "{text}");
    assert!(text.contains("the task goes on, detached: all\n"), "{text}");
    assert!(
        text.contains("(declared as an exception: async-std)"),
        "{text}"
    );
}

fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn some_runners_go_to_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("answers.json");
    pollmark()
        .args([
            "semantics",
            "--format",
            "json",
            "--runner",
            "smol,tokio,smol",
        ])
        .arg("--output")
        .arg(&file)
        .assert()
        .success()
        .stdout("");
    let answers: Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
    let asked = answers["questions"][0]["native"].as_object().unwrap();
    let asked: Vec<&String> = asked.keys().collect();
    assert_eq!(asked, ["smol", "tokio"]);
}

#[test]
fn an_unknown_runner_is_told_with_the_near_one_and_all() {
    let asks = |runner: &str| pollmark().args(["semantics", "--runner", runner]).assert();
    let near = asks("tokyo")
        .code(2)
        .stdout("")
        .stderr(contains("did you mean `tokio`?"));
    // Wherever its lines are broken.
    let told = String::from_utf8_lossy(&near.get_output().stderr);
    let told: Vec<&str> = told.split_whitespace().collect();
    let all = format!("{}, all", runners::real().join(", "));
    assert!(told.join(" ").contains(&all), "{told:?}");
    asks("smol,")
        .code(2)
        .stdout("")
        .stderr(contains("unknown runner ``"));
    asks("virtual")
        .code(2)
        .stdout("")
        .stderr(contains("has no library beneath it"));
}
