//! The outcome of a task, on its way to the join handle.

use std::fmt;
use std::sync::Mutex;
use std::task::{Context, Poll, Waker};

use super::unwind::{contain, lock};
use crate::runtime::join_error::JoinError;

/// Keeps the outcome of one task, from the end of the task to its join handle.
///
/// The task and the handle share it, in an `Arc` or as a field of a larger shared value.
/// The side of the task calls [`resolve`](JoinCell::resolve) once the task's future has
/// been dropped. The side of the handle calls [`poll`](JoinCell::poll), and
/// [`detach`](JoinCell::detach) when the handle is dropped.
///
/// It allocates nothing, and no user code runs under its lock.
///
/// ```
/// use std::pin::Pin;
/// use std::sync::Arc;
/// use std::task::{Context, Poll};
///
/// use pollmark_core::JoinError;
/// use pollmark_core::support::JoinCell;
///
/// struct Handle<T>(Arc<JoinCell<T>>);
///
/// impl<T> Future for Handle<T> {
///     type Output = Result<T, JoinError>;
///
///     fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
///         self.0.poll(cx)
///     }
/// }
///
/// impl<T> Drop for Handle<T> {
///     fn drop(&mut self) {
///         self.0.detach();
///     }
/// }
///
/// let cell = Arc::new(JoinCell::new());
/// let handle = Handle(Arc::clone(&cell));
/// std::thread::spawn(move || cell.resolve(Ok(7)));
/// assert!(matches!(futures::executor::block_on(handle), Ok(7)));
/// ```
pub struct JoinCell<T>(Mutex<State<T>>);

enum State<T> {
    /// The task has not ended; the waker of the task that awaits it.
    Waiting(Option<Waker>),
    Ended(Result<T, JoinError>),
    /// The outcome was handed over, or given up.
    Gone,
}

impl<T> JoinCell<T> {
    /// The cell of a task that has not ended.
    pub const fn new() -> Self {
        JoinCell(Mutex::new(State::Waiting(None)))
    }

    /// The cell of a task that was refused at its spawn.
    pub const fn ended(outcome: Result<T, JoinError>) -> Self {
        JoinCell(Mutex::new(State::Ended(outcome)))
    }

    /// Stores the outcome and wakes the task that awaits it.
    ///
    /// The first outcome counts: another one is dropped, and so is one after
    /// [`detach`](JoinCell::detach).
    ///
    /// # Panics
    ///
    /// Never. A panic of the waker, or of the drop of an outcome, ends here.
    pub fn resolve(&self, outcome: Result<T, JoinError>) {
        let mut state = lock(&self.0);
        let State::Waiting(waker) = &mut *state else {
            drop(state);
            return contain(|| drop(outcome));
        };
        let waker = waker.take();
        *state = State::Ended(outcome);
        drop(state);
        if let Some(waker) = waker {
            contain(|| waker.wake());
        }
    }

    /// Takes the outcome, or registers the waker of `cx` until there is one. Only the
    /// waker of the last poll is woken.
    ///
    /// # Panics
    ///
    /// Panics if the outcome was taken before.
    pub fn poll(&self, cx: &mut Context<'_>) -> Poll<Result<T, JoinError>> {
        // Cloned and dropped without the lock: both are code of others, which may use the very
        // handle that is polled here. Declared first, so that it is dropped last.
        let mut waker;
        let mut state = lock(&self.0);
        if let State::Waiting(slot) = &*state {
            if matches!(slot, Some(known) if known.will_wake(cx.waker())) {
                return Poll::Pending;
            }
            drop(state);
            waker = Some(cx.waker().clone());
            state = lock(&self.0);
            if let State::Waiting(slot) = &mut *state {
                std::mem::swap(slot, &mut waker);
                return Poll::Pending;
            }
        }
        match std::mem::replace(&mut *state, State::Gone) {
            State::Ended(outcome) => Poll::Ready(outcome),
            _ => panic!("a join handle was polled after it had given its outcome"),
        }
    }

    /// Takes the outcome, if there is one.
    pub fn take(&self) -> Option<Result<T, JoinError>> {
        let mut state = lock(&self.0);
        match std::mem::replace(&mut *state, State::Gone) {
            State::Ended(outcome) => Some(outcome),
            other => {
                *state = other;
                None
            }
        }
    }

    /// Gives the outcome up: drops it now or, if the task has not ended, at its end.
    ///
    /// # Panics
    ///
    /// Passes on a panic of the drop of an outcome that is there.
    ///
    /// # Cancellation
    ///
    /// The task goes on.
    pub fn detach(&self) {
        let left = std::mem::replace(&mut *lock(&self.0), State::Gone);
        drop(left);
    }
}

impl<T> Default for JoinCell<T> {
    fn default() -> Self {
        JoinCell::new()
    }
}

impl<T> fmt::Debug for JoinCell<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ended = matches!(*lock(&self.0), State::Ended(_));
        f.debug_struct("JoinCell")
            .field("ended", &ended)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::task::Wake;

    use super::*;

    /// Counts its wakes; panics at each if it is to.
    struct Counter {
        wakes: AtomicUsize,
        panics: bool,
    }

    impl Counter {
        fn new(panics: bool) -> Arc<Self> {
            Arc::new(Counter {
                wakes: AtomicUsize::new(0),
                panics,
            })
        }

        fn poll<T>(self: &Arc<Self>, cell: &JoinCell<T>) -> Poll<Result<T, JoinError>> {
            let waker = Waker::from(Arc::clone(self));
            cell.poll(&mut Context::from_waker(&waker))
        }

        fn wakes(&self) -> usize {
            self.wakes.load(Ordering::Relaxed)
        }
    }

    impl Wake for Counter {
        fn wake(self: Arc<Self>) {
            self.wakes.fetch_add(1, Ordering::Relaxed);
            if self.panics {
                std::panic::resume_unwind(Box::new("a wake that panics"));
            }
        }
    }

    #[test]
    fn the_last_waker_is_woken_and_the_first_outcome_given() {
        let (cell, first, last) = (JoinCell::new(), Counter::new(false), Counter::new(false));
        assert!(first.poll(&cell).is_pending());
        assert!(last.poll(&cell).is_pending());
        assert!(last.poll(&cell).is_pending());
        cell.resolve(Ok(1));
        cell.resolve(Ok(2));
        assert_eq!((first.wakes(), last.wakes()), (0, 1));
        assert_eq!(Arc::strong_count(&first), 1, "a replaced waker is dropped");
        assert!(matches!(last.poll(&cell), Poll::Ready(Ok(1))));
        assert!(cell.take().is_none());
    }

    #[test]
    fn an_outcome_that_was_given_up_is_dropped_at_once() {
        let witness = Arc::new(());
        let (early, late) = (JoinCell::new(), JoinCell::new());
        early.resolve(Ok(Arc::clone(&witness)));
        early.detach();
        late.detach();
        late.resolve(Ok(Arc::clone(&witness)));
        assert_eq!(Arc::strong_count(&witness), 1);
    }

    #[test]
    fn a_wake_that_panics_does_not_unwind_the_task() {
        let (cell, counter) = (JoinCell::new(), Counter::new(true));
        assert!(counter.poll(&cell).is_pending());
        cell.resolve(Ok(()));
        assert_eq!(counter.wakes(), 1);
        assert!(matches!(cell.take(), Some(Ok(()))));
    }

    #[test]
    #[should_panic(expected = "polled after it had given its outcome")]
    fn a_poll_after_the_outcome_panics() {
        let cell = JoinCell::ended(Ok(()));
        let counter = Counter::new(false);
        assert!(counter.poll(&cell).is_ready());
        _ = counter.poll(&cell);
    }
}
