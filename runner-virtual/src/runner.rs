//! The runner: owns a simulator and its threads.

use std::future::Future;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use pollmark_core::support::lock;
use pollmark_core::{
    BuildError, Clock, Config, Exception, JoinError, NO_STEAL, RunError, Runner, RunnerInfo,
    SettingInfo, ShutdownReport, Work, Workers,
};

use crate::handle::VirtualHandle;
use crate::sim::Sim;
use crate::state::Outcome;
use crate::task::resource::Resource;

/// The time that a runner that is dropped without a shutdown waits for user code.
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
    pub(crate) fn on(sim: Arc<Sim>) -> Result<Self, BuildError> {
        let driver = sim.driver().map_err(BuildError::Os)?;
        sim.lock().threads.idle.push(driver);
        Ok(Virtual {
            sim,
            turn: Mutex::new(()),
        })
    }
}

impl Runner for Virtual {
    type Runtime = VirtualHandle;

    const INFO: RunnerInfo = RunnerInfo {
        settings: &[SettingInfo::switch(NO_STEAL).means(
            "each task stays with the worker that it was placed on, in turn",
            "off: a free worker takes any task that is ready",
        )],
        exceptions: &[
            #[cfg(not(target_os = "linux"))]
            Exception {
                rule: "woken_by_a_foreign_thread",
                reason: "time is virtual: a task that only a foreign OS thread will wake is \
                         reported as deadlocked, since the simulator cannot know that a wake will \
                         come where there is no /proc",
            },
            Exception {
                rule: "pipe_gives_bytes",
                reason: "time is virtual: a pipe of the operating system becomes readable in \
                         real time, which the simulator knows nothing of",
            },
        ],
        ..RunnerInfo::new(
            "virtual",
            "virtual clock: the ideal schedule, exact and repeatable",
            Workers::Any,
            Clock::Virtual,
        )
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
    /// [`RunError::TimedOut`] if the next event lies beyond `limit`, counted
    /// from the start of this run; the clock then stands at the limit, or past it if
    /// it went with real time, beside a foreign thread. The same
    /// if tasks have woken one another a hundred million times at one
    /// instant; the clock then stands there. [`RunError::Deadlock`] names every
    /// task that was polled and has not ended: a task without a name is `task
    /// N`, the N-th that was spawned, counted from the root as 0. [`RunError::Stuck`] is a
    /// deadlock in which polls or calls wait for other threads, and names them.
    ///
    /// # Panics
    ///
    /// Panics inside a task of this simulator, because it could never return there.
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
        assert!(
            self.sim.current_thread().is_none(),
            "a run inside a task of the same simulator would wait for itself"
        );
        let _turn = lock(&self.turn);
        let root = self
            .sim
            .spawn(Resource::ANY_WORKER, Some("main".into()), root);
        let outcome = self
            .sim
            .run(root.key(), limit)
            .map_err(|error| RunError::Join(JoinError::Spawn(error)))?;
        if !matches!(outcome, Outcome::Ended) {
            on_stop();
        }
        match (outcome, limit) {
            (Outcome::Deadlock(waiting), _) => Err(RunError::Deadlock { waiting }),
            (Outcome::Stuck(why), _) => Err(RunError::Stuck(why)),
            (Outcome::TimedOut, Some(limit)) => Err(RunError::TimedOut { limit }),
            (Outcome::Ended | Outcome::TimedOut, _) => root
                .outcome()
                .unwrap_or(Err(JoinError::Shutdown))
                .map_err(RunError::Join),
        }
    }

    /// The sum of the durations of every block, spin and compute that has begun.
    fn work(&self) -> Option<Work> {
        Some(self.sim.lock().work)
    }

    /// A thread that the program started, or one that woke a task, runs outside of the clock; or
    /// a poll waited for another thread.
    fn inexact(&self) -> Option<String> {
        self.sim.lock().foreign.reason().cloned()
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
