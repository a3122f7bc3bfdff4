//! One run of one variant on one runner, from building the runtime to the check.

use std::time::{Duration, Instant};

use futures::future::FutureExt;

use crate::context::Context;
use crate::erased::Erased;
use crate::name::Name;
use crate::observed::Observed;
use crate::outcome::Outcome;
use crate::params::Params;
use crate::report::{Report, Verdict};
use crate::runner::{
    BuildError, Clock, Config, Exception, RunError, Runner, RunnerInfo, ShutdownReport, Work,
};
use crate::runtime::Runtime;
use crate::scenario::{Expected, Kind, Scenario};
use crate::session::Session;
use crate::speed::Speed;
use crate::stage::Stage;
use crate::task::watched;
use crate::time::seconds;
use crate::transcript::{Ending, Entry, Sink, Transcript};
use crate::usage::Usage;

/// The name of the root task.
pub(crate) const ROOT: &str = "main";

/// How long a variant that never ends is watched, in scenario time.
pub const WATCH: Duration = Duration::from_secs(20);

/// How to run a variant.
#[derive(Debug, Clone)]
pub struct Options {
    /// How the runtime is built.
    pub config: Config,
    /// The scenario's parameters; defaults for those it does not hold.
    pub params: Params,
    /// How many times faster than scenario time; virtual clocks need none and
    /// run at [`Speed::REAL`].
    pub speed: Speed,
    /// How long the run may take, in real time, before it is given up.
    pub timeout: Duration,
    /// Where the transcript goes.
    pub transcript: Transcript,
}

impl Default for Options {
    /// The machine's workers, the defaults of the scenario, twenty times faster
    /// than scenario time, half a minute of patience.
    fn default() -> Self {
        Options {
            config: Config::default(),
            params: Params::default(),
            speed: Speed::LESSON,
            timeout: Duration::from_secs(30),
            transcript: Transcript::new(),
        }
    }
}

/// Runs `case` on a runtime built for it, ends the runtime, and checks the outcome.
///
/// ```
/// # use pollmark_core::Scenario;
/// use pollmark_core::scenarios::Cafe;
/// use pollmark_core::{Options, Runner, perform};
///
/// fn latte<Q: Runner>() -> Result<(), pollmark_core::BuildError> {
///     let report = perform::<Q, _>(Cafe::Concurrent, &Options::default())?;
///     println!("{report}");
///     Ok(())
/// }
/// ```
///
/// # Errors
///
/// [`BuildError`] if the runtime could not be built. A run that went wrong is no
/// error but a [`Verdict`].
///
/// # Blocking
///
/// Blocks the calling thread until the runtime has ended; it must not be a thread
/// of a runtime.
pub fn perform<Q: Runner, C: Scenario>(case: C, options: &Options) -> Result<Report, BuildError> {
    let plan = match Plan::new(case, &Q::INFO, options.into()) {
        Ok(plan) => plan,
        Err(unsupported) => return Ok(*unsupported),
    };
    let session = Session::<Q>::build(&plan.config)?;
    let ran = session.ran(&plan, &options.transcript);
    let work = session.work();
    let shutdown = session.shutdown();
    Ok(plan.conclude(Ran {
        ran,
        work,
        shutdown: Some(shutdown),
        transcript: Some(options.transcript.entries()),
    }))
}

/// As [`perform`], compiled once for all runners: for what is not measured.
pub(crate) fn perform_on<C: Scenario>(
    stage: &dyn Stage,
    case: C,
    options: &Options,
) -> Result<Report, BuildError> {
    let plan = match Plan::new(case, stage.info(), options.into()) {
        Ok(plan) => plan,
        Err(unsupported) => return Ok(*unsupported),
    };
    plan.config.validate()?;
    let make_root = Box::new(|runtime: Erased| {
        let (given, speed) = (plan.params.clone(), plan.speed);
        let transcript = options.transcript.clone();
        let recorder = move |clock: ScenarioClock<_>| transcript.recorder(move || clock.now());
        root(case, runtime, given, speed, recorder).boxed()
    });
    let (mut ran, _) = stage.run(&plan.config, plan.limit, make_root, &|_| {})?;
    ran.transcript = Some(options.transcript.entries());
    Ok(plan.conclude(ran))
}

/// What a run is held against: settled before it begins.
pub(crate) struct Plan<'a, C> {
    pub(crate) case: C,
    info: &'a RunnerInfo,
    /// As it was asked for, with what the variant needs.
    pub(crate) config: Config,
    pub(crate) params: Params,
    pub(crate) speed: Speed,
    pub(crate) limit: Option<Duration>,
}

/// What a run is asked to be.
#[derive(Clone, Copy)]
pub(crate) struct Given<'a> {
    pub(crate) config: &'a Config,
    pub(crate) params: &'a Params,
    pub(crate) speed: Speed,
    pub(crate) timeout: Duration,
}

impl<'a> From<&'a Options> for Given<'a> {
    fn from(options: &'a Options) -> Self {
        Given {
            config: &options.config,
            params: &options.params,
            speed: options.speed,
            timeout: options.timeout,
        }
    }
}

/// How a run ended, and its runtime after it.
pub(crate) struct Ran {
    pub(crate) ran: Result<Finish, RunError>,
    pub(crate) work: Option<Work>,
    /// `None` where the runtime lives on.
    pub(crate) shutdown: Option<ShutdownReport>,
    /// `None` where not even a lesson was to be recorded.
    pub(crate) transcript: Option<Vec<Entry>>,
}

impl<'a, C: Scenario> Plan<'a, C> {
    /// # Errors
    ///
    /// The report of a run that cannot be, where the runner does not support it.
    pub(crate) fn new(
        case: C,
        info: &'a RunnerInfo,
        given: Given<'_>,
    ) -> Result<Self, Box<Report>> {
        let speed = match info.clock {
            Clock::Real => given.speed,
            Clock::Virtual => Speed::REAL,
        };
        let params = Params::defaults(C::INFO.params).overridden(given.params);
        let config = Config {
            io: case.info().io,
            ..given.config.clone()
        };
        if let Some(reason) = case.unsupported(info, &config, &params) {
            return Err(Box::new(Report::unsupported(reason, speed)));
        }
        Ok(Plan {
            case,
            info,
            config,
            params,
            speed,
            limit: limit(case, info.clock, speed, given.timeout),
        })
    }

    /// The same, if it can be run on a runtime that was built with `existing` and lives
    /// on after it.
    ///
    /// # Errors
    ///
    /// The report of a run that cannot be.
    pub(crate) fn in_a_session(mut self, existing: &Config) -> Result<Self, Box<Report>> {
        let unsupported =
            |reason: &str| Err(Box::new(Report::unsupported(reason.to_owned(), self.speed)));
        if self.case.info().expected == Expected::NeverEnds {
            return unsupported("it never ends, and its tasks would stay beside the next run");
        }
        if self.config.io && !existing.io {
            return unsupported("it awaits pipes, and the session was built without `io`");
        }
        self.config.io = existing.io;
        Ok(self)
    }

    /// Checks the outcome.
    pub(crate) fn conclude(self, ended: Ran) -> Report {
        let Plan {
            case,
            info,
            config,
            params,
            speed,
            ..
        } = self;
        let (finish, ran) = match ended.ran {
            Ok(finish) => (Some(finish), Ok(())),
            Err(error) => (None, Err(error)),
        };
        let elapsed = finish.as_ref().map(|finish| finish.elapsed);
        let wall = finish.as_ref().map(|finish| finish.wall);
        let usage = finish.as_ref().and_then(|finish| finish.usage);
        let mut outcome = finish.map(|finish| finish.outcome).unwrap_or_default();
        if ended.shutdown.is_some() {
            outcome.settle();
        } else if outcome.is_open() {
            let reason = "what it shows is known only once its runtime has ended";
            return Report::unsupported(reason.to_owned(), speed);
        }
        let is_told = ended.transcript.is_some() || const { !is_recorded::<C>() };
        let transcript = ended.transcript.unwrap_or_default();
        let mut seen = Observed {
            params: &params,
            runner: info,
            config: &config,
            speed,
            elapsed: elapsed.unwrap_or_default(),
            outcome: &outcome,
            transcript: &transcript,
            is_told,
            is_open: false,
            wrong: Vec::new(),
            notes: Vec::new(),
        };
        let verdict = judge(case, ran, &mut seen);
        let mut notes = seen.notes;
        let declared = |exception: &Exception| exception.rule.starts_with("shutdown");
        if !info.exceptions.iter().any(declared) {
            let left = ended
                .shutdown
                .iter()
                .filter_map(|shutdown| shutdown.left.as_ref());
            notes.extend(left.map(|left| format!("at shutdown: {left}")));
        }
        Report {
            verdict,
            elapsed,
            wall,
            usage,
            speed,
            outcome,
            transcript,
            notes,
            work: ended.work,
            shutdown: ended.shutdown,
        }
    }
}

/// How long a shutdown may take before what is left is left to itself.
pub(crate) const SHUTDOWN: Duration = Duration::from_millis(500);

/// What the root task hands out of the runtime.
pub(crate) struct Finish {
    outcome: Outcome,
    elapsed: Duration,
    wall: Duration,
    usage: Option<Usage>,
}

/// Lessons are told by their transcript; experiments and benchmarks are measured,
/// and a transcript would be measured with them.
pub(crate) const fn is_recorded<C: Scenario>() -> bool {
    matches!(C::INFO.kind, Kind::Lesson)
}

/// Scenario time since the root task's first poll.
pub(crate) struct ScenarioClock<R> {
    runtime: R,
    speed: Speed,
    pub(crate) epoch: Duration,
}

impl<R: Runtime> ScenarioClock<R> {
    pub(crate) fn now(&self) -> Duration {
        let passed = self.runtime.now().saturating_sub(self.epoch);
        self.speed.to_scenario(passed)
    }
}

pub(crate) async fn root<C: Scenario, R: Runtime, S: Sink>(
    case: C,
    runtime: R,
    params: Params,
    speed: Speed,
    sink: impl FnOnce(ScenarioClock<R>) -> S,
) -> Finish {
    let before = Usage::of_this_process();
    let (epoch, started) = (runtime.now(), Instant::now());
    let sink = sink(ScenarioClock {
        runtime: runtime.clone(),
        speed,
        epoch,
    });
    let watch = sink.watch(&Name::from(ROOT));
    let cx = Context::new(runtime, sink, speed, epoch);
    let main = watched(case.run(cx.clone(), params), watch, |_| Ending::Finished);
    let outcome = main.await;
    Finish {
        outcome,
        elapsed: cx.now(),
        wall: started.elapsed(),
        usage: before
            .zip(Usage::of_this_process())
            .map(|(before, after)| after - before),
    }
}

fn limit<C: Scenario>(case: C, clock: Clock, speed: Speed, timeout: Duration) -> Option<Duration> {
    match (case.info().expected, clock) {
        (Expected::NeverEnds, _) => Some(speed.to_runtime(WATCH)),
        (_, Clock::Real) => Some(timeout),
        // Virtual time is no measure of patience.
        (_, Clock::Virtual) => None,
    }
}

fn judge<C: Scenario>(case: C, ran: Result<(), RunError>, seen: &mut Observed<'_>) -> Verdict {
    let never_ends = case.info().expected == Expected::NeverEnds;
    match ran {
        Ok(()) if never_ends => Verdict::Failed("it ended, and was expected never to".to_owned()),
        Err(RunError::TimedOut { .. } | RunError::Deadlock { .. }) if never_ends => {
            if let Err(RunError::Deadlock { waiting }) = ran {
                seen.note(format!(
                    "does not end, as expected: {} wait",
                    waiting.join(", ")
                ));
            } else {
                let watched = seconds(WATCH).to_string();
                seen.note(format!("does not end, as expected: watched for {watched}"));
            }
            case.check(seen);
            verdict_of(seen)
        }
        Ok(()) => {
            case.check(seen);
            verdict_of(seen)
        }
        Err(RunError::TimedOut { limit }) => {
            Verdict::TimedOut(format!("not finished after {}", seconds(limit)))
        }
        Err(RunError::Join(error)) => Verdict::Failed(format!("`{ROOT}`: {error}")),
        Err(error) => Verdict::Failed(error.to_string()),
    }
}

fn verdict_of(seen: &Observed<'_>) -> Verdict {
    if seen.is_open {
        let reason = "its check goes by the transcript, and it ran unrecorded";
        return Verdict::Unsupported(reason.to_owned());
    }
    if seen.wrong.is_empty() {
        return Verdict::Ok;
    }
    Verdict::Failed(seen.wrong.join("; "))
}
