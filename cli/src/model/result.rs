//! Results in their stable form, as `--format json` and `--save` write them.

use std::collections::BTreeMap;
use std::fmt;

use pollmark_core::Expected;
use serde::de::{SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use super::cell::Cell;
use super::column;
use super::comparison::{Comparison, Judgement};
use super::environment::Environment;

/// The version of the field names below, and of those of [`Comparison`].
pub(crate) const SCHEMA: &str = "pollmark/2";

/// The version before: it has the same samples, and verdicts of another kind.
pub(crate) const SCHEMA_BEFORE: &str = "pollmark/1";

/// The results of one command. A field that was not measured is null, never 0.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Results<C = CellResult> {
    pub(crate) schema: String,
    pub(crate) environment: Environment,
    /// The environments of the other builds, by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) builds: BTreeMap<String, Environment>,
    pub(crate) cells: Vec<C>,
    /// How the samples were taken, and the verdicts on them, if cells were compared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) comparison: Option<Comparison>,
}

impl Results {
    /// Names the columns of a file of an earlier version, which had runners alone.
    pub(crate) fn name_columns(&mut self) {
        let cells = self.cells.iter_mut();
        let cells = cells.map(|cell| (&mut cell.column, &cell.base));
        let comparison = self.comparison.iter_mut();
        let judged = comparison.flat_map(|comparison| &mut comparison.judgements);
        let judged = judged.map(|judged| (&mut judged.column, &judged.base));
        for (column, base) in cells.chain(judged).filter(|(column, _)| column.is_empty()) {
            column.clone_from(base);
        }
    }
}

impl<C> Results<C> {
    pub(crate) fn new(
        environment: &Environment,
        cells: Vec<C>,
        comparison: Option<Comparison>,
    ) -> Self {
        Results {
            schema: SCHEMA.to_owned(),
            environment: environment.clone(),
            builds: environment.builds.clone(),
            cells,
            comparison,
        }
    }
}

/// The result of one cell.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct CellResult {
    pub(crate) scenario: String,
    pub(crate) variant: String,
    /// The runner alone.
    #[serde(rename = "runner")]
    pub(crate) base: String,
    /// The settings that were chosen, by name: a count, a duration in nanoseconds, or true.
    #[serde(default)]
    pub(crate) settings: BTreeMap<String, Value>,
    /// The build whose binary ran it; null if this one did.
    #[serde(default)]
    pub(crate) build: Option<String>,
    /// Runner, settings and build as one name, with `#2` and so on if it is asked for again.
    #[serde(default)]
    pub(crate) column: String,
    /// Null if the runner has no workers to set.
    pub(crate) workers: Option<usize>,
    pub(crate) blocking_threads: Option<usize>,
    pub(crate) speed: f64,
    pub(crate) params: Value,
    pub(crate) status: Status,
    /// Why the status is not ok.
    pub(crate) error: Option<String>,
    pub(crate) expected: Expected,
    /// Scenario time on the virtual clock, scheduled first in, first out on the same workers.
    pub(crate) ideal_ns: Option<u64>,
    /// Scenario time that no scheduler can beat: max(critical path, work / workers).
    pub(crate) lower_bound_ns: Option<u64>,
    pub(crate) samples: Vec<Sample>,
    /// A separate run in which allocations were counted; its times must not be used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) counted: Option<Sample>,
    /// How concurrent and how blocking the program was, from a separate run in which every poll
    /// was recorded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) axes: Option<AxesSeen>,
    pub(crate) outcome: Value,
    /// Left out of what is read from a file: it may be long, and no comparison needs it.
    #[serde(deserialize_with = "checked_and_left_out")]
    pub(crate) transcript: Vec<Line>,
    /// Remarks for the reader about this run.
    pub(crate) notes: Vec<String>,
    /// The command that runs this cell again.
    pub(crate) command: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Status {
    Ok,
    Failed,
    TimedOut,
    Unsupported,
}

impl Status {
    pub(crate) fn is_as_expected(self) -> bool {
        matches!(self, Status::Ok | Status::Unsupported)
    }
}

/// The measurements of one run.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Sample {
    /// The round in which it was taken, from 0.
    pub(crate) round: u32,
    /// The number of runs of which it is the median, each on a runtime of its own. Its memory is
    /// that of the first of them. Null in files of a version that took one.
    pub(crate) runs: Option<u32>,
    /// Real time from the root's first poll to its end.
    pub(crate) wall_ns: Option<u64>,
    /// The same in scenario time.
    pub(crate) scenario_ns: Option<u64>,
    /// CPU time of the process from the root's first poll to its end, user and system.
    pub(crate) cpu_ns: Option<u64>,
    /// The part of the CPU time that was spent in the program.
    pub(crate) user_ns: Option<u64>,
    /// The part of the CPU time that was spent in the kernel.
    pub(crate) system_ns: Option<u64>,
    /// The peak memory of the cell's process over its lifetime, including the time before the
    /// run.
    pub(crate) peak_rss_bytes: Option<u64>,
    /// The number of times that a thread gave up its core.
    pub(crate) voluntary_switches: Option<u64>,
    /// The number of times that a core was taken from a thread.
    pub(crate) involuntary_switches: Option<u64>,
    /// The most threads seen alive at a time, among the moments at which the parent looked.
    pub(crate) threads_peak: Option<u64>,
    /// The most kernel memory seen for the process's page tables, at the same moments.
    pub(crate) page_table_bytes: Option<u64>,
    /// The most growth seen of the whole system's kernel stacks, at the same moments.
    pub(crate) kernel_stack_bytes: Option<u64>,
    /// The number of allocations, counted in a separate run whose times are not used.
    pub(crate) allocations: Option<u64>,
    /// The number of bytes allocated, from the same separate run.
    pub(crate) allocated_bytes: Option<u64>,
    /// The scenario's own figures by which it is compared, by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) figures: BTreeMap<String, f64>,
}

/// The properties that a recorded run showed besides its time.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct AxesSeen {
    /// The most tasks in flight at a time.
    pub(crate) tasks_in_flight: usize,
    /// The most polls and blocking calls at the same moment.
    pub(crate) polls_at_a_time: usize,
    /// The longest poll, in scenario time.
    pub(crate) longest_poll_ns: Option<u64>,
    /// Whether no wait or computing of the program lies in that poll: then it is real time, which
    /// the speed has multiplied.
    #[serde(default)]
    pub(crate) longest_poll_is_overhead: bool,
}

/// One line of a transcript.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Line {
    pub(crate) at_ns: u64,
    pub(crate) task: String,
    pub(crate) event: String,
    pub(crate) text: Option<String>,
}

/// Reads lines one by one, so that a wrong one is told, and keeps none.
fn checked_and_left_out<'de, D: Deserializer<'de>>(lines: D) -> Result<Vec<Line>, D::Error> {
    struct Lines;

    impl<'de> Visitor<'de> for Lines {
        type Value = Vec<Line>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a sequence")
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut lines: A) -> Result<Vec<Line>, A::Error> {
            while lines.next_element::<Line>()?.is_some() {}
            Ok(Vec::new())
        }
    }

    lines.deserialize_seq(Lines)
}

/// The report of a cell's process at its end.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct CellReport {
    pub(crate) status: Status,
    pub(crate) error: Option<String>,
    pub(crate) sample: Option<Sample>,
    pub(crate) outcome: Value,
    pub(crate) notes: Vec<String>,
}

impl CellReport {
    /// The report on a cell of which the process gave none.
    pub(crate) fn lost(status: Status, why: String) -> Self {
        CellReport {
            status,
            error: Some(why),
            sample: None,
            outcome: Value::Object(serde_json::Map::new()),
            notes: Vec::new(),
        }
    }
}

/// The beginning of the note on a cell of a program that uses something outside of the virtual
/// clock.
pub(crate) const NO_IDEAL: &str = "no ideal: ";

/// The ideal of a cell, in scenario nanoseconds.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Ideal {
    pub(crate) ideal_ns: Option<u64>,
    pub(crate) lower_bound_ns: Option<u64>,
    /// The note on why there is none, [`NO_IDEAL`] and the reason, if the simulation says so.
    pub(crate) note: Option<String>,
}

impl CellResult {
    pub(crate) fn new(
        cell: &Cell,
        ideal: Ideal,
        report: CellReport,
        transcript: Vec<Line>,
    ) -> Self {
        let spec = &cell.spec;
        let mut notes = report.notes;
        notes.extend(ideal.note);
        CellResult {
            scenario: spec.scenario.clone(),
            variant: spec.variant.clone(),
            base: spec.runner.clone(),
            settings: column::values(&spec.config.settings),
            build: cell.build_name().map(str::to_owned),
            column: cell.column(),
            workers: cell.workers(),
            blocking_threads: spec.config.blocking_threads.map(|threads| threads.get()),
            speed: cell.speed(),
            params: serde_json::to_value(&spec.params).unwrap_or_default(),
            status: report.status,
            error: report.error,
            expected: cell.variant.expected,
            ideal_ns: ideal.ideal_ns,
            lower_bound_ns: ideal.lower_bound_ns,
            samples: report.sample.into_iter().collect(),
            counted: None,
            axes: None,
            outcome: report.outcome,
            transcript,
            notes,
            command: cell.command(),
        }
    }

    /// Whether it is the cell of that judgement.
    pub(crate) fn is_of(&self, one: &Judgement) -> bool {
        (&self.scenario, &self.variant, &self.params) == (&one.scenario, &one.variant, &one.params)
            && (&self.column, self.workers) == (&one.column, one.workers)
    }

    /// Measured scenario time.
    pub(crate) fn scenario_ns(&self) -> Option<u64> {
        self.samples.first().and_then(|sample| sample.scenario_ns)
    }

    /// The lower bound divided by the measured time, from 0 to 1; `None` if there is no bound.
    pub(crate) fn efficiency(&self) -> Option<f64> {
        let bound = self.lower_bound_ns.filter(|bound| *bound > 0)?;
        let measured = self.scenario_ns().filter(|measured| *measured > 0)?;
        Some(bound as f64 / measured as f64)
    }

    pub(crate) fn is_as_expected(&self) -> bool {
        self.status.is_as_expected()
    }
}
