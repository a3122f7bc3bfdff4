//! A process that used async-std before the first runner has configured it.

use pollmark_core::conformance::hold_with_variables;
use pollmark_core::{BuildError, Config, Runner};
use pollmark_runner_async_std::AsyncStd;

/// The variable that async-std reads when it configures itself.
const THREADS: (&str, &str) = ("ASYNC_STD_THREAD_COUNT", "3");

#[test]
fn a_runner_finds_the_workers_that_are_there() {
    hold_with_variables(
        concat!(
            module_path!(),
            "::a_runner_finds_the_workers_that_are_there"
        ),
        &[THREADS],
        || {
            drop(async_std::task::spawn(async {}));
            let other = AsyncStd::build(&Config::with_workers(2));
            let existing = matches!(other, Err(BuildError::AlreadyConfigured { existing: 3 }));
            assert!(existing, "{other:?}");
            assert!(AsyncStd::build(&Config::with_workers(3)).is_ok());
        },
    );
}
