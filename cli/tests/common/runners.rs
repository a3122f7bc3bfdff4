//! The runners, as `pollmark list --format json` has them.

use std::sync::LazyLock;

use serde_json::Value;

use super::pollmark;

/// A runner, and whether it has as many workers as it is told.
type Listed = (String, bool);

static LISTED: LazyLock<Vec<Listed>> = LazyLock::new(|| {
    let ran = pollmark().args(["list", "--format", "json"]).assert();
    let list: Value = serde_json::from_slice(&ran.success().get_output().stdout).unwrap();
    let runners = list["runners"].as_array().expect("runners are a list");
    let listed = |runner: &Value| {
        let id = runner["id"].as_str().expect("an id is text");
        (id.to_owned(), runner["workers"].as_bool().unwrap())
    };
    // One that is put together from another, `tokio-per-core`, has tests of its own.
    let common = |runner: &&Value| runner["in_all"] == true || runner["id"] == "virtual";
    runners.iter().filter(common).map(listed).collect()
});

/// The runners of `--runner all,virtual`, the real ones first, in the order of the tables.
pub(crate) fn all() -> Vec<&'static str> {
    LISTED.iter().map(|(id, _)| id.as_str()).collect()
}

/// Those that `--runner all` means: all but the virtual clock.
pub(crate) fn real() -> Vec<&'static str> {
    all().into_iter().filter(|id| *id != "virtual").collect()
}

/// Whether the runner has as many workers as it is told.
pub(crate) fn takes_workers(id: &str) -> bool {
    LISTED.iter().any(|(known, takes)| known == id && *takes)
}
