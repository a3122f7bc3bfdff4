//! The runner: owns the threads of its tasks and calls.

use std::sync::Arc;
use std::time::{Duration, Instant};

use pollmark_core::support::join_within;
use pollmark_core::{
    BuildError, Clock, Config, Exception, MAX_TASK_THREADS, RunError, Runner, RunnerInfo, Runtime,
    ShutdownReport, Workers,
};

use crate::blocking::Calls;
use crate::handle::ThreadsHandle;
use crate::park;
use crate::registry::{Registry, STACK_SIZE};

/// The runner `threads`: one OS thread a task.
///
/// No thread exists until something is spawned, and each ends with its task.
/// If it is dropped without [`shutdown`](Runner::shutdown), it asks its tasks to end and
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

    pub(crate) fn with_limits(
        config: &Config,
        cap: usize,
        stack_size: usize,
    ) -> Result<Self, BuildError> {
        config.validate()?;
        let registry = Arc::new(Registry::new(cap, stack_size));
        let calls = config.blocking_threads.map_or(cap, usize::from);
        let calls = Arc::new(Calls::new(Arc::clone(&registry), calls));
        Ok(Threads {
            handle: ThreadsHandle::new(registry, calls),
        })
    }

    fn close(&self) {
        self.handle.registry().close();
        self.handle.calls().close();
    }
}

impl Runner for Threads {
    type Runtime = ThreadsHandle;

    const INFO: RunnerInfo = RunnerInfo {
        exceptions: &[Exception {
            rule: "pipe_reader_may_be_dropped",
            reason: "the task's own thread blocks in the read, which cannot be given up before \
                     a byte or the end of the pipe comes",
        }],
        ..RunnerInfo::new(
            "threads",
            "plain OS threads, one a task, each with its own timers",
            Workers::PerTask,
            Clock::Real,
        )
    };

    fn build(config: &Config) -> Result<Self, BuildError> {
        Threads::with_limits(config, Self::MAX_THREADS, STACK_SIZE)
    }

    fn handle(&self) -> ThreadsHandle {
        self.handle.clone()
    }

    fn run_or_stop<F>(
        &self,
        root: F,
        limit: Option<Duration>,
        on_stop: impl FnOnce(),
    ) -> Result<F::Output, RunError>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        let root = self.handle.spawn(root);
        park::block_on(join_within(&self.handle, root, limit, on_stop))
    }

    /// See [`Runner::shutdown`]. The handles of tasks and calls that did not end within
    /// `limit` resolve to `Shutdown` all the same.
    fn shutdown(self, limit: Duration) -> ShutdownReport {
        let started = Instant::now();
        self.close();
        let (registry, calls) = (self.handle.registry(), self.handle.calls());
        // A deadline that the clock cannot tell is none.
        let Err(left) = registry.wait_until_ended(started.checked_add(limit)) else {
            return ShutdownReport::complete(started);
        };
        registry.abandon();
        calls.abandon();
        ShutdownReport::left(started, left.to_string())
    }
}

impl Drop for Threads {
    fn drop(&mut self) {
        self.close();
        self.handle.registry().detach();
    }
}
