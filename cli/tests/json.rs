//! Results as JSON: every name is there with its type, every ideal is exact.

mod common;

use std::sync::LazyLock;
use std::thread;

use serde_json::{Value, json};

use common::fields::{Holds, has_fields};
use common::known::{KNOWN, ideal, known};
use common::results::{cells, name, run};
use common::runners;

/// Variants whose course depends on which of two events comes first, with the speed to run
/// them at: it gives the one that must be first a lead of at least a tenth of a second of
/// real time.
const SLOWER: [(&str, &str); 3] = [
    ("waiter/cancel-pending", "5"),
    ("waiter/cancel-blocking", "1"),
    ("waiter/parallel", "8"),
];

/// All variants of the lessons on every runner with two workers, run once for all tests of
/// this file.
static LESSONS: LazyLock<Vec<Value>> = LazyLock::new(|| {
    let quick: Vec<&str> = KNOWN
        .iter()
        .map(|(variant, ..)| *variant)
        .filter(|variant| SLOWER.iter().all(|(slow, _)| slow != variant))
        .collect();
    let mut runs = vec![(quick, "100")];
    runs.extend(SLOWER.map(|(variant, speed)| (vec![variant], speed)));
    thread::scope(|scope| {
        let running: Vec<_> = runs
            .iter()
            .map(|(variants, speed)| {
                let common = [
                    "--runner",
                    "all,virtual",
                    "--workers",
                    "2",
                    "--speed",
                    speed,
                ];
                scope.spawn(move || run(&[variants, &common[..]].concat()))
            })
            .collect();
        let ran = running.into_iter().map(|run| run.join().unwrap());
        ran.collect()
    })
});

fn lessons() -> impl Iterator<Item = &'static Value> {
    LESSONS.iter().flat_map(cells)
}

fn is_virtual(cell: &Value) -> bool {
    cell["runner"] == "virtual"
}

#[test]
fn every_variant_is_there_on_every_runner_and_ok() {
    for cell in lessons() {
        assert_eq!(cell["status"], "ok", "{}: {}", name(cell), cell["error"]);
        assert_eq!(cell["error"], Value::Null, "{}", name(cell));
        assert_eq!(cell["expected"], "ends", "{}", name(cell));
    }
    let mut names: Vec<String> = lessons().map(name).collect();
    names.sort();
    let runners = || runners::all().into_iter();
    let mut expected: Vec<String> = KNOWN
        .iter()
        .flat_map(|(variant, ..)| runners().map(move |runner| format!("{variant}@{runner}")))
        .collect();
    expected.sort();
    assert_eq!(names, expected);
}

#[test]
fn the_ideal_is_exact_and_no_run_beats_the_lower_bound() {
    for cell in lessons() {
        let name = name(cell);
        assert_eq!(cell["ideal_ns"], ideal(cell), "{name}");
        let bound = cell["lower_bound_ns"].as_u64().unwrap();
        assert!(bound <= ideal(cell), "{name}");
        let measured = cell["samples"][0]["scenario_ns"].as_u64().unwrap();
        if is_virtual(cell) {
            assert_eq!(measured, ideal(cell), "{name}");
        }
        // Durations are rounded to the nanosecond of real time, and scaled.
        let rounding = cell["speed"].as_f64().unwrap() * 1_000.0;
        assert!(measured as f64 + rounding >= bound as f64, "{name}");
    }
}

#[test]
fn the_lower_bound_shares_the_work_among_the_workers() {
    let bound = |wanted: &str| {
        let cell = lessons().find(|cell| name(cell) == wanted);
        cell.unwrap()["lower_bound_ns"].as_u64().unwrap() / 1_000_000_000
    };
    // 8 + 3 + 16 on two workers is 13.5, but the Chops alone take 16.
    assert_eq!(bound("waiter/blocking-tasks@virtual"), 16);
    assert_eq!(bound("waiter/blocking-tasks@tokio-current-thread"), 27);
    assert_eq!(bound("cafe/blocking@tokio-current-thread"), 10);
    assert_eq!(bound("cafe/blocking@smol"), 5);
    assert_eq!(bound("cafe/blocking@threads"), 5);
}

#[test]
fn outcomes_tell_what_was_served() {
    for cell in lessons() {
        let (_, _, served) = known(cell);
        assert_eq!(
            cell["outcome"]["served"].as_u64(),
            *served,
            "{}",
            name(cell)
        );
    }
    for outcome in outcomes("waiter/cancel-pending") {
        let dishes = ["Caesar salad", "Pasta"];
        let expected = json!({"of": 3, "served": 2, "dishes": dishes, "chops_cancelled": true});
        assert_eq!(*outcome, expected);
    }
    for outcome in outcomes("waiter/parallel") {
        assert_eq!(outcome["threads"], 3);
    }
    assert_eq!(outcomes("waiter/parallel").count(), 6);
}

fn outcomes(variant: &'static str) -> impl Iterator<Item = &'static Value> {
    let cells = lessons().filter(move |cell| known(cell).0 == variant);
    cells.map(|cell| &cell["outcome"])
}

#[test]
fn the_environment_is_told() {
    for results in LESSONS.iter() {
        assert_eq!(results["schema"], "pollmark/2");
        let environment = &results["environment"];
        let fields = [
            ("os", Holds::Text),
            ("kernel", Holds::TextOrNull),
            ("cpu_model", Holds::TextOrNull),
            ("cpus", Holds::AmountOrNull),
            ("cpu_quota", Holds::NumberOrNull),
            ("governor", Holds::TextOrNull),
            ("rustc", Holds::TextOrNull),
            ("profile", Holds::TextOrNull),
            ("allocator", Holds::Text),
            ("git_commit", Holds::TextOrNull),
            ("versions", Holds::Map),
            ("warnings", Holds::List),
        ];
        has_fields("the environment", environment, &fields);
        assert_eq!(environment["os"], std::env::consts::OS);
        for runtime in ["tokio", "async-std", "smol"] {
            has_fields(
                "versions",
                &environment["versions"],
                &[(runtime, Holds::Text)],
            );
        }
    }
}

#[test]
fn every_cell_has_every_field_of_its_type() {
    for cell in lessons() {
        let name = name(cell);
        let fields = [
            ("scenario", Holds::Text),
            ("variant", Holds::Text),
            ("runner", Holds::Text),
            ("settings", Holds::Map),
            ("build", Holds::TextOrNull),
            ("column", Holds::Text),
            ("workers", Holds::AmountOrNull),
            ("blocking_threads", Holds::AmountOrNull),
            ("speed", Holds::Number),
            ("params", Holds::Map),
            ("status", Holds::Text),
            ("error", Holds::TextOrNull),
            ("expected", Holds::Text),
            ("ideal_ns", Holds::NumberOrNull),
            ("lower_bound_ns", Holds::NumberOrNull),
            ("samples", Holds::List),
            ("outcome", Holds::Map),
            ("transcript", Holds::List),
            ("notes", Holds::List),
            ("command", Holds::Text),
        ];
        has_fields(&name, cell, &fields);
        let (workers, speed) = match cell["runner"].as_str().unwrap() {
            "tokio-current-thread" => (json!(1), None),
            "threads" => (Value::Null, None),
            // Virtual time needs no speed.
            "virtual" => (json!(2), Some(json!(1.0))),
            _ => (json!(2), None),
        };
        assert_eq!(cell["column"], cell["runner"], "{name}");
        assert_eq!(cell["settings"], json!({}), "{name}");
        assert_eq!(cell["build"], Value::Null, "{name}");
        assert_eq!(cell["workers"], workers, "{name}");
        assert_eq!(cell["blocking_threads"], 512, "{name}");
        if let Some(speed) = speed {
            assert_eq!(cell["speed"], speed, "{name}");
        }
        let params = match cell["scenario"].as_str() {
            Some("cafe") => json!({"customers": 2}),
            _ => json!({}),
        };
        assert_eq!(cell["params"], params, "{name}");
    }
}

#[test]
fn every_sample_is_measured_or_null_and_never_0() {
    for cell in lessons() {
        let name = name(cell);
        let samples = cell["samples"].as_array().unwrap();
        assert_eq!(samples.len(), 1, "{name}");
        let fields = [
            ("round", Holds::Number),
            ("wall_ns", Holds::AmountOrNull),
            ("scenario_ns", Holds::NumberOrNull),
            ("cpu_ns", Holds::NumberOrNull),
            ("peak_rss_bytes", Holds::AmountOrNull),
            ("voluntary_switches", Holds::NumberOrNull),
            ("involuntary_switches", Holds::NumberOrNull),
            ("threads_peak", Holds::AmountOrNull),
        ];
        has_fields(&name, &samples[0], &fields);
        assert_eq!(samples[0]["round"], 0, "{name}");
        for always in ["wall_ns", "scenario_ns"] {
            assert!(samples[0][always].is_u64(), "{name}: no {always}");
        }
        #[cfg(target_os = "linux")]
        for on_linux in [
            "cpu_ns",
            "peak_rss_bytes",
            "voluntary_switches",
            "involuntary_switches",
        ] {
            assert!(samples[0][on_linux].is_u64(), "{name}: no {on_linux}");
        }
    }
}

#[test]
fn every_transcript_is_in_the_order_of_its_times() {
    const EVENTS: [&str; 6] = [
        "started",
        "finished",
        "cancelled",
        "failed",
        "stopped",
        "note",
    ];
    for cell in lessons() {
        let name = name(cell);
        let mut before = 0;
        for line in cell["transcript"].as_array().unwrap() {
            let fields = [
                ("at_ns", Holds::Number),
                ("task", Holds::Text),
                ("event", Holds::Text),
                ("text", Holds::TextOrNull),
            ];
            has_fields(&name, line, &fields);
            let event = line["event"].as_str().unwrap();
            assert!(EVENTS.contains(&event), "{name}: {event}");
            let told = ["note", "stopped"].contains(&event);
            assert_eq!(told, line["text"].is_string(), "{name}: {line}");
            let at = line["at_ns"].as_u64().unwrap();
            assert!(before <= at, "{name}: {line}");
            before = at;
        }
    }
}
