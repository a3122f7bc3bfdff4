//! Awaiting and ending an async-std task, levelled to the contract.

use std::future::Future;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};

use async_std::task;
use pollmark_core::support::{caught_poll, requested_now};
use pollmark_core::{JoinError, JoinHandle};

/// Awaits an async-std task or blocking call.
///
/// async-std's own handle detaches when it is dropped, as the contract has it.
#[derive(Debug)]
pub struct AsyncStdJoinHandle<T>(
    /// `None` if the runtime was gone at the spawn.
    Option<task::JoinHandle<T>>,
);

impl<T> AsyncStdJoinHandle<T> {
    #[inline]
    pub(crate) fn new(task: task::JoinHandle<T>) -> Self {
        AsyncStdJoinHandle(Some(task))
    }

    pub(crate) fn refused() -> Self {
        AsyncStdJoinHandle(None)
    }
}

impl<T: Send + 'static> Future for AsyncStdJoinHandle<T> {
    type Output = Result<T, JoinError>;

    /// Polled again after it was ready, it gives [`JoinError::Panicked`].
    #[inline]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match &mut self.0 {
            // async-std hands a task's panic on by unwinding the thread that polls its handle.
            Some(task) => caught_poll(|| Pin::new(task).poll(cx)),
            None => Poll::Ready(Err(JoinError::Shutdown)),
        }
    }
}

impl<T: Send + 'static> JoinHandle<T> for AsyncStdJoinHandle<T> {
    fn abort(self) {
        let Some(task) = self.0 else { return };
        // async-std asks for the end at the first poll, and a handle that is
        // dropped unpolled detaches instead.
        let request = pin!(task.cancel());
        let mut cx = Context::from_waker(Waker::noop());
        // The task may have panicked before: an abort gives no outcome.
        drop(caught_poll(|| request.poll(&mut cx)));
    }

    /// A task that ends in the poll that is under way loses its output, or its
    /// panic, and gives [`JoinError::Cancelled`].
    ///
    /// # Cost
    ///
    /// Allocates a box, which async-std's own `cancel` does not: async-std asks for the
    /// end when its future is first polled, the contract wants it asked by this call, and
    /// a future that was polled may not be moved to the caller afterwards.
    fn cancel(self) -> impl Future<Output = Result<T, JoinError>> + Send {
        let mut request = self.0.map(|task| Box::pin(task.cancel()));
        // async-std asks for the end at the first poll, and the call must do so.
        requested_now(move |cx| match &mut request {
            Some(request) => caught_poll(|| request.as_mut().poll(cx))
                .map(|ended| ended?.ok_or_else(|| JoinError::Cancelled)),
            None => Poll::Ready(Err(JoinError::Shutdown)),
        })
    }
}
