//! The command under test, in an environment that the tests know.
#![allow(dead_code, reason = "each file of tests takes what it needs")]

pub(crate) mod fields;
pub(crate) mod known;
pub(crate) mod results;
pub(crate) mod runners;
#[cfg(target_os = "linux")]
pub(crate) mod running;
pub(crate) mod sheet;
pub(crate) mod short;
pub(crate) mod small;

use std::process::Command;
use std::time::Duration;

/// The time after which a hanging command fails its test, instead of holding up the rest.
pub(crate) const HANGS: Duration = Duration::from_secs(120);

/// `pollmark`, to run to its end.
pub(crate) fn pollmark() -> assert_cmd::Command {
    let mut command = assert_cmd::Command::from_std(process());
    command.timeout(HANGS);
    command
}

/// `pollmark`, to start and watch.
pub(crate) fn process() -> Command {
    let mut command = Command::new(assert_cmd::cargo::cargo_bin!("pollmark"));
    for variable in [
        "RUST_BACKTRACE",
        "RUST_LIB_BACKTRACE",
        "NO_COLOR",
        "CLICOLOR",
        "CLICOLOR_FORCE",
        "COLORFGBG",
        "COLUMNS",
    ] {
        command.env_remove(variable);
    }
    command
}
