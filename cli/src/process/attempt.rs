//! One run of one cell, in a process of its own.

use std::time::Duration;

use anyhow::Result;
use pollmark_core::time::seconds;
use pollmark_core::trace::Trace;
use pollmark_core::trace::record::TraceBuilder;

use super::parent::{self, End};
use super::protocol::{Message, Task};
use crate::model::cell::Cell;
use crate::model::result::{CellReport, CellResult, Ideal, Line, Status};

/// The outcome of one run of a cell.
pub(crate) struct Attempt {
    pub(crate) report: CellReport,
    pub(crate) transcript: Vec<Line>,
    /// `None` where no poll was recorded, the process ended before it said anything of it, or what
    /// it said cannot be.
    pub(crate) trace: Option<Trace>,
}

impl Attempt {
    /// Turns it into the cell's result, if this is its only run.
    pub(crate) fn into_result(self, cell: &Cell, ideal: Ideal) -> CellResult {
        CellResult::new(cell, ideal, self.report, self.transcript)
    }
}

/// Runs `cell` once and passes each line of its transcript to `hear` as soon as it is made.
///
/// A run that went wrong, or whose process broke or had to be killed, is not an error but a
/// finding.
pub(crate) fn attempt(cell: &Cell, mut hear: impl FnMut(&Line)) -> Result<Attempt> {
    let hear = |line: &Line| {
        hear(line);
        true
    };
    of(cell, Task::Cell(cell.spec.clone()), hear)
}

/// Runs `cell` for its figures only: no transcript is told. If several runs tell the same as one,
/// it is run `runs` times, or as often as makes a good sample.
pub(crate) fn sample(cell: &Cell, runs: Option<u32>) -> Result<CellReport> {
    let spec = cell.spec.clone();
    let runs = if cell.variant.repeats { runs } else { Some(1) };
    of(cell, Task::Sample { spec, runs }, |_| false).map(|attempt| attempt.report)
}

/// Runs `cell` once and counts its allocations. Counting costs time, so the times of the
/// run must not be used.
pub(crate) fn count_allocations(cell: &Cell) -> Result<Attempt> {
    of(cell, Task::Allocations(cell.spec.clone()), |_| true)
}

/// Runs `cell` once and records every poll, `limit` events at the most. Its transcript is left out
/// unless `transcript` asks for it: it may be as long as the recording.
pub(crate) fn trace(cell: &Cell, limit: usize, transcript: bool) -> Result<Attempt> {
    let spec = cell.spec.clone();
    of(cell, Task::Trace { spec, limit }, |_| transcript)
}

/// Runs `task`, and keeps the lines of which `hear` says so.
fn of(cell: &Cell, task: Task, mut hear: impl FnMut(&Line) -> bool) -> Result<Attempt> {
    if let Some(why) = cell.lacking() {
        return Ok(Attempt {
            report: CellReport::lost(Status::Unsupported, why),
            transcript: Vec::new(),
            trace: None,
        });
    }
    let mut transcript = Vec::new();
    let mut report = None;
    let (mut recorded, mut setting) = (TraceBuilder::default(), None);
    let mut is_cut = false;
    let own_threads = task.own_threads();
    let program = cell.build.as_ref().map(|build| build.program.as_path());
    let ended = parent::run_by(program, task, patience(cell), |message| match message {
        Message::Report(found) => report = Some(*found),
        Message::Line(line) => {
            if hear(&line) {
                transcript.push(line);
            }
        }
        Message::Setting(facts) => setting = Some(facts),
        // What follows a part that was lost says nothing without it.
        Message::Recorded(part) => is_cut = is_cut || recorded.add(*part).is_err(),
        Message::Hello(_) | Message::Ideal(_) | Message::Answer(_) => {}
    })?;
    let trace = setting.map(|setting| recorded.trace(&setting));
    let is_lost = report.is_none();
    let trace = trace.filter(|trace| !is_lost || !trace.events.is_empty());
    let checked = trace.map(|trace| trace.validate().map(|()| trace));
    let (trace, unsound) = match checked.transpose() {
        Ok(trace) => (trace, None),
        // The analyses would not stand it.
        Err(unsound) => (None, Some(unsound)),
    };
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
    if let (true, Some(trace), Some(why)) = (is_lost, &trace, &mut report.error) {
        let until = seconds(trace.scenario_time(trace.run.until));
        why.push_str(&format!("; the recording goes up to {until}"));
    }
    report
        .notes
        .extend(is_cut.then(|| cut_short(trace.as_ref())));
    let no_trace = |why| format!("the recording is left out, for it cannot be right: {why}");
    report.notes.extend(unsound.map(no_trace));
    if let Some(sample) = &mut report.sample {
        let threads = ended.peaks.threads;
        // A run that no look saw had one thread.
        sample.threads_peak = threads.map(|threads| threads.saturating_sub(own_threads).max(1));
        sample.page_table_bytes = ended.peaks.page_table_bytes;
        sample.kernel_stack_bytes = ended.peaks.kernel_stack_bytes;
    }
    Ok(Attempt {
        report,
        transcript,
        trace,
    })
}

/// The note on a recording of which a part did not arrive, as where the program printed in between.
fn cut_short(trace: Option<&Trace>) -> String {
    let until = trace.map(|trace| seconds(trace.scenario_time(trace.run.until)));
    match until {
        Some(until) => format!("a part of the recording was lost: it goes up to {until}"),
        None => "a part of the recording was lost".to_owned(),
    }
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
