//! The contents of a task that is to be cancelled: a future, with reports of its suspension and its
//! end.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context as TaskContext, Poll};
use std::time::Duration;

use futures::channel::oneshot;
use pin_project_lite::pin_project;

use crate::runtime::Runtime;

/// Wraps the future in which a task is to be cancelled.
pub(super) fn held<F, R: Runtime>(
    guard: Guard<R>,
    tell: oneshot::Sender<()>,
    future: F,
) -> Held<F, R> {
    Held {
        future,
        tell: Some(tell),
        guard,
    }
}

pin_project! {
    /// The future of every cancelled task, with the senders of its reports.
    pub(super) struct Held<F, R>
    where
        R: Runtime,
    {
        // Dropped in this order, the guard last.
        #[pin]
        future: F,
        tell: Option<oneshot::Sender<()>>,
        guard: Guard<R>,
    }
}

impl<F: Future, R: Runtime> Future for Held<F, R> {
    type Output = F::Output;

    /// Polls the future, and reports when it has been suspended for the first time.
    fn poll(self: Pin<&mut Self>, cx: &mut TaskContext<'_>) -> Poll<F::Output> {
        let this = self.project();
        let polled = this.future.poll(cx);
        if let Some(tell) = this.tell.take() {
            // The receiver lives until the end of the round.
            let _ = tell.send(());
        }
        polled
    }
}

/// Reports when it is dropped, in the runtime's time.
pub(super) struct Guard<R: Runtime> {
    runtime: R,
    tell: Option<oneshot::Sender<Duration>>,
}

impl<R: Runtime> Guard<R> {
    pub(super) fn new(runtime: R) -> (Self, oneshot::Receiver<Duration>) {
        let (tell, gone) = oneshot::channel();
        let guard = Guard {
            runtime,
            tell: Some(tell),
        };
        (guard, gone)
    }
}

impl<R: Runtime> Drop for Guard<R> {
    fn drop(&mut self) {
        let now = self.runtime.now();
        if let Some(tell) = self.tell.take() {
            // The receiver is gone if the run was given up.
            let _ = tell.send(now);
        }
    }
}
