//! Judges samples: decides which differences are real.

pub(crate) mod gate;
mod layout;

use self::gate::Gate;
use super::intervals::{self, Interval};
use super::medians;
use super::relation::{self, Relation, Rule};
use crate::model::comparison::{Judgement, Verdict};
use crate::model::metric::Figure;
use crate::model::result::{CellResult, Sample, Status};

/// Cells to compare with each other: the same program with the same parameters and workers,
/// by runner.
pub(crate) struct Row<'a> {
    pub(crate) figure: Figure,
    pub(crate) cells: Vec<&'a CellResult>,
    /// Whether each of them is ranked: a virtual clock beside real ones is not.
    pub(crate) ranked: Vec<bool>,
    /// The number of rounds that count: those up to the last look; `None` for all.
    pub(crate) rounds: Option<u32>,
    /// The builds that are this binary relinked.
    pub(crate) relinked: Vec<String>,
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
    /// The interval of the ratio, corrected for the number of comparisons and of looks.
    pub(crate) ratio_interval: Option<Interval>,
    /// The same to the fastest cell of the row; `None` for the fastest and for what is not ranked.
    pub(crate) to_fastest: Option<f64>,
    pub(crate) to_fastest_interval: Option<Interval>,
    /// Whether it is ranked beside another: if not, its verdict is unknown and will stay so.
    pub(crate) ranked: bool,
    pub(crate) verdict: Verdict,
    /// Whether nothing in the row is faster.
    pub(crate) fastest: bool,
    /// Where the verdict is unknown, about as many more rounds as would settle it.
    pub(crate) more_rounds: Option<u32>,
}

/// The least difference of the two ends' distances from the median, as a share of it, that is
/// read.
const LOPSIDED: f64 = 0.02;

impl Judged {
    /// The median and the ends of its interval.
    pub(crate) fn values(&self) -> impl Iterator<Item = f64> + use<> {
        let interval = self.interval.map(|found| [found.low, found.high]);
        interval.into_iter().flatten().chain([self.median])
    }

    /// Whether one end of the interval is much further from the median than the other.
    pub(crate) fn is_lopsided(&self) -> bool {
        self.interval.is_some_and(|interval| {
            let [below, above] = [self.median - interval.low, interval.high - self.median];
            let (less, more) = (below.min(above), below.max(above));
            more > 1.5 * less && more - less > LOPSIDED * self.median
        })
    }

    /// The judgement on `cell` in its stable form.
    pub(crate) fn told(&self, cell: &CellResult, figure: Figure) -> Judgement {
        // An end that is beyond all numbers, as beside a fastest of nothing, could not be read again.
        let ends = |interval: Interval| Some([interval.low, interval.high]).filter(is_finite);
        fn is_finite(ends: &[f64; 2]) -> bool {
            ends.iter().all(|end| end.is_finite())
        }
        Judgement {
            scenario: cell.scenario.clone(),
            variant: cell.variant.clone(),
            base: cell.base.clone(),
            column: cell.column.clone(),
            workers: cell.workers,
            params: cell.params.clone(),
            figure: figure.name().to_owned(),
            median: self.median,
            interval: self.interval.and_then(ends),
            ratio: self.ratio,
            ratio_interval: self.ratio_interval.and_then(ends),
            ratio_to_fastest: self.to_fastest,
            ratio_to_fastest_interval: self.to_fastest_interval.and_then(ends),
            verdict: self.verdict,
            fastest: self.fastest,
            more_rounds: self.more_rounds,
            rounds: None,
            stopped_by: None,
            layout_floor: None,
        }
    }

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
/// All verdicts hold together with 95 % if the rule's looks are corrected for the sum of
/// [`comparisons`] over all rows. Each interval of a ratio to the reference has the confidence
/// of one such verdict.
pub(crate) fn judge(row: &Row<'_>, reference: &Reference, rule: &Rule) -> Vec<Option<Judged>> {
    let relations = relations(row, rule);
    let verdicts = relation::verdicts(&relations);
    let is_row = relations.iter().any(Relation::is_compared);
    let cells = row.cells.iter().zip(&relations).zip(verdicts);
    cells
        .map(|((cell, relation), (verdict, fastest, more_rounds))| {
            let values = row.values(cell);
            let ratios = against(cell, row, reference);
            Some(Judged {
                median: medians::median(&values)?,
                interval: intervals::interval(&values, intervals::confidence(1)),
                ratio: medians::median(&ratios),
                ratio_interval: intervals::interval(&ratios, rule.looks.confidence()),
                to_fastest: relation.ratio,
                to_fastest_interval: relation.interval,
                ranked: is_row && relation.is_ranked(),
                verdict,
                fastest,
                more_rounds,
            })
        })
        .collect()
}

/// The relation of each cell of a row to its fastest, the one with the least median.
pub(crate) fn relations(row: &Row<'_>, rule: &Rule) -> Vec<Relation> {
    let values: Vec<Vec<f64>> = row.cells.iter().map(|cell| row.values(cell)).collect();
    let first = row.fastest(&values);
    let floor = row.layout_floor(rule);
    let relation = |index: usize| match first {
        Some(first) if index == first => Relation::fastest(),
        Some(first) if row.ranked[index] && !values[index].is_empty() => {
            let pair = [row.cells[index], row.cells[first]];
            let ratios = row.ratios(pair[0], pair[1]);
            // Of one binary all have the same layout.
            let floor = floor.filter(|_| pair[0].build != pair[1].build);
            let rule = rule.above(floor);
            Relation::of(&ratios, [&values[index], &values[first]], &rule)
        }
        _ => Relation::out(),
    };
    (0..row.cells.len()).map(relation).collect()
}

/// The ratios of each other ranked cell to the fastest of its row, round by round.
pub(crate) fn ratios_to_fastest(row: &Row<'_>) -> Vec<Vec<f64>> {
    let values: Vec<Vec<f64>> = row.cells.iter().map(|cell| row.values(cell)).collect();
    let Some(first) = row.fastest(&values) else {
        return Vec::new();
    };
    let others = (0..row.cells.len()).filter(|&index| index != first && row.ranked[index]);
    others
        .map(|index| row.ratios(row.cells[index], row.cells[first]))
        .collect()
}

/// How each cell of a row stands to a gate: a share by which none that is ranked may be behind
/// the reference.
pub(crate) fn gates(row: &Row<'_>, reference: &Reference, gate: f64, rule: &Rule) -> Vec<Gate> {
    let of_reference = match reference {
        Reference::Ideal => None,
        Reference::Runner(runner) => row.cells.iter().find(|cell| cell.column == *runner),
    };
    let others = of_reference.map_or_else(Vec::new, |cell| row.values(cell));
    let floor = row.layout_floor(rule).unwrap_or_default();
    let gate = |index: usize| {
        let cell = row.cells[index];
        let values = row.values(cell);
        let is_reference = of_reference.is_some_and(|other| std::ptr::eq(*other, cell));
        if is_reference || !row.ranked[index] {
            return Gate::Within;
        }
        if values.is_empty() {
            return Gate::Unmeasured(match cell.status {
                Status::Ok => "it has no samples",
                Status::Failed => "it failed",
                Status::TimedOut => "it timed out",
                Status::Unsupported => "it is not supported",
            });
        }
        let samples = [&values[..], &others];
        let ratios = against(cell, row, reference);
        if ratios.is_empty() {
            return Gate::Unmeasured("there is nothing of the reference beside it");
        }
        let gate = match of_reference.is_some_and(|other| other.build != cell.build) {
            true if floor.is_infinite() => {
                return Gate::Unmeasured("the relinked build has no samples");
            }
            true => gate.max(floor),
            false => gate,
        };
        Gate::of(&ratios, samples, gate, rule.looks.confidence())
    };
    (0..row.cells.len()).map(gate).collect()
}

impl Row<'_> {
    /// The ranked cell with the least median, by the values of each cell.
    fn fastest(&self, values: &[Vec<f64>]) -> Option<usize> {
        let ranked = (0..values.len()).filter(|&index| self.ranked[index]);
        let medians = ranked.filter_map(|index| Some((index, medians::median(&values[index])?)));
        let first = medians.min_by(|(_, a), (_, b)| f64::total_cmp(a, b));
        first.map(|(index, _)| index)
    }

    /// The figure in the samples that count.
    pub(crate) fn values(&self, cell: &CellResult) -> Vec<f64> {
        let samples = self.samples(cell);
        samples.map(|(_, value)| value).collect()
    }

    /// `one / other`, from the samples of the same round, since a busy machine slows both.
    pub(crate) fn ratios(&self, one: &CellResult, other: &CellResult) -> Vec<f64> {
        let mut others: Vec<(u32, f64)> = self.samples(other).collect();
        others.sort_unstable_by_key(|(round, _)| *round);
        let of_round = |round| {
            let found = others.binary_search_by_key(&round, |(round, _)| *round);
            found.ok().map(|index| others[index].1)
        };
        let pairs = self.samples(one);
        let ratio = |(round, value)| Some(medians::over(value, of_round(round)?));
        pairs.filter_map(ratio).collect()
    }

    fn samples(&self, cell: &CellResult) -> impl Iterator<Item = (u32, f64)> {
        let (figure, rounds) = (self.figure, self.rounds);
        let counts = move |sample: &&Sample| rounds.is_none_or(|rounds| sample.round < rounds);
        sound_samples(cell)
            .filter(counts)
            .filter_map(move |sample| Some((sample.round, figure.value(sample)?)))
    }
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
            row.values(cell).into_iter().map(ratio).collect()
        }
        Reference::Runner(runner) => {
            let other = row.cells.iter().find(|other| other.column == *runner);
            other.map_or_else(Vec::new, |other| row.ratios(cell, other))
        }
    }
}

/// The typical difference between two samples of the same cell, as a share: the median over
/// the pairs of neighbouring ones.
pub(crate) fn noise(values: &[f64]) -> Option<f64> {
    let pairs = values.chunks_exact(2);
    let differences: Vec<f64> = pairs
        .map(|pair| (medians::over(pair[0], pair[1]).ln()).abs())
        .collect();
    medians::median(&differences).map(f64::exp_m1)
}

#[cfg(test)]
#[path = "../tests/judge.rs"]
pub(crate) mod tests;
