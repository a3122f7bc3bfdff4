//! What a task or a call shares with its handle: the outcome, and who awaits it.

use std::fmt;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};

use pollmark_core::JoinError;

use crate::quiet::{lock, quietly};

/// The side of the thread that does the work.
pub(crate) struct Packet<T>(Mutex<State<T>>);

struct State<T> {
    outcome: Outcome<T>,
    /// Whom to wake when the outcome is there.
    awaiter: Option<Waker>,
    /// Whom to wake when the task is to end; set by its first poll.
    task: Option<Waker>,
    stop: Option<Stop>,
}

enum Outcome<T> {
    Awaited,
    Ready(Result<T, JoinError>),
    /// Handed over, or wanted by nobody.
    Gone,
}

/// Who wants the end of a task.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Stop {
    Cancelled,
    Shutdown,
}

impl From<Stop> for JoinError {
    fn from(stop: Stop) -> Self {
        match stop {
            Stop::Cancelled => JoinError::Cancelled,
            Stop::Shutdown => JoinError::Shutdown,
        }
    }
}

/// What a shutdown can do to a task or a call without knowing its output.
pub(crate) trait Unfinished: Send + Sync {
    /// Asks for its end.
    fn shut_down(&self);

    /// Resolves its handle now, whatever it still does.
    fn abandon(&self);
}

impl<T> Packet<T> {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Packet(Mutex::new(State {
            outcome: Outcome::Awaited,
            awaiter: None,
            task: None,
            stop: None,
        })))
    }

    /// Makes the outcome known, unless another has been. Never unwinds.
    pub(crate) fn complete(&self, outcome: Result<T, JoinError>) {
        let mut state = lock(&self.0);
        let task = state.task.take();
        let awaiter = state.awaiter.take();
        let unwanted = if matches!(state.outcome, Outcome::Awaited) {
            state.outcome = Outcome::Ready(outcome);
            None
        } else {
            Some(outcome)
        };
        drop(state);
        drop(task);
        quietly(|| drop(unwanted));
        if let Some(awaiter) = awaiter {
            quietly(|| awaiter.wake());
        }
    }

    /// Asks the task to end. The first to ask is who is named.
    pub(crate) fn stop(&self, stop: Stop) {
        let mut state = lock(&self.0);
        state.stop.get_or_insert(stop);
        let task = state.task.clone();
        drop(state);
        if let Some(task) = task {
            task.wake();
        }
    }

    /// Asked by the task before each of its polls: whether it is to end instead.
    pub(crate) fn stopped(&self, task: &Waker) -> Option<Stop> {
        let mut state = lock(&self.0);
        if state.stop.is_none() && state.task.is_none() {
            state.task = Some(task.clone());
        }
        state.stop
    }
}

impl<T: Send> Unfinished for Packet<T> {
    fn shut_down(&self) {
        self.stop(Stop::Shutdown);
    }

    fn abandon(&self) {
        self.complete(Err(JoinError::Shutdown));
    }
}

/// The side of the handle: a future of the outcome. Dropping it gives the
/// outcome up.
pub(crate) struct Receipt<T>(Arc<Packet<T>>);

impl<T> Receipt<T> {
    pub(crate) fn new(packet: Arc<Packet<T>>) -> Self {
        Receipt(packet)
    }

    pub(crate) fn cancel(&self) {
        self.0.stop(Stop::Cancelled);
    }
}

impl<T> Future for Receipt<T> {
    type Output = Result<T, JoinError>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut state = lock(&self.0.0);
        match std::mem::replace(&mut state.outcome, Outcome::Gone) {
            Outcome::Ready(outcome) => Poll::Ready(outcome),
            Outcome::Gone => panic!("a handle was polled after it had given its outcome"),
            Outcome::Awaited => {
                state.outcome = Outcome::Awaited;
                let replaced = match &mut state.awaiter {
                    Some(awaiter) if awaiter.will_wake(cx.waker()) => None,
                    awaiter => awaiter.replace(cx.waker().clone()),
                };
                // Outside the lock: a waker's last clone may drop a task, and
                // with it this very handle.
                drop(state);
                drop(replaced);
                Poll::Pending
            }
        }
    }
}

impl<T> Drop for Receipt<T> {
    fn drop(&mut self) {
        let mut state = lock(&self.0.0);
        let outcome = std::mem::replace(&mut state.outcome, Outcome::Gone);
        let awaiter = state.awaiter.take();
        drop(state);
        drop(awaiter);
        drop(outcome);
    }
}

impl<T> fmt::Debug for Receipt<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ended = !matches!(lock(&self.0.0).outcome, Outcome::Awaited);
        f.debug_struct("Receipt").field("ended", &ended).finish()
    }
}
