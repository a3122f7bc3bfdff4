//! On the virtual clock every run is exact: in its order, and in its time for a number of
//! workers.

mod common;

use std::collections::BTreeMap;

use serde_json::{Value, json};

use common::known::{KNOWN, ideal, known};
use common::results::{cells, name, run};
use common::runners;

/// A transcript as `SECONDS TASK EVENT-OR-TEXT` lines.
fn course(cell: &Value) -> Vec<String> {
    let lines = cell["transcript"].as_array().unwrap().iter();
    let told = lines.map(|line| {
        let text = line["text"].as_str().or(line["event"].as_str()).unwrap();
        let task = line["task"].as_str().unwrap();
        format!(
            "{} {task} {text}",
            line["at_ns"].as_u64().unwrap() as f64 / 1e9
        )
    });
    told.collect()
}

const IN_TURN: &[&str] = &[
    "0 main started",
    "0 Pasta started",
    "8 Pasta finished",
    "8 main serves the Pasta",
    "8 Caesar salad started",
    "11 Caesar salad finished",
    "11 main serves the Caesar salad",
    "11 Chops started",
    "27 Chops finished",
    "27 main serves the Chops",
    "27 main finished",
];

const TOGETHER: &[&str] = &[
    "0 main started",
    "0 Pasta started",
    "0 Caesar salad started",
    "0 Chops started",
    "3 Caesar salad finished",
    "8 Pasta finished",
    "8 main serves the Pasta",
    "8 main serves the Caesar salad",
    "16 Chops finished",
    "16 main serves the Chops",
    "16 main finished",
];

const COFFEE_AFTER_COFFEE: &[&str] = &[
    "0 main started",
    "0 coffee 1 started",
    "5 coffee 1 finished",
    "5 main customer 1: here is your Vanilla Latte",
    "5 coffee 2 started",
    "10 coffee 2 finished",
    "10 main customer 2: here is your Caramel Mocha",
    "10 main serving 2 customers took 10.00 s",
    "10 main finished",
];

const BOTH_COFFEES: &[&str] = &[
    "0 main started",
    "0 coffee 1 started",
    "0 coffee 2 started",
    "5 coffee 1 finished",
    "5 coffee 2 finished",
    "5 main customer 1: here is your Vanilla Latte",
    "5 main customer 2: here is your Caramel Mocha",
    "5 main serving 2 customers took 5.00 s",
    "5 main finished",
];

#[test]
fn the_order_is_exact_on_the_virtual_clock() {
    let expected = BTreeMap::from([
        ("waiter/sync", IN_TURN),
        ("waiter/sequential", IN_TURN),
        ("waiter/blocking", IN_TURN),
        ("waiter/spawn-await", IN_TURN),
        ("waiter/tasks", TOGETHER),
        ("waiter/offloaded", TOGETHER),
        ("waiter/parallel", TOGETHER),
        (
            "waiter/blocking-tasks",
            &[
                "0 main started",
                "0 Pasta started",
                "0 Caesar salad started",
                "3 Caesar salad finished",
                "3 Chops started",
                "8 Pasta finished",
                "8 main serves the Pasta",
                "8 main serves the Caesar salad",
                "19 Chops finished",
                "19 main serves the Chops",
                "19 main finished",
            ],
        ),
        (
            "waiter/as-completed",
            &[
                "0 main started",
                "0 Pasta started",
                "0 Caesar salad started",
                "0 Chops started",
                "3 Caesar salad finished",
                "3 main serves the Caesar salad",
                "8 Pasta finished",
                "8 main serves the Pasta",
                "16 Chops finished",
                "16 main serves the Chops",
                "16 main finished",
            ],
        ),
        (
            "waiter/missing-await",
            &[
                "0 main started",
                "0 Pasta started",
                "8 Pasta finished",
                "8 main serves the Pasta",
                "8 Chops started",
                "24 Chops finished",
                "24 main serves the Chops",
                "24 main finished",
            ],
        ),
        (
            "waiter/never-awaited",
            &["0 main started", "0 main finished"],
        ),
        (
            "waiter/orphan",
            &["0 main started", "0 main finished", "0 Stew cancelled"],
        ),
        (
            "waiter/cancel-pending",
            &[
                "0 main started",
                "0 Pasta started",
                "0 Caesar salad started",
                "0 Chops started",
                "3 Caesar salad finished",
                "4 Chops cancelled",
                "4 main the salad was finished before it could be cancelled",
                "4 main serves the Caesar salad",
                "8 Pasta finished",
                "8 main serves the Pasta",
                "8 main finished",
            ],
        ),
        (
            "waiter/cancel-before-start",
            &["0 main started", "0 Pasta cancelled", "0 main finished"],
        ),
        (
            "waiter/cancel-blocking",
            &[
                "0 main started",
                "0 Chops started",
                "0.1 main stop the Chops!",
                "2 Chops finished",
                "2 main finished",
            ],
        ),
        ("cafe/sync", COFFEE_AFTER_COFFEE),
        ("cafe/sequential", COFFEE_AFTER_COFFEE),
        ("cafe/blocking", BOTH_COFFEES),
        ("cafe/concurrent", BOTH_COFFEES),
    ]);
    let lessons = run(&["waiter", "cafe", "--runner", "virtual", "--workers", "2"]);
    for cell in cells(&lessons) {
        let (variant, ..) = known(cell);
        assert_eq!(course(cell), expected[variant], "{}", name(cell));
    }
    assert_eq!(cells(&lessons).len(), expected.len());
}

#[test]
fn workers_change_the_ideal_of_tasks_that_block() {
    let common = ["--runner", "virtual", "--workers", "1,2,3"];
    let everything = run(&[&["waiter", "cafe"], &common[..]].concat());
    let mut times: BTreeMap<&str, Vec<u64>> = BTreeMap::new();
    for (index, cell) in cells(&everything).iter().enumerate() {
        let (variant, ..) = known(cell);
        assert_eq!(cell["workers"], index % 3 + 1, "{}", name(cell));
        assert_eq!(cell["ideal_ns"], ideal(cell), "{}", name(cell));
        let measured = cell["samples"][0]["scenario_ns"].as_u64().unwrap();
        times
            .entry(variant)
            .or_default()
            .push(measured / 1_000_000_000);
    }
    let expected: BTreeMap<&str, Vec<u64>> = KNOWN
        .iter()
        .map(|(variant, seconds, _)| (*variant, seconds.to_vec()))
        .collect();
    assert_eq!(times, expected);
}

#[test]
fn runners_without_workers_to_set_give_one_cell() {
    let common = [
        "--runner",
        "all,virtual",
        "--workers",
        "1,2,3",
        "--speed",
        "1000",
    ];
    let blocking = run(&[&["waiter/blocking-tasks"], &common[..]].concat());
    let of = |runner: &str| -> Vec<(Value, u64)> {
        let cells = cells(&blocking).iter();
        let cells = cells.filter(|cell| cell["runner"] == runner);
        cells
            .map(|cell| {
                (
                    cell["workers"].clone(),
                    cell["ideal_ns"].as_u64().unwrap() / 1_000_000_000,
                )
            })
            .collect()
    };
    let many = runners::all().into_iter();
    for runner in many.filter(|runner| runners::takes_workers(runner)) {
        let expected = [(json!(1), 27), (json!(2), 19), (json!(3), 16)];
        assert_eq!(of(runner), expected, "{runner}");
    }
    assert_eq!(of("tokio-current-thread"), [(json!(1), 27)]);
    assert_eq!(of("threads"), [(Value::Null, 16)]);
}

#[test]
fn a_parameter_with_several_values_gives_a_cell_each() {
    let swept = run(&["cafe/concurrent@virtual", "--param", "customers=0,1,1_000"]);
    let seen: Vec<(&Value, &Value, &Value)> = cells(&swept)
        .iter()
        .map(|cell| {
            (
                &cell["params"]["customers"],
                &cell["outcome"]["served"],
                &cell["ideal_ns"],
            )
        })
        .collect();
    let five = json!(5_000_000_000u64);
    assert_eq!(
        seen,
        [
            (&json!(0), &json!(0), &json!(0)),
            (&json!(1), &json!(1), &five),
            (&json!(1000), &json!(1000), &five),
        ]
    );
}
