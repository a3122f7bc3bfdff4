//! Code of others, run where its panic must stop nothing.
//!
//! Futures, outputs and wakers belong to the program that runs here, and each
//! of them may panic when it is dropped or woken. On a thread that still has a
//! handle to resolve, or inside `std::thread::spawn`, such a panic would hang an
//! awaiter or end the process.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Mutex, MutexGuard, PoisonError};

use pollmark_core::JoinError;

/// Runs `work`; a panic ends it and nothing else. The panic hook has reported it.
pub(crate) fn quietly(work: impl FnOnce()) {
    if let Err(payload) = catch_unwind(AssertUnwindSafe(work)) {
        // Dropping the payload is code of others once more, and could panic in turn.
        std::mem::forget(payload);
    }
}

/// Locks `mutex`. No code of others runs under a lock of this crate, except to
/// clone a waker, so what a panic leaves behind is whole.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A value whose drop never unwinds.
pub(crate) struct Quiet<T>(Option<T>);

impl<T> Quiet<T> {
    pub(crate) fn new(value: T) -> Self {
        Quiet(Some(value))
    }

    /// The value, unless it was taken or dropped.
    pub(crate) fn as_mut(&mut self) -> Option<&mut T> {
        self.0.as_mut()
    }

    /// Takes the value out; from there on its drop may unwind again.
    pub(crate) fn take(&mut self) -> Option<T> {
        self.0.take()
    }

    /// Drops the value now.
    ///
    /// # Errors
    ///
    /// [`JoinError::Panicked`] if its drop panicked.
    pub(crate) fn end(&mut self) -> Result<(), JoinError> {
        let value = self.0.take();
        catch_unwind(AssertUnwindSafe(|| drop(value))).map_err(JoinError::panicked)
    }
}

impl<T> Drop for Quiet<T> {
    fn drop(&mut self) {
        quietly(|| drop(self.0.take()));
    }
}
