//! Panics of user code, and the unwinding that takes a poll out of an ended simulator.

use std::any::Any;
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

/// The reason why a task has ended whose poll or drop unwound with `payload`.
pub(crate) fn reason(payload: Box<dyn Any + Send>) -> JoinError {
    if payload.is::<Unwound>() {
        JoinError::Shutdown
    } else {
        JoinError::panicked(payload)
    }
}

/// Runs user code whose panic has no task to go to.
pub(crate) fn contain(work: impl FnOnce()) {
    // The payload may panic again when it is dropped: it is left to leak.
    if let Err(payload) = catch_unwind(AssertUnwindSafe(work)) {
        std::mem::forget(payload);
    }
}
