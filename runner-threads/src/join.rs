//! Awaiting a task or a blocking call.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use pollmark_core::support::JoinCell;
use pollmark_core::{JoinError, JoinHandle};

use crate::stop::{Stop, StopRequest, Unfinished};

/// The state that a task's thread shares with its handle.
#[derive(Debug)]
pub(crate) struct TaskCell<T> {
    pub(crate) outcome: JoinCell<T>,
    pub(crate) stop: StopRequest,
}

impl<T> TaskCell<T> {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(TaskCell {
            outcome: JoinCell::new(),
            stop: StopRequest::default(),
        })
    }
}

impl<T: Send> Unfinished for TaskCell<T> {
    fn shut_down(&self) {
        self.stop.request(Stop::Shutdown);
    }

    fn abandon(&self) {
        self.outcome.resolve(Err(JoinError::Shutdown));
    }
}

/// Awaits a task of its own thread; see [`JoinHandle`].
///
/// # Panics
///
/// Panics if it is polled again after it has given its outcome.
#[derive(Debug)]
#[must_use = "dropping a handle detaches the task"]
pub struct TaskHandle<T>(Arc<TaskCell<T>>);

impl<T> TaskHandle<T> {
    pub(crate) fn new(task: Arc<TaskCell<T>>) -> Self {
        TaskHandle(task)
    }
}

impl<T> Future for TaskHandle<T> {
    type Output = Result<T, JoinError>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.0.outcome.poll(cx)
    }
}

impl<T: Send + 'static> JoinHandle<T> for TaskHandle<T> {
    fn abort(self) {
        self.0.stop.request(Stop::Cancelled);
    }

    fn cancel(self) -> impl Future<Output = Result<T, JoinError>> + Send {
        self.0.stop.request(Stop::Cancelled);
        self
    }
}

impl<T> Drop for TaskHandle<T> {
    fn drop(&mut self) {
        self.0.outcome.detach();
    }
}

/// Awaits a blocking call. Dropping it detaches the call, which still runs.
///
/// # Panics
///
/// Panics if it is polled again after it has given its outcome.
#[derive(Debug)]
#[must_use = "dropping a handle detaches the call"]
pub struct BlockingHandle<T>(Arc<JoinCell<T>>);

impl<T> BlockingHandle<T> {
    pub(crate) fn new(outcome: Arc<JoinCell<T>>) -> Self {
        BlockingHandle(outcome)
    }
}

impl<T> Future for BlockingHandle<T> {
    type Output = Result<T, JoinError>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.0.poll(cx)
    }
}

impl<T> Drop for BlockingHandle<T> {
    fn drop(&mut self) {
        self.0.detach();
    }
}
