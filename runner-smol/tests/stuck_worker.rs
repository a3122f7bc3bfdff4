//! A worker that is stuck in a poll outlives the shutdown, and nothing hangs for it.

use std::sync::mpsc;
use std::time::Duration;

use pollmark_core::{Config, JoinError, Runner, Runtime};
use pollmark_runner_smol::Smol;

#[test]
fn a_stuck_worker_is_left_and_its_executor_ends_with_it() {
    let smol = Smol::build(&Config::with_workers(2)).unwrap();
    let runtime = smol.handle();
    let (begun, has_begun) = mpsc::channel();
    let (release, hold) = mpsc::channel::<()>();
    let stuck = runtime.spawn(async move {
        begun.send(()).unwrap();
        assert!(hold.recv().is_err());
        42
    });
    has_begun.recv().unwrap();
    let waiting = runtime.spawn(std::future::pending::<()>());

    let report = smol.shutdown(Duration::from_millis(50));
    assert!(!report.complete);
    assert_eq!(
        report.left.as_deref(),
        Some("workers that had not ended: 1")
    );

    // The stuck worker keeps the executor, which must take nothing new.
    let late = smol::future::block_on(runtime.spawn(async {}));
    assert!(matches!(late, Err(JoinError::Shutdown)), "{late:?}");

    drop(release);
    assert_eq!(smol::future::block_on(stuck).unwrap(), 42);
    let waiting = smol::future::block_on(waiting);
    assert!(matches!(waiting, Err(JoinError::Shutdown)), "{waiting:?}");
}
