//! The list of everything there is to run, for programs and for people.

mod common;

use serde_json::Value;

use common::fields::{Holds, has_fields};
use common::known::KNOWN;
use common::pollmark;

#[test]
fn the_list_names_all_there_is_to_run() {
    let ran = pollmark()
        .args(["list", "--format", "json"])
        .assert()
        .success()
        .stderr("");
    let list: Value = serde_json::from_slice(&ran.get_output().stdout).unwrap();
    assert_eq!(list["schema"], "pollmark/2");

    let mut variants = Vec::new();
    for scenario in list["scenarios"].as_array().unwrap() {
        let fields = [
            ("id", Holds::Text),
            ("kind", Holds::Text),
            ("summary", Holds::Text),
            ("variants", Holds::List),
            ("params", Holds::List),
        ];
        has_fields("a scenario", scenario, &fields);
        let id = scenario["id"].as_str().unwrap();
        let kind = scenario["kind"].as_str().unwrap();
        assert!(
            ["lesson", "experiment", "benchmark"].contains(&kind),
            "{id}: {kind}"
        );
        for variant in scenario["variants"].as_array().unwrap() {
            let fields = [
                ("id", Holds::Text),
                ("summary", Holds::Text),
                ("expected", Holds::Text),
                ("measures", Holds::List),
            ];
            has_fields(id, variant, &fields);
            for measure in variant["measures"].as_array().unwrap() {
                has_fields(id, measure, &[("name", Holds::Text), ("unit", Holds::Text)]);
            }
            variants.push(format!("{id}/{}", variant["id"].as_str().unwrap()));
        }
        for param in scenario["params"].as_array().unwrap() {
            let fields = [
                ("name", Holds::Text),
                ("default", Holds::Number),
                ("min", Holds::Number),
                ("max", Holds::Number),
                ("help", Holds::Text),
            ];
            has_fields(id, param, &fields);
        }
    }
    for (known, ..) in KNOWN {
        assert!(
            variants.iter().any(|variant| variant == known),
            "no {known}"
        );
    }

    let runners = list["runners"].as_array().unwrap();
    let told: Vec<(&str, bool)> = runners
        .iter()
        .map(|runner| {
            has_fields("a runner", runner, &[("summary", Holds::Text)]);
            (
                runner["id"].as_str().unwrap(),
                runner["workers"].as_bool().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            ("tokio", true),
            ("tokio-current-thread", false),
            ("tokio-per-core", true),
            ("async-std", true),
            ("smol", true),
            ("threads", false),
            ("virtual", true),
        ]
    );
}

/// The output of `pollmark list ARGS`.
fn printed(args: &[&str]) -> String {
    let ran = pollmark().arg("list").args(args).assert().success();
    String::from_utf8(ran.get_output().stdout.clone()).unwrap()
}

#[test]
fn people_have_it_by_kind_in_lines_that_fit() {
    let text = printed(&[]);
    for line in text.lines() {
        assert!(line.chars().count() <= 80, "{line}");
    }
    let place = |part: &str| {
        let found = text.find(part);
        found.unwrap_or_else(|| panic!("no `{part}` in {text}"))
    };
    let order = [
        "LESSONS: ",
        "\nwaiter  ",
        "EXPERIMENTS: ",
        "\nhog  ",
        "BENCHMARKS: ",
        "\nping-pong  ",
        "RUNNERS: ",
    ];
    assert!(order.map(place).is_sorted(), "{text}");
    for (known, ..) in KNOWN {
        let (_, variant) = known.split_once('/').unwrap();
        place(&format!("\n  {variant} "));
    }
}

/// Every name is printed in the form in which a command takes it.
#[test]
fn one_scenario_is_listed_with_its_parameters_and_figures() {
    let text = printed(&["hog"]);
    for part in [
        "hog  ",
        "from the asyncio tutorials",
        "  offloaded ",
        "--param hog=1s ",
        "--figure 'max lateness'",
    ] {
        assert!(text.contains(part), "no `{part}` in {text}");
    }
    assert!(!text.contains("waiter"), "{text}");

    let json: Value = serde_json::from_str(&printed(&["hog", "--format", "json"])).unwrap();
    assert_eq!(json["scenarios"].as_array().unwrap().len(), 1);
    let measure = &json["scenarios"][0]["variants"][0]["measures"][0];
    assert_eq!(measure["name"], "max lateness");
    assert_eq!(measure["unit"], "nanoseconds");
}

/// Every listed figure is one that `compare` takes.
#[test]
fn every_figure_can_be_compared_by() {
    let list: Value = serde_json::from_str(&printed(&["--format", "json"])).unwrap();
    let mut figures = Vec::new();
    for scenario in list["scenarios"].as_array().unwrap() {
        let id = scenario["id"].as_str().unwrap();
        for variant in scenario["variants"].as_array().unwrap() {
            let measures = variant["measures"].as_array().unwrap().iter();
            figures.extend(measures.map(|measure| (id, &variant["id"], &measure["name"])));
        }
    }
    assert!(figures.len() > 20, "{figures:?}");
    // One figure per scenario; a dry run checks the names.
    figures.dedup_by_key(|(id, ..)| *id);
    for (id, variant, name) in figures {
        let cell = format!("{id}/{}@virtual", variant.as_str().unwrap());
        let figure = ["--figure", name.as_str().unwrap()];
        let compare = ["compare", &cell, "--dry-run"];
        pollmark().args(compare).args(figure).assert().success();
        let beside = ["--figure", "no such figure"];
        pollmark().args(compare).args(beside).assert().code(2);
    }
}
