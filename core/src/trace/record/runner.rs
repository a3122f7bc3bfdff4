//! A runner that records its runs.

use std::future::Future;
use std::time::Duration;

use super::overhead::cost_of_a_poll;
use super::runtime::Traced;
use super::setting::Setting;
use super::tracer::Tracer;
use crate::program::speed::Speed;
use crate::runtime::Runtime;
use crate::runtime::config::{BuildError, Config};
use crate::runtime::runner::{RunError, Runner, ShutdownReport, Work};
use crate::runtime::runner_info::RunnerInfo;
use crate::trace::data::Trace;

/// The runner `Q`, with its runs recorded: its roots, and all tasks spawned through its handle.
///
/// The runs that follow each other on it are in one recording, whose root and end are those of the
/// last run.
///
/// ```
/// use std::time::Duration;
///
/// use pollmark_core::trace::Trace;
/// use pollmark_core::trace::record::TracedRunner;
/// use pollmark_core::{Config, Runner, Runtime};
///
/// fn two_polls<Q: Runner>() -> Result<Trace, Box<dyn std::error::Error>> {
///     let runner = TracedRunner::<Q>::build(&Config::with_workers(1))?;
///     let rt = runner.handle();
///     runner.run(async move { rt.yield_now().await }, None)?;
///     let (_, trace) = runner.finish(Duration::from_secs(5));
///     assert_eq!(trace.tasks[0].polls, 2);
///     Ok(trace)
/// }
/// ```
#[derive(Debug)]
pub struct TracedRunner<Q> {
    runner: Q,
    tracer: Tracer,
    config: Config,
}

/// The default number of events that a run keeps: 24 MB of them.
pub const DEFAULT_LIMIT: usize = 1_000_000;

impl<Q: Runner> TracedRunner<Q> {
    /// Ends the runtime as [`shutdown`](Runner::shutdown) does, and returns the recording,
    /// including that end.
    ///
    /// # Blocking
    ///
    /// As for the shutdown, plus some milliseconds to measure the cost of recording.
    pub fn finish(self, limit: Duration) -> (ShutdownReport, Trace) {
        let runtime = self.runner.handle();
        let (tracer, config) = (self.tracer.clone(), self.config.clone());
        let report = self.shutdown(limit);
        let mut setting = Setting::of(&Q::INFO, &config, Speed::REAL);
        setting.poll_cost = Some(cost_of_a_poll(Q::INFO.clock, &runtime));
        (report, tracer.trace(&setting))
    }
}

impl<Q: Runner> Runner for TracedRunner<Q> {
    type Runtime = Traced<Q::Runtime>;

    const INFO: RunnerInfo = Q::INFO;

    fn build(config: &Config) -> Result<Self, BuildError> {
        Ok(TracedRunner {
            runner: Q::build(config)?,
            tracer: Tracer::new(Q::INFO.clock, DEFAULT_LIMIT),
            config: config.clone(),
        })
    }

    fn handle(&self) -> Self::Runtime {
        Traced::new(self.runner.handle(), self.tracer.clone())
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
        let stop = || {
            self.tracer.mark_stop(self.runner.handle().now());
            on_stop();
        };
        let root = self.handle().root(root);
        self.runner.run_or_stop(root, limit, stop)
    }

    fn work(&self) -> Option<Work> {
        self.runner.work()
    }

    fn shutdown(self, limit: Duration) -> ShutdownReport {
        let runtime = self.runner.handle();
        self.tracer.anchor(|| runtime.now());
        self.tracer.mark_shutdown(runtime.now());
        self.runner.shutdown(limit)
    }
}
