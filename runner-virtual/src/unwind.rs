//! The unwinding that takes a poll out of an ended simulator.

use std::panic::{AssertUnwindSafe, catch_unwind};

use pollmark_core::JoinError;

/// The payload of the unwinding that takes a poll out of a simulator that has shut down.
struct Unwound;

/// Leaves a poll that blocks again after the shutdown let it out of a block:
/// without this a loop around a block would never end.
pub(crate) fn leave_poll() {
    if !std::thread::panicking() {
        std::panic::resume_unwind(Box::new(Unwound));
    }
}

/// Runs the poll or the drop of a task's future.
///
/// # Errors
///
/// The reason why the task has ended if it unwinds: its panic, or the shutdown.
pub(crate) fn caught_or_shut_down<T>(work: impl FnOnce() -> T) -> Result<T, JoinError> {
    catch_unwind(AssertUnwindSafe(work)).map_err(|payload| {
        if payload.is::<Unwound>() {
            JoinError::Shutdown
        } else {
            JoinError::panicked(payload)
        }
    })
}
