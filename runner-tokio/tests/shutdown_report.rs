//! The report tells whether tokio waited for its threads or gave up.

use std::sync::mpsc;
use std::time::Duration;

use pollmark_core::{Config, Runner, Runtime};
use pollmark_runner_tokio::{Tokio, TokioCurrentThread};

#[test]
fn a_stuck_blocking_call_is_left_by_the_multi_thread_flavour() {
    a_stuck_blocking_call_is_left::<Tokio>();
}

#[test]
fn a_stuck_blocking_call_is_left_by_the_current_thread_flavour() {
    a_stuck_blocking_call_is_left::<TokioCurrentThread>();
}

fn a_stuck_blocking_call_is_left<R: Runner>() {
    let tokio = R::build(&Config::with_workers(1)).unwrap();
    let (begun, has_begun) = mpsc::channel();
    let (release, hold) = mpsc::channel::<()>();
    drop(tokio.handle().spawn_blocking(move || {
        begun.send(()).unwrap();
        assert!(hold.recv().is_err());
    }));
    has_begun.recv().unwrap();
    let report = tokio.shutdown(Duration::from_millis(50));
    assert!(!report.complete);
    assert_eq!(
        report.left.as_deref(),
        Some("threads that had not ended: 1")
    );
    drop(release);
}

#[test]
fn a_blocking_call_that_ends_is_waited_for() {
    let tokio = Tokio::build(&Config::with_workers(1)).unwrap();
    let (begun, has_begun) = mpsc::channel();
    let (end, ended) = mpsc::channel();
    drop(tokio.handle().spawn_blocking(move || {
        begun.send(()).unwrap();
        std::thread::sleep(Duration::from_millis(20));
        end.send(()).unwrap();
    }));
    has_begun.recv().unwrap();
    let report = tokio.shutdown(Duration::from_secs(30));
    assert!(report.complete, "{report:?}");
    assert_eq!(ended.try_recv(), Ok(()));
}
