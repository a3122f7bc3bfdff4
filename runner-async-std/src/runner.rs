//! Configuring the process's async-std, and closing a runner's part of it.

use std::future::Future;
use std::time::{Duration, Instant};

use pollmark_core::support::join_within;
use pollmark_core::{
    BuildError, Clock, Config, Exception, RunError, Runner, RunnerInfo, Runtime, ShutdownReport,
    Workers,
};

use crate::{AsyncStdHandle, process};

/// The process's async-std. Every runner of one process shares its threads.
#[derive(Debug)]
pub struct AsyncStd {
    handle: AsyncStdHandle,
    workers: usize,
}

impl Runner for AsyncStd {
    type Runtime = AsyncStdHandle;

    const INFO: RunnerInfo = RunnerInfo {
        exceptions: &[
            goes_on("shutdown_ends_threads"),
            goes_on("shutdown_drops_pending_tasks"),
            goes_on("shutdown_ends_endless_yields"),
            goes_on("shutdown_ends_long_timers"),
            goes_on("shutdown_drops_a_root_given_up"),
            goes_on("shutdown_resolves_awaited_handles"),
            goes_on("shutdown_resolves_kept_handles"),
            goes_on("drop_may_spawn_during_shutdown"),
        ],
        ..RunnerInfo::new(
            "async-std",
            "async-std, discontinued in favour of smol, whose executor it shares",
            Workers::Any,
            Clock::Real,
        )
    };

    /// The first runner of a process decides how many workers async-std has; a
    /// later one may ask for as many and gets the same threads. The variables
    /// `ASYNC_STD_THREAD_COUNT` and `ASYNC_GLOBAL_EXECUTOR_THREADS` do not count,
    /// unless the process has used async-std before on its own.
    ///
    /// The cap of the blocking pool, unlike the workers, is taken from the last
    /// build that asks for one: it holds for the whole process, and for all other
    /// code that uses that pool, as smol does. A build that asks for none leaves the cap as it
    /// stands; in a fresh process that is the pool's own. Threads above a new, lower
    /// cap go on while there are calls, and end when they have been idle for half a
    /// second.
    fn build(config: &Config) -> Result<Self, BuildError> {
        config.validate()?;
        let workers = config.workers.get();
        process::run_with(workers)?;
        if let Some(threads) = config.blocking_threads {
            blocking::set_max_blocking_threads(threads);
        }
        Ok(AsyncStd {
            handle: AsyncStdHandle::new(),
            workers,
        })
    }

    fn handle(&self) -> AsyncStdHandle {
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
        // Unlike async-std's `block_on`, this one leaves the timers to the workers.
        futures_lite::future::block_on(join_within(&self.handle, root, limit, on_stop))
    }

    /// Refuses all spawns from now on and returns at once. Tasks and
    /// blocking calls that were spawned before go on, and so do the threads.
    fn shutdown(self, _limit: Duration) -> ShutdownReport {
        let started = Instant::now();
        self.handle.close();
        ShutdownReport::left(
            started,
            format!(
                "its {} workers and what had not ended: async-std has no shutdown",
                self.workers
            ),
        )
    }
}

const fn goes_on(rule: &'static str) -> Exception {
    Exception {
        rule,
        reason: "async-std has no shutdown: its threads stay until the process ends, tasks go on \
                 until they end by themselves, and their handles wait for that",
    }
}
