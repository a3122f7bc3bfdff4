//! How a runtime is built, and why it could not be.

use std::num::NonZeroUsize;
use std::sync::Mutex;
use std::thread;

use serde::{Deserialize, Serialize};

use super::settings::Settings;

/// The most workers that a configuration may ask for.
pub const MAX_WORKERS: usize = 1024;

/// The most threads that are started for tasks in one process, if each task has its own.
///
/// Linux maps four areas for each thread and allows 65,530 in a process. Past about 16,000 threads
/// it does not refuse another one: the process dies.
pub const MAX_TASK_THREADS: usize = 12_000;

/// The most blocking threads that a configuration may ask for.
pub const MAX_BLOCKING_THREADS: usize = 10_000;

/// How a runtime is to be built. An option that is `None` is left to the runtime's own default.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Config {
    /// The number of worker threads; [`Workers`](crate::Workers) says which runners obey it.
    pub workers: NonZeroUsize,
    /// The most threads that run blocking calls at a time. If the runtime's pool belongs to the
    /// process, so does its cap; see the runner's `build`.
    pub blocking_threads: Option<NonZeroUsize>,
    /// Virtual clock only: the number of cores that spinning workers share; if `None`, as many as
    /// there are workers.
    pub cores: Option<NonZeroUsize>,
    /// Virtual clock only: the seed that breaks ties between tasks that are ready at the same
    /// instant, instead of first in, first out.
    pub seed: Option<u64>,
    /// Virtual clock only: as many workers as there are tasks, the model of one OS thread per task.
    pub worker_per_task: bool,
    /// Whether tasks will await pipes ([`Runtime::pipe_reader`](crate::Runtime::pipe_reader)).
    /// Tokio's driver of input and output must be asked for, and its workers then park in that
    /// driver and are woken through it, so it is asked for only if needed. A scenario asks by
    /// [`VariantInfo::io`](crate::VariantInfo::io).
    pub io: bool,
    /// The runtime's own settings that are not left to it, of those that
    /// [`RunnerInfo::settings`](crate::RunnerInfo::settings) lists. A runner ignores others.
    pub settings: Settings,
}

impl Default for Config {
    /// As many workers as there are CPUs available, and all else left to the runtime.
    fn default() -> Self {
        Config {
            workers: std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN),
            blocking_threads: None,
            cores: None,
            seed: None,
            worker_per_task: false,
            io: false,
            settings: Settings::default(),
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
    /// [`BuildError::OutOfRange`] names the first figure that is too large.
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

/// The reason why a runtime could not be built.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// A figure of the configuration is too large.
    #[error("{value} {what} are too many: at most {max}")]
    OutOfRange {
        /// The name of the figure.
        what: &'static str,
        /// The value that was asked for.
        value: usize,
        /// The most that is allowed.
        max: usize,
    },
    /// The runtime is configured once per process, and was configured differently before.
    #[error("this process already runs it with {existing} workers, and it cannot be changed")]
    AlreadyConfigured {
        /// The number of workers that it runs with.
        existing: usize,
    },
    /// The OS refused threads or another resource.
    #[error("the operating system refused its threads (see `ulimit -u`)")]
    Os(#[source] std::io::Error),
}

impl BuildError {
    /// Asks the OS for `count` threads at the same time, which end at once: for runtimes that
    /// panic, hang or abort if a thread is refused to them.
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
