//! The runs of cells, recorded.

use std::time::Duration;

use anyhow::Result;
use pollmark_core::Clock;
use pollmark_core::trace::{Axes, Trace};
use serde_json::Value;

use crate::model::cell::Cell;
use crate::model::result::{Line, Status};
use crate::process::attempt::{self, Traced};

/// A cell and what was recorded of it.
pub(super) struct Run<'a> {
    pub(super) cell: &'a Cell,
    pub(super) status: Status,
    pub(super) error: Option<String>,
    pub(super) outcome: Value,
    pub(super) cpu: Option<Duration>,
    pub(super) transcript: Vec<Line>,
    /// `None` where it was lost with its process.
    pub(super) trace: Option<Trace>,
}

impl Run<'_> {
    pub(super) fn is_as_expected(&self) -> bool {
        matches!(self.status, Status::Ok | Status::Unsupported)
    }

    pub(super) fn axes(&self) -> Option<Axes> {
        // What the CPU did says nothing about virtual time.
        let cpu = self.cpu.filter(|_| self.cell.runner.clock == Clock::Real);
        self.trace.as_ref().map(|trace| Axes::of(trace, cpu))
    }
}

/// Runs each cell once and records every poll, `limit` events of each at the most.
pub(super) fn record(cells: &[Cell], limit: usize) -> Result<Vec<Run<'_>>> {
    let record = |cell| {
        let Traced {
            report,
            transcript,
            trace,
        } = attempt::trace(cell, limit)?;
        let cpu_ns = report.sample.and_then(|sample| sample.cpu_ns);
        Ok(Run {
            cell,
            status: report.status,
            error: report.error,
            outcome: report.outcome,
            cpu: cpu_ns.map(Duration::from_nanos),
            transcript,
            trace,
        })
    };
    cells.iter().map(record).collect()
}
