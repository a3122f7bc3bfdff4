//! A current-thread runtime on each of several threads, and tasks that stay where they are placed.

use std::future::Future;
use std::io::{self, PipeReader};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use pollmark_core::support::join_within;
use pollmark_core::{
    BuildError, Clock, Config, Placement, ReadByte, RunError, Runner, RunnerInfo, Runtime,
    ShutdownReport, Workers,
};
use tokio::runtime::Builder;
use tokio::task::AbortHandle;
use tokio::{task, time};

use crate::entered::RuntimeNumber;
use crate::handle::TokioHandle;
use crate::join::{TokioBlockingHandle, TokioJoinHandle};
use crate::runner::{NO_TIMERS_LEFT, Owner};
use crate::settings;

/// As many current-thread runtimes as there are workers, each on a thread of its own. Tasks are
/// placed on one after the other, in turn, and stay there; nothing is stolen. The thread-per-core
/// design, without pinning threads to cores.
///
/// A task's timers and pipes are driven by its own worker. Blocking calls share one pool.
#[derive(Debug)]
pub struct TokioPerCore {
    /// Has the blocking pool, and drives the wait for a root on the thread that calls
    /// [`run`](Runner::run).
    host: Owner,
    handle: PerCoreHandle,
    workers: Threads,
}

impl Runner for TokioPerCore {
    type Runtime = PerCoreHandle;

    const INFO: RunnerInfo = RunnerInfo {
        placement: Placement::Fixed,
        in_all: false,
        settings: settings::CURRENT_THREAD,
        exceptions: &[NO_TIMERS_LEFT],
        ..RunnerInfo::new(
            "tokio-per-core",
            "a tokio-current-thread for each worker, tasks placed in turn",
            Workers::Any,
            Clock::Real,
        )
    };

    fn build(config: &Config) -> Result<Self, BuildError> {
        config.validate()?;
        let host = Owner::build(Builder::new_current_thread(), config)?;
        let number = RuntimeNumber::next();
        let owner = |_| Owner::build_as(number, Builder::new_current_thread(), config);
        let owners = (0..config.workers.get()).map(owner);
        let owners: Vec<Owner> = owners.collect::<Result<_, _>>()?;
        let handle = PerCoreHandle {
            workers: owners.iter().map(Owner::handle).collect(),
            next: Arc::default(),
            blocking: host.handle(),
        };
        Ok(TokioPerCore {
            host,
            handle,
            workers: Threads::start(owners)?,
        })
    }

    fn handle(&self) -> PerCoreHandle {
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
        let host = self.host.handle();
        let _entered = self.host.number.enter();
        let runtime = &self.host.runtime;
        runtime.block_on(join_within(&host, root, limit, on_stop))
    }

    /// Tasks are dropped on the calling thread once no worker polls any more, then blocking calls
    /// are waited for; a future that blocks in its drop is not bound by `limit`.
    fn shutdown(mut self, limit: Duration) -> ShutdownReport {
        let started = Instant::now();
        let left = || limit.saturating_sub(started.elapsed());
        let held = self.workers.stop(left);
        let pool = self.host.shutdown(left());
        match held {
            // The workers' end counts too.
            0 => ShutdownReport {
                took: started.elapsed(),
                ..pool
            },
            held => ShutdownReport::left(started, format!("workers inside a poll: {held}")),
        }
    }
}

/// The threads of the workers.
#[derive(Debug)]
struct Threads {
    handles: Vec<thread::JoinHandle<()>>,
    /// Each ends the life of one worker.
    ends: Vec<AbortHandle>,
    /// Hands out the runtime of a worker that no longer drives it.
    ended: mpsc::Receiver<Owner>,
}

impl Threads {
    fn start(owners: Vec<Owner>) -> Result<Self, BuildError> {
        let (end, ended) = mpsc::channel();
        let mut threads = Threads {
            handles: Vec::with_capacity(owners.len()),
            ends: Vec::with_capacity(owners.len()),
            ended,
        };
        for (index, owner) in owners.into_iter().enumerate() {
            let life = owner.runtime.spawn(std::future::pending::<()>());
            threads.ends.push(life.abort_handle());
            let end = end.clone();
            let worker = move || {
                let entered = owner.number.enter();
                // It ends by being aborted.
                let _ = owner.runtime.block_on(life);
                drop(entered);
                // Not wanted by a runner that is dropped: then the runtime ends here.
                let _ = end.send(owner);
            };
            let thread = thread::Builder::new().name(format!("per-core-{index}"));
            threads
                .handles
                .push(thread.spawn(worker).map_err(BuildError::Os)?);
        }
        Ok(threads)
    }

    /// Stops all workers, and ends their runtimes once none polls any more. Returns the number of
    /// those that did not stop in the time `left`.
    fn stop(&mut self, left: impl Fn() -> Duration) -> usize {
        self.ends.iter().for_each(AbortHandle::abort);
        let next = |_: &thread::JoinHandle<()>| self.ended.recv_timeout(left()).ok();
        let owners: Vec<Owner> = self.handles.iter().map_while(next).collect();
        let held = self.handles.len() - owners.len();
        for owner in owners {
            owner.runtime.shutdown_timeout(left());
        }
        if held == 0 {
            // They have nothing left to do.
            self.handles.drain(..).for_each(|thread| _ = thread.join());
        }
        self.handles.clear();
        held
    }
}

impl Drop for Threads {
    /// Waits for the workers, as tokio does for its own if a runtime is dropped.
    fn drop(&mut self) {
        self.ends.iter().for_each(AbortHandle::abort);
        drop(std::mem::replace(&mut self.ended, mpsc::channel().1));
        for thread in self.handles.drain(..) {
            // A worker panics only if the drop of a task does.
            let _ = thread.join();
        }
    }
}

/// A handle to the runtimes of a [`TokioPerCore`].
///
/// # Panics
///
/// A wait that is polled after the shutdown panics, as for [`TokioHandle`].
#[derive(Debug, Clone)]
pub struct PerCoreHandle {
    workers: Arc<[TokioHandle]>,
    /// The number of tasks that were placed.
    next: Arc<AtomicUsize>,
    blocking: TokioHandle,
}

impl Runtime for PerCoreHandle {
    type JoinHandle<T: Send + 'static> = TokioJoinHandle<T>;
    type BlockingHandle<T: Send + 'static> = TokioBlockingHandle<T>;
    type Sleep = time::Sleep;

    #[inline]
    fn spawn<F>(&self, future: F) -> TokioJoinHandle<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        let placed = self.next.fetch_add(1, Ordering::Relaxed);
        self.workers[placed % self.workers.len()].spawn(future)
    }

    #[inline]
    fn spawn_blocking<T, F>(&self, work: F) -> TokioBlockingHandle<T>
    where
        T: Send + 'static,
        F: FnOnce() -> T + Send + 'static,
    {
        self.blocking.spawn_blocking(work)
    }

    /// On a worker the timer is its own; elsewhere it is the first one's.
    #[inline]
    fn sleep(&self, duration: Duration) -> time::Sleep {
        self.workers[0].sleep(duration)
    }

    #[inline]
    fn yield_now(&self) -> impl Future<Output = ()> + Send {
        task::yield_now()
    }

    /// # Panics
    ///
    /// As [`TokioHandle::pipe_reader`].
    fn pipe_reader(&self, pipe: PipeReader) -> io::Result<impl ReadByte + use<>> {
        self.workers[0].pipe_reader(pipe)
    }

    #[inline]
    fn now(&self) -> Duration {
        self.workers[0].now()
    }
}
