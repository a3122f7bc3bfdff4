//! Groups the cells that stand beside each other.

use anyhow::Result;
use pollmark_core::Clock;

use crate::model::cell::Cell;
use crate::model::metric::Figure;
use crate::model::result::CellResult;
use crate::stats::judge::{self, Row};
use crate::text::lists::distinct;
use crate::text::messages;
use crate::text::suggest::unknown;

/// Cells that make a line, by their places among all.
#[derive(Debug)]
pub(crate) struct Group {
    pub(crate) workers: usize,
    pub(crate) figure: Figure,
    pub(crate) cells: Vec<usize>,
    /// Whether each of them is ranked.
    pub(crate) ranked: Vec<bool>,
    /// The builds that are this binary relinked.
    pub(crate) relinked: Vec<String>,
}

impl Group {
    /// Its results; only those of the first `rounds` count, if there is such a number.
    pub(crate) fn row<'a>(&self, results: &'a [CellResult], rounds: Option<u32>) -> Row<'a> {
        Row {
            figure: self.figure,
            cells: self.cells.iter().map(|&index| &results[index]).collect(),
            ranked: self.ranked.clone(),
            rounds,
            relinked: self.relinked.clone(),
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
            relinked: Vec::new(),
        });
    }
    Ok(groups)
}

/// Marks these builds as this binary relinked: they measure the layout floor of each line.
///
/// # Errors
///
/// One of them has no column.
pub(crate) fn measure_layout(
    groups: &mut [Group],
    relinked: &[String],
    cells: &[Cell],
) -> Result<()> {
    let builds = distinct(cells.iter().filter_map(Cell::build_name));
    for name in relinked {
        if !builds.contains(&name.as_str()) {
            return Err(unknown("build", name, builds).context("--layout-floor"));
        }
    }
    for group in groups {
        group.relinked = relinked.to_vec();
    }
    if relinked.is_empty() && !builds.is_empty() {
        messages::note(
            "two links of the same code differ too: `pollmark build --relink` makes a binary by \
             which --layout-floor tells how far",
        );
    }
    Ok(())
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
