//! A variant of the catalogue as a benchmark: every run of it is checked.

use std::cell::Cell;
use std::time::Duration;

use pollmark_core::{
    BuildError, Config, Params, Report, Runner, RunnerInfo, Scenario, Session, Speed, Verdict,
};

/// A variant, and how it is to be run and timed.
#[derive(Debug, Clone)]
pub struct Program<C> {
    case: C,
    elements: u64,
    params: Params,
    speed: Speed,
    measured: Measured,
}

/// The span that counts as the time of a run.
#[derive(Debug, Clone, Copy)]
enum Measured {
    /// From the root's first poll to its end.
    Root,
    /// A value of the outcome in nanoseconds for each element, times the elements.
    Each(&'static str),
}

impl<C: Scenario> Program<C> {
    /// `case` with the parameters' defaults, in real time. A run of it does `elements`
    /// pieces of work, in which its throughput is counted.
    pub fn new(case: C, elements: u64) -> Self {
        Program {
            case,
            elements,
            params: Params::defaults(C::INFO.params),
            speed: Speed::REAL,
            measured: Measured::Root,
        }
    }

    /// With a parameter as on the command line.
    ///
    /// # Panics
    ///
    /// Panics if the scenario has no such parameter, or not of that value.
    pub fn with(mut self, name: &str, value: &str) -> Self {
        let params = self.params.with(C::INFO.params, name, value);
        self.params = params.unwrap_or_else(|error| panic!("{}: {error}", C::INFO.id));
        self
    }

    /// So many times faster than scenario time: for programs that wait.
    ///
    /// # Panics
    ///
    /// Panics if `factor` is no speed.
    pub fn at(mut self, factor: f64) -> Self {
        self.speed = Speed::new(factor).unwrap_or_else(|error| panic!("{factor}: {error}"));
        self
    }

    /// Timed by the outcome's value of that name, which is in nanoseconds for each
    /// element, if the whole run does more than is to be timed.
    pub fn timed_by(mut self, name: &'static str) -> Self {
        self.measured = Measured::Each(name);
        self
    }

    /// The pieces of work of one run.
    pub fn elements(&self) -> u64 {
        self.elements
    }

    /// The variant's name within its scenario, and the runner's: `concurrent@smol`.
    pub fn name_on(&self, runner: &RunnerInfo) -> String {
        format!("{}@{}", self.case.info().id, runner.id)
    }

    /// Why the runner cannot show it, if it cannot.
    pub fn unsupported(&self, runner: &RunnerInfo, config: &Config) -> Option<String> {
        self.case.unsupported(runner, config, &self.params)
    }

    /// On a runtime that is built for it here.
    ///
    /// # Errors
    ///
    /// As [`Runner::build`].
    pub fn on<Q: Runner>(&self, config: &Config) -> Result<Live<Q, C>, BuildError> {
        let config = Config {
            io: self.case.info().io,
            ..config.clone()
        };
        Ok(Live {
            session: Session::build(&config)?.at(self.speed),
            program: self.clone(),
            is_rehearsed: Cell::new(false),
        })
    }
}

/// A [`Program`] on a live runtime, which ends when this is dropped.
#[derive(Debug)]
pub struct Live<Q: Runner, C> {
    session: Session<Q>,
    program: Program<C>,
    is_rehearsed: Cell<bool>,
}

impl<Q: Runner, C: Scenario> Live<Q, C> {
    /// Runs it `count` times and adds up the times. The time between the runs, with
    /// their checks, is not counted.
    ///
    /// No run is recorded but an untimed one before the first: it holds a lesson to its
    /// transcript too, and starts the threads that a runtime starts late.
    ///
    /// # Panics
    ///
    /// Panics if a run fails its check, or does other work than it is counted as: a
    /// wrong result has no time.
    pub fn time(&self, count: u64) -> Duration {
        let Program { case, params, .. } = &self.program;
        if !self.is_rehearsed.replace(true) {
            self.time_of(&self.session.run(*case, params));
        }
        let run = |_| self.time_of(&self.session.run_unrecorded(*case, params));
        (0..count).map(run).sum()
    }

    fn time_of(&self, report: &Report) -> Duration {
        let elements = self.program.elements;
        let wrong = |why: &str| -> ! {
            let name = self.program.name_on(&Q::INFO);
            panic!("{}/{name}: {why}", C::INFO.id)
        };
        match &report.verdict {
            Verdict::Ok => {}
            Verdict::Failed(why) | Verdict::TimedOut(why) | Verdict::Unsupported(why) => wrong(why),
        }
        let items = report.outcome.value("items");
        if !items.is_null() && *items != elements {
            wrong(&format!("{items} items are counted as {elements}"));
        }
        let took = match self.program.measured {
            Measured::Root => report.wall,
            Measured::Each(name) => {
                let each = report.outcome.value(name).as_f64();
                each.map(|each| Duration::from_nanos((each * elements as f64) as u64))
            }
        };
        took.unwrap_or_else(|| wrong("it has no time"))
    }
}

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};

    use pollmark_core::scenarios::{Cafe, Visitors};
    use pollmark_core::transcript::Sink;
    use pollmark_core::{Context, Kind, Observed, Outcome, Runtime, ScenarioInfo, VariantInfo};
    use pollmark_runner_smol::Smol;

    use super::*;

    fn two_workers<Q: Runner, C: Scenario>(program: &Program<C>) -> Live<Q, C> {
        let live = program.on(&Config::with_workers(2));
        live.expect("two workers are to be had")
    }

    #[test]
    fn a_lesson_takes_its_time_as_often_as_it_is_run() {
        let program = Program::new(Cafe::Concurrent, 20)
            .with("customers", "20")
            .at(1000.0);
        let live = two_workers::<Smol, _>(&program);
        let brewing = Duration::from_millis(5);
        assert!(live.time(1) >= brewing);
        assert!(live.time(4) >= 4 * brewing);
        assert_eq!(live.time(0), Duration::ZERO);
    }

    #[test]
    fn an_outcomes_own_time_counts_instead_of_the_whole_run() {
        let live = two_workers::<Smol, _>(&Program::new(Told, 8).timed_by("each_ns"));
        assert_eq!(live.time(3), Duration::from_nanos(3 * 8 * 125));
        let other = two_workers::<Smol, _>(&Program::new(Told, 8));
        assert!(other.time(3) >= 3 * WAIT);
    }

    #[test]
    #[should_panic(expected = "told/one@smol: it has no time")]
    fn an_outcome_without_the_time_panics() {
        two_workers::<Smol, _>(&Program::new(Told, 8).timed_by("task_ns")).time(1);
    }

    #[test]
    fn a_count_that_is_not_the_programs_panics() {
        let program = Program::new(Visitors::AtOnce, 3)
            .with("visitors", "2")
            .with("wait", "0");
        let live = two_workers::<Smol, _>(&program);
        let panic = catch_unwind(AssertUnwindSafe(|| live.time(1))).expect_err("it panics");
        let message = panic.downcast_ref::<String>().expect("it has a message");
        assert_eq!(message, "visitors/at-once@smol: 2 items are counted as 3");
    }

    #[test]
    #[should_panic(expected = "cafe: unknown parameter `guests`")]
    fn a_parameter_that_is_not_the_scenarios_panics() {
        _ = Program::new(Cafe::Sync, 1).with("guests", "2");
    }

    const WAIT: Duration = Duration::from_millis(1);

    /// Waits, and says that an eighth of a run took 125 ns.
    #[derive(Debug, Clone, Copy)]
    struct Told;

    impl Scenario for Told {
        const INFO: ScenarioInfo = ScenarioInfo {
            id: "told",
            kind: Kind::Benchmark,
            summary: "",
            source: "",
            text: "",
            prose: "",
            params: &[],
        };

        const VARIANTS: &'static [Self] = &[Told];

        fn info(self) -> VariantInfo {
            VariantInfo::new("one", "", "")
        }

        async fn run<R: Runtime, S: Sink>(self, cx: Context<R, S>, _: Params) -> Outcome {
            cx.wait(WAIT).await;
            Outcome::new().with("each_ns", 125.0).items(8)
        }

        fn check(self, seen: &mut Observed<'_>) {
            seen.takes_at_least(WAIT);
        }
    }
}
