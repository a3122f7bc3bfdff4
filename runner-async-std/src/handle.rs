//! The handle that scenarios get: spawning and time.

use std::future::Future;
use std::io::{self, PipeReader};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use async_io::Timer;
use async_std::task;
use pollmark_core::{ReadByte, Runtime};

use crate::{AsyncStdJoinHandle, pipe};

/// A handle to the process's async-std, as long as its
/// [`AsyncStd`](crate::AsyncStd) has not shut down.
#[derive(Debug, Clone)]
pub struct AsyncStdHandle {
    closed: Arc<AtomicBool>,
    epoch: Instant,
}

impl AsyncStdHandle {
    pub(crate) fn new() -> Self {
        AsyncStdHandle {
            closed: Arc::new(AtomicBool::new(false)),
            epoch: Instant::now(),
        }
    }

    /// Refuses every spawn from now on, through any clone.
    pub(crate) fn close(&self) {
        self.closed.store(true, Ordering::Release);
    }

    #[inline]
    fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Acquire)
    }
}

impl Runtime for AsyncStdHandle {
    type JoinHandle<T: Send + 'static> = AsyncStdJoinHandle<T>;
    type BlockingHandle<T: Send + 'static> = AsyncStdJoinHandle<T>;
    type Sleep = AsyncStdSleep;

    #[inline]
    fn spawn<F>(&self, future: F) -> AsyncStdJoinHandle<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        if self.is_closed() {
            return AsyncStdJoinHandle::refused();
        }
        AsyncStdJoinHandle::new(task::spawn(future))
    }

    #[inline]
    fn spawn_blocking<T, F>(&self, work: F) -> AsyncStdJoinHandle<T>
    where
        T: Send + 'static,
        F: FnOnce() -> T + Send + 'static,
    {
        if self.is_closed() {
            return AsyncStdJoinHandle::refused();
        }
        AsyncStdJoinHandle::new(task::spawn_blocking(work))
    }

    #[inline]
    fn sleep(&self, duration: Duration) -> AsyncStdSleep {
        AsyncStdSleep(Timer::after(duration))
    }

    #[inline]
    fn yield_now(&self) -> impl Future<Output = ()> + Send {
        task::yield_now()
    }

    fn pipe_reader(&self, pipe: PipeReader) -> io::Result<impl ReadByte + use<>> {
        pipe::Reader::new(pipe)
    }

    #[inline]
    fn now(&self) -> Duration {
        self.epoch.elapsed()
    }
}

/// A wait on the timer that async-std is built on.
#[derive(Debug)]
#[must_use = "futures do nothing unless polled"]
pub struct AsyncStdSleep(Timer);

impl Future for AsyncStdSleep {
    type Output = ();

    #[inline]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        Pin::new(&mut self.0).poll(cx).map(drop)
    }
}
