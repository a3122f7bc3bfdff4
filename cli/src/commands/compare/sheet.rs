//! Everything that is compared, with the judgements.

use pollmark_core::Workers;

use super::groups::Group;
use super::rounds::pace::{Pace, Stop};
use crate::model::cell::Cell;
use crate::model::result::CellResult;
use crate::stats::judge::{self, Judged, Reference, Row};
use crate::stats::medians;
use crate::stats::relation::Rule;

/// Everything that is compared, with the judgements.
pub(crate) struct Sheet<'a> {
    pub(crate) lines: Vec<SheetLine<'a>>,
    pub(crate) reference: Reference,
    /// The rule by which each line is judged.
    pub(crate) rule: Rule,
    /// The half width of a ratio's interval at which a line takes no more rounds.
    pub(crate) precision: f64,
    /// The number of ratios judged, over all lines.
    pub(crate) comparisons: usize,
}

/// One program with one set of parameters and workers, by runner.
pub(crate) struct SheetLine<'a> {
    /// The cells, in the order of the row's results.
    pub(crate) cells: Vec<&'a Cell>,
    /// The number of workers that was asked for.
    pub(crate) workers: usize,
    pub(crate) row: Row<'a>,
    pub(crate) judged: Vec<Option<Judged>>,
    /// What stopped its rounds.
    pub(crate) stop: Option<Stop>,
}

impl SheetLine<'_> {
    pub(crate) fn is_same_variant(&self, other: &SheetLine<'_>) -> bool {
        let [one, other] = [self, other].map(|line| &line.cells[0].spec);
        (&one.scenario, &one.variant) == (&other.scenario, &other.variant)
    }
}

impl<'a> Sheet<'a> {
    /// Judges each line by the rounds at which it stopped.
    pub(crate) fn new(
        cells: &'a [Cell],
        results: &'a [CellResult],
        pace: Pace,
        reference: Reference,
    ) -> Self {
        let (rule, comparisons) = (pace.rule.clone(), pace.comparisons());
        let precision = pace.precision.unwrap_or_else(|| rule.precision());
        let line = |(group, stop): (Group, Option<Stop>)| {
            let row = group.row(results, stop.map(|stop| stop.rounds));
            SheetLine {
                workers: group.workers,
                judged: judge::judge(&row, &reference, &rule),
                row,
                cells: group.cells.iter().map(|&index| &cells[index]).collect(),
                stop,
            }
        };
        Sheet {
            lines: pace.into_rows().map(line).collect(),
            reference,
            rule,
            precision,
            comparisons,
        }
    }

    /// Cells with samples far from the others: the name, how many are far, and of how many.
    pub(crate) fn outliers(&self) -> Vec<(String, usize, usize)> {
        let mut found: Vec<(String, usize, usize)> = Vec::new();
        for line in &self.lines {
            for (cell, result) in line.cells.iter().zip(&line.row.cells) {
                let values = judge::values(result, line.row.figure);
                let far = medians::outliers(&values);
                let name = cell.full_name();
                if far * 5 >= values.len().max(1) && found.iter().all(|(known, ..)| *known != name)
                {
                    found.push((name, far, values.len()));
                }
            }
        }
        found
    }

    /// A remark on each kind of runner that does not have the workers of the others, and one
    /// on caps of blocking threads that are each runtime's own, beside the `ideal_cap`.
    pub(crate) fn unequal_pools(&self, ideal_cap: usize) -> Vec<String> {
        let mut remarks: Vec<String> = Vec::new();
        let mut cells = self.lines.iter().flat_map(|line| &line.cells);
        if cells.any(|cell| cell.spec.config.blocking_threads.is_none()) {
            remarks.push(format!(
                "unequal pools: each runtime's own cap of blocking threads (the ideal's is \
                 {ideal_cap})"
            ));
        }
        let others = |line: &SheetLine<'_>| {
            let others = line.cells.iter().find(|cell| cell.takes_workers());
            others.is_some_and(|_| line.workers > 1)
        };
        for line in self.lines.iter().filter(|line| others(line)) {
            for cell in &line.cells {
                let why = match cell.runner.workers {
                    Workers::Any => continue,
                    Workers::One => "has 1 worker by its nature",
                    Workers::PerTask => "has a thread for each task",
                };
                let remark = format!("unequal pools: {} {why}", cell.spec.runner);
                if !remarks.contains(&remark) {
                    remarks.push(remark);
                }
            }
        }
        remarks
    }
}
