//! A runtime that is built once and runs variants one after the other.

use std::time::Duration;

use super::options::{Options, RunSpec};
use super::plan::{Ended, Plan, SHUTDOWN};
use super::report::Report;
use super::root::{Finish, ScenarioClock, is_recorded, root};
use crate::program::sink::Null;
use crate::program::speed::Speed;
use crate::program::transcript::{Entry, Transcript};
use crate::runtime::config::{BuildError, Config};
use crate::runtime::runner::{RunError, Runner, ShutdownReport, Work};
use crate::scenario::Scenario;
use crate::scenario::params::Params;

/// A live runtime that runs one variant after the other, each held to its check.
///
/// For a loop that takes samples: it needs a warm runtime, built and ended outside the measured
/// time. [`perform`](crate::perform) builds a runtime for every run and ends it.
///
/// Runs follow each other on the same threads. A task that one run leaves behind goes on beside
/// the next run. After [`Verdict::TimedOut`](crate::Verdict::TimedOut) that task is the root
/// itself, and the session is of no further use.
///
/// Dropped, it shuts the runtime down as [`shutdown`](Session::shutdown) does.
///
/// ```
/// use pollmark_core::scenarios::Cafe;
/// use pollmark_core::{Config, Params, Runner, Session, Verdict};
///
/// fn thrice<Q: Runner>() -> Result<(), pollmark_core::BuildError> {
///     let session = Session::<Q>::build(&Config::default())?;
///     for _ in 0..3 {
///         let report = session.run(Cafe::Concurrent, &Params::default());
///         assert_eq!(report.verdict, Verdict::Ok);
///     }
///     Ok(())
/// }
/// ```
#[derive(Debug)]
pub struct Session<Q: Runner> {
    /// `None` once it has ended.
    runner: Option<Q>,
    config: Config,
    speed: Speed,
    timeout: Duration,
}

impl<Q: Runner> Session<Q> {
    /// Builds the runtime. Its runs have the speed and the timeout of [`Options::default`].
    ///
    /// # Errors
    ///
    /// As [`Runner::build`].
    pub fn build(config: &Config) -> Result<Self, BuildError> {
        config.validate()?;
        let Options { speed, timeout, .. } = Options::default();
        Ok(Session {
            runner: Some(Q::build(config)?),
            config: config.clone(),
            speed,
            timeout,
        })
    }

    /// Makes later runs `speed` times faster than scenario time, if the clock is real.
    pub fn at(mut self, speed: Speed) -> Self {
        self.speed = speed;
        self
    }

    /// Gives up a later run if it takes longer than `timeout` of real time.
    ///
    /// The runtime itself gives it up, so a poll that does not return is waited for if it holds the
    /// thread that would: on one thread, or if all workers are held. [`perform`](crate::perform)
    /// gives up such a run too. If the clock is virtual, there is no limit.
    pub fn giving_up_after(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Runs `case` and checks it, with the defaults for parameters that `params` does not hold.
    /// The transcript of a lesson is recorded and is part of the report.
    ///
    /// The verdict is [`Verdict::Unsupported`](crate::Verdict::Unsupported) if the runner does not
    /// support the variant, or if a session cannot show it: it never ends, it awaits pipes and the
    /// session was built without [`Config::io`], or its outcome is known only once the runtime has
    /// ended ([`Outcome::after_shutdown`](crate::Outcome::after_shutdown)).
    ///
    /// # Blocking
    ///
    /// Blocks the calling thread until the root has ended or was given up; it must not be a thread
    /// of a runtime.
    pub fn run<C: Scenario>(&self, case: C, params: &Params) -> Report {
        let transcript = Transcript::new();
        self.checked(
            case,
            params,
            |plan| self.run_planned(plan, &transcript),
            || Some(transcript.entries()),
        )
    }

    /// As [`run`](Session::run), without a transcript: a lesson costs as much as its program
    /// costs, as an experiment does in any case.
    ///
    /// A lesson is then checked only by its outcome and its time
    /// ([`Observed::value`](crate::Observed::value), [`takes`](crate::Observed::takes) and
    /// [`takes_at_least`](crate::Observed::takes_at_least)), so it should have passed once by
    /// [`run`](Session::run). If not even that is possible, the verdict is
    /// [`Verdict::Unsupported`](crate::Verdict::Unsupported); an example is `shops`, with items
    /// that may be placed in any order. Every other scenario is checked in full.
    ///
    /// # Blocking
    ///
    /// As for [`run`](Session::run).
    pub fn run_unrecorded<C: Scenario>(&self, case: C, params: &Params) -> Report {
        self.checked(
            case,
            params,
            |plan| self.run_planned_unrecorded(plan),
            || None,
        )
    }

    /// Ends the runtime. Threads that are left after half a second are abandoned.
    ///
    /// # Blocking
    ///
    /// As [`Runner::shutdown`].
    pub fn shutdown(mut self) -> ShutdownReport {
        let runner = self.runner.take().expect(LIVES);
        runner.shutdown(SHUTDOWN)
    }

    fn checked<C: Scenario>(
        &self,
        case: C,
        params: &Params,
        run: impl FnOnce(&Plan<'_, C>) -> Result<Finish, RunError>,
        transcript: impl FnOnce() -> Option<Vec<Entry>>,
    ) -> Report {
        let plan = Plan::new(
            case,
            &Q::INFO,
            RunSpec {
                config: &self.config,
                params,
                speed: self.speed,
                timeout: self.timeout,
            },
        );
        let plan = match plan.and_then(|plan| plan.in_a_session(&self.config)) {
            Ok(plan) => plan,
            Err(unsupported) => return *unsupported,
        };
        let before = self.work();
        let root = run(&plan);
        let work = self.work().zip(before).map(|(all, before)| all - before);
        let ended = Ended {
            transcript: transcript(),
            ..Ended::of(root, work, self.inexact())
        };
        plan.conclude(ended)
    }

    /// Runs the planned variant, and records it if it is a lesson.
    pub(crate) fn run_planned<C: Scenario>(
        &self,
        plan: &Plan<'_, C>,
        transcript: &Transcript,
    ) -> Result<Finish, RunError> {
        // A measured program is not recorded. The choice is a constant, so that only one
        // of the two is ever compiled.
        if const { !is_recorded::<C>() } {
            return self.run_planned_unrecorded(plan);
        }
        let recorded = transcript.clone();
        let recorder = move |clock: ScenarioClock<_>| recorded.recorder(move || clock.now());
        let (handle, params) = (self.runner().handle(), plan.params.clone());
        let root = root(plan.case, handle, params, plan.speed, recorder);
        let on_stop = || transcript.stop();
        self.runner().run_or_stop(root, plan.limit, on_stop)
    }

    fn run_planned_unrecorded<C: Scenario>(&self, plan: &Plan<'_, C>) -> Result<Finish, RunError> {
        let (handle, params) = (self.runner().handle(), plan.params.clone());
        let root = root(plan.case, handle, params, plan.speed, |_| Null);
        self.runner().run(root, plan.limit)
    }

    /// The work that tasks have declared so far, over all runs.
    pub(crate) fn work(&self) -> Option<Work> {
        self.runner().work()
    }

    /// The reason why the times of the last run are not exact, on a virtual clock.
    pub(crate) fn inexact(&self) -> Option<String> {
        self.runner().inexact()
    }

    fn runner(&self) -> &Q {
        self.runner.as_ref().expect(LIVES)
    }
}

const LIVES: &str = "only the session's end takes the runner away";

impl<Q: Runner> Drop for Session<Q> {
    fn drop(&mut self) {
        if let Some(runner) = self.runner.take() {
            runner.shutdown(SHUTDOWN);
        }
    }
}
