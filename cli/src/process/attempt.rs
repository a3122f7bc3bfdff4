//! One run of one cell, in a process of its own.

use std::time::Duration;

use anyhow::Result;
use pollmark_core::trace::Trace;

use super::parent::{self, End};
use super::protocol::{Message, Task};
use crate::model::cell::Cell;
use crate::model::result::{CellResult, Finding, Ideal, Line, Status};

/// The outcome of one run of a cell.
pub(crate) struct Attempt {
    pub(crate) finding: Finding,
    pub(crate) transcript: Vec<Line>,
}

impl Attempt {
    /// Turns it into the cell's result, if this is its only run.
    pub(crate) fn into_result(self, cell: &Cell, ideal: Ideal) -> CellResult {
        CellResult::new(cell, ideal, self.finding, self.transcript)
    }
}

/// Runs `cell` once and passes each line of its transcript to `hear` as soon as it is made.
///
/// A run that went wrong, or whose process broke or had to be killed, is not an error but a
/// finding.
pub(crate) fn attempt(cell: &Cell, hear: impl FnMut(&Line)) -> Result<Attempt> {
    of(cell, Task::Cell(cell.spec.clone()), hear)
}

/// Runs `cell` once for its figures only, without a transcript.
pub(crate) fn sample(cell: &Cell) -> Result<Finding> {
    of(cell, Task::Sample(cell.spec.clone()), |_| {}).map(|attempt| attempt.finding)
}

/// Runs `cell` once and counts its allocations. Counting costs time, so the times of the
/// run must not be used.
pub(crate) fn count_allocations(cell: &Cell) -> Result<Attempt> {
    of(cell, Task::Allocations(cell.spec.clone()), |_| {})
}

/// The outcome of a run in which every poll was recorded.
pub(crate) struct Traced {
    pub(crate) finding: Finding,
    pub(crate) transcript: Vec<Line>,
    /// `None` if the process ended without sending it.
    pub(crate) trace: Option<Trace>,
}

/// Runs `cell` once and records every poll, up to `limit` events.
pub(crate) fn trace(cell: &Cell, limit: usize) -> Result<Traced> {
    let mut trace = None;
    let task = Task::Trace {
        spec: cell.spec.clone(),
        limit,
    };
    let attempt = hearing(cell, task, |message| {
        if let Message::Trace(recorded) = message {
            trace = Some(*recorded);
        }
    })?;
    Ok(Traced {
        finding: attempt.finding,
        transcript: attempt.transcript,
        trace,
    })
}

fn of(cell: &Cell, task: Task, mut hear: impl FnMut(&Line)) -> Result<Attempt> {
    hearing(cell, task, |message| {
        if let Message::Line(line) = message {
            hear(&line);
        }
    })
}

fn hearing(cell: &Cell, task: Task, mut hear: impl FnMut(Message)) -> Result<Attempt> {
    let mut transcript = Vec::new();
    let mut finding = None;
    let ended = parent::run(task, &[], patience(cell), |message| match message {
        Message::Finding(found) => finding = Some(*found),
        Message::Line(line) => {
            transcript.push(line.clone());
            hear(Message::Line(line));
        }
        other => hear(other),
    })?;
    let mut finding = match (finding, ended.end) {
        // A finding that the process sent counts, however the process ended afterwards.
        (Some(finding), _) => finding,
        (None, End::TookTooLong) => {
            let why = "it did not end in time and was stopped (--timeout)".to_owned();
            Finding::lost(Status::TimedOut, why)
        }
        (None, End::Aborted(how) | End::Broke(how)) => Finding::lost(Status::Failed, how),
        (None, End::Done) => Finding::lost(
            Status::Failed,
            "its process ended without a result".to_owned(),
        ),
    };
    if let Some(sample) = &mut finding.sample {
        sample.threads_peak = ended.peaks.threads;
        sample.page_table_bytes = ended.peaks.page_table_bytes;
        sample.kernel_stack_bytes = ended.peaks.kernel_stack_bytes;
    }
    Ok(Attempt {
        finding,
        transcript,
    })
}

/// The time limit of a cell: one that never ends is watched for a fixed time.
fn patience(cell: &Cell) -> Duration {
    if cell.never_ends() {
        return cell
            .spec
            .timeout
            .max(pollmark_core::WATCH.div_f64(cell.speed()));
    }
    cell.spec.timeout
}
