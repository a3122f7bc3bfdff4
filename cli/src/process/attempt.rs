//! One run of one cell, in a process of its own.

use std::time::Duration;

use anyhow::Result;
use pollmark_core::trace::Trace;

use super::parent::{self, End};
use super::protocol::{Message, Task};
use crate::model::cell::Cell;
use crate::model::result::{CellReport, CellResult, Ideal, Line, Status};

/// What came of one run of a cell.
pub(crate) struct Attempt {
    pub(crate) report: CellReport,
    pub(crate) transcript: Vec<Line>,
}

impl Attempt {
    /// The cell's result where this is its only run.
    pub(crate) fn into_result(self, cell: &Cell, ideal: Ideal) -> CellResult {
        CellResult::new(cell, ideal, self.report, self.transcript)
    }
}

/// Runs `cell` once and hands each line of its transcript to `hear` as it is made.
///
/// A run that went wrong, or whose process broke or had to be killed, is no error
/// but a report.
pub(crate) fn attempt(cell: &Cell, hear: impl FnMut(&Line)) -> Result<Attempt> {
    of(cell, Task::Cell(cell.spec.clone()), hear)
}

/// Runs `cell` once for its figures only: no transcript is told.
pub(crate) fn sample(cell: &Cell) -> Result<CellReport> {
    of(cell, Task::Sample(cell.spec.clone()), |_| {}).map(|attempt| attempt.report)
}

/// Runs `cell` once and counts what it allocates, which costs time: its times are
/// not to be used.
pub(crate) fn count_allocations(cell: &Cell) -> Result<Attempt> {
    of(cell, Task::Allocations(cell.spec.clone()), |_| {})
}

/// What came of a run whose every poll was recorded.
pub(crate) struct Traced {
    pub(crate) report: CellReport,
    pub(crate) transcript: Vec<Line>,
    /// `None` where the process ended without it.
    pub(crate) trace: Option<Trace>,
}

/// Runs `cell` once and records every poll, `limit` events at the most.
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
        report: attempt.report,
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
    let mut report = None;
    let ended = parent::run(task, &[], patience(cell), |message| match message {
        Message::Report(found) => report = Some(*found),
        Message::Line(line) => {
            transcript.push(line.clone());
            hear(Message::Line(line));
        }
        other => hear(other),
    })?;
    let mut report = match (report, ended.end) {
        // What it found stands, however its process ended after that.
        (Some(report), _) => report,
        (None, End::TookTooLong) => {
            let why = "it did not end in time and was stopped (--timeout)".to_owned();
            CellReport::lost(Status::TimedOut, why)
        }
        (None, End::Aborted(how) | End::Broke(how)) => CellReport::lost(Status::Failed, how),
        (None, End::Done) => CellReport::lost(
            Status::Failed,
            "its process ended without a result".to_owned(),
        ),
    };
    if let Some(sample) = &mut report.sample {
        sample.threads_peak = ended.peaks.threads;
        sample.page_table_bytes = ended.peaks.page_table_bytes;
        sample.kernel_stack_bytes = ended.peaks.kernel_stack_bytes;
    }
    Ok(Attempt { report, transcript })
}

/// How long a cell may take: one that never ends is watched for a fixed time.
fn patience(cell: &Cell) -> Duration {
    if cell.never_ends() {
        return cell
            .spec
            .timeout
            .max(pollmark_core::WATCH.div_f64(cell.speed()));
    }
    cell.spec.timeout
}
