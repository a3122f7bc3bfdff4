//! One variant of a scenario, as data: its program, its end and the figures to compare.

use serde::{Deserialize, Serialize};

/// One variant of a scenario. Its teaching text stands in a file beside the program; see
/// [`ScenarioInfo::prose`](crate::ScenarioInfo::prose).
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
    /// The point that the run makes, in one sentence for a reader who has just seen it.
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
    /// Whether its tasks await pipes; see [`Config::io`](crate::Config::io).
    #[serde(skip)]
    pub io: bool,
    /// Whether a run says the same if others went before it in the process, each on a runtime of
    /// its own: it leaves nothing behind, it is not about memory or a first time, and it uses no
    /// blocking pool, which some runtimes share with the whole process.
    #[serde(skip)]
    pub repeats: bool,
    /// The figures by which runs are compared, the most telling first; if empty, runs are compared
    /// by time.
    pub measures: &'static [Measure],
    /// The figure, present in every run, by which runs are compared, such as `memory`, if that is
    /// neither the time nor one of the variant's own measures; otherwise empty.
    pub compared_by: &'static str,
    /// The functions of the scenario's source file that make up the program.
    #[serde(skip)]
    pub program: &'static [&'static str],
    /// Seconds that Python 3.11's asyncio took for the same program.
    #[serde(skip)]
    pub asyncio: Option<f64>,
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
            repeats: false,
            measures: &[],
            compared_by: "",
            program: &[],
            asyncio: None,
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

    /// Marks its runs as telling the same if others went before them in the process, so that a
    /// sample may be the median of several.
    pub const fn repeats(mut self) -> Self {
        self.repeats = true;
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
        self.program = functions;
        self
    }

    /// Sets the time that asyncio took, in seconds.
    pub const fn asyncio(mut self, seconds: f64) -> Self {
        self.asyncio = Some(seconds);
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

impl Measure {
    /// A time in nanoseconds. Less is better.
    pub const fn nanos(name: &'static str, path: &'static str) -> Self {
        Measure::new(name, path, Unit::Nanoseconds)
    }

    /// A number of bytes. Less is better.
    pub const fn bytes(name: &'static str, path: &'static str) -> Self {
        Measure::new(name, path, Unit::Bytes)
    }

    /// A number of things. Less is better.
    pub const fn count(name: &'static str, path: &'static str) -> Self {
        Measure::new(name, path, Unit::Count)
    }

    /// A share or a ratio. Less is better.
    pub const fn ratio(name: &'static str, path: &'static str) -> Self {
        Measure::new(name, path, Unit::Ratio)
    }

    /// Marks it as a figure that only describes.
    pub const fn unranked(mut self) -> Self {
        self.ranked = false;
        self
    }

    const fn new(name: &'static str, path: &'static str, unit: Unit) -> Self {
        Measure {
            name,
            path,
            unit,
            ranked: true,
        }
    }
}

/// The unit of a [`Measure`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// Nanoseconds.
    Nanoseconds,
    /// Bytes.
    Bytes,
    /// A number of things.
    Count,
    /// A share or a ratio.
    Ratio,
}
