//! A child of a group: the task that it runs as, and its value.

use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context as TaskContext, Poll};

use futures::channel::oneshot;
use pin_project_lite::pin_project;

use super::error::Cause;
use super::shared::Shared;
use crate::program::sink::Sink;
use crate::runtime::Runtime;
use crate::runtime::join_error::{JoinError, Panic};

pin_project! {
    /// The future that runs as a child's task: the child's own, with a report of how it ended.
    pub(super) struct Task<F, T, R, S, E>
    where
        R: Runtime,
        S: Sink,
        E: Send,
        E: 'static,
    {
        #[pin]
        future: F,
        // Dropped after the future, so that a failure is reported once it was recorded.
        alarm: Alarm<R, S, E>,
        sender: Option<oneshot::Sender<T>>,
    }
}

impl<F, T, R: Runtime, S: Sink, E: Send + 'static> Task<F, T, R, S, E> {
    /// The task of the child with this number; its value goes to `sender`.
    pub(super) fn new(
        future: F,
        group: Arc<Shared<R, S, E>>,
        number: usize,
        sender: oneshot::Sender<T>,
    ) -> Self {
        let alarm = Alarm {
            group,
            number,
            cause: None,
            armed: true,
        };
        Task {
            future,
            alarm,
            sender: Some(sender),
        }
    }
}

impl<F, T, R: Runtime, S: Sink, E: Send + 'static> Future for Task<F, T, R, S, E>
where
    F: Future<Output = Result<T, E>>,
{
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut TaskContext<'_>) -> Poll<()> {
        let this = self.project();
        let future = this.future;
        match catch_unwind(AssertUnwindSafe(|| future.poll(cx))) {
            Ok(Poll::Pending) => return Poll::Pending,
            Ok(Poll::Ready(Ok(value))) => {
                this.alarm.armed = false;
                // The receiver may be gone: the value is optional.
                let _ = this.sender.take().map(|sender| sender.send(value));
            }
            Ok(Poll::Ready(Err(error))) => {
                this.alarm.cause = Some(Cause::Failed(error));
                this.alarm.sound();
            }
            Err(payload) => {
                // To the runtime it is a panic like any other.
                let panic = Panic::new(payload);
                let message = panic.message();
                this.alarm.cause = Some(Cause::Lost(JoinError::Panicked(panic)));
                resume_unwind(Box::new(message));
            }
        }
        Poll::Ready(())
    }
}

/// Ends the group if a child ends without a value: by an error, a panic, a refused spawn or the end
/// of the runtime.
struct Alarm<R: Runtime, S: Sink, E: Send + 'static> {
    group: Arc<Shared<R, S, E>>,
    number: usize,
    cause: Option<Cause<E>>,
    armed: bool,
}

impl<R: Runtime, S: Sink, E: Send + 'static> Alarm<R, S, E> {
    fn sound(&mut self) {
        if std::mem::replace(&mut self.armed, false) {
            self.group.alarms().insert(self.number, self.cause.take());
            self.group.failed.raise();
        }
    }
}

impl<R: Runtime, S: Sink, E: Send + 'static> Drop for Alarm<R, S, E> {
    fn drop(&mut self) {
        self.sound();
    }
}

/// The value of a child of a [`TaskGroup`](super::TaskGroup).
#[derive(Debug)]
pub struct Child<T>(pub(super) oneshot::Receiver<T>);

impl<T> Future for Child<T> {
    type Output = Result<T, NoValue>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut TaskContext<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.0).poll(cx).map_err(|_| NoValue)
    }
}

/// The child failed or was cancelled; its group's [`GroupError`](super::GroupError) says why.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the child gave no value")]
pub struct NoValue;
