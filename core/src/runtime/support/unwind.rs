//! Keeps the panics of user code from taking down a runner's thread.
//!
//! Futures, outputs and wakers belong to the program that a runner runs, and each of them
//! may panic when it is polled, dropped or woken. On a thread that still has a handle to
//! resolve, such a panic would hang the task that awaits it, or end the process.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::Poll;

use crate::runtime::join_error::JoinError;

/// Runs `work`; its panic ends it and nothing else. The panic hook has reported it.
///
/// The payload of the panic leaks, because its drop is user code once more and could
/// panic in turn.
#[inline]
pub fn contain(work: impl FnOnce()) {
    if let Err(payload) = catch_unwind(AssertUnwindSafe(work)) {
        std::mem::forget(payload);
    }
}

/// Runs `work` and gives its output.
///
/// # Errors
///
/// [`JoinError::Panicked`] if it panics.
#[inline]
pub fn caught<T>(work: impl FnOnce() -> T) -> Result<T, JoinError> {
    catch_unwind(AssertUnwindSafe(work)).map_err(JoinError::panicked)
}

/// Polls by `poll`; a panic is ready, and is [`JoinError::Panicked`].
///
/// For runtimes that hand a task's panic on by unwinding the thread that polls its handle.
#[inline]
pub fn caught_poll<T>(poll: impl FnOnce() -> Poll<T>) -> Poll<Result<T, JoinError>> {
    match caught(poll) {
        Ok(polled) => polled.map(Ok),
        Err(error) => Poll::Ready(Err(error)),
    }
}

/// Locks `mutex`, also after a panic under the lock.
///
/// For state that user code cannot leave half changed, because none runs under the lock.
#[inline]
pub fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A value that does not unwind when it is dropped.
#[derive(Debug)]
pub struct Contained<T>(Option<T>);

impl<T> Contained<T> {
    /// Takes charge of the drop of `value`.
    pub const fn new(value: T) -> Self {
        Contained(Some(value))
    }

    /// The value, unless it was taken or dropped.
    pub const fn as_mut(&mut self) -> Option<&mut T> {
        self.0.as_mut()
    }

    /// Takes the value out; from there on its drop may unwind again.
    pub const fn take(&mut self) -> Option<T> {
        self.0.take()
    }

    /// Drops the value now.
    ///
    /// # Errors
    ///
    /// [`JoinError::Panicked`] if its drop panics.
    pub fn end(&mut self) -> Result<(), JoinError> {
        let value = self.0.take();
        caught(|| drop(value))
    }
}

impl<T> Drop for Contained<T> {
    fn drop(&mut self) {
        contain(|| drop(self.0.take()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Panics with itself as payload, which panics too when it is dropped.
    struct Bomb;

    impl Drop for Bomb {
        fn drop(&mut self) {
            std::panic::resume_unwind(Box::new("a drop that panics"));
        }
    }

    #[test]
    fn a_panic_is_contained_and_so_is_its_payload() {
        contain(|| std::panic::resume_unwind(Box::new(Bomb)));
        drop(Contained::new(Bomb));
    }

    #[test]
    fn a_panic_of_a_poll_is_its_outcome() {
        let polled = caught_poll::<()>(|| std::panic::resume_unwind(Box::new("spilled")));
        assert!(matches!(polled, Poll::Ready(Err(JoinError::Panicked(_)))));
        assert!(caught_poll::<()>(|| Poll::Pending).is_pending());
    }

    #[test]
    fn a_contained_value_says_that_its_drop_panicked() {
        let mut bomb = Contained::new(Bomb);
        assert!(bomb.as_mut().is_some());
        assert!(bomb.end().is_err_and(|error| error.is_panic()));
        assert!(bomb.end().is_ok(), "it is gone");
    }
}
