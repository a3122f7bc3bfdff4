//! A scenario: a program in several variants, with a check of its own.

use std::future::Future;

use serde::{Deserialize, Serialize};

use crate::transcript::Sink;
use crate::{Config, Context, Observed, Outcome, ParamInfo, Params, RunnerInfo, Runtime};

/// A concurrent program in one or more variants, generic over the runtime.
///
/// Implemented by an enum of the variants, so that a variant is a value:
/// `perform::<Smol, _>(Cafe::Concurrent, &Options::default())`. See [`scenarios`](crate::scenarios)
/// for those that come with pollmark, and the [crate's example](crate#a-scenario-of-ones-own) for
/// writing one.
pub trait Scenario: Copy + Send + Sync + 'static {
    /// The description of the scenario as a whole.
    const INFO: ScenarioInfo;

    /// The variants, in the order in which they are best read.
    const VARIANTS: &'static [Self];

    /// The description of this variant.
    fn info(self) -> VariantInfo;

    /// Runs this variant as the root task of a runtime.
    ///
    /// Must be deterministic except for the runtime's decisions: randomness comes from a parameter.
    fn run<R: Runtime, S: Sink>(
        self,
        cx: Context<R, S>,
        params: Params,
    ) -> impl Future<Output = Outcome> + Send;

    /// Checks the run against the expected result: values always, order and times as far as
    /// [`Observed`] allows. A run that fails its check is a failed cell.
    fn check(self, seen: &mut Observed<'_>);

    /// The reason why this variant cannot be shown on `runner` with these parameters; `None` if it
    /// can.
    fn unsupported(self, runner: &RunnerInfo, config: &Config, params: &Params) -> Option<String> {
        let _ = (runner, config, params);
        None
    }

    /// The variant with that id.
    fn variant(id: &str) -> Option<Self> {
        let mut variants = Self::VARIANTS.iter().copied();
        variants.find(|variant| variant.info().id == id)
    }
}

/// The description of a scenario.
#[derive(Debug, Clone, Copy)]
pub struct ScenarioInfo {
    /// Its name on the command line and in results, such as `waiter`.
    pub id: &'static str,
    /// The purpose of the scenario.
    pub kind: Kind,
    /// One line for `pollmark list`.
    pub summary: &'static str,
    /// The origin of the program.
    pub source: &'static str,
    /// The text of its source file, by `include_str!`, from which programs are shown.
    pub text: &'static str,
    /// The parameters that it takes.
    pub params: &'static [ParamInfo],
}

/// The purpose of a scenario.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// A small program that demonstrates one thing.
    Lesson,
    /// A test of a claim.
    Experiment,
    /// A workload to compare speeds with.
    Benchmark,
}

/// One variant of a scenario: its program and its lesson.
///
/// Built from the parts that every variant has, with special ones added:
///
/// ```
/// use pollmark_core::VariantInfo;
///
/// const TASKS: VariantInfo = VariantInfo::new("tasks", "spawns two tasks", "Tasks overlap.")
///     .program(&["tasks"])
///     .asyncio(2.01);
/// assert_eq!(TASKS.id, "tasks");
/// ```
#[derive(Debug, Clone, Copy, Serialize)]
pub struct VariantInfo {
    /// Its name within the scenario, such as `tasks`.
    pub id: &'static str,
    /// One line about the program.
    pub summary: &'static str,
    /// How the program is expected to end.
    pub expected: Expected,
    /// One sentence for a reader who has just seen it run: the point that the run makes.
    #[serde(skip)]
    pub shows: &'static str,
    /// Whether it leaves the CPU idle, so that several such runs side by side do not disturb each
    /// other.
    #[serde(skip)]
    pub idle: bool,
    /// Whether the virtual clock's time is an ideal for real runs; false if real CPU work stands
    /// for a declared cost.
    #[serde(skip)]
    pub has_ideal: bool,
    /// Whether its tasks await pipes; see [`Config::io`].
    #[serde(skip)]
    pub io: bool,
    /// The figures by which runs are compared, the most telling first; if empty, runs are compared
    /// by time.
    pub measures: &'static [Measure],
    /// The figure, present in every run, by which runs are compared, such as `memory`, if that is
    /// neither the time nor one of the variant's own measures; otherwise empty.
    pub compared_by: &'static str,
    /// The teaching text; empty unless the scenario is a lesson.
    #[serde(skip)]
    pub lesson: Lesson,
}

/// A figure in a variant's outcome by which runners are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Measure {
    /// The heading of its column, such as `longest gap`.
    pub name: &'static str,
    /// The place of the figure in the outcome, as a JSON pointer: `/lateness/max_ns`.
    pub path: &'static str,
    /// The unit of the figure.
    pub unit: Unit,
    /// Whether less is better. A figure that only describes is shown, but no runner is best in it.
    pub ranked: bool,
}

/// The unit of a [`Measure`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// Nanoseconds of real time.
    Nanoseconds,
    /// Bytes.
    Bytes,
    /// A number of things.
    Count,
    /// A share or a ratio.
    Ratio,
}

/// The teaching text that `pollmark explain` shows for a variant, beside its description.
#[derive(Debug, Clone, Copy, Default)]
pub struct Lesson {
    /// The functions of the scenario's source file that make up the program.
    pub program: &'static [&'static str],
    /// Seconds that Python 3.11's asyncio took for the same program.
    pub asyncio: Option<f64>,
    /// The question to think about before running it.
    pub predict: &'static str,
    /// The behaviour to expect of each runner, and the reason.
    pub runners: &'static str,
    /// The common mistake.
    pub mistake: &'static str,
    /// The next thing to try, beginning with a command's cell.
    pub next: &'static str,
}

impl VariantInfo {
    /// A variant that ends by itself and only waits.
    pub const fn new(id: &'static str, summary: &'static str, shows: &'static str) -> Self {
        VariantInfo {
            id,
            summary,
            expected: Expected::Ends,
            shows,
            idle: true,
            has_ideal: true,
            io: false,
            measures: &[],
            compared_by: "",
            lesson: Lesson {
                program: &[],
                asyncio: None,
                predict: "",
                runners: "",
                mistake: "",
                next: "",
            },
        }
    }

    /// Marks it as never ending.
    pub const fn never_ends(mut self) -> Self {
        self.expected = Expected::NeverEnds;
        self
    }

    /// Marks it as ending with an error.
    pub const fn fails(mut self) -> Self {
        self.expected = Expected::Fails;
        self
    }

    /// Marks it as using the CPU, so that its runs stand alone.
    pub const fn busy(mut self) -> Self {
        self.idle = false;
        self
    }

    /// Marks its CPU work as having a declared cost on the virtual clock, which is no ideal for the
    /// time that a real CPU takes.
    pub const fn without_ideal(mut self) -> Self {
        self.has_ideal = false;
        self.busy()
    }

    /// Marks its tasks as awaiting pipes.
    pub const fn io(mut self) -> Self {
        self.io = true;
        self
    }

    /// Sets the figures by which it is compared, instead of its time.
    pub const fn measures(mut self, measures: &'static [Measure]) -> Self {
        self.measures = measures;
        self
    }

    /// Sets the figure, present in every run, by which it is compared, such as `memory`.
    pub const fn compared_by(mut self, figure: &'static str) -> Self {
        self.compared_by = figure;
        self
    }

    /// Sets the functions of the source file that make up the program.
    pub const fn program(mut self, functions: &'static [&'static str]) -> Self {
        self.lesson.program = functions;
        self
    }

    /// Sets the time that asyncio took, in seconds.
    pub const fn asyncio(mut self, seconds: f64) -> Self {
        self.lesson.asyncio = Some(seconds);
        self
    }

    /// Sets the question to think about before running it.
    pub const fn predict(mut self, question: &'static str) -> Self {
        self.lesson.predict = question;
        self
    }

    /// Sets the behaviour to expect of each runner, and the reason.
    pub const fn runners(mut self, text: &'static str) -> Self {
        self.lesson.runners = text;
        self
    }

    /// Sets the common mistake.
    pub const fn mistake(mut self, text: &'static str) -> Self {
        self.lesson.mistake = text;
        self
    }

    /// Sets the next thing to try, beginning with a cell.
    pub const fn next(mut self, text: &'static str) -> Self {
        self.lesson.next = text;
        self
    }
}

/// How a variant is expected to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Expected {
    /// By itself, with its outcome.
    Ends,
    /// Never: it waits for an event that cannot happen.
    NeverEnds,
    /// By itself, with an error.
    Fails,
}
