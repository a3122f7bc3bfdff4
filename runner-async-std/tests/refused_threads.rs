//! Workers that the OS refuses are errors.

use std::env;
use std::process::Command;

use pollmark_core::{BuildError, Config, Runner};
use pollmark_runner_async_std::AsyncStd;

/// With a stack larger than any address space every thread is refused. The
/// standard library reads this before its first thread, hence the process of
/// its own.
const STACK_OF_EVERY_THREAD: (&str, &str) = ("RUST_MIN_STACK", "1152921504606846976");

#[test]
fn refused_threads_are_errors() {
    let (variable, value) = STACK_OF_EVERY_THREAD;
    if env::var(variable).as_deref() == Ok(value) {
        return assert_refusals_are_errors();
    }
    let child = Command::new(env::current_exe().unwrap())
        .args(["--test-threads=1", "--nocapture"])
        .env(variable, value)
        .output()
        .unwrap();
    assert!(
        child.status.success(),
        "{}",
        String::from_utf8_lossy(&child.stderr)
    );
}

fn assert_refusals_are_errors() {
    let refused = AsyncStd::build(&Config::with_workers(2));
    assert!(matches!(refused, Err(BuildError::Os(_))), "{refused:?}");
}
