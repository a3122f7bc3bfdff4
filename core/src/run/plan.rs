//! The plan of a run, settled before it begins, and the report made of how it ended.

use std::time::Duration;

use super::options::RunSpec;
use super::report::{Report, Verdict};
use super::root::{Finish, is_recorded};
use super::verdict::{WATCH, judge};
use crate::program::speed::Speed;
use crate::program::transcript::Entry;
use crate::runtime::config::Config;
use crate::runtime::runner::{RunError, ShutdownReport, Work};
use crate::runtime::runner_info::{Clock, Exception, RunnerInfo};
use crate::scenario::Scenario;
use crate::scenario::observed::Observed;
use crate::scenario::params::Params;
use crate::scenario::variant::Expected;
use crate::time::seconds;

/// The beginning of the note on a run of a virtual clock whose times are measured: it is no ideal.
pub const INEXACT: &str = "measured, not exact: ";

/// How long a shutdown may take before the threads that are left are abandoned.
pub(crate) const SHUTDOWN: Duration = Duration::from_millis(500);

/// A variant with everything that its run is held against.
#[derive(Clone)]
pub(crate) struct Plan<'a, C> {
    pub(crate) case: C,
    info: &'a RunnerInfo,
    /// The configuration asked for, with what the variant needs.
    pub(crate) config: Config,
    pub(crate) params: Params,
    pub(crate) speed: Speed,
    pub(crate) limit: Option<Duration>,
    /// The same in real time, also on a virtual clock.
    pub(crate) patience: Duration,
}

/// How a run ended, and its runtime after it.
pub(crate) struct Ended {
    pub(crate) root: Result<Finish, RunError>,
    pub(crate) work: Option<Work>,
    /// The reason why a virtual clock's times are not exact.
    pub(crate) inexact: Option<String>,
    /// `None` if the runtime lives on.
    pub(crate) shutdown: Option<ShutdownReport>,
    /// `None` if not even a lesson was to be recorded.
    pub(crate) transcript: Option<Vec<Entry>>,
    /// Whether a poll did not return at the limit, so that the run goes on on its thread.
    pub(crate) is_left_behind: bool,
}

impl Ended {
    /// A run that came back, before the end of its runtime.
    pub(crate) fn of(
        root: Result<Finish, RunError>,
        work: Option<Work>,
        inexact: Option<String>,
    ) -> Self {
        Ended {
            root,
            work,
            inexact,
            shutdown: None,
            transcript: None,
            is_left_behind: false,
        }
    }
}

impl<'a, C: Scenario> Plan<'a, C> {
    /// # Errors
    ///
    /// The report of an unsupported run, if the runner cannot show the variant.
    pub(crate) fn new(
        case: C,
        info: &'a RunnerInfo,
        spec: RunSpec<'_>,
    ) -> Result<Self, Box<Report>> {
        let speed = match info.clock {
            Clock::Real => spec.speed,
            Clock::Virtual => Speed::REAL,
        };
        let params = Params::defaults(C::INFO.params).overridden(spec.params);
        let config = Config {
            io: case.info().io,
            ..spec.config.clone()
        };
        if let Some(reason) = case.unsupported(info, &config, &params) {
            return Err(Box::new(Report::unsupported(reason, speed)));
        }
        let limit = limit(case, info.clock, speed, spec.timeout);
        Ok(Plan {
            case,
            info,
            config,
            params,
            speed,
            limit,
            patience: match info.clock {
                Clock::Real => limit.unwrap_or(spec.timeout),
                Clock::Virtual => spec.timeout,
            },
        })
    }

    /// The same plan for a runtime that was built with `existing` and lives on after the
    /// run.
    ///
    /// # Errors
    ///
    /// The report of an unsupported run, if such a runtime cannot show the variant.
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

    /// Checks the outcome and reports the run.
    pub(crate) fn conclude(self, ended: Ended) -> Report {
        let Plan {
            case,
            info,
            config,
            params,
            speed,
            patience,
            ..
        } = self;
        let (finish, root) = match ended.root {
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
        // A virtual clock that is not exact is held to the rules of a real one.
        let real = RunnerInfo {
            clock: Clock::Real,
            ..*info
        };
        let mut seen = Observed {
            params: &params,
            runner: if ended.inexact.is_some() { &real } else { info },
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
        let verdict = match ended.is_left_behind {
            true => left_behind(info.clock, patience),
            false => judge(case, root, &mut seen),
        };
        let mut notes = seen.notes;
        let inexact = ended.inexact.iter();
        notes.extend(inexact.map(|reason| format!("{INEXACT}{reason}")));
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
            inexact: ended.inexact,
            shutdown: ended.shutdown,
        }
    }
}

fn left_behind(clock: Clock, limit: Duration) -> Verdict {
    let limit = seconds(limit);
    Verdict::TimedOut(match clock {
        Clock::Real => format!(
            "not finished after {limit}: a poll does not return, and its thread was left behind"
        ),
        Clock::Virtual => format!(
            "not finished after {limit} of real time: a poll does not return, or the simulation \
             takes longer, and its thread was left behind"
        ),
    })
}

fn limit<C: Scenario>(case: C, clock: Clock, speed: Speed, timeout: Duration) -> Option<Duration> {
    match (case.info().expected, clock) {
        (Expected::NeverEnds, _) => Some(speed.to_runtime(WATCH)),
        (_, Clock::Real) => Some(timeout),
        // Virtual time is no measure of patience.
        (_, Clock::Virtual) => None,
    }
}
