//! A process that used async-std before the first runner has configured it.

use std::env;
use std::process::Command;

use pollmark_core::{BuildError, Config, Runner};
use pollmark_runner_async_std::AsyncStd;

/// What async-std reads where it configures itself.
const THREADS: (&str, &str) = ("ASYNC_STD_THREAD_COUNT", "3");

#[test]
fn a_runner_finds_the_workers_that_are_there() {
    let (variable, value) = THREADS;
    if env::var(variable).as_deref() != Ok(value) {
        let child = Command::new(env::current_exe().unwrap())
            .env(variable, value)
            .output()
            .unwrap();
        assert!(
            child.status.success(),
            "{}",
            String::from_utf8_lossy(&child.stdout)
        );
        return;
    }
    drop(async_std::task::spawn(async {}));
    let other = AsyncStd::build(&Config::with_workers(2));
    let existing = matches!(other, Err(BuildError::AlreadyConfigured { existing: 3 }));
    assert!(existing, "{other:?}");
    assert!(AsyncStd::build(&Config::with_workers(3)).is_ok());
}
