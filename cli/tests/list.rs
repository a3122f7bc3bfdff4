//! What there is to run, as JSON.

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
    assert_eq!(list["schema"], "pollmark/1");

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
            ];
            has_fields(id, variant, &fields);
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
            ("async-std", true),
            ("smol", true),
            ("threads", false),
            ("virtual", true),
        ]
    );
}
