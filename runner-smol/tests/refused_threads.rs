//! Workers that the OS refuses are errors.

use pollmark_core::conformance::hold_with_variables;
use pollmark_core::{BuildError, Config, Runner};
use pollmark_runner_smol::Smol;

/// With a stack larger than any address space every thread is refused. The
/// standard library reads this before its first thread, hence the process of
/// its own.
const STACK_OF_EVERY_THREAD: (&str, &str) = ("RUST_MIN_STACK", "1152921504606846976");

#[test]
fn refused_threads_are_errors() {
    hold_with_variables(
        concat!(module_path!(), "::refused_threads_are_errors"),
        &[STACK_OF_EVERY_THREAD],
        || {
            let refused = Smol::build(&Config::with_workers(2));
            assert!(matches!(refused, Err(BuildError::Os(_))), "{refused:?}");
        },
    );
}
