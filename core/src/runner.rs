//! Who owns the threads: building a runtime, running a root task on it, ending it.

use std::future::Future;
use std::num::NonZeroUsize;
use std::ops::Sub;
use std::sync::Mutex;
use std::thread;
use std::time::{Duration, Instant};

use futures::future::{Either, select};

use crate::{JoinError, JoinHandle, Runtime};

/// The most workers that a configuration may ask for.
pub const MAX_WORKERS: usize = 1024;

/// The most threads that are started for tasks in one process, where each task has
/// one of its own.
///
/// Linux maps four areas for a thread and allows 65,530 in a process. Past about
/// 16,000 threads it does not refuse another: the process dies.
pub const MAX_TASK_THREADS: usize = 12_000;

/// The most blocking threads that a configuration may ask for.
pub const MAX_BLOCKING_THREADS: usize = 10_000;

/// Owns a runtime and its threads, and runs one root task at a time on it.
///
/// Two flavours of one runtime are two runners that share one [`Runtime`] type.
pub trait Runner: Sized + Send + 'static {
    /// The handle that scenarios get.
    type Runtime: Runtime;

    /// What this runner is called, takes and cannot do.
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
    /// The root is *spawned* like any task and its handle awaited, so that it
    /// runs on a worker thread; driving it from the caller's thread has been
    /// seen 17 times slower (tokio#5440). Other tasks may outlive the root.
    ///
    /// # Errors
    ///
    /// [`RunError::Join`] if the root panicked or could not be started,
    /// [`RunError::TimedOut`] if `limit` of the runtime's time passed first,
    /// [`RunError::Deadlock`] where the runner can tell that nothing will ever
    /// happen again. A root that took too long is aborted and not waited for
    /// ([`join_within`]); where the clock is virtual it stands still with the rest, as
    /// one in a deadlock does, and is dropped by the [`shutdown`](Runner::shutdown).
    ///
    /// # Blocking
    ///
    /// Blocks the calling thread, which must not be one of the runtime's own.
    fn run<F>(&self, root: F, limit: Option<Duration>) -> Result<F::Output, RunError>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static;

    /// The work that tasks have done so far, where the clock is virtual: measured
    /// by what they declared, not by what it cost here.
    fn work(&self) -> Option<Work> {
        None
    }

    /// Ends the runtime: drops every future it still has, ends its threads, and
    /// waits for both, for `limit` at the most.
    ///
    /// # Blocking
    ///
    /// Blocks the calling thread until then. A thread that is inside a blocking
    /// call cannot be interrupted; past the limit it is left to itself.
    fn shutdown(self, limit: Duration) -> ShutdownReport;
}

/// What a runner is called, takes and cannot do: the same for each of its runs.
#[derive(Debug, Clone, Copy)]
pub struct RunnerInfo {
    /// The name on the command line and in results, such as `tokio-current-thread`.
    pub id: &'static str,
    /// One line for `pollmark list`.
    pub summary: &'static str,
    /// What a number of workers means to it.
    pub workers: Workers,
    /// Whether its time is real.
    pub clock: Clock,
    /// Conformance rules that it cannot meet, each with the reason.
    pub exceptions: &'static [Exception],
}

impl RunnerInfo {
    /// The number of workers that `config` comes to on this runner, where it
    /// has workers at all.
    pub fn effective_workers(&self, config: &Config) -> Option<usize> {
        match self.workers {
            Workers::Any => Some(config.workers.get()),
            Workers::One => Some(1),
            Workers::PerTask => None,
        }
    }

    /// The most tasks that may be alive at a time, where that is limited.
    pub fn max_tasks(&self) -> Option<usize> {
        match self.workers {
            Workers::Any | Workers::One => None,
            Workers::PerTask => Some(MAX_TASK_THREADS),
        }
    }

    /// Why it cannot have `tasks` tasks alive at a time, if it cannot.
    pub fn too_many_tasks(&self, tasks: usize) -> Option<String> {
        let most = self.max_tasks().filter(|most| tasks > *most)?;
        Some(format!(
            "{tasks} tasks at a time, the root among them, would be {tasks} OS threads, and \
             pollmark starts {most} at the most"
        ))
    }

    /// Why it does not keep a rule of the conformance suite, where it declares so.
    pub fn exception(&self, rule: &str) -> Option<&'static str> {
        let mut exceptions = self.exceptions.iter();
        let exception = exceptions.find(|exception| exception.rule == rule);
        exception.map(|exception| exception.reason)
    }
}

/// What a number of workers means to a runner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Workers {
    /// It runs as many as it is told.
    Any,
    /// It has one by its nature.
    One,
    /// It has none: each task has a thread of its own.
    PerTask,
}

/// Whether a runner's time is the machine's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Clock {
    /// Waiting takes real time, and the times measured carry the machine's noise.
    Real,
    /// Time is a number that moves when nothing else can happen: exact and repeatable.
    Virtual,
}

/// How long tasks held what is scarce, in the time of a virtual clock.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Work {
    /// Worker time: the sum of every `block`, `spin` and `compute` in a task.
    pub workers: Duration,
    /// Core time: the sum of every `spin` and `compute`, in a task or a blocking call.
    pub cores: Duration,
}

/// What was done between two readings.
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
    /// Why the runtime cannot meet it, and what happens instead.
    pub reason: &'static str,
}

/// How a runtime is to be built. What is `None` is left to the runtime's own default.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Config {
    /// Worker threads; see [`Workers`] for who obeys it.
    pub workers: NonZeroUsize,
    /// The most threads that run blocking calls at a time. Where the runtime's pool
    /// is the process's, so is its cap; see the runner's `build`.
    pub blocking_threads: Option<NonZeroUsize>,
    /// Virtual clock only: the cores that spinning workers share; `None` is as
    /// many as there are workers.
    pub cores: Option<NonZeroUsize>,
    /// Virtual clock only: breaks ties between tasks that are ready at the same
    /// instant by this seed instead of first in, first out.
    pub seed: Option<u64>,
    /// Virtual clock only: as many workers as there are tasks, the model of one
    /// OS thread a task.
    pub worker_per_task: bool,
    /// Whether tasks will await pipes ([`Runtime::pipe_reader`]). On tokio the driver
    /// of input and output must be asked for, and then its workers park in that, and
    /// are woken through it; so it is asked for only where it is needed. A scenario
    /// says so by [`VariantInfo::io`](crate::VariantInfo::io).
    pub io: bool,
}

impl Default for Config {
    /// As many workers as there are CPUs available, everything else natural.
    fn default() -> Self {
        Config {
            workers: std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN),
            blocking_threads: None,
            cores: None,
            seed: None,
            worker_per_task: false,
            io: false,
        }
    }
}

impl Config {
    /// The default configuration with `workers` worker threads.
    ///
    /// # Panics
    ///
    /// Panics if `workers` is zero.
    pub fn with_workers(workers: usize) -> Self {
        Config {
            workers: NonZeroUsize::new(workers).expect("a runtime needs at least one worker"),
            ..Config::default()
        }
    }

    /// Checks the figures against [`MAX_WORKERS`] and [`MAX_BLOCKING_THREADS`].
    ///
    /// # Errors
    ///
    /// [`BuildError::OutOfRange`] names the first that is too large.
    pub fn validate(&self) -> Result<(), BuildError> {
        let in_range = |what, value: usize, max| {
            if value <= max {
                return Ok(());
            }
            Err(BuildError::OutOfRange { what, value, max })
        };
        in_range("workers", self.workers.get(), MAX_WORKERS)?;
        let blocking_threads = self.blocking_threads.map_or(1, NonZeroUsize::get);
        in_range("blocking threads", blocking_threads, MAX_BLOCKING_THREADS)
    }
}

/// Why a runtime could not be built.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// A figure of the configuration is too large.
    #[error("{value} {what} are too many: at most {max}")]
    OutOfRange {
        /// Which figure.
        what: &'static str,
        /// What was asked for.
        value: usize,
        /// What is allowed.
        max: usize,
    },
    /// The runtime is configured once a process, and was configured otherwise.
    #[error("this process already runs it with {existing} workers, and it cannot be changed")]
    AlreadyConfigured {
        /// The workers that it runs with.
        existing: usize,
    },
    /// The OS refused threads or another resource.
    #[error("the operating system refused its threads")]
    Os(#[source] std::io::Error),
}

impl BuildError {
    /// Asks the OS for `count` threads at a time, which end at once: for runtimes
    /// that panic, hang or abort where a thread is refused to them.
    ///
    /// # Errors
    ///
    /// [`BuildError::Os`] with the OS's error for the first thread that it refuses.
    ///
    /// # Blocking
    ///
    /// Blocks the calling thread until the threads have ended.
    pub fn check_threads(count: usize) -> Result<(), BuildError> {
        let gate = Mutex::new(());
        thread::scope(|scope| {
            let closed = gate.lock();
            let granted = (0..count).try_for_each(|_| {
                let thread = thread::Builder::new().spawn_scoped(scope, || drop(gate.lock()));
                thread.map(drop)
            });
            drop(closed);
            granted.map_err(BuildError::Os)
        })
    }
}

/// Why a root task gave no output.
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
        /// The names of the tasks that wait.
        waiting: Vec<String>,
    },
}

/// How a runtime ended.
#[derive(Debug, Clone)]
pub struct ShutdownReport {
    /// How long it took, in real time.
    pub took: Duration,
    /// Whether every future was dropped and every thread ended within the limit.
    pub complete: bool,
    /// What was left behind and why, where it is not complete.
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

/// Awaits a root task's handle, for `limit` of the runtime's time at the most:
/// what most runners' [`run`](Runner::run) drives. Past the limit the root is aborted,
/// and nobody waits until it is gone.
///
/// # Errors
///
/// [`RunError::Join`] and [`RunError::TimedOut`].
pub async fn join_within<R: Runtime, T: Send + 'static>(
    runtime: &R,
    handle: R::JoinHandle<T>,
    limit: Option<Duration>,
) -> Result<T, RunError> {
    let Some(limit) = limit else {
        return handle.await.map_err(RunError::Join);
    };
    let deadline = std::pin::pin!(runtime.sleep(limit));
    match select(handle, deadline).await {
        Either::Left((output, _)) => output.map_err(RunError::Join),
        Either::Right(((), handle)) => {
            handle.abort();
            Err(RunError::TimedOut { limit })
        }
    }
}
