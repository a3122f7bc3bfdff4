//! Groups the cells that stand beside each other.

use anyhow::Result;
use pollmark_core::{Clock, Workers};

use crate::model::cell::Cell;
use crate::model::metric::Figure;
use crate::model::result::CellResult;
use crate::stats::judge::{self, Judged, Reference, Row};
use crate::stats::medians;

/// Everything that is compared, with the judgements.
pub(crate) struct Sheet<'a> {
    pub(crate) lines: Vec<SheetLine<'a>>,
    pub(crate) reference: Reference,
    /// Differences smaller than this share count as none.
    pub(crate) threshold: f64,
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
}

impl SheetLine<'_> {
    pub(crate) fn is_same_variant(&self, other: &SheetLine<'_>) -> bool {
        let [one, other] = [self, other].map(|line| &line.cells[0].spec);
        (&one.scenario, &one.variant) == (&other.scenario, &other.variant)
    }
}

/// Cells that make a line, by their places among all.
struct Group {
    workers: usize,
    figure: Figure,
    cells: Vec<usize>,
    /// Whether each of them is ranked.
    ranked: Vec<bool>,
}

/// Groups the cells into lines. Each line is compared by the figure of that name, or by its
/// most telling figure.
fn groups(cells: &[Cell], figure: Option<&str>) -> Result<Vec<Group>> {
    let mut groups: Vec<Group> = Vec::new();
    for cell in cells {
        let workers = cell.spec.config.workers.get();
        let is_there = groups.iter().any(|group| {
            is_one_program(&cells[group.cells[0]], cell)
                && (group.workers == workers || !cell.takes_workers())
        });
        if is_there {
            continue;
        }
        let beside = |other: &Cell| {
            is_one_program(cell, other)
                && (other.spec.config.workers.get() == workers || !other.takes_workers())
        };
        let beside: Vec<usize> = (0..cells.len())
            .filter(|&index| beside(&cells[index]))
            .collect();
        let figure = Figure::of(cell, figure)?;
        let is_virtual = |&index: &usize| cells[index].runner.clock == Clock::Virtual;
        let simulated = beside.iter().all(is_virtual);
        let ranked = |index: &usize| figure.is_ranked() && (simulated || !is_virtual(index));
        groups.push(Group {
            workers,
            figure,
            ranked: beside.iter().map(ranked).collect(),
            cells: beside,
        });
    }
    Ok(groups)
}

/// The number of comparisons that these cells will need.
///
/// # Errors
///
/// Names the first cell that has no figure of that name, and the valid choices.
pub(crate) fn comparisons(cells: &[Cell], figure: Option<&str>) -> Result<usize> {
    let groups = groups(cells, figure)?;
    let of_group = |group: &Group| judge::comparisons(&group.ranked);
    Ok(groups.iter().map(of_group).sum())
}

impl<'a> Sheet<'a> {
    /// Groups the cells into lines and judges each.
    pub(crate) fn new(
        cells: &'a [Cell],
        results: &'a [CellResult],
        figure: Option<&str>,
        reference: Reference,
        threshold: f64,
    ) -> Result<Self> {
        let line = |group: Group| SheetLine {
            workers: group.workers,
            row: Row {
                figure: group.figure,
                cells: group.cells.iter().map(|&index| &results[index]).collect(),
                ranked: group.ranked,
            },
            cells: group.cells.iter().map(|&index| &cells[index]).collect(),
            judged: Vec::new(),
        };
        let comparisons = comparisons(cells, figure)?;
        let mut lines: Vec<SheetLine<'a>> = groups(cells, figure)?.into_iter().map(line).collect();
        for line in &mut lines {
            line.judged = judge::judge(&line.row, &reference, threshold, comparisons);
        }
        Ok(Sheet {
            lines,
            reference,
            threshold,
            comparisons,
        })
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
                let remark = format!("unequal pools: {} {why}", cell.asked_as());
                if !remarks.contains(&remark) {
                    remarks.push(remark);
                }
            }
        }
        remarks
    }
}

fn is_one_program(one: &Cell, other: &Cell) -> bool {
    let (one, other) = (&one.spec, &other.spec);
    (&one.scenario, &one.variant, &one.params) == (&other.scenario, &other.variant, &other.params)
}
