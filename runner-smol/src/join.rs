//! Awaiting and ending a smol task, levelled to the contract.

use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use async_task::FallibleTask;
use pollmark_core::{JoinError, JoinHandle};
use smol::Task;

/// Awaits a smol task or a call on smol's blocking pool.
///
/// As large as smol's own handle. A plain [`Task`] would panic where its
/// executor is gone, which looks like a panic of the task's.
#[derive(Debug)]
pub struct SmolJoinHandle<T>(
    /// `None` where the runtime was gone.
    Option<FallibleTask<T>>,
);

impl<T> SmolJoinHandle<T> {
    #[inline]
    pub(crate) fn new(task: Task<T>) -> Self {
        SmolJoinHandle(Some(task.fallible()))
    }

    pub(crate) fn refused() -> Self {
        SmolJoinHandle(None)
    }
}

impl<T: Send + 'static> Future for SmolJoinHandle<T> {
    type Output = Result<T, JoinError>;

    #[inline]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match &mut self.0 {
            // Nobody else can have cancelled it: `abort` and `cancel` take the handle.
            Some(task) => poll_task(Pin::new(task), cx, || JoinError::Shutdown),
            None => Poll::Ready(Err(JoinError::Shutdown)),
        }
    }
}

impl<T: Send + 'static> JoinHandle<T> for SmolJoinHandle<T> {
    fn abort(mut self) {
        // Where a `Task` is dropped smol cancels it.
        drop(self.0.take());
    }

    /// A task that ends in the poll that is under way loses its output, or its
    /// panic, and gives [`JoinError::Cancelled`]; so does one that the runtime's
    /// end took away before this call.
    ///
    /// # Cost
    ///
    /// Allocates a box, which smol's own `cancel` does not: smol asks for the end when
    /// its future is first polled, the contract wants it asked by this call, and a
    /// future that was polled may not be moved to the caller afterwards.
    fn cancel(mut self) -> impl Future<Output = Result<T, JoinError>> + Send {
        let mut request = self.0.take().map(|task| Box::pin(task.cancel()));
        let mut poll = move |cx: &mut Context<'_>| match &mut request {
            Some(request) => poll_task(request.as_mut(), cx, || JoinError::Cancelled),
            None => Poll::Ready(Err(JoinError::Shutdown)),
        };
        // smol asks for the end at the first poll only, and the call must do so.
        let asked = poll(&mut Context::from_waker(Waker::noop()));
        async {
            match asked {
                Poll::Ready(ended) => ended,
                Poll::Pending => poll_fn(poll).await,
            }
        }
    }
}

impl<T> Drop for SmolJoinHandle<T> {
    #[inline]
    fn drop(&mut self) {
        if let Some(task) = self.0.take() {
            task.detach();
        }
    }
}

/// Polls for a task's output; `gone` is what it means that there is none.
#[inline]
fn poll_task<T>(
    task: Pin<&mut impl Future<Output = Option<T>>>,
    cx: &mut Context<'_>,
    gone: impl FnOnce() -> JoinError,
) -> Poll<Result<T, JoinError>> {
    // smol hands a task's panic on by unwinding whoever polls for its output.
    match catch_unwind(AssertUnwindSafe(|| task.poll(cx))) {
        Ok(Poll::Pending) => Poll::Pending,
        Ok(Poll::Ready(output)) => Poll::Ready(output.ok_or_else(gone)),
        Err(payload) => Poll::Ready(Err(JoinError::panicked(payload))),
    }
}
