//! The handle that scenarios get: spawning and time.

use std::future::Future;
use std::io::{self, PipeReader};
use std::pin::Pin;
use std::sync::{Arc, Weak};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use pollmark_core::{ReadByte, Runtime};

use crate::core::Core;
use crate::{SmolJoinHandle, pipe};

/// A handle to a running [`Smol`](crate::Smol).
#[derive(Debug, Clone)]
pub struct SmolHandle {
    core: Weak<Core>,
    epoch: Instant,
}

impl SmolHandle {
    pub(crate) fn new(core: &Arc<Core>, epoch: Instant) -> Self {
        SmolHandle {
            core: Arc::downgrade(core),
            epoch,
        }
    }

    #[inline]
    fn open_core(&self) -> Option<Arc<Core>> {
        let core = self.core.upgrade()?;
        if core.is_closed() {
            return None;
        }
        Some(core)
    }
}

impl Runtime for SmolHandle {
    type JoinHandle<T: Send + 'static> = SmolJoinHandle<T>;
    type BlockingHandle<T: Send + 'static> = SmolJoinHandle<T>;
    type Sleep = SmolSleep;

    #[inline]
    fn spawn<F>(&self, future: F) -> SmolJoinHandle<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        match self.open_core() {
            Some(core) => SmolJoinHandle::task(core.executor.spawn(future), core.number),
            None => SmolJoinHandle::refused(),
        }
    }

    /// The pool is the process's: a call that was queued before the runtime shut
    /// down still runs, and its handle still gives its output.
    #[inline]
    fn spawn_blocking<T, F>(&self, work: F) -> SmolJoinHandle<T>
    where
        T: Send + 'static,
        F: FnOnce() -> T + Send + 'static,
    {
        let Some(core) = self.open_core() else {
            return SmolJoinHandle::refused();
        };
        let alive = core.alive();
        SmolJoinHandle::call(smol::unblock(move || {
            let _alive = alive;
            work()
        }))
    }

    #[inline]
    fn sleep(&self, duration: Duration) -> SmolSleep {
        SmolSleep(smol::Timer::after(duration))
    }

    #[inline]
    fn yield_now(&self) -> impl Future<Output = ()> + Send {
        smol::future::yield_now()
    }

    fn pipe_reader(&self, pipe: PipeReader) -> io::Result<impl ReadByte + use<>> {
        pipe::Reader::new(pipe)
    }

    #[inline]
    fn now(&self) -> Duration {
        self.epoch.elapsed()
    }
}

/// A wait on smol's timer.
#[derive(Debug)]
#[must_use = "futures do nothing unless polled"]
pub struct SmolSleep(smol::Timer);

impl Future for SmolSleep {
    type Output = ();

    #[inline]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        Pin::new(&mut self.0).poll(cx).map(drop)
    }
}
