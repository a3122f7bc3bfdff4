//! Building tokio's two flavours, and ending them.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use pollmark_core::support::join_within;
use pollmark_core::{
    BuildError, Clock, Config, Exception, RunError, Runner, RunnerInfo, Runtime, ShutdownReport,
    Workers,
};
use tokio::runtime::{self, Builder};

use crate::TokioHandle;
use crate::entered::RuntimeNumber;
use crate::settings::{self, configure};

pub(crate) const NO_TIMERS_LEFT: Exception = Exception {
    rule: "sleep_after_shutdown",
    reason: "a runtime's timers end with it, and tokio panics in whoever polls a wait then; its \
             own tasks are dropped before, so only a wait kept outside of them sees it",
};

/// Tokio's multi-thread scheduler: as many workers as it is told, which steal
/// tasks from each other.
#[derive(Debug)]
pub struct Tokio(Owner);

impl Runner for Tokio {
    type Runtime = TokioHandle;

    const INFO: RunnerInfo = RunnerInfo {
        settings: settings::MULTI_THREAD,
        exceptions: &[NO_TIMERS_LEFT],
        ..RunnerInfo::new(
            "tokio",
            "tokio's multi-thread scheduler, with work stealing",
            Workers::Any,
            Clock::Real,
        )
    };

    fn build(config: &Config) -> Result<Self, BuildError> {
        config.validate()?;
        let workers = config.workers.get();
        // If the thread of a worker is refused, tokio panics and waits for the
        // workers that it has for ever.
        BuildError::check_threads(workers)?;
        let mut builder = Builder::new_multi_thread();
        builder.worker_threads(workers);
        Owner::build(builder, config).map(Tokio)
    }

    fn handle(&self) -> TokioHandle {
        self.0.handle()
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
        self.0.run_or_stop(root, limit, on_stop)
    }

    fn shutdown(self, limit: Duration) -> ShutdownReport {
        self.0.shutdown(limit)
    }
}

/// Tokio's current-thread scheduler: one worker, which is the thread that calls
/// [`run`](Runner::run), and only while it does.
#[derive(Debug)]
pub struct TokioCurrentThread(Owner);

impl Runner for TokioCurrentThread {
    type Runtime = TokioHandle;

    const INFO: RunnerInfo = RunnerInfo {
        settings: settings::CURRENT_THREAD,
        exceptions: &[NO_TIMERS_LEFT],
        ..RunnerInfo::new(
            "tokio-current-thread",
            "tokio's current-thread scheduler: every task on one thread",
            Workers::One,
            Clock::Real,
        )
    };

    fn build(config: &Config) -> Result<Self, BuildError> {
        config.validate()?;
        Owner::build(Builder::new_current_thread(), config).map(TokioCurrentThread)
    }

    fn handle(&self) -> TokioHandle {
        self.0.handle()
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
        self.0.run_or_stop(root, limit, on_stop)
    }

    /// Futures are dropped on the calling thread, after the wait for blocking
    /// calls; a future that blocks in its drop is not bound by `limit`.
    fn shutdown(self, limit: Duration) -> ShutdownReport {
        self.0.shutdown(limit)
    }
}

/// A tokio runtime, and what it takes to end it.
#[derive(Debug)]
pub(crate) struct Owner {
    pub(crate) runtime: runtime::Runtime,
    pub(crate) number: RuntimeNumber,
    epoch: Instant,
    /// Threads that tokio has started and that have not ended.
    threads: Arc<AtomicUsize>,
}

impl Owner {
    pub(crate) fn build(builder: Builder, config: &Config) -> Result<Self, BuildError> {
        Owner::build_as(RuntimeNumber::next(), builder, config)
    }

    /// Builds a runtime that counts as the one with that number.
    pub(crate) fn build_as(
        number: RuntimeNumber,
        mut builder: Builder,
        config: &Config,
    ) -> Result<Self, BuildError> {
        let threads = Arc::new(AtomicUsize::new(0));
        let (begun, ended) = (Arc::clone(&threads), Arc::clone(&threads));
        builder
            .enable_time()
            .on_thread_start(move || {
                number.enter_for_good();
                begun.fetch_add(1, Ordering::Relaxed);
            })
            .on_thread_stop(move || _ = ended.fetch_sub(1, Ordering::Release));
        if config.io {
            builder.enable_io();
        }
        if let Some(threads) = config.blocking_threads {
            builder.max_blocking_threads(threads.get());
        }
        configure(&mut builder, &config.settings);
        Ok(Owner {
            runtime: builder.build().map_err(BuildError::Os)?,
            number,
            epoch: Instant::now(),
            threads,
        })
    }

    pub(crate) fn handle(&self) -> TokioHandle {
        TokioHandle::new(self.runtime.handle().clone(), self.number, self.epoch)
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
        let handle = self.handle();
        let root = handle.spawn(root);
        let _entered = self.number.enter();
        self.runtime
            .block_on(join_within(&handle, root, limit, on_stop))
    }

    pub(crate) fn shutdown(self, limit: Duration) -> ShutdownReport {
        let started = Instant::now();
        self.runtime.shutdown_timeout(limit);
        // Tokio does not say whether it stopped waiting. Below the limit it has
        // joined every thread; past it, those that have not ended are left.
        if started.elapsed() < limit {
            return ShutdownReport::complete(started);
        }
        match self.threads.load(Ordering::Acquire) {
            0 => ShutdownReport::complete(started),
            left => ShutdownReport::left(started, format!("threads that had not ended: {left}")),
        }
    }
}
