//! The runs of cells, recorded.

use std::time::Duration;

use anyhow::{Error, Result};
use pollmark_core::Clock;
use pollmark_core::trace::{Finding, Trace, diagnose};

use super::gate;
use super::told::Told;
use crate::args::Denied;
use crate::model::cell::Cell;
use crate::model::result::{CellReport, Line, Status};
use crate::output::human;
use crate::process::attempt::{self, Attempt};
use crate::process::interrupt::Interrupted;
use crate::text::wrap;

/// A cell and what was recorded of it.
pub(super) struct Run<'a> {
    pub(super) cell: &'a Cell,
    pub(super) report: CellReport,
    pub(super) transcript: Vec<Line>,
    /// `None` where it was lost with its process, or is not needed any more.
    pub(super) trace: Option<Trace>,
    /// What is shown of it; `None` if nothing is, or nothing was recorded.
    pub(super) told: Option<Told>,
    /// The denied findings, a sentence each. A run that was only drawn beside the others is not
    /// judged.
    pub(super) denied: Vec<String>,
}

/// What is to be known of each run.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wanted<'a> {
    /// Its picture, and what is said below it.
    pub(super) told: bool,
    pub(super) transcript: bool,
    pub(super) denied: &'a [Denied],
}

impl Run<'_> {
    /// The CPU time of the run; none on a virtual clock, of which the CPU says nothing.
    pub(super) fn cpu(&self) -> Option<Duration> {
        let sample = self.report.sample.as_ref()?;
        let cpu = sample.cpu_ns.map(Duration::from_nanos);
        cpu.filter(|_| self.cell.runner.clock == Clock::Real)
    }

    fn look(&mut self, wanted: Wanted<'_>) {
        let Some(trace) = &self.trace else {
            return;
        };
        self.told = wanted.told.then(|| Told::of(trace, self.cpu()));
        if self.cell.is_beside || wanted.denied.is_empty() {
            return;
        }
        let cell = self.cell.full_name();
        let denied = |findings: &[Finding]| gate::denied(&cell, trace, findings, wanted.denied);
        self.denied = match &self.told {
            Some(told) => denied(&told.findings),
            None => denied(&diagnose(trace)),
        };
    }

    /// Drops what is not shown.
    pub(super) fn forget(&mut self) {
        (self.trace, self.transcript) = (None, Vec::new());
    }

    /// What the run was noted for.
    pub(super) fn notes(&self) -> String {
        let notes = self.report.notes.iter();
        let told = notes.map(|note| wrap::wrapped(&format!("note: {note}"), "  ", "    "));
        told.collect()
    }

    /// What went wrong; nothing where nothing did.
    pub(super) fn trouble(&self) -> String {
        let status = human::status(self.report.status);
        let error = self.report.error.as_ref();
        error.map_or_else(String::new, |error| {
            wrap::wrapped(&format!("{status}: {error}"), "  ", "    ")
        })
    }
}

/// Runs each cell once and records every poll, `limit` events of each at the most. Calls `keep` with
/// the runs so far after each, and whether they are all that there will be; it may drop what is not
/// needed any more. A cell that could not be
/// started is a run that failed. After Ctrl-C the rest is left out, and the error says so.
pub(super) fn record<'a>(
    cells: &'a [Cell],
    limit: usize,
    wanted: Wanted<'_>,
    mut keep: impl FnMut(&mut [Run<'a>], bool) -> Result<()>,
) -> Result<(Vec<Run<'a>>, Option<Error>)> {
    let mut runs: Vec<Run<'a>> = Vec::new();
    for cell in cells {
        let attempt = match attempt::trace(cell, limit, wanted.transcript) {
            Ok(attempt) => attempt,
            Err(error) if error.is::<Interrupted>() => {
                keep(&mut runs, true)?;
                return Ok((runs, Some(error)));
            }
            Err(error) => Attempt {
                report: CellReport::lost(Status::Failed, format!("{error:#}")),
                transcript: Vec::new(),
                trace: None,
            },
        };
        let mut run = Run {
            cell,
            report: attempt.report,
            transcript: attempt.transcript,
            trace: attempt.trace,
            told: None,
            denied: Vec::new(),
        };
        run.look(wanted);
        runs.push(run);
        let is_last = runs.len() == cells.len();
        keep(&mut runs, is_last)?;
    }
    Ok((runs, None))
}
