//! Threads that the OS refuses are errors.

use std::time::Duration;

use pollmark_core::conformance::hold_with_variables;
use pollmark_core::{BuildError, Config, JoinError, Runner, Runtime};
use pollmark_runner_tokio::{Tokio, TokioCurrentThread};

/// With a stack larger than any address space every thread is refused. The
/// standard library reads this before its first thread, hence the process of
/// its own.
const STACK_OF_EVERY_THREAD: (&str, &str) = ("RUST_MIN_STACK", "1152921504606846976");

#[test]
fn refused_threads_are_errors() {
    hold_with_variables(
        concat!(module_path!(), "::refused_threads_are_errors"),
        &[STACK_OF_EVERY_THREAD],
        assert_refusals_are_errors,
    );
}

fn assert_refusals_are_errors() {
    let refused = Tokio::build(&Config::with_workers(2));
    assert!(matches!(refused, Err(BuildError::Os(_))), "{refused:?}");

    let tokio = TokioCurrentThread::build(&Config::default()).unwrap();
    let runtime = tokio.handle();
    let root = async move { runtime.spawn_blocking(|| 1).await };
    let refused = tokio.run(root, Some(Duration::from_secs(10))).unwrap();
    assert!(matches!(refused, Err(JoinError::Spawn(_))), "{refused:?}");
    assert!(tokio.shutdown(Duration::from_secs(10)).complete);
}
