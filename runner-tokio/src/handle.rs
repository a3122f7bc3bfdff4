//! What scenarios see of tokio: spawning, joining, time.

use std::any::Any;
use std::future::Future;
use std::io::{self, PipeReader};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use pollmark_core::{JoinError, JoinHandle, ReadByte, Runtime};
use tokio::runtime::Handle;
use tokio::{task, time};

use crate::entered::RuntimeNumber;
use crate::pipe;

/// A handle to a tokio runtime of either flavour.
///
/// # Panics
///
/// A wait that is polled after the runtime has shut down panics: tokio's timer
/// is gone then, and it has no other way to say so. The runtime drops its own
/// tasks and their waits first, so this is seen only from outside.
#[derive(Debug, Clone)]
pub struct TokioHandle {
    handle: Handle,
    number: RuntimeNumber,
    epoch: Instant,
}

impl TokioHandle {
    pub(crate) fn new(handle: Handle, number: RuntimeNumber, epoch: Instant) -> Self {
        TokioHandle {
            handle,
            number,
            epoch,
        }
    }

    #[cold]
    fn sleep_from_outside(&self, duration: Duration) -> time::Sleep {
        let _entered = self.handle.enter();
        time::sleep(duration)
    }
}

impl Runtime for TokioHandle {
    type JoinHandle<T: Send + 'static> = TokioJoinHandle<T>;
    type BlockingHandle<T: Send + 'static> = TokioBlockingHandle<T>;
    type Sleep = time::Sleep;

    #[inline]
    fn spawn<F>(&self, future: F) -> TokioJoinHandle<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        TokioJoinHandle(self.handle.spawn(future))
    }

    /// Tokio queues a call for which the OS refuses a new thread, as long as it
    /// has another; only a refused first thread is [`JoinError::Spawn`]. That
    /// call stays in tokio's queue and runs after all if a later call gets a
    /// thread.
    #[inline]
    fn spawn_blocking<T, F>(&self, work: F) -> TokioBlockingHandle<T>
    where
        T: Send + 'static,
        F: FnOnce() -> T + Send + 'static,
    {
        // Tokio panics in the caller when its pool has no thread and gets none.
        let spawned = catch_unwind(AssertUnwindSafe(|| self.handle.spawn_blocking(work)));
        TokioBlockingHandle(match spawned {
            Ok(handle) => Spawned::Task(handle),
            Err(payload) => Spawned::Refused(Some(refusal(payload))),
        })
    }

    #[inline]
    fn sleep(&self, duration: Duration) -> time::Sleep {
        // Tokio finds the timer through the thread, which may be any thread, and
        // entering the runtime costs a sixth of a wait.
        if !self.number.is_entered() {
            return self.sleep_from_outside(duration);
        }
        time::sleep(duration)
    }

    #[inline]
    fn yield_now(&self) -> impl Future<Output = ()> + Send {
        task::yield_now()
    }

    /// # Panics
    ///
    /// Panics where the runtime was built without [`Config::io`](pollmark_core::Config::io).
    fn pipe_reader(&self, pipe: PipeReader) -> io::Result<impl ReadByte + use<>> {
        let _entered = self.handle.enter();
        pipe::Reader::new(pipe)
    }

    #[inline]
    fn now(&self) -> Duration {
        self.epoch.elapsed()
    }
}

/// Awaits a tokio task.
#[derive(Debug)]
pub struct TokioJoinHandle<T>(task::JoinHandle<T>);

impl<T: Send + 'static> Future for TokioJoinHandle<T> {
    type Output = Result<T, JoinError>;

    #[inline]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        // Nobody else can have cancelled it: `abort` and `cancel` take the handle.
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

#[cold]
fn refusal(payload: Box<dyn Any + Send>) -> io::Error {
    let message = payload.downcast_ref::<String>().cloned();
    let message = message.unwrap_or_else(|| "no thread for the blocking pool".into());
    io::Error::new(io::ErrorKind::WouldBlock, message)
}
