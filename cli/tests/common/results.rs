//! Results in the form for programs.

use serde_json::Value;

use crate::common::pollmark;

/// The output of `pollmark run ARGS --format json`, with all of its cells as expected.
pub(crate) fn run(args: &[&str]) -> Value {
    of(pollmark(), args)
}

/// As [`run`], with a prepared command.
pub(crate) fn of(mut command: assert_cmd::Command, args: &[&str]) -> Value {
    let ran = command
        .arg("run")
        .args(args)
        .args(["--format", "json"])
        .assert()
        .success();
    serde_json::from_slice(&ran.get_output().stdout).expect("standard output is one JSON value")
}

/// The cells in the results.
pub(crate) fn cells(results: &Value) -> &[Value] {
    results["cells"].as_array().expect("cells are a list")
}

/// `scenario/variant@runner`.
pub(crate) fn name(cell: &Value) -> String {
    let part = |name: &str| cell[name].as_str().expect("a name is text").to_owned();
    format!(
        "{}/{}@{}",
        part("scenario"),
        part("variant"),
        part("runner")
    )
}
