//! The outcome of a task, and the handles that wait for it.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Waker};

use pollmark_core::{JoinError, JoinHandle};

use crate::unwind::contain;

/// The cell in which a task leaves its outcome.
pub(crate) struct Join<T>(Mutex<Joining<T>>);

enum Joining<T> {
    /// Not ended; the waker to wake then.
    Waiting(Option<Waker>),
    /// Not ended, and without a handle.
    Detached,
    Ended(Result<T, JoinError>),
    Taken,
}

impl<T> Join<T> {
    pub(crate) fn waiting() -> Self {
        Join(Mutex::new(Joining::Waiting(None)))
    }

    pub(crate) fn ended(outcome: Result<T, JoinError>) -> Self {
        Join(Mutex::new(Joining::Ended(outcome)))
    }

    /// Leaves the outcome, and wakes the task that waits for it. Only the first one counts.
    pub(crate) fn resolve(&self, outcome: Result<T, JoinError>) {
        let mut joining = self.lock();
        let Joining::Waiting(waker) = &mut *joining else {
            drop(joining);
            return contain(|| drop(outcome));
        };
        let waker = waker.take();
        *joining = Joining::Ended(outcome);
        drop(joining);
        if let Some(waker) = waker {
            contain(|| waker.wake());
        }
    }

    /// Takes the outcome, if there is one.
    pub(crate) fn take(&self) -> Option<Result<T, JoinError>> {
        match self.replace(Joining::Taken) {
            Joining::Ended(outcome) => Some(outcome),
            other => {
                self.replace(other);
                None
            }
        }
    }

    fn poll(&self, cx: &mut Context<'_>) -> Poll<Result<T, JoinError>> {
        let waker = cx.waker().clone();
        let mut joining = self.lock();
        if let Joining::Waiting(slot) = &mut *joining {
            let former = slot.replace(waker);
            drop(joining);
            drop(former);
            return Poll::Pending;
        }
        match std::mem::replace(&mut *joining, Joining::Taken) {
            Joining::Ended(outcome) => Poll::Ready(outcome),
            _ => panic!("a join handle was polled after it had given its outcome"),
        }
    }

    fn detach(&self) {
        let left = self.replace(Joining::Detached);
        drop(left);
    }

    fn replace(&self, joining: Joining<T>) -> Joining<T> {
        std::mem::replace(&mut *self.lock(), joining)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Joining<T>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A task whose output is a `T`, without the type of its future.
pub(crate) trait Joinable<T>: Send + Sync {
    fn join(&self) -> &Join<T>;

    fn abort(self: Arc<Self>);
}

/// Awaits a task on the virtual clock; dropping it detaches the task.
///
/// # Panics
///
/// Polling it panics once it has given its outcome.
pub struct VirtualJoinHandle<T>(Arc<dyn Joinable<T>>);

impl<T> VirtualJoinHandle<T> {
    pub(crate) fn new(task: Arc<dyn Joinable<T>>) -> Self {
        VirtualJoinHandle(task)
    }
}

impl<T: Send + 'static> JoinHandle<T> for VirtualJoinHandle<T> {
    fn abort(self) {
        Arc::clone(&self.0).abort();
    }

    fn cancel(self) -> impl Future<Output = Result<T, JoinError>> + Send {
        Arc::clone(&self.0).abort();
        self
    }
}

impl<T> Future for VirtualJoinHandle<T> {
    type Output = Result<T, JoinError>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.0.join().poll(cx)
    }
}

impl<T> Drop for VirtualJoinHandle<T> {
    fn drop(&mut self) {
        self.0.join().detach();
    }
}

impl<T> fmt::Debug for VirtualJoinHandle<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VirtualJoinHandle").finish_non_exhaustive()
    }
}

/// Awaits a blocking call on the virtual clock; dropping it detaches the call.
///
/// # Panics
///
/// Polling it panics once it has given its outcome.
#[derive(Debug)]
pub struct VirtualBlockingHandle<T>(VirtualJoinHandle<T>);

impl<T> VirtualBlockingHandle<T> {
    pub(crate) fn new(call: Arc<dyn Joinable<T>>) -> Self {
        VirtualBlockingHandle(VirtualJoinHandle(call))
    }
}

impl<T> Future for VirtualBlockingHandle<T> {
    type Output = Result<T, JoinError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.0).poll(cx)
    }
}
