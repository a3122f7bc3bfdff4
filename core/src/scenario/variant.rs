//! One variant of a scenario, as data: what it does, how it ends, what it is compared by.

use serde::{Deserialize, Serialize};

use crate::scenario::lesson::Lesson;

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
