//! From samples to verdicts: which differences are real.

use serde::{Deserialize, Serialize};

use super::figure::Figure;
use crate::report::{CellResult, Sample};
use crate::stats::{self, Difference, Interval};

/// Cells that are compared with each other: the same program with the same
/// parameters and workers, by runner.
pub(crate) struct Row<'a> {
    pub(crate) figure: Figure,
    pub(crate) cells: Vec<&'a CellResult>,
}

/// What the figures of a row are divided by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Reference {
    /// The virtual clock's time for the same cell.
    Ideal,
    /// That column.
    Runner(String),
}

impl Reference {
    pub(crate) fn name(&self) -> &str {
        match self {
            Reference::Ideal => "ideal",
            Reference::Runner(runner) => runner,
        }
    }
}

/// What came of a cell beside the others of its row.
#[derive(Debug, Clone)]
pub(crate) struct Judged {
    pub(crate) median: f64,
    /// The 95 % interval of the median, where there are samples enough.
    pub(crate) interval: Option<Interval>,
    /// The median of the per-round ratios to the reference.
    pub(crate) ratio: Option<f64>,
    /// Its interval, corrected for the number of comparisons.
    pub(crate) ratio_interval: Option<Interval>,
    pub(crate) place: Place,
}

/// Where a cell stands in its row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Place {
    /// It is better than each of the others.
    Best,
    /// It is the best, or cannot be told from the best; nor can another one.
    Tie,
    /// The best is better.
    Behind,
    /// There is nobody to compare it with, or there are too few samples to tell.
    Unknown,
}

/// Judges a row. `None` for a cell without samples of the figure.
///
/// All intervals of ratios hold together with 95 % where `comparisons` is the number
/// of ratios that are judged in all rows.
pub(crate) fn judge(
    row: &Row<'_>,
    reference: &Reference,
    threshold: f64,
    comparisons: usize,
) -> Vec<Option<Judged>> {
    let confidence = stats::confidence(comparisons);
    let figure = row.figure;
    let medians: Vec<Option<f64>> = row
        .cells
        .iter()
        .map(|cell| stats::median(&values(cell, figure)))
        .collect();
    let best = (0..row.cells.len())
        .filter(|&index| medians[index].is_some())
        .min_by(|&a, &b| {
            f64::total_cmp(
                &medians[a].unwrap_or(f64::NAN),
                &medians[b].unwrap_or(f64::NAN),
            )
        });
    let to_best: Vec<Standing> = row
        .cells
        .iter()
        .enumerate()
        .map(|(index, cell)| match best {
            Some(best) if best != index => standing(
                &ratios(cell, row.cells[best], figure),
                confidence,
                threshold,
            ),
            _ => Standing::Same,
        })
        .collect();
    let places = places(&to_best, best, &medians);
    row.cells
        .iter()
        .zip(medians)
        .zip(places)
        .map(|((cell, median), place)| {
            let values = values(cell, figure);
            let ratios = against(cell, row, reference);
            Some(Judged {
                median: median?,
                interval: stats::interval(&values, stats::confidence(1)),
                ratio: stats::median(&ratios),
                ratio_interval: stats::interval(&ratios, confidence),
                place,
            })
        })
        .collect()
}

/// A cell beside the best of its row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing {
    Same,
    Behind,
    TooFew,
}

fn standing(ratios: &[f64], confidence: f64, threshold: f64) -> Standing {
    let interval = stats::interval(ratios, confidence);
    match stats::difference(interval, threshold) {
        _ if interval.is_none() => Standing::TooFew,
        Difference::More => Standing::Behind,
        Difference::Less | Difference::Tie => Standing::Same,
    }
}

fn places(standings: &[Standing], best: Option<usize>, medians: &[Option<f64>]) -> Vec<Place> {
    let others = || {
        let others = (0..standings.len()).filter(|index| Some(*index) != best);
        others.filter(|&index| medians[index].is_some())
    };
    let alone = others().next().is_none();
    let ties = others().any(|index| standings[index] != Standing::Behind);
    let unsure = others().any(|index| standings[index] == Standing::TooFew);
    let place = |(index, standing): (usize, &Standing)| match standing {
        _ if alone || unsure => Place::Unknown,
        _ if Some(index) == best && !ties => Place::Best,
        Standing::Behind => Place::Behind,
        Standing::Same | Standing::TooFew => Place::Tie,
    };
    standings.iter().enumerate().map(place).collect()
}

/// The figure in every sample that has it.
pub(crate) fn values(cell: &CellResult, figure: Figure) -> Vec<f64> {
    let samples = cell.samples.iter();
    samples.filter_map(|sample| figure.value(sample)).collect()
}

/// The ratios of a cell to the row's reference, round by round.
fn against(cell: &CellResult, row: &Row<'_>, reference: &Reference) -> Vec<f64> {
    match reference {
        Reference::Ideal => {
            let Some(ideal) = cell.ideal_ns.filter(|ideal| *ideal > 0) else {
                return Vec::new();
            };
            if row.figure != Figure::Time {
                return Vec::new();
            }
            let ratio = |value: f64| value / ideal as f64;
            values(cell, row.figure).into_iter().map(ratio).collect()
        }
        Reference::Runner(runner) => {
            let other = row.cells.iter().find(|other| other.runner == *runner);
            other.map_or_else(Vec::new, |other| ratios(cell, other, row.figure))
        }
    }
}

/// `one / other`, from the samples of the same round: what slowed the machine in a
/// round slowed both.
pub(crate) fn ratios(one: &CellResult, other: &CellResult, figure: Figure) -> Vec<f64> {
    let of_round = |round: u32| {
        let mut samples = other.samples.iter();
        samples.find(|sample| sample.round == round)
    };
    let ratio = |sample: &Sample| {
        let other = figure.value(of_round(sample.round)?)?;
        Some(figure.value(sample)? / other).filter(|ratio| ratio.is_finite())
    };
    one.samples.iter().filter_map(ratio).collect()
}

/// What two runs of the same thing differ by: each sample over the next one's of the
/// same cell. Half the width of the interval of their median, as a share.
pub(crate) fn noise(cell: &CellResult, figure: Figure, comparisons: usize) -> Option<f64> {
    let values = values(cell, figure);
    let ratios: Vec<f64> = values
        .windows(2)
        .map(|pair| pair[0] / pair[1])
        .filter(|ratio| ratio.is_finite())
        .collect();
    let interval = stats::interval(&ratios, stats::confidence(comparisons))?;
    Some(interval.half_width_of(1.0))
}

#[cfg(test)]
#[path = "judge_tests.rs"]
mod tests;
