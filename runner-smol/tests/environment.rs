//! The cap of smol's blocking pool comes from the environment only.

use std::env;
use std::num::NonZeroUsize;

use pollmark_core::{BuildError, Config, Runner};
use pollmark_runner_smol::Smol;

#[test]
fn a_cap_that_the_environment_does_not_hold_is_an_error() {
    let found = env::var("BLOCKING_MAX_THREADS").unwrap_or_default();
    let wanted = if found == "7" { 8 } else { 7 };
    let config = Config {
        blocking_threads: NonZeroUsize::new(wanted),
        ..Config::with_workers(1)
    };
    let built = Smol::build(&config);
    assert!(matches!(
        built,
        Err(BuildError::Environment {
            variable: "BLOCKING_MAX_THREADS",
            ..
        })
    ));
}
