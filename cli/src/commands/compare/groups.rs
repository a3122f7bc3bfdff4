//! Groups the cells that stand beside each other.

use anyhow::Result;
use pollmark_core::Clock;

use crate::model::cell::Cell;
use crate::model::metric::Figure;
use crate::model::result::CellResult;
use crate::stats::judge::{self, Row};

/// Cells that make a line, by their places among all.
#[derive(Debug)]
pub(crate) struct Group {
    pub(crate) workers: usize,
    figure: Figure,
    pub(crate) cells: Vec<usize>,
    /// Whether each of them is ranked.
    ranked: Vec<bool>,
}

impl Group {
    /// Its results; only those of the first `rounds` count, if there is such a number.
    pub(crate) fn row<'a>(&self, results: &'a [CellResult], rounds: Option<u32>) -> Row<'a> {
        Row {
            figure: self.figure,
            cells: self.cells.iter().map(|&index| &results[index]).collect(),
            ranked: self.ranked.clone(),
            rounds,
        }
    }
}

/// Groups the cells into lines. Each line is compared by the figure of that name, or by its
/// most telling figure.
///
/// # Errors
///
/// Names the first cell that has no figure of that name, and the valid choices.
pub(crate) fn groups(cells: &[Cell], figure: Option<&str>) -> Result<Vec<Group>> {
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

/// The number of comparisons that these lines will need.
pub(crate) fn comparisons(groups: &[Group]) -> usize {
    let of_group = |group: &Group| judge::comparisons(&group.ranked);
    groups.iter().map(of_group).sum()
}

fn is_one_program(one: &Cell, other: &Cell) -> bool {
    let (one, other) = (&one.spec, &other.spec);
    (&one.scenario, &one.variant, &one.params) == (&other.scenario, &other.variant, &other.params)
}
