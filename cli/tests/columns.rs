//! Runners with settings beside each other, and a runner without stealing.

mod common;

use std::fs;

use predicates::function::function;
use serde_json::{Value, json};
use tempfile::tempdir;

use common::pollmark;
use common::results::{cells, run};

const TUNED: &str = "tokio+event-interval=31+thread-keep-alive=10ms";

fn printed(args: &[&str]) -> String {
    let ran = pollmark().args(args).assert().success();
    String::from_utf8(ran.get_output().stdout.clone()).expect("it is UTF-8")
}

fn json_of(args: &[&str]) -> Value {
    serde_json::from_str(&printed(&[args, &["--format", "json"]].concat())).expect("it is JSON")
}

#[track_caller]
fn refuses(args: &[&str], message: &[&str]) {
    let ran = pollmark().args(args).assert().code(2).stdout("");
    let told = String::from_utf8_lossy(&ran.get_output().stderr).into_owned();
    // Wherever its lines are broken.
    let told = told.split_whitespace().collect::<Vec<_>>().join(" ");
    for part in message {
        assert!(told.contains(part), "{args:?}: no `{part}` in {told}");
    }
}

#[test]
fn a_cell_tells_its_runner_its_settings_and_its_column() {
    let runners = format!("tokio,{TUNED},{TUNED}");
    let results = run(&["done", "--runner", &runners, "--workers", "2"]);
    let [plain, tuned] = cells(&results) else {
        panic!("what is named twice runs once: {results:#}")
    };
    let told =
        |cell: &Value| ["runner", "settings", "build", "column"].map(|field| cell[field].clone());
    assert_eq!(
        told(plain),
        [json!("tokio"), json!({}), Value::Null, json!("tokio")]
    );
    let settings = json!({"event-interval": 31, "thread-keep-alive": 10_000_000});
    assert_eq!(
        told(tuned),
        [json!("tokio"), settings, Value::Null, json!(TUNED)]
    );
    // The ideal knows nothing of settings, and the command has them.
    assert_eq!(plain["ideal_ns"], tuned["ideal_ns"]);
    let command = tuned["command"].as_str().unwrap();
    assert!(command.contains(&format!("@{TUNED} ")), "{command}");
    let again: Vec<&str> = command.split(' ').skip(2).collect();
    let again = run(&again);
    assert_eq!(told(&cells(&again)[0]), told(tuned));
}

#[test]
fn columns_are_compared_named_and_repeated() {
    let dir = tempdir().unwrap();
    let path = dir.path().join("saved.json");
    let save = path.to_str().unwrap();
    let runners = "smol,tokio+event-interval=31,tokio+event-interval=31";
    let compare = ["compare", "done", "--runner", runners, "--samples", "3"];
    let more = [
        "--workers",
        "2",
        "--reference",
        "tokio+event-interval=31",
        "--save",
        save,
    ];
    let text = printed(&[&compare[..], &more].concat());
    let columns = [
        "smol",
        "tokio+event-interval=31",
        "tokio+event-interval=31#2",
    ];
    for column in columns {
        assert!(text.contains(column), "no {column} in {text}");
    }
    let mut results: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    let named = |list: &Value| -> Vec<(Value, Value)> {
        let list = list.as_array().expect("it is a list").iter();
        list.map(|one| (one["runner"].clone(), one["column"].clone()))
            .collect()
    };
    let expected = ["smol", "tokio", "tokio"].map(|runner| json!(runner));
    let expected: Vec<_> = expected
        .into_iter()
        .zip(columns.map(|name| json!(name)))
        .collect();
    assert_eq!(named(&results["cells"]), expected);
    assert_eq!(named(&results["comparison"]["judgements"]), expected);
    assert_eq!(results["comparison"]["reference"], columns[1]);
    // A cell is found again by its column.
    let diff = json_of(&["diff", save, save]);
    let found = diff["changes"].as_array().unwrap().iter();
    let found: Vec<&str> = found
        .map(|change| change["cell"].as_str().unwrap())
        .collect();
    assert_eq!(found.len(), 3);
    assert!(found[1].starts_with("done/") && found[1].contains("@tokio+event-interval=31 (2)"));

    // As it was before there were columns: a runner is its column.
    let lists = ["/cells", "/comparison/judgements"];
    for list in lists {
        for one in results.pointer_mut(list).unwrap().as_array_mut().unwrap() {
            one["runner"] = one["column"].clone();
            let fields = one.as_object_mut().unwrap();
            for field in ["settings", "build", "column"] {
                fields.remove(field);
            }
        }
    }
    let old = dir.path().join("old.json");
    fs::write(&old, results.to_string()).unwrap();
    let diff = json_of(&["diff", old.to_str().unwrap(), save]);
    assert_eq!(diff["changes"].as_array().unwrap().len(), 3);
}

#[test]
fn csv_traces_and_processes_name_the_column() {
    let csv = printed(&["run", &format!("done@{TUNED}"), "--format", "csv"]);
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    let header = reader.headers().unwrap().clone();
    let at = |name| header.iter().position(|column| column == name).unwrap();
    let record = reader.records().next().unwrap().unwrap();
    assert_eq!([&record[at("runner")], &record[at("build")]], ["tokio", ""]);
    assert_eq!(&record[at("column")], TUNED);
    let traced = json_of(&["trace", &format!("done@{TUNED}")]);
    let cell = &traced["cells"][0];
    assert_eq!(cell["runner"], "tokio");
    assert_eq!(cell["column"], TUNED);
    assert_eq!(cell["settings"]["event-interval"], 31);
    assert!(cell["command"].as_str().unwrap().contains(TUNED));
}

#[test]
fn a_wrong_setting_is_told_with_the_near_one_and_all() {
    let settings = [
        "event-interval, global-queue-interval, max-io-events-per-tick, \
         max-io-events-per-busy-tick, thread-keep-alive",
    ];
    let runner = |name: &'static str| ["run", "done", "--runner", name];
    refuses(
        &runner("tokio+event-intervall=31"),
        &[
            "unknown setting of `tokio` `event-intervall`; did you mean `event-interval`?",
            settings[0],
        ],
    );
    refuses(
        &runner("tokio+fast"),
        &["unknown setting of `tokio` `fast`; there is", settings[0]],
    );
    refuses(
        &runner("smol+event-interval=31"),
        &["`smol` takes no settings"],
    );
    refuses(
        &runner("tokyo+event-interval=31"),
        &["did you mean `tokio`?"],
    );
    refuses(
        &runner("all+event-interval=31"),
        &["settings are one runner's"],
    );
    refuses(
        &runner("tokio+"),
        &["`tokio+` ends before the name of a setting"],
    );
    let range = "setting `event-interval` is a whole number from 1 to 4294967295";
    for value in ["0", "-1", "4294967296", "1.5", "many", ""] {
        let name = format!("tokio+event-interval={value}");
        let args = ["run", "done", "--runner", &name];
        refuses(&args, &[&format!("in `{name}`: {range}, not `{value}`")]);
    }
    refuses(
        &runner("tokio+event-interval"),
        &[range, "write NAME=VALUE"],
    );
    refuses(
        &["compare", "done@tokio+thread-keep-alive=soon"],
        &["setting `thread-keep-alive` is a duration such as 250ms, not `soon`"],
    );
    refuses(
        &["trace", "done@virtual+no-steal=1"],
        &["a switch, which takes no value, not `1`"],
    );
    refuses(
        &runner("tokio+event-interval=1+event-interval=2"),
        &["setting `event-interval` is given twice"],
    );
    refuses(
        &["semantics", "--runner", "tokio+event-intervall=31"],
        &["did you mean `event-interval`?"],
    );
}

#[test]
fn a_setting_that_this_binary_lacks_is_told_with_the_command_that_makes_one() {
    let list = json_of(&["list", "runners"]);
    let runners = list["runners"].as_array().unwrap().iter();
    let settings = runners.flat_map(|runner| runner["settings"].as_array().unwrap());
    let lacking = settings.filter(|setting| setting["available"] == false);
    for setting in lacking {
        let name = setting["name"].as_str().unwrap();
        refuses(
            &["run", "done", "--runner", &format!("tokio+{name}")],
            &[
                &format!("setting `{name}` needs tokio"),
                "`pollmark build tokio=",
                "--cfg tokio_unstable`",
            ],
        );
    }
}

#[test]
fn every_setting_is_listed_with_its_meaning_and_default() {
    let text = printed(&["list", "runners"]);
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let list = json_of(&["list", "runners"]);
    assert_eq!(list["scenarios"], json!([]));
    let mut named = 0;
    for runner in list["runners"].as_array().unwrap() {
        assert!(words.contains(runner["id"].as_str().unwrap()));
        for setting in runner["settings"].as_array().unwrap() {
            for field in ["name", "meaning", "default"] {
                let told = setting[field].as_str().unwrap();
                assert!(!told.is_empty() && words.contains(told), "{told} in {text}");
            }
            named += 1;
        }
    }
    assert!(named > 10);
    assert!(words.contains("not among `all`"));
}

#[test]
fn moving_to_other_settings_of_one_runner_is_asked_like_any_move() {
    let told = json_of(&[
        "semantics",
        "--from",
        "tokio",
        "--to",
        "tokio+event-interval=1",
    ]);
    assert_eq!(told["moving"]["to"], "tokio+event-interval=1");
    let native = told["questions"][0]["native"].as_object().unwrap();
    let columns: Vec<&String> = native.keys().collect();
    assert_eq!(columns, ["tokio", "tokio+event-interval=1"]);
    refuses(
        &["semantics", "--runner", "tokio-per-core"],
        &[
            "`tokio-per-core` is put together by pollmark",
            "there is tokio, tokio-current-thread",
        ],
    );
}

#[test]
fn a_lesson_is_as_expected_without_stealing() {
    let args = ["waiter", "cafe", "--workers", "1,2", "--runner"];
    let results = run(&[&args[..], &["tokio-per-core"]].concat());
    assert!(cells(&results).len() > 20);
    for cell in cells(&results) {
        assert_eq!(
            cell["status"], "ok",
            "{}: {}",
            cell["command"], cell["error"]
        );
        assert!(
            cell["ideal_ns"].is_u64() || cell["expected"] == "never_ends",
            "{cell}"
        );
    }
}

#[test]
fn the_ideal_of_a_runner_without_stealing_is_its_own() {
    let runners = "tokio,tokio-per-core,virtual,virtual+no-steal";
    let args = [
        "skew",
        "--workers",
        "2",
        "--cores",
        "2",
        "--runner",
        runners,
    ];
    let results = run(&args);
    let millis = |field: &Value| field.as_u64().unwrap() / 1_000_000;
    for cell in cells(&results) {
        let is_fixed = ["tokio-per-core", "virtual+no-steal"].map(Value::from);
        let expected = match cell["variant"] == "uneven" && is_fixed.contains(&cell["column"]) {
            true => 80,
            false => 40,
        };
        assert_eq!(millis(&cell["ideal_ns"]), expected, "{}", cell["command"]);
        assert_eq!(millis(&cell["lower_bound_ns"]), 40, "{}", cell["command"]);
        if cell["runner"] == "virtual" {
            let measured = &cell["samples"][0]["scenario_ns"];
            assert_eq!(measured, &cell["ideal_ns"], "{}", cell["command"]);
        }
    }
    // Each has its own too where no virtual clock is named.
    pollmark()
        .args([
            "run",
            "skew/uneven",
            "--workers",
            "2",
            "--runner",
            "tokio,tokio-per-core",
        ])
        .assert()
        .success()
        .stdout(function(|told: &str| {
            let words = told.split_whitespace().collect::<Vec<_>>().join(" ");
            words.contains(" tokio 2 40 ms ") && words.contains(" tokio-per-core 2 80 ms ")
        }));
}
