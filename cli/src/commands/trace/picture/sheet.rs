//! The runs of a trace as they are shown: program by program, at one scale for each.

use std::collections::BTreeSet;
use std::time::Duration;

use pollmark_core::{Clock, INEXACT};

use super::look::Sign;
use super::model::Picture;
use crate::commands::trace::recorded::Run;
use crate::output::human;
use crate::text::units;

/// The runs of one program, one above the other.
pub(crate) struct Program<'a> {
    pub(crate) title: String,
    pub(crate) summary: &'static str,
    pub(crate) runs: Vec<Shown<'a>>,
    /// The longest run.
    pub(crate) span: Duration,
    /// The width of the column of names.
    pub(crate) names: usize,
    pub(crate) signs: BTreeSet<Sign>,
}

/// A run, and its picture if anything was recorded.
pub(crate) struct Shown<'a> {
    pub(crate) run: &'a Run<'a>,
    pub(crate) picture: Option<&'a Picture>,
}

impl Shown<'_> {
    /// The runner, its workers, and the time that the run took.
    pub(crate) fn heading(&self) -> (String, Option<String>) {
        let took = self
            .picture
            .as_ref()
            .map(|picture| units::scenario_time(u64::try_from(picture.span.as_nanos()).ok()));
        (human::runner(self.run.cell), took)
    }

    pub(crate) fn is_ideal(&self) -> bool {
        let Run { cell, report, .. } = self.run;
        let is_ended = report.status.is_as_expected() && cell.variant.has_ideal;
        cell.runner.clock == Clock::Virtual
            && is_ended
            && !report.notes.iter().any(|note| is_inexact(note))
    }
}

/// Whether a note says that the virtual clock was not exact.
fn is_inexact(note: &str) -> bool {
    note.starts_with(INEXACT)
}

/// The programs, in the order of the runs.
pub(crate) fn programs<'a>(runs: &'a [Run<'a>]) -> impl Iterator<Item = Program<'a>> {
    runs.chunk_by(|a, b| a.cell.program() == b.cell.program())
        .map(program)
}

fn program<'a>(runs: &'a [Run<'a>]) -> Program<'a> {
    let shown = runs.iter().map(|run| Shown {
        run,
        picture: run.told.as_ref().and_then(|told| told.picture.as_ref()),
    });
    let shown: Vec<Shown<'_>> = shown.collect();
    let pictures = || shown.iter().filter_map(|run| run.picture);
    let cell = runs[0].cell;
    Program {
        title: cell.program(),
        summary: cell.variant.summary,
        span: pictures()
            .map(|picture| picture.span)
            .max()
            .unwrap_or_default(),
        names: pictures()
            .map(Picture::name_width)
            .max()
            .unwrap_or_default(),
        signs: pictures().flat_map(Picture::signs).collect(),
        runs: shown,
    }
}
