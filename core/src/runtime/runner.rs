//! The owner of the threads: builds a runtime, runs a root task on it, and ends it.

use std::future::Future;
use std::ops::Sub;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use super::config::{BuildError, Config, MAX_TASK_THREADS};
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
    /// `limit` of the runtime's time passed first, [`RunError::Deadlock`] if the runner can tell
    /// that nothing will ever happen again. A root that took too long is aborted and not waited for
    /// ([`support::join_within`](crate::support::join_within)). If the clock is virtual, such a
    /// root stands still with all other tasks, as does one in a deadlock, and the
    /// [`shutdown`](Runner::shutdown) drops it.
    ///
    /// # Blocking
    ///
    /// Blocks the calling thread, which must not be one of the runtime's own.
    fn run<F>(&self, root: F, limit: Option<Duration>) -> Result<F::Output, RunError>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static;

    /// The work that tasks have done so far, if the clock is virtual: by the costs that they
    /// declared, not by the time that it took here.
    fn work(&self) -> Option<Work> {
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

/// A runner's names, options and limits: the same for each of its runs.
#[derive(Debug, Clone, Copy)]
pub struct RunnerInfo {
    /// The name on the command line and in results, such as `tokio-current-thread`.
    pub id: &'static str,
    /// One line for `pollmark list`.
    pub summary: &'static str,
    /// How the runner treats the number of workers.
    pub workers: Workers,
    /// Whether its time is real or virtual.
    pub clock: Clock,
    /// The conformance rules that it cannot meet, each with the reason.
    pub exceptions: &'static [Exception],
}

impl RunnerInfo {
    /// The number of workers that this runner has with `config`; `None` if it has no workers.
    pub fn effective_workers(&self, config: &Config) -> Option<usize> {
        match self.workers {
            Workers::Any => Some(config.workers.get()),
            Workers::One => Some(1),
            Workers::PerTask => None,
        }
    }

    /// The most tasks that may be alive at a time; `None` if there is no such limit.
    pub fn max_tasks(&self) -> Option<usize> {
        match self.workers {
            Workers::Any | Workers::One => None,
            Workers::PerTask => Some(MAX_TASK_THREADS),
        }
    }

    /// The reason why this runner cannot have `tasks` tasks alive at a time; `None` if it can.
    pub fn too_many_tasks(&self, tasks: usize) -> Option<String> {
        let most = self.max_tasks().filter(|most| tasks > *most)?;
        Some(format!(
            "{tasks} tasks at a time, the root among them, would be {tasks} OS threads, and \
             pollmark starts {most} at the most"
        ))
    }

    /// The reason that it declares for not keeping a rule of the conformance suite; `None` if it
    /// declares none.
    pub fn exception(&self, rule: &str) -> Option<&'static str> {
        let mut exceptions = self.exceptions.iter();
        let exception = exceptions.find(|exception| exception.rule == rule);
        exception.map(|exception| exception.reason)
    }
}

/// How a runner treats the number of workers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Workers {
    /// It runs as many as the configuration says.
    Any,
    /// It always has one.
    One,
    /// It has no workers: each task has a thread of its own.
    PerTask,
}

/// Whether a runner's time is the machine's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Clock {
    /// Waiting takes real time, and the times measured carry the machine's noise.
    Real,
    /// Time is a number that moves when nothing else can happen: exact and repeatable.
    Virtual,
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

/// A rule of the conformance suite that a runtime cannot meet.
#[derive(Debug, Clone, Copy)]
pub struct Exception {
    /// The rule's name in the conformance suite.
    pub rule: &'static str,
    /// The reason why the runtime cannot meet it, and the behaviour instead.
    pub reason: &'static str,
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
