//! The handle of a task that a context has spawned.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use crate::runtime::JoinHandle;
use crate::runtime::join_error::JoinError;

/// The handle of a task or a blocking call started by a [`Context`](crate::Context): a
/// [`Runtime::JoinHandle`](crate::Runtime::JoinHandle) or a
/// [`Runtime::BlockingHandle`](crate::Runtime::BlockingHandle).
///
/// It may be ignored. The task runs without it, unlike a future, which does nothing unless it is
/// awaited; so the compiler does not warn of a task that is started and left to itself:
///
/// ```
/// #![deny(unused_must_use)]
/// use pollmark_core::transcript::Sink;
/// use pollmark_core::{Context, Runtime};
///
/// fn start<R: Runtime, S: Sink>(cx: &Context<R, S>) {
///     cx.spawn("greeter", async {});
///     cx.spawn_blocking("reader", || ());
/// }
/// ```
///
/// # Cancellation
///
/// Dropping the handle detaches the task. Dropping the future of [`cancel`](JoinHandle::cancel)
/// does not take the request back.
#[derive(Debug)]
pub struct Spawned<H>(H);

impl<H> Spawned<H> {
    #[inline]
    pub(super) fn new(handle: H) -> Self {
        Spawned(handle)
    }
}

impl<H: Future + Unpin> Future for Spawned<H> {
    type Output = H::Output;

    #[inline]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<H::Output> {
        Pin::new(&mut self.0).poll(cx)
    }
}

impl<T, H: JoinHandle<T>> JoinHandle<T> for Spawned<H> {
    #[inline]
    fn abort(self) {
        self.0.abort();
    }

    #[inline]
    fn cancel(self) -> impl Future<Output = Result<T, JoinError>> + Send {
        self.0.cancel()
    }
}
