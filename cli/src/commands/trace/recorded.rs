//! The runs of cells, recorded.

use std::time::Duration;

use anyhow::{Error, Result};
use pollmark_core::Clock;
use pollmark_core::trace::Trace;

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
    /// `None` where it was lost with its process.
    pub(super) trace: Option<Trace>,
}

impl Run<'_> {
    /// The CPU time of the run; none on a virtual clock, of which the CPU says nothing.
    pub(super) fn cpu(&self) -> Option<Duration> {
        let sample = self.report.sample.as_ref()?;
        let cpu = sample.cpu_ns.map(Duration::from_nanos);
        cpu.filter(|_| self.cell.runner.clock == Clock::Real)
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
/// the runs so far after each, and whether they are all that there will be. A cell that could not be
/// started is a run that failed. After Ctrl-C the rest is left out, and the error says so.
pub(super) fn record<'a>(
    cells: &'a [Cell],
    limit: usize,
    mut keep: impl FnMut(&[Run<'a>], bool) -> Result<()>,
) -> Result<(Vec<Run<'a>>, Option<Error>)> {
    let mut runs: Vec<Run<'a>> = Vec::new();
    for cell in cells {
        let attempt = match attempt::trace(cell, limit) {
            Ok(attempt) => attempt,
            Err(error) if error.is::<Interrupted>() => {
                keep(&runs, true)?;
                return Ok((runs, Some(error)));
            }
            Err(error) => Attempt {
                report: CellReport::lost(Status::Failed, format!("{error:#}")),
                transcript: Vec::new(),
                trace: None,
            },
        };
        runs.push(Run {
            cell,
            report: attempt.report,
            transcript: attempt.transcript,
            trace: attempt.trace,
        });
        keep(&runs, runs.len() == cells.len())?;
    }
    Ok((runs, None))
}
