//! The calls that a probe can make on a side, in the terms of the side's own library.
//!
//! These traits route calls and level nothing: each method is the one call that a program
//! on that runtime would make, and [`Fate`] names its result. One source of a probe
//! therefore asks the bare library and pollmark's contract the same thing.

use std::future::Future;
use std::io;
use std::num::NonZeroUsize;
use std::thread;
use std::time::Duration;

use anyhow::{Result, anyhow};
use futures::Stream;
use pollmark_core::Settings;

use super::fate::Fate;
use super::observe::Flag;

/// The configuration of the runtime that a probe needs.
#[derive(Debug, Clone)]
pub(crate) struct Setup {
    /// The number of workers, if the runtime has any to set.
    pub(crate) workers: usize,
    /// The most threads for blocking calls; `None` is the side's own default.
    pub(crate) blocking_threads: Option<NonZeroUsize>,
    /// Whether tasks will await input or output.
    pub(crate) io: bool,
    /// The settings of the runtime that are not left to it.
    pub(crate) settings: Settings,
}

#[cfg(test)]
impl Default for Setup {
    fn default() -> Self {
        Setup {
            workers: 1,
            blocking_threads: None,
            io: false,
            settings: Settings::default(),
        }
    }
}

/// Owns a runtime.
pub(crate) trait Owns: Sized + Send + 'static {
    type Spawner: Spawns;

    /// The number of tasks that a probe of many tasks starts.
    const MANY: usize = 10_000;

    /// Whether it has one worker, regardless of the setup.
    const ONE_WORKER: bool = false;

    fn start(setup: Setup) -> Result<Self>;

    fn spawner(&self) -> Self::Spawner;

    /// Spawns `main` and blocks the calling thread until it has ended.
    fn main<T: Send + 'static>(&self, main: impl Future<Output = T> + Send + 'static) -> Result<T>;
}

/// A runtime that can be shut down.
pub(crate) trait Ends: Owns {
    /// The time that the shutdown is told to wait at the most, if it can be told.
    const LIMIT: Option<Duration> = None;

    fn shutdown(self);
}

/// A bare library: it has calls that the contract has not. Tasks make them.
pub(crate) trait Bare: Owns {
    fn block_on(future: impl Future<Output = ()>);

    fn interval(period: Duration) -> impl Stream<Item = ()> + Send + Unpin;
}

/// Starts tasks.
pub(crate) trait Spawns: Clone + Send + Sync + 'static {
    /// The handle as the library gives it: awaited, dropped and cancelled in its own way.
    type Task: Future + Send + Unpin + 'static;

    /// The handle of a blocking call.
    type Call: Send + 'static;

    fn spawn(&self, body: impl Future<Output = u32> + Send + 'static) -> Self::Task;

    /// Calls the library's `spawn` that names no runtime; a side without one has only its own.
    fn free_spawn(&self, body: impl Future<Output = u32> + Send + 'static) -> Self::Task {
        self.spawn(body)
    }

    /// Lets go of a task without ending it.
    fn detach(task: Self::Task);

    /// The fate of a task, read from the output of its handle.
    fn fate(output: <Self::Task as Future>::Output) -> Fate;

    /// Called inside a task.
    fn sleep(&self, duration: Duration) -> impl Future<Output = ()> + Send + 'static;

    /// Makes an object of the library that reads from the system, and awaits a read that is
    /// ready.
    fn read(self) -> impl Future<Output = io::Result<()>> + Send + 'static;

    fn spawn_blocking(&self, call: impl FnOnce() + Send + 'static) -> Self::Call;
}

/// Tasks that can be ended from outside.
pub(crate) trait Cancels: Spawns {
    /// Calls the library's cancel, or its abort and then awaits the handle. It is up to the
    /// library whether this call or the first poll makes the request.
    fn cancel(task: Self::Task) -> impl Future<Output = Fate> + Send + 'static;
}

/// A runtime that is driven by a thread of its own, so that a probe can look at it from
/// outside: a current-thread runtime runs nothing unless a thread drives it.
pub(crate) struct Driven<O: Owns> {
    pub(crate) spawner: O::Spawner,
    stop: Flag,
    driver: thread::JoinHandle<Result<O>>,
}

impl<O: Owns> Driven<O> {
    pub(crate) fn start(setup: Setup) -> Result<Self> {
        let owner = O::start(setup)?;
        let (spawner, stop) = (owner.spawner(), Flag::default());
        let stopped = stop.clone();
        let driver = thread::Builder::new().spawn(move || {
            owner.main(async move { stopped.raised().await })?;
            Ok(owner)
        })?;
        Ok(Driven {
            spawner,
            stop,
            driver,
        })
    }

    /// Stops driving, once there is nothing more to see.
    pub(crate) fn end(self) -> Result<()> {
        self.stop.raise();
        let driven = self.driver.join();
        driven
            .map_err(|_| anyhow!("the thread that drives the runtime panicked"))?
            .map(drop)
    }
}
