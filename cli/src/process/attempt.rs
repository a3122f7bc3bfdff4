//! One run of one cell, in a process of its own.

use std::time::Duration;

use anyhow::Result;
use pollmark_core::trace::Trace;

use super::parent::{self, End};
use super::protocol::{Message, Task};
use crate::model::cell::Cell;
use crate::model::result::{CellReport, CellResult, Ideal, Line, Status};

/// The result of one run of a cell.
pub(crate) struct Attempt {
    pub(crate) report: CellReport,
    pub(crate) transcript: Vec<Line>,
    /// `None` where no poll was recorded, or the process ended without it.
    pub(crate) trace: Option<Trace>,
}

impl Attempt {
    /// The cell's result where this is its only run.
    pub(crate) fn into_result(self, cell: &Cell, ideal: Ideal) -> CellResult {
        CellResult::new(cell, ideal, self.report, self.transcript)
    }
}

/// Runs `cell` once and hands each line of its transcript to `hear` as it is made.
///
/// A run that went wrong is no error but a report, as is one with a process that broke or
/// had to be killed.
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

/// Runs `cell` once and records every poll, `limit` events at the most.
pub(crate) fn trace(cell: &Cell, limit: usize) -> Result<Attempt> {
    let spec = cell.spec.clone();
    of(cell, Task::Trace { spec, limit }, |_| {})
}

fn of(cell: &Cell, task: Task, mut hear: impl FnMut(&Line)) -> Result<Attempt> {
    let mut transcript = Vec::new();
    let (mut report, mut trace) = (None, None);
    let ended = parent::run(task, &[], patience(cell), |message| match message {
        Message::Report(found) => report = Some(*found),
        Message::Line(line) => {
            hear(&line);
            transcript.push(line);
        }
        Message::Trace(recorded) => trace = Some(*recorded),
        Message::Ideal(_) | Message::Answer(_) => {}
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
    Ok(Attempt {
        report,
        transcript,
        trace,
    })
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
