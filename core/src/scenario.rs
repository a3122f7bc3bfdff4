//! What a scenario is: a program in several variants, with a check of its own.

use std::future::Future;

use serde::{Deserialize, Serialize};

use crate::context::Context;
use crate::observed::Observed;
use crate::outcome::Outcome;
use crate::params::{ParamInfo, Params};
use crate::runner::{Config, RunnerInfo};
use crate::runtime::Runtime;
use crate::transcript::Sink;

/// A concurrent program in one or more variants, generic over the runtime.
///
/// Implemented by an enum of the variants, so that a variant is a value:
/// `perform::<Smol, _>(Cafe::Concurrent, &Options::default())`. See
/// [`scenarios`](crate::scenarios) for those that pollmark brings, and the
/// [crate's example](crate#a-scenario-of-ones-own) for one of one's own.
pub trait Scenario: Copy + Send + Sync + 'static {
    /// The scenario as a whole.
    const INFO: ScenarioInfo;

    /// The variants, in the order in which they are best read.
    const VARIANTS: &'static [Self];

    /// This variant.
    fn info(self) -> VariantInfo;

    /// Runs this variant as the root task of a runtime.
    ///
    /// Must be deterministic but for what the runtime decides: randomness comes
    /// from a parameter.
    fn run<R: Runtime, S: Sink>(
        self,
        cx: Context<R, S>,
        params: Params,
    ) -> impl Future<Output = Outcome> + Send;

    /// Checks what was seen against what is known: values always, order and
    /// times as [`Observed`] allows. A run that fails its check is a failed cell.
    fn check(self, seen: &mut Observed<'_>);

    /// Why this variant cannot be shown on `runner` with these parameters, if it
    /// cannot.
    fn unsupported(self, runner: &RunnerInfo, config: &Config, params: &Params) -> Option<String> {
        let _ = (runner, config, params);
        None
    }

    /// The variant of that id.
    fn variant(id: &str) -> Option<Self> {
        let mut variants = Self::VARIANTS.iter().copied();
        variants.find(|variant| variant.info().id == id)
    }
}

/// A scenario as a whole.
#[derive(Debug, Clone, Copy)]
pub struct ScenarioInfo {
    /// Its name on the command line and in results, such as `waiter`.
    pub id: &'static str,
    /// What it is for.
    pub kind: Kind,
    /// One line for `pollmark list`.
    pub summary: &'static str,
    /// Where the program comes from.
    pub source: &'static str,
    /// The text of its source file, by `include_str!`: what programs are shown from.
    pub text: &'static str,
    /// The parameters that it takes.
    pub params: &'static [ParamInfo],
}

/// What a scenario is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// A small program that shows one thing.
    Lesson,
    /// A test of a claim.
    Experiment,
    /// A workload whose speed is compared.
    Benchmark,
}

/// One variant of a scenario: what it is, what it teaches.
///
/// Built from what every variant has, with what is particular added:
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
    /// What the program does, in one line.
    pub summary: &'static str,
    /// How it is expected to end.
    pub expected: Expected,
    /// One sentence for who has just seen it run: what that shows.
    #[serde(skip)]
    pub shows: &'static str,
    /// Whether it leaves the CPU idle, so that several such runs side by side do
    /// not disturb each other.
    #[serde(skip)]
    pub idle: bool,
    /// Whether the virtual clock's time is an ideal for real runs: not where real
    /// CPU work stands for a declared cost.
    #[serde(skip)]
    pub has_ideal: bool,
    /// Whether its tasks await pipes; see [`Config::io`].
    #[serde(skip)]
    pub io: bool,
    /// What it is compared by, the most telling first; empty: the time it takes.
    pub measures: &'static [Measure],
    /// The figure of every run that it is compared by, such as `memory`, where that is
    /// neither the time nor a measure of its own; else empty.
    pub compared_by: &'static str,
    /// What to learn from it; empty for what is no lesson.
    #[serde(skip)]
    pub lesson: Lesson,
}

/// A figure in a variant's outcome by which runners are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Measure {
    /// What a column of it is headed, such as `longest gap`.
    pub name: &'static str,
    /// Where it stands in the outcome, as a JSON pointer: `/lateness/max_ns`.
    pub path: &'static str,
    /// What it is counted in.
    pub unit: Unit,
    /// Whether less of it is better. One that only describes is shown, and nobody is
    /// best in it.
    pub ranked: bool,
}

/// What a [`Measure`] is counted in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// Nanoseconds of real time.
    Nanoseconds,
    /// Bytes.
    Bytes,
    /// Things of a kind.
    Count,
    /// A share or a ratio.
    Ratio,
}

/// What `pollmark explain` says of a variant, beside what it is.
#[derive(Debug, Clone, Copy, Default)]
pub struct Lesson {
    /// The functions of the scenario's source file that are the program.
    pub program: &'static [&'static str],
    /// Seconds that Python 3.11's asyncio took for the same program.
    pub asyncio: Option<f64>,
    /// What to think about before it is run.
    pub predict: &'static str,
    /// What each runner will show, and why.
    pub runners: &'static str,
    /// The mistake that is commonly made here.
    pub mistake: &'static str,
    /// What to try next, beginning with a command's cell.
    pub next: &'static str,
}

impl VariantInfo {
    /// A variant that ends by itself and does nothing but wait.
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

    /// It is expected never to end.
    pub const fn never_ends(mut self) -> Self {
        self.expected = Expected::NeverEnds;
        self
    }

    /// It is expected to end with an error.
    pub const fn fails(mut self) -> Self {
        self.expected = Expected::Fails;
        self
    }

    /// It uses the CPU, so its runs stand alone.
    pub const fn busy(mut self) -> Self {
        self.idle = false;
        self
    }

    /// Its CPU work has a declared cost on the virtual clock, which is no ideal for
    /// what a real CPU takes.
    pub const fn without_ideal(mut self) -> Self {
        self.has_ideal = false;
        self.busy()
    }

    /// Its tasks await pipes.
    pub const fn io(mut self) -> Self {
        self.io = true;
        self
    }

    /// What it is compared by, instead of the time that it takes.
    pub const fn measures(mut self, measures: &'static [Measure]) -> Self {
        self.measures = measures;
        self
    }

    /// It is compared by a figure that every run has, such as `memory`.
    pub const fn compared_by(mut self, figure: &'static str) -> Self {
        self.compared_by = figure;
        self
    }

    /// The functions of the source file that are the program.
    pub const fn program(mut self, functions: &'static [&'static str]) -> Self {
        self.lesson.program = functions;
        self
    }

    /// What asyncio took, in seconds.
    pub const fn asyncio(mut self, seconds: f64) -> Self {
        self.lesson.asyncio = Some(seconds);
        self
    }

    /// What to think about before it is run.
    pub const fn predict(mut self, question: &'static str) -> Self {
        self.lesson.predict = question;
        self
    }

    /// What each runner will show, and why.
    pub const fn runners(mut self, text: &'static str) -> Self {
        self.lesson.runners = text;
        self
    }

    /// The mistake that is commonly made here.
    pub const fn mistake(mut self, text: &'static str) -> Self {
        self.lesson.mistake = text;
        self
    }

    /// What to try next, beginning with a cell.
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
    /// Never: it waits for what cannot happen.
    NeverEnds,
    /// By itself, with an error.
    Fails,
}
