//! The owner of the threads: builds a runtime, runs a root task on it, and ends it.

use std::future::Future;
use std::ops::Sub;
use std::time::{Duration, Instant};

use super::config::{BuildError, Config};
use super::runner_info::RunnerInfo;
use crate::runtime::Runtime;
use crate::runtime::join_error::JoinError;

/// Owns a runtime and its threads, and runs one root task at a time on it.
///
/// Two flavours of one runtime are two runners that share one [`Runtime`] type.
pub trait Runner: Sized + Send + 'static {
    /// The handle that scenarios are given.
    type Runtime: Runtime;

    /// The runner's names, options and limits.
    const INFO: RunnerInfo;

    /// Builds the runtime and starts its threads.
    ///
    /// # Errors
    ///
    /// See [`BuildError`].
    fn build(config: &Config) -> Result<Self, BuildError>;

    /// A handle to the runtime.
    fn handle(&self) -> Self::Runtime;

    /// Runs `root` to its end and returns its output.
    ///
    /// The root is *spawned* like any task and its handle awaited, so that it runs on a worker
    /// thread; driving it from the caller's thread has been measured 17 times slower (tokio#5440).
    /// Other tasks may outlive the root.
    ///
    /// # Errors
    ///
    /// [`RunError::Join`] if the root panicked or could not be started, [`RunError::TimedOut`] if
    /// `limit` of the runtime's time passed first, [`RunError::Deadlock`] or [`RunError::Stuck`] if
    /// the runner can tell that nothing will ever happen again. A root that took too long is aborted
    /// and not waited for ([`support::join_within`](crate::support::join_within)). If the clock is
    /// virtual, such a root stands still with all other tasks, as does one in a deadlock, and the
    /// [`shutdown`](Runner::shutdown) drops it.
    ///
    /// # Blocking
    ///
    /// Blocks the calling thread, which must not be one of the runtime's own.
    fn run<F>(&self, root: F, limit: Option<Duration>) -> Result<F::Output, RunError>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        self.run_or_stop(root, limit, || ())
    }

    /// As [`run`](Runner::run), which calls this method. If the run is given up, at the limit or in
    /// a deadlock, the runner calls `on_stop` once and before it aborts the root: at that moment no
    /// task was ended by the runner. Tasks that are not in a deadlock go on meanwhile. If the root
    /// ends, `on_stop` is never called.
    ///
    /// # Errors
    ///
    /// As for [`run`](Runner::run).
    ///
    /// # Blocking
    ///
    /// As for [`run`](Runner::run).
    fn run_or_stop<F>(
        &self,
        root: F,
        limit: Option<Duration>,
        on_stop: impl FnOnce(),
    ) -> Result<F::Output, RunError>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static;

    /// The work that tasks have done so far, if the clock is virtual: by the costs that they
    /// declared, not by the time that it took here.
    fn work(&self) -> Option<Work> {
        None
    }

    /// The reason why the times of the last run are measured and not exact, although the clock is
    /// virtual: the run depended on something that the clock does not know.
    fn inexact(&self) -> Option<String> {
        None
    }

    /// Ends the runtime: drops every future that it still has, ends its threads, and waits for
    /// both, for `limit` at most.
    ///
    /// # Blocking
    ///
    /// Blocks the calling thread until then. A thread inside a blocking call cannot be interrupted;
    /// past the limit it is left to itself.
    fn shutdown(self, limit: Duration) -> ShutdownReport;
}

/// How long tasks held scarce resources, in the time of a virtual clock.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Work {
    /// Worker time: the sum of every `block`, `spin` and `compute` in a task.
    pub workers: Duration,
    /// Core time: the sum of every `spin` and `compute`, in a task or a blocking call.
    pub cores: Duration,
}

/// The work between two readings.
impl Sub for Work {
    type Output = Work;

    fn sub(self, before: Work) -> Work {
        Work {
            workers: self.workers.saturating_sub(before.workers),
            cores: self.cores.saturating_sub(before.cores),
        }
    }
}

/// The reason why a root task gave no output.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The root task ended without output.
    #[error("the root task ended without output")]
    Join(#[source] JoinError),
    /// The limit passed before the root task ended.
    #[error("not finished after {limit:?}")]
    TimedOut {
        /// The limit, in the runtime's time.
        limit: Duration,
    },
    /// No task is ready and no deadline is set: nothing will ever happen again.
    #[error("deadlock: {} wait for something that cannot happen", waiting.join(", "))]
    Deadlock {
        /// The names of the tasks that are waiting.
        waiting: Vec<String>,
    },
    /// Polls or blocking calls wait inside for other threads, and hold what those need: nothing
    /// will ever happen again. With the names of the tasks.
    #[error("deadlock: {0}")]
    Stuck(String),
}

/// How a runtime ended.
#[derive(Debug, Clone)]
pub struct ShutdownReport {
    /// The time that the shutdown took, in real time.
    pub took: Duration,
    /// Whether every future was dropped and every thread ended within the limit.
    pub complete: bool,
    /// The futures and threads that were left behind, and why; `None` if the shutdown is complete.
    pub left: Option<String>,
}

impl ShutdownReport {
    /// Everything ended; `started` is when the shutdown began.
    pub fn complete(started: Instant) -> Self {
        ShutdownReport {
            took: started.elapsed(),
            complete: true,
            left: None,
        }
    }

    /// Something was left behind; `started` is when the shutdown began.
    pub fn left(started: Instant, what: impl Into<String>) -> Self {
        ShutdownReport {
            took: started.elapsed(),
            complete: false,
            left: Some(what.into()),
        }
    }
}
