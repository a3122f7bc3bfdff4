//! The questions on which runtimes differ: every runtime answers every one, on both sides.

mod common;

use std::sync::{LazyLock, Mutex, PoisonError};

use assert_cmd::assert::Assert;
use predicates::str::contains;
use serde_json::Value;

use common::fields::{Holds, has_fields};
use common::runners;

const QUESTIONS: [&str; 31] = [
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
    "free-spawn-at-end",
    "blocking-at-end",
    "zero-sleep",
    "sleep-deadline",
    "timer-granularity",
    "timer-beside-work",
    "interval-start",
    "interval-stall",
    "forced-yields",
    "poll-order",
    "idle-worker",
    "free-spawn",
    "blocking-threads",
    "blocking-drop",
    "nested-block-on",
    "nested-executor",
    "outside-spawn",
    "outside-timer",
    "outside-io",
];

/// The commands of this file run in turn: some probes need a machine that is not too busy.
static TURN: Mutex<()> = Mutex::new(());

/// Runs `pollmark semantics`.
fn semantics(args: &[&str]) -> Assert {
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    common::pollmark().arg("semantics").args(args).assert()
}

/// All answers, asked for once for all tests of this file.
static ASKED: LazyLock<Value> = LazyLock::new(|| {
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let ran = common::pollmark()
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

/// Checks that the question has no meaning for these runners.
#[track_caller]
fn does_not_apply(id: &str, side: &str, runners: &[&str]) {
    for runner in runners {
        let status = &question(id)[side][runner]["status"];
        assert_eq!(status, "not_applicable", "{id} of {runner}, {side}");
    }
}

#[test]
fn natively_only_tokio_waits_for_a_blocking_call_when_it_ends() {
    let tokio = ["tokio", "tokio-current-thread"];
    let id = "blocking-at-end";
    gives(id, "native", &tokio, "it waits without limit");
    let not = "it does not wait, the call goes on";
    gives(id, "native", &["smol"], not);
    does_not_apply(id, "native", &["async-std", "threads"]);
    let limited = ["tokio", "tokio-current-thread", "smol", "threads"];
    gives(
        id,
        "contract",
        &limited,
        "it waits as long as it is told to",
    );
    gives(id, "contract", &["async-std"], not);
}

#[test]
fn smols_free_spawn_has_a_thread_of_its_own_and_outlives_an_executor() {
    let tokio = ["tokio", "tokio-current-thread"];
    for side in ["native", "contract"] {
        gives("free-spawn", side, &["tokio", "async-std"], "2 at a time");
        gives("free-spawn", side, &tokio[1..], "one at a time");
        gives("free-spawn", side, &["threads"], "all 4");
        gives("free-spawn-at-end", side, &tokio, "its future is dropped");
    }
    gives("free-spawn", "native", &["smol"], "one at a time");
    gives("free-spawn", "contract", &["smol"], "2 at a time");
    gives("free-spawn-at-end", "native", &["smol"], "it goes on");
    does_not_apply("free-spawn-at-end", "native", &["async-std", "threads"]);
    let dropped = ["smol", "threads"];
    let id = "free-spawn-at-end";
    gives(id, "contract", &dropped, "its future is dropped");
    gives(id, "contract", &["async-std"], "it goes on");
}

#[test]
fn intervals_begin_and_go_on_after_a_stall_in_their_own_ways() {
    let tokio = ["tokio", "tokio-current-thread"];
    gives("interval-start", "native", &tokio, "at once");
    let later = ["async-std", "smol"];
    gives("interval-start", "native", &later, "after a period");
    let all = ["tokio", "tokio-current-thread", "smol"];
    let burst = "the missed ticks come at once";
    gives("interval-stall", "native", &all, burst);
    let anew = "it drops the missed ticks and starts anew";
    gives("interval-stall", "native", &["async-std"], anew);
    for id in ["interval-start", "interval-stall"] {
        does_not_apply(id, "native", &["threads"]);
        does_not_apply(id, "contract", &runners::real());
    }
}

#[test]
fn only_on_tokio_a_woken_task_waits_beside_an_idle_worker() {
    for side in ["native", "contract"] {
        let waits = "no, it waits for the busy one";
        gives("idle-worker", side, &["tokio"], waits);
        let others = ["async-std", "smol", "threads"];
        gives("idle-worker", side, &others, "yes");
        does_not_apply("idle-worker", side, &["tokio-current-thread"]);
    }
}

#[test]
fn natively_a_block_on_inside_a_task_panics_or_hangs_on_tokio_alone() {
    let tokio = ["tokio", "tokio-current-thread"];
    let others = ["async-std", "smol"];
    gives("nested-block-on", "native", &tokio, "it panics");
    gives("nested-block-on", "native", &others, "it works");
    does_not_apply("nested-block-on", "native", &["threads"]);
    does_not_apply("nested-block-on", "contract", &runners::real());
    for side in ["native", "contract"] {
        gives("nested-executor", side, &tokio, "it hangs");
        gives("nested-executor", side, &others, "it works");
    }
    does_not_apply("nested-executor", "native", &["threads"]);
    gives("nested-executor", "contract", &["threads"], "it works");
}

#[test]
fn natively_tokios_calls_panic_outside_of_their_runtime() {
    for id in ["outside-spawn", "outside-timer", "outside-io"] {
        for runner in ["tokio", "tokio-current-thread"] {
            gives(id, "native", &[runner], "it panics");
            let detail = question(id)["native"][runner]["detail"].as_str().unwrap();
            assert!(detail.contains("no reactor running"), "{id}: {detail}");
        }
        let others = ["async-std", "smol", "threads"];
        gives(id, "native", &others, "it works");
        gives(id, "contract", &runners::real(), "it works");
    }
}

/// The changes from one runner to another, as `id: risk`, and the whole document.
fn moves(from: &str, to: &str) -> (Vec<String>, Value) {
    let ran = semantics(&["--format", "json", "--from", from, "--to", to]).success();
    let document: Value = serde_json::from_slice(&ran.get_output().stdout).unwrap();
    let moving = &document["moving"];
    assert_eq!(moving["from"], from);
    assert_eq!(moving["to"], to);
    let changes = moving["changes"].as_array().unwrap().iter();
    let changes = changes.map(|change| {
        let text = |field: &str| change[field].as_str().unwrap();
        assert_ne!(text("from"), text("to"), "{change}");
        format!("{}: {}", text("id"), text("risk"))
    });
    (changes.collect(), document)
}

#[test]
fn a_move_lists_the_changed_answers_by_risk() {
    let (to_smol, document) = moves("tokio", "smol");
    let to_smol: Vec<&str> = to_smol.iter().map(String::as_str).collect();
    let expected = [
        "cancel-request: silent",
        "free-spawn-at-end: silent",
        "poll-order: silent",
        "shutdown-spawn: hang",
        "free-spawn: hang",
        "blocking-threads: hang",
        "panic: panic",
        "drop-panic: panic",
        "shutdown-join: panic",
        "handle-drop: lost_work",
        "cancel-busy: lost_work",
        "blocking-at-end: lost_work",
        "blocking-drop: lost_work",
        "zero-sleep: timing",
        "timer-granularity: timing",
        "timer-beside-work: timing",
        "interval-start: timing",
        "forced-yields: timing",
        "idle-worker: timing",
        "nested-block-on: none",
        "nested-executor: none",
        "outside-spawn: none",
        "outside-timer: none",
        "outside-io: none",
    ];
    // A busy machine makes short sleeps long on both.
    let figure = |change: &&str| !change.starts_with("timer-granularity");
    let known: Vec<&str> = expected.into_iter().filter(figure).collect();
    let seen: Vec<&str> = to_smol.iter().copied().filter(figure).collect();
    assert_eq!(seen, known);
    // Only the bare libraries are asked, and the rest of the document is as ever.
    assert_eq!(document["schema"], ASKED["schema"]);
    let first = &document["questions"][0];
    assert_eq!(first["id"], "handle-drop");
    assert_eq!(first["native"].as_object().unwrap().len(), 2);
    assert_eq!(first["contract"], serde_json::json!({}));
    assert!(ASKED.get("moving").is_none());
}

#[test]
fn the_way_back_has_other_risks() {
    let (to_tokio, _) = moves("smol", "tokio");
    for change in [
        "handle-drop: silent",
        "idle-worker: hang",
        "blocking-at-end: hang",
        "free-spawn: timing",
        "nested-block-on: panic",
        "nested-executor: hang",
        "outside-io: panic",
    ] {
        let found = to_tokio.iter().any(|found| found == change);
        assert!(found, "no `{change}` in {to_tokio:?}");
    }
}

#[test]
fn people_read_a_move_in_eighty_columns() {
    let ran = semantics(&["--from", "smol", "--to", "tokio-current-thread"]).success();
    let text = String::from_utf8(ran.get_output().stdout.clone()).unwrap();
    for line in text.lines() {
        assert!(line.chars().count() <= 80, "{line}");
    }
    assert!(
        text.starts_with("From smol to tokio-current-thread, natively: "),
        "{text}"
    );
    let panics = "    smol                  it works\n    tokio-current-thread  it panics\n";
    assert!(text.contains(panics), "{text}");
    let place = |title: &str| text.find(&format!("\n{title}\n")).unwrap_or_default();
    let titles = ["Another outcome, silently", "A hang", "A panic"];
    let places = titles.map(place);
    assert!(places[0] > 0 && places.is_sorted(), "{places:?}: {text}");
    let lacks = "only one of the two has an answer: timer-beside-work, idle-worker";
    assert!(words(&text).contains(lacks), "{text}");
}

#[test]
fn a_move_needs_two_different_runners_that_are_known() {
    let refused = |from: &[&str], told: &str| {
        let ran = semantics(from).code(2).stdout("");
        let error = words(&String::from_utf8_lossy(&ran.get_output().stderr));
        assert!(error.contains(told), "{from:?}: {error}");
    };
    let choices = "did you mean `tokio`? There is tokio, tokio-current-thread, async-std, smol, \
                   threads";
    refused(&["--from", "tokyo", "--to", "smol"], choices);
    refused(&["--from", "smol", "--to", "tokyo"], choices);
    let stays = "a program that stays on `smol` meets no difference";
    refused(&["--from", "smol", "--to", "smol"], stays);
    refused(&["--from", "all", "--to", "smol"], "unknown runner `all`");
    let virtual_clock = ["--from", "virtual", "--to", "smol"];
    refused(&virtual_clock, "has no library beneath it");
    refused(&["--from", "smol"], "--to <RUNNER>");
    refused(&["--to", "smol"], "--from <RUNNER>");
    let both = ["--from", "smol", "--to", "tokio", "--runner", "smol"];
    refused(&both, "cannot be used with");
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
    let ran = semantics(&[]).success();
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
    let runners = ["--format", "json", "--runner", "smol,tokio,smol"];
    let place = ["--output", file.to_str().unwrap()];
    semantics(&[&runners[..], &place].concat())
        .success()
        .stdout("");
    let answers: Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
    let asked = answers["questions"][0]["native"].as_object().unwrap();
    let asked: Vec<&String> = asked.keys().collect();
    assert_eq!(asked, ["smol", "tokio"]);
}

#[test]
fn an_unknown_runner_is_told_with_the_near_one_and_all() {
    let asks = |runner: &str| semantics(&["--runner", runner]);
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
