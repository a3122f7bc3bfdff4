//! Judges samples: decides which differences are real.

use super::intervals::{self, Difference, Interval};
use super::medians;
use crate::model::metric::Figure;
use crate::model::result::{CellResult, Place, Sample, Status};

/// Cells to compare with each other: the same program with the same parameters and workers,
/// by runner.
pub(crate) struct Row<'a> {
    pub(crate) figure: Figure,
    pub(crate) cells: Vec<&'a CellResult>,
    /// Whether each of them is ranked: a virtual clock beside real ones is not.
    pub(crate) ranked: Vec<bool>,
}

/// The reference by which the figures of a row are divided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Reference {
    /// The virtual clock's time for the same cell.
    Ideal,
    /// The column with that name.
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

/// The judgement of a cell beside the others of its row.
#[derive(Debug, Clone)]
pub(crate) struct Judged {
    pub(crate) median: f64,
    /// The 95 % interval of the median, if there are enough samples.
    pub(crate) interval: Option<Interval>,
    /// The median of the per-round ratios to the reference.
    pub(crate) ratio: Option<f64>,
    /// The interval of the ratio, corrected for the number of comparisons.
    pub(crate) ratio_interval: Option<Interval>,
    pub(crate) place: Place,
}

impl Judged {
    /// `±0.8%`: half the interval of the median, as a share of it.
    pub(crate) fn spread(&self) -> String {
        match self.interval {
            Some(interval) if self.median > 0.0 => {
                let share = interval.half_width_of(self.median) * 100.0;
                match share < 10.0 {
                    true => format!("±{share:.1}%"),
                    false => format!("±{share:.0}%"),
                }
            }
            _ => String::new(),
        }
    }
}

/// The number of ratios by which [`judge`] decides in a row with these cells ranked: one
/// for each pair, since the best cell is not known in advance.
pub(crate) fn comparisons(ranked: &[bool]) -> usize {
    let ranked = ranked.iter().filter(|ranked| **ranked).count();
    ranked * ranked.saturating_sub(1) / 2
}

/// Judges a row, with one entry per cell: `None` for a cell without samples of the figure,
/// and for one that went wrong.
///
/// All verdicts hold together with 95 % if `comparisons` is the sum of [`comparisons`] over
/// all rows. Each interval of a ratio to the reference has the confidence of one such
/// verdict.
pub(crate) fn judge(
    row: &Row<'_>,
    reference: &Reference,
    threshold: f64,
    comparisons: usize,
) -> Vec<Option<Judged>> {
    let confidence = intervals::confidence(comparisons);
    let figure = row.figure;
    let medians: Vec<Option<f64>> = row
        .cells
        .iter()
        .map(|cell| medians::median(&values(cell, figure)))
        .collect();
    let ranks = ranks(row, &medians, confidence, threshold);
    let cells = row.cells.iter().zip(&medians).zip(places(&ranks));
    cells
        .map(|((cell, median), place)| {
            let values = values(cell, figure);
            let ratios = against(cell, row, reference);
            Some(Judged {
                median: (*median)?,
                interval: intervals::interval(&values, intervals::confidence(1)),
                ratio: medians::median(&ratios),
                ratio_interval: intervals::interval(&ratios, confidence),
                place,
            })
        })
        .collect()
}

/// The relation of a cell to the best of its row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rank {
    /// It has the best median.
    First,
    /// It cannot be told from the first.
    Same,
    Behind,
    TooFew,
    /// It is not ranked, or has no samples.
    Out,
}

fn ranks(row: &Row<'_>, medians: &[Option<f64>], confidence: f64, threshold: f64) -> Vec<Rank> {
    let ranked = |index: &usize| row.ranked[*index];
    let known = (0..row.cells.len()).filter(ranked);
    let known = known.filter_map(|index| Some((index, medians[index]?)));
    let first = known.min_by(|(_, a), (_, b)| f64::total_cmp(a, b));
    let rank = |index: usize| {
        let Some((first, _)) = first else {
            return Rank::Out;
        };
        if !row.ranked[index] || medians[index].is_none() {
            return Rank::Out;
        }
        if index == first {
            return Rank::First;
        }
        let ratios = ratios(row.cells[index], row.cells[first], row.figure);
        let Some(interval) = intervals::interval(&ratios, confidence) else {
            let [more, less] = [index, first].map(|cell| values(row.cells[cell], row.figure));
            return match intervals::are_apart(&more, &less, threshold, confidence) {
                true => Rank::Behind,
                false => Rank::TooFew,
            };
        };
        match intervals::difference(Some(interval), threshold) {
            Difference::More => Rank::Behind,
            Difference::Less | Difference::Tie => Rank::Same,
        }
    };
    (0..row.cells.len()).map(rank).collect()
}

fn places(ranks: &[Rank]) -> Vec<Place> {
    let is_any = |wanted: Rank| ranks.contains(&wanted);
    let place = |rank: &Rank| match rank {
        Rank::First if is_any(Rank::Same) => Place::Tie,
        // A cell that cannot be judged might be better.
        Rank::First if is_any(Rank::TooFew) || !is_any(Rank::Behind) => Place::Unknown,
        Rank::First => Place::Best,
        Rank::Same => Place::Tie,
        Rank::Behind => Place::Behind,
        Rank::TooFew | Rank::Out => Place::Unknown,
    };
    ranks.iter().map(place).collect()
}

/// The figure in every sample that has it.
///
/// Empty if the cell went wrong in any round: samples taken before the failure do not
/// measure a program that works.
pub(crate) fn values(cell: &CellResult, figure: Figure) -> Vec<f64> {
    let samples = sound_samples(cell);
    samples.filter_map(|sample| figure.value(sample)).collect()
}

fn sound_samples(cell: &CellResult) -> impl Iterator<Item = &Sample> {
    let is_ok = cell.status == Status::Ok;
    cell.samples.iter().filter(move |_| is_ok)
}

/// The ratios of a cell to the reference of the row, round by round.
fn against(cell: &CellResult, row: &Row<'_>, reference: &Reference) -> Vec<f64> {
    match reference {
        Reference::Ideal => {
            let Some(ideal) = cell.ideal_ns.filter(|ideal| *ideal > 0) else {
                return Vec::new();
            };
            if !row.figure.is_time() {
                return Vec::new();
            }
            let ratio = |value: f64| medians::over(value, ideal as f64);
            values(cell, row.figure).into_iter().map(ratio).collect()
        }
        Reference::Runner(runner) => {
            let other = row.cells.iter().find(|other| other.column == *runner);
            other.map_or_else(Vec::new, |other| ratios(cell, other, row.figure))
        }
    }
}

/// `one / other`, from the samples of the same round, since a busy machine slows both.
pub(crate) fn ratios(one: &CellResult, other: &CellResult, figure: Figure) -> Vec<f64> {
    let of_round = |round: u32| sound_samples(other).find(|sample| sample.round == round);
    let ratio = |sample: &Sample| {
        let other = figure.value(of_round(sample.round)?)?;
        Some(medians::over(figure.value(sample)?, other))
    };
    sound_samples(one).filter_map(ratio).collect()
}

/// The typical difference between two runs of the same cell, as a share: the median over
/// the pairs of neighbouring samples.
pub(crate) fn noise(cell: &CellResult, figure: Figure) -> Option<f64> {
    let values = values(cell, figure);
    let pairs = values.chunks_exact(2);
    let differences: Vec<f64> = pairs
        .map(|pair| (medians::over(pair[0], pair[1]).ln()).abs())
        .collect();
    medians::median(&differences).map(f64::exp_m1)
}

#[cfg(test)]
#[path = "judge_tests.rs"]
mod tests;
