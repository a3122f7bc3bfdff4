//! Awaiting and ending a tokio task, levelled to the contract.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use pollmark_core::{JoinError, JoinHandle};
use tokio::task;

/// Awaits a tokio task.
#[derive(Debug)]
pub struct TokioJoinHandle<T>(task::JoinHandle<T>);

impl<T> TokioJoinHandle<T> {
    #[inline]
    pub(crate) fn new(task: task::JoinHandle<T>) -> Self {
        TokioJoinHandle(task)
    }
}

impl<T: Send + 'static> Future for TokioJoinHandle<T> {
    type Output = Result<T, JoinError>;

    #[inline]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        // It cannot have been cancelled: `abort` and `cancel` take the handle.
        let polled = Pin::new(&mut self.0).poll(cx);
        polled.map_err(|error| ended_by(error, JoinError::Shutdown))
    }
}

impl<T: Send + 'static> JoinHandle<T> for TokioJoinHandle<T> {
    #[inline]
    fn abort(self) {
        self.0.abort();
    }

    /// A task that the runtime's end took away before this call gives
    /// [`JoinError::Cancelled`] too: tokio does not keep the two apart.
    fn cancel(self) -> impl Future<Output = Result<T, JoinError>> + Send {
        self.0.abort();
        async {
            let ended = self.0.await;
            ended.map_err(|error| ended_by(error, JoinError::Cancelled))
        }
    }
}

/// Awaits a call on tokio's blocking pool.
#[derive(Debug)]
pub struct TokioBlockingHandle<T>(Spawned<T>);

impl<T> TokioBlockingHandle<T> {
    #[inline]
    pub(crate) fn new(call: task::JoinHandle<T>) -> Self {
        TokioBlockingHandle(Spawned::Task(call))
    }

    /// The handle of a call for which there is no thread.
    pub(crate) fn refused(error: io::Error) -> Self {
        TokioBlockingHandle(Spawned::Refused(Some(error)))
    }
}

#[derive(Debug)]
enum Spawned<T> {
    Task(task::JoinHandle<T>),
    /// The error, until it has been handed out.
    Refused(Option<io::Error>),
}

impl<T: Send + 'static> Future for TokioBlockingHandle<T> {
    type Output = Result<T, JoinError>;

    /// # Panics
    ///
    /// Panics if it is polled again after it was ready, as tokio's own handle does.
    #[inline]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match &mut self.0 {
            Spawned::Task(handle) => Pin::new(handle)
                .poll(cx)
                .map_err(|error| ended_by(error, JoinError::Shutdown)),
            Spawned::Refused(error) => {
                let error = error.take().expect("polled after it was ready");
                Poll::Ready(Err(JoinError::Spawn(error)))
            }
        }
    }
}

#[cold]
fn ended_by(error: task::JoinError, stopped: JoinError) -> JoinError {
    match error.try_into_panic() {
        Ok(payload) => JoinError::panicked(payload),
        Err(_) => stopped,
    }
}
