//! The protocol of a cell's process: its job, which it reads as a line of JSON from its standard
//! input, and the messages that it answers with. `docs/protocol.md` describes it for others that
//! speak it.

use std::time::Duration;

use pollmark_core::trace::record::{Part, Setting};
use serde::{Deserialize, Serialize};

use crate::model::build::Hello;
use crate::model::cell::Spec;
use crate::model::column;
use crate::model::result::{CellReport, Ideal, Line};
use crate::semantics::answer::Answer;
use crate::semantics::probe::Probe;

/// The version of the protocol: two binaries that speak different ones do not work together.
pub(crate) const PROTOCOL: u32 = 1;

/// The time beyond its own timeout that a child is waited for: it gives up by itself, ends
/// its runtime and reports, unless a poll holds it.
const GRACE: Duration = Duration::from_secs(2);

/// The time after which no further run of a sample begins: then the machine is much slower than
/// when their number was found.
pub(crate) const LAST_RUN_BEGINS: Duration = Duration::from_secs(3);

/// The job of a child process.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Task {
    /// Say which protocol it speaks, how it was built, and what it can run.
    Hello,
    /// Run one cell.
    Cell(Spec),
    /// Run one cell without its transcript: so many times, or as often as makes a sample.
    Sample { spec: Spec, runs: Option<u32> },
    /// Run one cell and count its allocations.
    Allocations(Spec),
    /// Run one cell and record every poll, `limit` events at the most.
    Trace { spec: Spec, limit: usize },
    /// Find the ideals of these cells, one message each, in order.
    Ideals(Vec<Spec>),
    /// Ask one question of one side of a runtime.
    Probe(Probe),
}

impl Task {
    /// The job in two words, for the command line that a list of processes shows.
    pub(crate) fn words(&self) -> [String; 2] {
        let (work, spec) = match self {
            Task::Hello => return ["hello", "pollmark"].map(str::to_owned),
            Task::Cell(spec) => ("cell", spec),
            Task::Sample { spec, .. } => ("sample", spec),
            Task::Allocations(spec) => ("allocations", spec),
            Task::Trace { spec, .. } => ("trace", spec),
            Task::Ideals(specs) => return ["ideals".to_owned(), specs.len().to_string()],
            Task::Probe(probe) => {
                let runner = column::shown(&probe.runner, &probe.settings, None);
                return ["probe".to_owned(), runner];
            }
        };
        let runner = column::shown(&spec.runner, &spec.config.settings, None);
        let name = format!("{}/{}@{runner}", spec.scenario, spec.variant);
        [work.to_owned(), name]
    }

    /// The time to wait for a child that was given `timeout`.
    pub(crate) fn patience(&self, timeout: Duration) -> Duration {
        match self {
            // They know of no timeout.
            Task::Hello | Task::Probe(_) => timeout,
            // The timeout is that of each run.
            Task::Sample { runs, .. } if *runs != Some(1) => timeout + LAST_RUN_BEGINS + GRACE,
            Task::Cell(_)
            | Task::Sample { .. }
            | Task::Allocations(_)
            | Task::Trace { .. }
            | Task::Ideals(_) => timeout + GRACE,
        }
    }

    /// The threads of the child that are not its run's: one waits for the run, and one writes out
    /// what is recorded.
    pub(crate) fn own_threads(&self) -> u64 {
        match self {
            Task::Trace { .. } => 2,
            _ => 1,
        }
    }

    /// Whether each message of the child begins that time anew: each of many ideals is given
    /// its own.
    pub(crate) fn renews(&self) -> bool {
        matches!(self, Task::Ideals(_))
    }
}

/// A message from a child process to its parent, a line of JSON each.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Message {
    Hello(Box<Hello>),
    Line(Line),
    Report(Box<CellReport>),
    Ideal(Ideal),
    /// The facts about a recorded run: before it, and again once all are known.
    Setting(Setting),
    /// The next part of the recording.
    Recorded(Box<Part>),
    Answer(Answer),
}
