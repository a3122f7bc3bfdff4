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
use crate::scenario::outcome::Life;
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
    /// The times of the runtime, without its end.
    pub(crate) life: Life,
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
            life: Life::default(),
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
        if let Some(shutdown) = &ended.shutdown {
            outcome.settle(match info.clock {
                Clock::Real => Life {
                    end: shutdown.took,
                    ..ended.life
                },
                Clock::Virtual => Life::default(),
            });
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
            cpu: usage.map(|usage| usage.cpu()),
            outcome: &outcome,
            transcript: &transcript,
            is_told,
            is_open: false,
            wrong: Vec::new(),
            notes: Vec::new(),
        };
        let never_ends = case.info().expected == Expected::NeverEnds;
        let verdict = match ended.is_left_behind && !never_ends {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::program::context::Context;
    use crate::program::sink::Sink;
    use crate::runtime::Runtime;
    use crate::runtime::runner_info::Workers;
    use crate::scenario::outcome::Outcome;
    use crate::scenario::variant::VariantInfo;
    use crate::scenario::{Kind, ScenarioInfo};

    #[derive(Clone, Copy)]
    struct Forever;

    impl Scenario for Forever {
        const INFO: ScenarioInfo = ScenarioInfo {
            id: "forever",
            kind: Kind::Lesson,
            summary: "waits",
            source: "",
            text: "",
            prose: "",
            params: &[],
        };
        const VARIANTS: &'static [Self] = &[Forever];

        fn info(self) -> VariantInfo {
            VariantInfo::new("forever", "waits", "It waits.").never_ends()
        }

        async fn run<R: Runtime, S: Sink>(self, _: Context<R, S>, _: Params) -> Outcome {
            std::future::pending().await
        }

        fn check(self, _: &mut Observed<'_>) {}
    }

    #[test]
    fn a_variant_that_never_ends_may_be_stuck_or_left_behind_in_a_poll() {
        let info = |clock| RunnerInfo::new("none", "", Workers::One, clock);
        let concluded = |clock, error, is_left_behind| {
            let (info, config, params) = (info(clock), Config::default(), Params::default());
            let spec = RunSpec {
                config: &config,
                params: &params,
                speed: Speed::LESSON,
                timeout: Duration::from_secs(3),
            };
            let plan = Plan::new(Forever, &info, spec).expect("it is supported");
            let report = plan.conclude(Ended {
                is_left_behind,
                transcript: Some(Vec::new()),
                ..Ended::of(Err(error), None, None)
            });
            (report.verdict, report.notes.join("; "))
        };
        let expected = |why: &str| (Verdict::Ok, format!("does not end, as expected: {why}"));
        let stuck = RunError::Stuck("`main` waits".to_owned());
        assert_eq!(
            concluded(Clock::Virtual, stuck, false),
            expected("`main` waits")
        );
        for (clock, limit, watched) in [
            (Clock::Real, Duration::from_secs(1), "watched for 20 s"),
            (Clock::Virtual, Duration::from_secs(3), "watched for 3 s"),
        ] {
            let late = RunError::TimedOut { limit };
            assert_eq!(concluded(clock, late, true), expected(watched));
        }
    }
}
