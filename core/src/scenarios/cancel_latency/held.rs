//! What a task holds that is to be cancelled: who tells of its suspension and end.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context as TaskContext, Poll};
use std::time::Duration;

use futures::channel::oneshot;
use pin_project_lite::pin_project;

use crate::runtime::Runtime;

/// Wraps what a task is to be cancelled in.
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
    /// What every cancelled task is: a future, and who tells of it.
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

    /// Polls the future, and tells when it has been suspended for the first time.
    fn poll(self: Pin<&mut Self>, cx: &mut TaskContext<'_>) -> Poll<F::Output> {
        let this = self.project();
        let polled = this.future.poll(cx);
        if let Some(tell) = this.tell.take() {
            // Somebody listens until the end of the round.
            let _ = tell.send(());
        }
        polled
    }
}

/// Tells when it is dropped, in the runtime's time.
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
            // Nobody listens where the run was given up.
            let _ = tell.send(now);
        }
    }
}
