//! The handle that scenarios get: spawning and time.

use std::any::Any;
use std::future::Future;
use std::io::{self, PipeReader};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

#[cfg(doc)]
use pollmark_core::JoinError;
use pollmark_core::{ReadByte, Runtime};
use tokio::runtime::Handle;
use tokio::{task, time};

use crate::entered::RuntimeNumber;
use crate::join::{TokioBlockingHandle, TokioJoinHandle};
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
        TokioJoinHandle::new(self.handle.spawn(future))
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
        match spawned {
            Ok(handle) => TokioBlockingHandle::new(handle),
            Err(payload) => TokioBlockingHandle::refused(refusal(payload)),
        }
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
    /// Panics if the runtime was built without [`Config::io`](pollmark_core::Config::io).
    fn pipe_reader(&self, pipe: PipeReader) -> io::Result<impl ReadByte + use<>> {
        // Not if it has: of several runtimes with one number, the thread's own is to watch it.
        let _entered = (!self.number.is_entered()).then(|| self.handle.enter());
        pipe::Reader::new(pipe)
    }

    #[inline]
    fn now(&self) -> Duration {
        self.epoch.elapsed()
    }
}

#[cold]
fn refusal(payload: Box<dyn Any + Send>) -> io::Error {
    let message = payload.downcast_ref::<String>().cloned();
    let message = message.unwrap_or_else(|| "no thread for the blocking pool".into());
    io::Error::new(io::ErrorKind::WouldBlock, message)
}
