//! Runs pollmark scenarios on a virtual clock: exact, repeatable and ideal.
//!
//! [`Virtual`] is a discrete-event simulator of an ideal scheduler. Futures are
//! polled for real, but time is a number: where nothing can run at this
//! instant, the clock moves to the next instant at which something is due.
//! Twenty-seven seconds of a lesson take microseconds, and take exactly 27.
//!
//! ```
//! use std::time::Duration;
//!
//! use pollmark_core::{Config, Runner, Runtime};
//! use pollmark_runner_virtual::Virtual;
//!
//! // Three dishes that each keep a cook busy, and two cooks: 8 and 16 on one
//! // side would be 24, but whoever has done the 3 begins the 16.
//! let runner = Virtual::build(&Config::with_workers(2))?;
//! let rt = runner.handle();
//! let kitchen = rt.clone();
//! runner.run(
//!     async move {
//!         let dishes = [8, 3, 16].map(|seconds| {
//!             let cook = kitchen.clone();
//!             kitchen.spawn(async move { cook.block(Duration::from_secs(seconds)) })
//!         });
//!         for dish in dishes {
//!             dish.await.expect("no dish fails");
//!         }
//!     },
//!     None,
//! )?;
//! assert_eq!(rt.now(), Duration::from_secs(19));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # The model
//!
//! - There are N workers ([`Config::workers`]), or as many as there are tasks
//!   ([`Config::worker_per_task`]). While a worker is free and a task is ready,
//!   the task is polled. A poll takes no time, so its worker is free again at once.
//! - *Waiting* ([`sleep`](Runtime::sleep)) holds nothing. *Blocking*
//!   ([`block`](Runtime::block)) holds the worker. *Spinning*
//!   ([`spin`](Runtime::spin), [`compute`](Runtime::compute)) holds the worker
//!   and one of C cores ([`Config::cores`]); who finds none free waits for one,
//!   first come, first served. A duration of zero is no event.
//! - [`spawn_blocking`](Runtime::spawn_blocking) holds a thread of a pool with a
//!   cap of its own ([`BLOCKING_THREADS`] unless [`Config::blocking_threads`] says
//!   otherwise), and no worker.
//! - Everything that is due at one instant comes about before anything runs at
//!   it. Then blocked polls go on first, queued blocking calls next, ready tasks
//!   last, each in the order in which they came; [`Config::seed`] shuffles the
//!   ready tasks instead.
//!
//! The scheduler is ideal because it is work-conserving and costs nothing:
//! switching, waking, queues, caches and the OS are free. What a real runtime
//! takes beyond this time is its own.
//!
//! Time is kept in whole nanoseconds and ends after 584 years; what would be due
//! later never comes. Two runs of one program with one configuration are equal
//! to the last event, as long as the program itself is deterministic.
//!
//! # How blocking works
//!
//! A poll that blocks keeps its OS stack, so the simulator goes on on another
//! thread and hands back when the clock has come to the end of the block. One
//! thread runs at any time. Programs that only wait use one thread.
//!
//! # Exceptions
//!
//! - A future that only a foreign OS thread will wake counts as one that nobody
//!   will: the simulator cannot know of it, and reports a deadlock. (A poll may
//!   *block* on a foreign thread, by joining it for instance: then time rests.)
//! - A poll or a call that blocks for real on what another task would release (a
//!   `std` mutex held across a block, a `std` channel between two tasks) never
//!   comes back: that task needs the one thread that runs. No limit of virtual
//!   time ends it.
//! - A program that polls a condition in a loop of yields would stop time. After
//!   a million polls that did nothing but yield, time passes all the same.
//! - [`block`](Runtime::block) and [`spin`](Runtime::spin) return at once on a
//!   thread that is inside no task or call of the simulator.

mod agenda;
mod baton;
mod clock;
mod handle;
mod header;
mod join;
mod live;
mod shutdown;
mod sim;
mod standstill;
mod state;
mod task;
mod threads;
mod timer;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

#[cfg(doc)]
use pollmark_core::Runtime;
use pollmark_core::{
    BuildError, Clock, Config, Exception, JoinError, RunError, Runner, RunnerInfo, ShutdownReport,
    Work, Workers,
};

pub use handle::VirtualHandle;
pub use join::{VirtualBlockingHandle, VirtualJoinHandle};
pub use state::BLOCKING_THREADS;
pub use timer::Sleep;

use baton::{Place, Seat};
use sim::Sim;
use state::Outcome;
use task::Task;

/// How long a runner that is dropped without a shutdown waits for user code.
const DROP_LIMIT: Duration = Duration::from_secs(5);

/// Owns a simulator and its threads; dropping it shuts it down.
#[derive(Debug)]
pub struct Virtual {
    sim: Arc<Sim>,
    /// Held by the run that is under way.
    turn: Mutex<()>,
}

impl Virtual {
    /// Takes over a simulator and starts its first thread.
    fn on(sim: Arc<Sim>) -> Result<Self, BuildError> {
        let driver = sim.driver().map_err(BuildError::Os)?;
        sim.lock().idle.push(driver);
        Ok(Virtual {
            sim,
            turn: Mutex::new(()),
        })
    }
}

impl Runner for Virtual {
    type Runtime = VirtualHandle;

    const INFO: RunnerInfo = RunnerInfo {
        id: "virtual",
        summary: "virtual clock: the ideal schedule, exact and repeatable",
        workers: Workers::Any,
        clock: Clock::Virtual,
        exceptions: &[
            Exception {
                rule: "woken_by_a_foreign_thread",
                reason: "time is virtual: a task that only a foreign OS thread will wake is \
                         reported as deadlocked, since the simulator cannot know that a wake will \
                         come",
            },
            Exception {
                rule: "pipe_gives_bytes",
                reason: "time is virtual: a pipe of the operating system becomes readable in \
                         real time, which the simulator knows nothing of",
            },
        ],
    };

    fn build(config: &Config) -> Result<Self, BuildError> {
        config.validate()?;
        Virtual::on(Sim::new(config))
    }

    fn handle(&self) -> VirtualHandle {
        VirtualHandle::new(&self.sim)
    }

    /// Runs `root`, named `main` in a deadlock, to its end.
    ///
    /// Tasks that it leaves behind stand still until the next run. Time passes
    /// only during a run.
    ///
    /// # Errors
    ///
    /// [`RunError::TimedOut`] where the next event lies beyond `limit`, counted
    /// from the start of this run; the clock then stands at the limit. The same
    /// where tasks have woken one another a hundred million times at one
    /// instant; the clock then stands there. [`RunError::Deadlock`] names every
    /// task that was polled and has not ended: a task without a name is `task
    /// N`, the N-th that was spawned, counted from the root as 0.
    ///
    /// # Panics
    ///
    /// Panics inside a task of this simulator, where it could never return.
    fn run<F>(&self, root: F, limit: Option<Duration>) -> Result<F::Output, RunError>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        assert!(
            Seat::here(&self.sim).is_none(),
            "a run inside a task of the same simulator would wait for itself"
        );
        let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        let root = Task::spawn(&self.sim, Place::Worker, Some("main".into()), root);
        let outcome = self
            .sim
            .run(root.key(), limit)
            .map_err(|error| RunError::Join(JoinError::Spawn(error)))?;
        match (outcome, limit) {
            (Outcome::Deadlock(waiting), _) => Err(RunError::Deadlock { waiting }),
            (Outcome::TimedOut, Some(limit)) => Err(RunError::TimedOut { limit }),
            (Outcome::Ended | Outcome::TimedOut, _) => root
                .outcome()
                .unwrap_or(Err(JoinError::Shutdown))
                .map_err(RunError::Join),
        }
    }

    /// What was declared by every block, spin and compute that has begun.
    fn work(&self) -> Option<Work> {
        Some(self.sim.lock().work)
    }

    /// Ends the simulator, at the instant at which the last run left it.
    ///
    /// A poll or a call that rests in a block comes out of it at once and goes
    /// on to its end or its next suspension; should it block again, it is
    /// unwound and ends as [`JoinError::Shutdown`].
    fn shutdown(self, limit: Duration) -> ShutdownReport {
        self.sim.close(limit)
    }
}

impl Drop for Virtual {
    fn drop(&mut self) {
        self.sim.close(DROP_LIMIT);
    }
}

/// What this crate offers to whoever chooses a runner by its name.
pub static FLAVOURS: &[&dyn pollmark_core::Flavour] = &[pollmark_core::flavour::<Virtual>()];
