//! Awaiting and ending a smol task, levelled to the contract.

use std::future::Future;
use std::num::NonZeroU64;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use async_task::FallibleTask;
use pollmark_core::support::{caught_poll, requested_now};
use pollmark_core::{JoinError, JoinHandle};
use smol::Task;

use crate::core::Core;

/// Awaits a smol task or a call on smol's blocking pool.
///
/// Larger than smol's own handle by the number of its executor. A plain [`Task`] would
/// panic once its executor is gone, which looks like a panic of the task's.
#[derive(Debug)]
pub struct SmolJoinHandle<T> {
    /// `None` if the runtime was gone at the spawn.
    task: Option<FallibleTask<T>>,
    /// The number of the core that it lives on; `None` on the blocking pool, which does
    /// not end.
    core: Option<NonZeroU64>,
}

impl<T> SmolJoinHandle<T> {
    #[inline]
    pub(crate) fn task(task: Task<T>, core: NonZeroU64) -> Self {
        SmolJoinHandle {
            task: Some(task.fallible()),
            core: Some(core),
        }
    }

    #[inline]
    pub(crate) fn call(call: Task<T>) -> Self {
        SmolJoinHandle {
            task: Some(call.fallible()),
            core: None,
        }
    }

    pub(crate) fn refused() -> Self {
        SmolJoinHandle {
            task: None,
            core: None,
        }
    }

    /// Keeps the executor for as long as something is asked of the task; an error if
    /// it is gone, or going, and nothing is to be asked.
    ///
    /// To be cancelled a task is first marked as queued and then queued. An executor that
    /// is dropped between the two passes over the task, which then is put into a queue that
    /// is no longer read: its future would never be dropped, and the task that awaits it
    /// would hang.
    fn keep_executor(&self) -> Result<Option<Arc<Core>>, Gone> {
        match self.core {
            Some(core) => Core::numbered(core).map(Some).ok_or(Gone),
            None => Ok(None),
        }
    }
}

/// The executor drops the task, or has done so.
struct Gone;

impl<T: Send + 'static> Future for SmolJoinHandle<T> {
    type Output = Result<T, JoinError>;

    #[inline]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match &mut self.task {
            // It cannot have been cancelled: `abort` and `cancel` take the handle.
            Some(task) => poll_task(Pin::new(task), cx, || JoinError::Shutdown),
            None => Poll::Ready(Err(JoinError::Shutdown)),
        }
    }
}

impl<T: Send + 'static> JoinHandle<T> for SmolJoinHandle<T> {
    fn abort(mut self) {
        if let Ok(_executor) = self.keep_executor() {
            // smol cancels a `Task` that is dropped.
            drop(self.task.take());
        }
    }

    /// A task that ends in the poll that is under way loses its output, or its
    /// panic, and gives [`JoinError::Cancelled`]; so does one that the runtime's
    /// end took away before this call.
    ///
    /// # Cost
    ///
    /// Looks its executor up under a lock, and allocates a box, which smol's own `cancel`
    /// does not: smol asks for the end when its future is first polled, the contract wants
    /// it asked by this call, and a future that was polled may not be moved to the caller
    /// afterwards.
    fn cancel(mut self) -> impl Future<Output = Result<T, JoinError>> + Send {
        let executor = self.keep_executor();
        let mut ended = self.task.take().map(|task| match &executor {
            Ok(_) => Ending::Asked(Box::pin(task.cancel())),
            Err(Gone) => Ending::Awaited(task),
        });
        // smol asks for the end at the first poll only, and the call must do so.
        let cancelled = requested_now(move |cx| match &mut ended {
            Some(Ending::Asked(ended)) => poll_task(ended.as_mut(), cx, || JoinError::Cancelled),
            Some(Ending::Awaited(task)) => poll_task(Pin::new(task), cx, || JoinError::Cancelled),
            None => Poll::Ready(Err(JoinError::Shutdown)),
        });
        drop(executor);
        cancelled
    }
}

/// The end of a task that is cancelled.
enum Ending<T, F> {
    /// As it was asked to.
    Asked(Pin<Box<F>>),
    /// With its executor.
    Awaited(FallibleTask<T>),
}

impl<T> Drop for SmolJoinHandle<T> {
    #[inline]
    fn drop(&mut self) {
        if let Some(task) = self.task.take() {
            task.detach();
        }
    }
}

/// Polls for a task's output; `gone` is the reason if there is none.
#[inline]
fn poll_task<T>(
    task: Pin<&mut impl Future<Output = Option<T>>>,
    cx: &mut Context<'_>,
    gone: impl FnOnce() -> JoinError,
) -> Poll<Result<T, JoinError>> {
    // smol hands a task's panic on by unwinding the thread that polls for its output.
    caught_poll(|| task.poll(cx)).map(|ended| ended?.ok_or_else(gone))
}
