//! Awaiting and ending a task of the virtual clock.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use pollmark_core::support::JoinCell;
use pollmark_core::{JoinError, JoinHandle};

/// A task with the output `T`, without the type of its future.
pub(crate) trait Joinable<T>: Send + Sync {
    fn join(&self) -> &JoinCell<T>;

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
