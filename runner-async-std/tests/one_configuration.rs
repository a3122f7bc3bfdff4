//! async-std is configured once a process: by the first runner.

use std::time::Duration;

use pollmark_core::{BuildError, Config, Runner, Runtime};
use pollmark_runner_async_std::AsyncStd;

#[test]
fn the_first_runner_decides_the_workers() {
    let first = AsyncStd::build(&Config::with_workers(3)).unwrap();

    let other = AsyncStd::build(&Config::with_workers(2));
    let existing = matches!(other, Err(BuildError::AlreadyConfigured { existing: 3 }));
    assert!(existing, "{other:?}");

    let second = AsyncStd::build(&Config::with_workers(3)).unwrap();
    let (first_runtime, second_runtime) = (first.handle(), second.handle());
    first.shutdown(Duration::ZERO);
    let root = async move {
        let refused = first_runtime.spawn(async {}).await.is_err();
        let output = second_runtime.spawn(async { 42 }).await;
        (refused, output.unwrap())
    };
    assert_eq!(second.run(root, None).unwrap(), (true, 42));
}
