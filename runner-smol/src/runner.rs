//! Building a smol executor with its own threads, and ending it.

use std::future::Future;
use std::sync::Arc;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use pollmark_core::support::join_within;
use pollmark_core::{
    BuildError, Clock, Config, RunError, Runner, RunnerInfo, Runtime, ShutdownReport, Workers,
};
use smol::channel;

use crate::SmolHandle;
use crate::core::Core;

/// smol's executor on worker threads of its own.
///
/// If it is dropped instead of shut down, its threads end by themselves and
/// are not waited for.
#[derive(Debug)]
pub struct Smol {
    core: Arc<Core>,
    epoch: Instant,
    workers: Vec<thread::JoinHandle<()>>,
    /// The workers run until it is dropped.
    stop: channel::Sender<()>,
    /// Disconnects when all threads and calls that [`Core`] counts as alive have ended.
    all_ended: mpsc::Receiver<()>,
}

impl Runner for Smol {
    type Runtime = SmolHandle;

    const INFO: RunnerInfo = RunnerInfo::new(
        "smol",
        "smol's executor on threads of its own",
        Workers::Any,
        Clock::Real,
    );

    /// The blocking pool is the process's, and so is its cap: of several builds the
    /// last one that asks for a cap sets it for all, and for all other code that
    /// uses that pool, as async-std does. A build that asks for none leaves the cap as it
    /// stands; in a fresh process that is the pool's own. Threads above a new, lower
    /// cap go on while there are calls, and end when they have been idle for half a
    /// second.
    fn build(config: &Config) -> Result<Self, BuildError> {
        config.validate()?;
        // If the thread of the reactor is refused, async-io aborts the process.
        BuildError::check_threads(config.workers.get() + 1)?;
        let (alive, all_ended) = mpsc::channel();
        let (stop, stopped) = channel::bounded(1);
        let mut smol = Smol {
            core: Core::new(alive),
            epoch: Instant::now(),
            workers: Vec::with_capacity(config.workers.get()),
            stop,
            all_ended,
        };
        for number in 0..config.workers.get() {
            let (core, stopped) = (Arc::clone(&smol.core), stopped.clone());
            let worker = thread::Builder::new()
                .name(format!("smol-{number}"))
                .spawn(move || _ = smol::block_on(core.executor.run(stopped.recv())));
            match worker {
                Ok(worker) => smol.workers.push(worker),
                Err(refused) => {
                    smol.shutdown(Duration::MAX);
                    return Err(BuildError::Os(refused));
                }
            }
        }
        if let Some(threads) = config.blocking_threads {
            blocking::set_max_blocking_threads(threads);
        }
        Ok(smol)
    }

    fn handle(&self) -> SmolHandle {
        SmolHandle::new(&self.core, self.epoch)
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
        // Unlike `smol::block_on`, this one leaves the timers to the workers.
        smol::future::block_on(join_within(&handle, root, limit, on_stop))
    }

    /// Waits for running and queued blocking calls too; the pool's idle threads
    /// are the process's and stay. A worker that is stuck in a poll keeps the
    /// executor and with it the futures of waiting tasks: they are dropped when
    /// it returns.
    ///
    /// A task that a thread outside wakes at the very moment at which the executor is
    /// dropped may be missed by it (async-executor 1.14): its future is then never
    /// dropped, and a task that awaits it waits for ever. Cancels are kept out of that
    /// moment; wakes cannot be.
    fn shutdown(self, limit: Duration) -> ShutdownReport {
        let started = Instant::now();
        let Smol {
            core,
            workers,
            stop,
            all_ended,
            ..
        } = self;
        core.close();
        drop((stop, core));
        match all_ended.recv_timeout(limit) {
            Err(RecvTimeoutError::Disconnected) => {
                for worker in workers {
                    // It has ended its run, and tasks' panics never reach it.
                    _ = worker.join();
                }
                ShutdownReport::complete(started)
            }
            Ok(()) | Err(RecvTimeoutError::Timeout) => {
                let stuck = workers.iter().filter(|worker| !worker.is_finished());
                let left = match stuck.count() {
                    0 => "blocking calls that had not returned".to_owned(),
                    stuck => format!("workers that had not ended: {stuck}"),
                };
                ShutdownReport::left(started, left)
            }
        }
    }
}
