//! Any error in a command line is reported before anything runs.

mod common;

use predicates::prelude::*;
use predicates::str::contains;
use proptest::prelude::*;

use common::pollmark;
use common::runners;

/// Checks for a refusal: exit code 2, the message on standard error, nothing on standard
/// output.
#[track_caller]
fn refuses(args: &[&str], message: &[&str]) {
    refuses_with(2, args, message);
}

/// As [`refuses`], with another exit code.
#[track_caller]
fn refuses_with(code: i32, args: &[&str], message: &[&str]) {
    // Lines are broken to fit, so any space may be a line break.
    let told = predicate::function(|told: &str| {
        let told = told.split_whitespace().collect::<Vec<_>>().join(" ");
        !told.contains("panicked") && message.iter().all(|part| told.contains(part))
    });
    pollmark()
        .args(args)
        .assert()
        .code(code)
        .stdout("")
        .stderr(told);
}

#[test]
fn an_unknown_scenario_is_told_with_the_near_one_and_all() {
    refuses(
        &["run", "wayter"],
        &[
            "unknown scenario `wayter`",
            "did you mean `waiter`",
            "cafe",
            "all",
        ],
    );
    refuses(&["run", ""], &["unknown scenario ``", "waiter", "cafe"]);
    refuses(&["run", "cafe", "/"], &["unknown scenario ``"]);
    refuses(&["run", "all/sync"], &["unknown scenario `all`"]);
}

#[test]
fn an_unknown_variant_is_told_with_the_near_one_and_all() {
    refuses(
        &["run", "waiter/taskz"],
        &[
            "`taskz`",
            "did you mean `tasks`",
            "never-awaited",
            "parallel",
        ],
    );
    refuses(&["run", "cafe/"], &["variant of `cafe`", "concurrent"]);
}

#[test]
fn an_unknown_runner_is_told_with_the_near_one_and_all() {
    let runners = [&["did you mean `tokio`", "all"][..], &runners::all()].concat();
    refuses(&["run", "cafe", "--runner", "tokyo"], &runners);
    refuses(&["run", "cafe@tokyo"], &runners);
    refuses(&["run", "cafe@"], &["unknown runner ``", "smol"]);
    refuses(
        &["run", "cafe", "--runner", "smol,,tokio"],
        &["unknown runner ``"],
    );
}

#[test]
fn an_unknown_parameter_is_told_with_the_near_one_and_all() {
    refuses(
        &["run", "cafe", "--param", "custmers=3"],
        &[
            "unknown parameter `custmers`",
            "did you mean `customers`",
            "There is customers",
        ],
    );
    refuses(
        &["run", "waiter", "--param", "customers=3"],
        &["unknown parameter `customers`", "takes none"],
    );
    refuses(
        &["run", "cafe", "--param", "=3"],
        &["unknown parameter ``", "customers"],
    );
}

#[test]
fn a_value_that_does_not_fit_its_parameter_is_refused() {
    for value in ["", "-1", "many", "1.5", "1000001", "99999999999999999999"] {
        let param = format!("customers={value}");
        let bounds = [
            "`cafe`",
            "`customers`",
            "a whole number from 0 to 1000000",
            value,
        ];
        refuses(&["run", "cafe", "--param", &param], &bounds);
    }
    refuses(
        &["run", "cafe", "--param", "customers=2,x"],
        &["`customers`", "not `x`"],
    );
}

#[test]
fn a_parameter_without_a_value_is_refused() {
    refuses(
        &["run", "cafe", "--param", "customers"],
        &["`--param customers` has no value", "NAME=VALUE"],
    );
    refuses(&["run", "cafe", "--param"], &["--param", "NAME=VALUE"]);
}

#[test]
fn numbers_out_of_their_range_are_refused() {
    for (flag, max) in [
        ("--workers", "1024"),
        ("--cores", "1024"),
        ("--jobs", "1024"),
        ("--blocking-threads", "10000"),
    ] {
        for value in ["0", "100000", "1.5", "many", "18446744073709551616"] {
            refuses(
                &["run", "cafe", flag, value],
                &[flag, value, "from 1 to", max],
            );
        }
    }
    refuses(&["run", "cafe", "--workers", "1,0"], &["--workers", "'0'"]);
    refuses(&["run", "cafe", "--seed=-1"], &["--seed"]);
}

#[test]
fn a_speed_that_is_no_positive_number_is_refused() {
    for speed in [
        "0", "nan", "NaN", "-5", "inf", "-inf", "1e9", "1e-9", "fast", "",
    ] {
        let argument = format!("--speed={speed}");
        refuses(&["run", "cafe", &argument], &["--speed", "0.001"]);
    }
    refuses(&["run", "cafe", "--speed", "-5"], &["--speed", "0.001"]);
}

#[test]
fn a_timeout_that_is_no_positive_duration_is_refused() {
    for timeout in [
        "0",
        "0s",
        "0ms",
        "-1s",
        "nan",
        "inf",
        "5 parsecs",
        "1e300",
        "",
    ] {
        let argument = format!("--timeout={timeout}");
        refuses(&["run", "cafe", &argument], &["--timeout"]);
    }
    refuses(&["run", "cafe", "--timeout", "-1s"], &["250ms or 5s"]);
    refuses(&["run", "cafe", "--timeout", "0"], &["give it a second"]);
}

#[test]
fn a_file_that_cannot_be_written_is_told_before_anything_runs() {
    let folder = tempfile::tempdir().unwrap();
    let nowhere = folder.path().join("no-such-folder").join("results");
    let (nowhere, folder) = (nowhere.to_str().unwrap(), folder.path().to_str().unwrap());
    // It would take eight hours and more, if it ran.
    let run = ["run", "waiter/sync@tokio", "--speed", "0.001"];
    for flag in ["--output", "--save"] {
        for path in [nowhere, folder] {
            let args = [&run[..], &["--timeout", "10h", flag, path]].concat();
            refuses_with(3, &args, &[flag, path]);
        }
    }
    assert_eq!(std::fs::read_dir(folder).unwrap().count(), 0);
}

#[test]
fn what_the_command_line_does_not_have_is_refused() {
    refuses(&["run", "cafe", "--bogus"], &["--bogus"]);
    refuses(&["run", "cafe", "--workres", "2"], &["--workers"]);
    refuses(&["rum", "cafe"], &["rum", "'run'"]);
    refuses(&["run"], &["CELL"]);
    refuses(&["run", "cafe", "--format", "xml"], &["xml", "json", "csv"]);
    refuses(&["list", "--format", "csv"], &["csv", "json"]);
    refuses(&["list", "--format", "markdown"], &["human, json"]);
    refuses(&["trace", "io", "--format", "csv"], &["human, json"]);
    refuses(&["completions"], &["SHELL"]);
    refuses(&["completions", "dos"], &["dos", "bash", "zsh", "fish"]);
    refuses(&[], &["Usage"]);
}

#[test]
fn an_option_that_would_do_nothing_is_refused_and_why() {
    for command in ["compare", "trace"] {
        for jobs in [&["--jobs", "2"][..], &["--jobs=2"]] {
            let args = [&[command, "io"], jobs].concat();
            refuses(&args, &["--jobs", "only `run` takes `--jobs`"]);
        }
        let help = pollmark().args([command, "--help"]).assert().success();
        help.stdout(contains("--jobs").not());
    }
    pollmark()
        .args(["run", "--help"])
        .assert()
        .stdout(contains("--jobs"));
    refuses(&["trace", "io", "--quiet"], &["--quiet"]);
    // Cells are run one by one if the user is asked about each, and a screen is no output.
    for (command, one, other) in [
        ("run", "--predict", &["--save", "x"][..]),
        ("run", "--predict", &["--jobs", "2"]),
        ("trace", "--interactive", &["--output", "x"]),
    ] {
        let args = [&[command, "io", one], other].concat();
        refuses(&args, &["cannot be used with", one, other[0]]);
    }
}

#[test]
fn an_unknown_scenario_to_list_is_told_with_the_near_one() {
    refuses(
        &["list", "wayter"],
        &["unknown scenario `wayter`; did you mean `waiter`? There is waiter, cafe"],
    );
    refuses(&["list", "all"], &["unknown scenario `all`"]);
}

#[test]
fn what_is_told_is_not_wider_than_80_columns() {
    let told = pollmark().args(["run", "wxyz"]).assert().code(2);
    let told = String::from_utf8(told.get_output().stderr.clone()).unwrap();
    assert!(told.lines().count() > 3, "{told}");
    assert!(
        told.lines().all(|line| line.chars().count() <= 80),
        "{told}"
    );
}

#[test]
fn the_command_of_its_own_processes_is_not_for_people() {
    refuses(&["__cell", "junk"], &["pollmark run"]);
    refuses(&["__cell"], &["pollmark run"]);
    refuses(&["__cell", "-1", "cell"], &["pollmark run"]);
    refuses(&["__cell", "0", "cell"], &["has ended"]);
    pollmark()
        .arg("--help")
        .assert()
        .stdout(contains("__cell").not());
}

#[cfg(unix)]
#[test]
fn bytes_that_are_no_text_are_refused() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;

    let junk = OsStr::from_bytes(b"caf\xe9");
    let refused = pollmark().arg("run").arg(junk).assert().code(2).stdout("");
    refused.stderr(contains("UTF-8"));
}

/// A piece of a command line: close to a valid one, or far from it.
fn piece() -> impl Strategy<Value = String> {
    let known = prop::sample::select(vec![
        "cafe",
        "waiter",
        "all",
        "sync",
        "concurrent",
        "tokio",
        "smol",
        "virtual",
        "customers",
        "/",
        "@",
        "=",
        ",",
        "-",
        " ",
        "",
    ]);
    prop_oneof![
        4 => known.prop_map(str::to_owned),
        // Up to 999, since every ideal is found quickly.
        1 => "[0-9]{1,3}",
        1 => "[^\0]{0,6}",
    ]
}

fn pieces(most: usize) -> impl Strategy<Value = String> {
    prop::collection::vec(piece(), 0..=most).prop_map(|pieces| pieces.concat())
}

fn valid(choices: &'static [&'static str]) -> impl Strategy<Value = String> {
    prop::sample::select(choices).prop_map(str::to_owned)
}

fn cell() -> impl Strategy<Value = String> {
    let formed = (piece(), piece(), piece())
        .prop_map(|(scenario, variant, runner)| format!("{scenario}/{variant}@{runner}"));
    prop_oneof![
        4 => valid(&["cafe", "cafe/sync", "waiter/tasks@smol,virtual"]),
        1 => formed,
        1 => pieces(5),
    ]
}

fn option() -> impl Strategy<Value = String> {
    let names = vec![
        "param", "runner", "workers", "speed", "timeout", "seed", "cores",
    ];
    prop_oneof![
        4 => valid(&["--workers=1,2", "--runner=all,smol", "--speed=1e3", "--param=customers=0,3"]),
        1 => (prop::sample::select(names), pieces(3))
            .prop_map(|(name, value)| format!("--{name}={value}")),
        1 => pieces(2).prop_map(|value| format!("--param=customers={value}")),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 40,
        // A failing command line is printed, so nothing needs to be kept in the tree.
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn no_command_line_breaks_it(
        cells in prop::collection::vec(cell(), 1..3),
        options in prop::collection::vec(option(), 0..3),
    ) {
        let ran = pollmark()
            .args(["run", "--dry-run"])
            .args(&options)
            .arg("--")
            .args(&cells)
            .output()
            .expect("pollmark starts");
        let told = String::from_utf8_lossy(&ran.stderr);
        prop_assert!(matches!(ran.status.code(), Some(0 | 2)), "{:?}: {told}", ran.status);
        prop_assert!(!told.contains("panicked"), "{told}");
        let refused = ran.status.code() == Some(2);
        prop_assert_eq!(refused, ran.stdout.is_empty(), "{}", &told);
        prop_assert!(!refused || !told.trim().is_empty());
    }
}

#[test]
fn one_file_cannot_take_both_the_table_and_the_samples() {
    refuses(
        &["run", "io", "--save", "same.json", "--output", "same.json"],
        &["--save and --output name the same file"],
    );
}
