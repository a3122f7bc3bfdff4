//! Results in their stable form: what `--format json` and `--save` write.

use pollmark_core::Expected;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::cell::Cell;
use crate::environment::Environment;

/// The version of the names below.
pub(crate) const SCHEMA: &str = "pollmark/1";

/// The results of one command. A field that was not measured is null, never 0.
#[derive(Debug, Serialize)]
pub(crate) struct Results<'a> {
    pub(crate) schema: &'static str,
    pub(crate) environment: &'a Environment,
    pub(crate) cells: Vec<CellResult>,
}

/// What came of one cell.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct CellResult {
    pub(crate) scenario: String,
    pub(crate) variant: String,
    pub(crate) runner: String,
    /// Null where the runner has none to set.
    pub(crate) workers: Option<usize>,
    pub(crate) blocking_threads: Option<usize>,
    pub(crate) speed: f64,
    pub(crate) params: Value,
    pub(crate) status: Status,
    /// Why the status is not ok.
    pub(crate) error: Option<String>,
    pub(crate) expected: Expected,
    /// Scenario time on the virtual clock, first in, first out, same workers.
    pub(crate) ideal_ns: Option<u64>,
    /// Scenario time that no scheduler can beat: max(critical path, work / workers).
    pub(crate) lower_bound_ns: Option<u64>,
    pub(crate) samples: Vec<Sample>,
    pub(crate) outcome: Value,
    pub(crate) transcript: Vec<Line>,
    /// What the reader should know about this run.
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

/// What was measured in one run.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Sample {
    /// The round in which it was taken, from 0.
    pub(crate) round: u32,
    /// Real time from the root's first poll to its end.
    pub(crate) wall_ns: Option<u64>,
    /// The same in scenario time.
    pub(crate) scenario_ns: Option<u64>,
    /// CPU time, user and system, of the whole run, shutdown included.
    pub(crate) cpu_ns: Option<u64>,
    /// The most memory that the cell's process ever held, before the run included.
    pub(crate) peak_rss_bytes: Option<u64>,
    /// Times that a thread gave its core away.
    pub(crate) voluntary_switches: Option<u64>,
    /// Times that a core was taken from a thread.
    pub(crate) involuntary_switches: Option<u64>,
    /// The most threads that were alive at a time.
    pub(crate) threads_peak: Option<u64>,
}

/// One line of a transcript.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Line {
    pub(crate) at_ns: u64,
    pub(crate) task: String,
    pub(crate) event: String,
    pub(crate) text: Option<String>,
}

/// What the process of a cell reports at its end.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Finding {
    pub(crate) status: Status,
    pub(crate) error: Option<String>,
    pub(crate) sample: Option<Sample>,
    pub(crate) outcome: Value,
    pub(crate) notes: Vec<String>,
}

impl Finding {
    /// A cell whose process gave no report of its own.
    pub(crate) fn lost(status: Status, why: String) -> Self {
        Finding {
            status,
            error: Some(why),
            sample: None,
            outcome: Value::Object(serde_json::Map::new()),
            notes: Vec::new(),
        }
    }
}

/// The ideal of a cell, in scenario nanoseconds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Ideal {
    pub(crate) ideal_ns: Option<u64>,
    pub(crate) lower_bound_ns: Option<u64>,
}

impl CellResult {
    pub(crate) fn new(cell: &Cell, ideal: Ideal, finding: Finding, transcript: Vec<Line>) -> Self {
        let spec = &cell.spec;
        CellResult {
            scenario: spec.scenario.clone(),
            variant: spec.variant.clone(),
            runner: spec.runner.clone(),
            workers: cell.workers(),
            blocking_threads: spec.blocking_threads.map(|threads| threads.get()),
            speed: cell.speed(),
            params: serde_json::to_value(&cell.params).unwrap_or_default(),
            status: finding.status,
            error: finding.error,
            expected: cell.variant.expected,
            ideal_ns: ideal.ideal_ns,
            lower_bound_ns: ideal.lower_bound_ns,
            samples: finding.sample.into_iter().collect(),
            outcome: finding.outcome,
            transcript,
            notes: finding.notes,
            command: cell.command(),
        }
    }

    /// Measured scenario time.
    pub(crate) fn scenario_ns(&self) -> Option<u64> {
        self.samples.first().and_then(|sample| sample.scenario_ns)
    }

    /// Lower bound over measured, from 0 to 1; none where there is nothing to bound.
    pub(crate) fn efficiency(&self) -> Option<f64> {
        let bound = self.lower_bound_ns.filter(|bound| *bound > 0)?;
        let measured = self.scenario_ns().filter(|measured| *measured > 0)?;
        Some(bound as f64 / measured as f64)
    }

    pub(crate) fn is_as_expected(&self) -> bool {
        matches!(self.status, Status::Ok | Status::Unsupported)
    }
}
