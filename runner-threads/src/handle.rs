//! The handle that scenarios get: spawning and time.

use std::fmt;
use std::io::{self, PipeReader};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use pollmark_core::{ReadByte, Runtime};

use crate::blocking::Calls;
use crate::join::{BlockingHandle, TaskHandle};
use crate::pipe;
use crate::registry::Registry;
use crate::sleep::Sleep;
use crate::task;

/// A handle to the threads of a [`Threads`](crate::Threads), on which scenarios spawn.
#[derive(Clone)]
pub struct ThreadsHandle {
    shared: Arc<Shared>,
}

struct Shared {
    began: Instant,
    registry: Arc<Registry>,
    calls: Arc<Calls>,
}

impl ThreadsHandle {
    pub(crate) fn new(registry: Arc<Registry>, calls: Arc<Calls>) -> Self {
        ThreadsHandle {
            shared: Arc::new(Shared {
                began: Instant::now(),
                registry,
                calls,
            }),
        }
    }

    pub(crate) fn registry(&self) -> &Arc<Registry> {
        &self.shared.registry
    }

    pub(crate) fn calls(&self) -> &Calls {
        &self.shared.calls
    }
}

impl Runtime for ThreadsHandle {
    type JoinHandle<T: Send + 'static> = TaskHandle<T>;
    type BlockingHandle<T: Send + 'static> = BlockingHandle<T>;
    type Sleep = Sleep;

    fn spawn<F>(&self, future: F) -> TaskHandle<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        task::spawn(&self.shared.registry, Box::pin(future))
    }

    fn spawn_blocking<T, F>(&self, work: F) -> BlockingHandle<T>
    where
        T: Send + 'static,
        F: FnOnce() -> T + Send + 'static,
    {
        self.shared.calls.spawn(work)
    }

    fn sleep(&self, duration: Duration) -> Sleep {
        Sleep::new(duration)
    }

    fn yield_now(&self) -> impl Future<Output = ()> + Send {
        YieldNow { yielded: false }
    }

    fn pipe_reader(&self, pipe: PipeReader) -> io::Result<impl ReadByte + use<>> {
        Ok(pipe::Reader::new(pipe))
    }

    fn now(&self) -> Duration {
        self.shared.began.elapsed()
    }
}

impl fmt::Debug for ThreadsHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ThreadsHandle").finish_non_exhaustive()
    }
}

/// The OS chooses among the other ready tasks, so the turn is given there.
struct YieldNow {
    yielded: bool,
}

impl Future for YieldNow {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if self.yielded {
            return Poll::Ready(());
        }
        self.yielded = true;
        std::thread::yield_now();
        cx.waker().wake_by_ref();
        Poll::Pending
    }
}
