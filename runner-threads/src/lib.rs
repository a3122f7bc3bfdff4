//! Runs pollmark scenarios on plain OS threads: one thread a task, nothing shared.
//!
//! It is what concurrency looks like without an async runtime. A task's thread
//! polls its future and parks until it is woken or until the nearest of the
//! task's own deadlines; the operating system does the scheduling. There is no
//! pool of workers, no queue of tasks and no timer thread, so a task that blocks
//! delays nobody else, and each task pays for a thread.
//!
//! In reading order: [`Threads`] owns the threads and [`ThreadsHandle`] is what
//! scenarios get; `task` runs a future on a thread, `park` is its loop, `sleep`
//! its waiting for time; `blocking` runs calls that block; `crew` counts, caps
//! and joins the threads of all of them; `packet` carries an outcome to a handle.

mod blocking;
mod crew;
mod packet;
mod park;
mod pipe;
mod quiet;
mod sleep;
mod task;

use std::fmt;
use std::io::{self, PipeReader};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use pollmark_core::{
    BuildError, Clock, Config, Exception, MAX_TASK_THREADS, ReadByte, RunError, Runner, RunnerInfo,
    Runtime, ShutdownReport, Workers, join_within,
};

pub use blocking::BlockingHandle;
pub use sleep::Sleep;
pub use task::TaskHandle;

use blocking::Calls;
use crew::{Crew, STACK_SIZE};

/// What this crate offers to whoever chooses a runner by its name.
pub static FLAVOURS: &[&dyn pollmark_core::Flavour] = &[pollmark_core::flavour::<Threads>()];

/// The runner `threads`: one OS thread a task.
///
/// No thread exists until something is spawned, and each ends with its task.
/// Dropped without [`shutdown`](Runner::shutdown) it asks its tasks to end and
/// waits for none of them.
#[derive(Debug)]
pub struct Threads {
    handle: ThreadsHandle,
}

impl Threads {
    /// The most threads that live at a time; a spawn past it gives
    /// [`JoinError::Spawn`](pollmark_core::JoinError::Spawn).
    ///
    /// See [`MAX_TASK_THREADS`].
    pub const MAX_THREADS: usize = MAX_TASK_THREADS;

    fn with_limits(config: &Config, cap: usize, stack_size: usize) -> Result<Self, BuildError> {
        config.validate()?;
        let crew = Arc::new(Crew::new(cap, stack_size));
        let calls = config.blocking_threads.map_or(cap, usize::from);
        let shared = Shared {
            began: Instant::now(),
            calls: Arc::new(Calls::new(Arc::clone(&crew), calls)),
            crew,
        };
        Ok(Threads {
            handle: ThreadsHandle {
                shared: Arc::new(shared),
            },
        })
    }

    fn close(&self) {
        self.handle.shared.crew.close();
        self.handle.shared.calls.close();
    }
}

impl Runner for Threads {
    type Runtime = ThreadsHandle;

    const INFO: RunnerInfo = RunnerInfo {
        id: "threads",
        summary: "plain OS threads, one a task, each with its own timers",
        workers: Workers::PerTask,
        clock: Clock::Real,
        exceptions: &[Exception {
            rule: "pipe_reader_may_be_dropped",
            reason: "the task's own thread blocks in the read, which cannot be given up before \
                     a byte or the end of the pipe comes",
        }],
    };

    fn build(config: &Config) -> Result<Self, BuildError> {
        Threads::with_limits(config, Self::MAX_THREADS, STACK_SIZE)
    }

    fn handle(&self) -> ThreadsHandle {
        self.handle.clone()
    }

    fn run<F>(&self, root: F, limit: Option<Duration>) -> Result<F::Output, RunError>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        let root = self.handle.spawn(root);
        park::block_on(join_within(&self.handle, root, limit))
    }

    /// See [`Runner::shutdown`]. Handles of what did not end within `limit`
    /// resolve to `Shutdown` all the same.
    fn shutdown(self, limit: Duration) -> ShutdownReport {
        let started = Instant::now();
        self.close();
        let shared = &self.handle.shared;
        // A deadline that the clock cannot tell is none.
        let Err(left) = shared.crew.wait_until_ended(started.checked_add(limit)) else {
            return ShutdownReport::complete(started);
        };
        shared.crew.abandon();
        shared.calls.abandon();
        ShutdownReport::left(started, left.to_string())
    }
}

impl Drop for Threads {
    fn drop(&mut self) {
        self.close();
        self.handle.shared.crew.detach();
    }
}

/// A handle to the threads of a [`Threads`]: what scenarios spawn on.
#[derive(Clone)]
pub struct ThreadsHandle {
    shared: Arc<Shared>,
}

struct Shared {
    began: Instant,
    crew: Arc<Crew>,
    calls: Arc<Calls>,
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
        task::spawn(&self.shared.crew, Box::pin(future))
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

/// The other ready tasks are the OS's to choose from, so the turn is given there.
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
