//! The relation of a cell to the fastest of its row, and the verdicts that follow.

use std::borrow::Cow;

use super::difference::{Difference, difference, share_that_settles};
use super::intervals::{self, Interval};
use super::looks::Looks;
use super::medians;
use crate::model::comparison::Verdict;

/// The margin if none is given.
pub(crate) const MARGIN: f64 = 0.05;

/// The noise if none is given.
pub(crate) const NOISE: f64 = 0.02;

/// The rule by which rows are judged.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Rule {
    /// Ratios that are surely within this share of 1 are equal.
    pub(crate) margin: f64,
    /// Differences smaller than this share count as none.
    pub(crate) noise: f64,
    pub(crate) looks: Looks,
}

impl Rule {
    /// The same, with differences up to `floor` counting as none.
    pub(super) fn above(&self, floor: Option<f64>) -> Cow<'_, Rule> {
        match floor.filter(|floor| *floor > self.noise) {
            None => Cow::Borrowed(self),
            Some(noise) => Cow::Owned(Rule {
                noise,
                ..self.clone()
            }),
        }
    }

    /// The half width of an interval from which on each ratio is equal or behind, wherever it
    /// lies: half the distance between the noise and the margin, on a logarithmic scale.
    pub(crate) fn precision(&self) -> f64 {
        (self.margin.ln_1p() - self.noise.ln_1p()) / 2.0
    }
}

/// The relation of a cell to the fastest of its row.
#[derive(Debug, Clone)]
pub(crate) struct Relation {
    standing: Standing,
    /// The median of the ratios, round by round.
    pub(crate) ratio: Option<f64>,
    pub(crate) interval: Option<Interval>,
    more_rounds: Option<u32>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing {
    Fastest,
    Equal,
    Behind,
    Unknown,
    /// It is not ranked, or has no samples.
    Out,
}

impl Relation {
    pub(super) fn fastest() -> Self {
        Relation::without_ratio(Standing::Fastest)
    }

    pub(super) fn out() -> Self {
        Relation::without_ratio(Standing::Out)
    }

    fn without_ratio(standing: Standing) -> Self {
        Relation {
            standing,
            ratio: None,
            interval: None,
            more_rounds: None,
        }
    }

    /// By the ratios of the rounds that both have, and by the samples of the cell and of the
    /// fastest.
    pub(super) fn of(ratios: &[f64], [more, less]: [&[f64]; 2], rule: &Rule) -> Self {
        let confidence = rule.looks.confidence();
        let interval = intervals::interval(ratios, confidence);
        let standing = match difference(interval, rule.margin, rule.noise) {
            Difference::Equal => Standing::Equal,
            Difference::More => Standing::Behind,
            // Medians and ratios contradict each other.
            Difference::Less => Standing::Unknown,
            Difference::Unknown => {
                let apart = || intervals::are_apart(more, less, rule.noise, confidence);
                match interval.is_none() && apart() {
                    true => Standing::Behind,
                    false => Standing::Unknown,
                }
            }
        };
        let mut relation = Relation {
            ratio: medians::median(ratios),
            interval,
            ..Relation::without_ratio(standing)
        };
        if standing == Standing::Unknown {
            relation.more_rounds = relation.more_rounds(ratios.len() as f64, rule);
        }
        relation
    }

    /// Whether it is compared with the fastest.
    pub(crate) fn is_compared(&self) -> bool {
        self.is_ranked() && self.standing != Standing::Fastest
    }

    pub(super) fn is_ranked(&self) -> bool {
        self.standing != Standing::Out
    }

    /// Half the width of the ratio's interval.
    pub(crate) fn half_width(&self) -> Option<f64> {
        self.interval?.half_width_in_logarithm()
    }

    /// About as many more rounds as would settle it, up to the next look. Widths shrink with
    /// the root of the number of rounds.
    fn more_rounds(&self, rounds: f64, rule: &Rule) -> Option<u32> {
        let at_least = rounds + 1.0;
        let needed = match (self.ratio, self.interval) {
            (Some(ratio), Some(interval)) => {
                rounds / share_that_settles(ratio, interval, rule.margin, rule.noise)?.powi(2)
            }
            _ => at_least,
        };
        let look = rule.looks.look_from(needed.max(at_least))?;
        Some(look - rounds as u32)
    }
}

/// For each cell of a row its verdict, whether nothing is faster, and the rounds that would
/// settle it if it is unknown. The [verdicts](Verdict) are those of the table there.
pub(crate) fn verdicts(relations: &[Relation]) -> Vec<(Verdict, bool, Option<u32>)> {
    let is_any = |wanted| {
        let mut standings = relations.iter().map(|relation| relation.standing);
        standings.any(|standing| standing == wanted)
    };
    let is_known = !is_any(Standing::Unknown);
    let is_ahead = is_known && is_any(Standing::Behind);
    let unknown = relations
        .iter()
        .filter(|relation| relation.standing == Standing::Unknown);
    let all_settled = unknown
        .map(|relation| relation.more_rounds)
        .reduce(|one, other| Some(one?.max(other?)));
    let verdict = |relation: &Relation| match relation.standing {
        Standing::Fastest if is_any(Standing::Equal) => (Verdict::Equal, is_ahead, None),
        Standing::Fastest if is_ahead => (Verdict::Best, true, None),
        Standing::Fastest => (Verdict::Unknown, false, all_settled.flatten()),
        Standing::Equal => (Verdict::Equal, is_ahead, None),
        Standing::Behind => (Verdict::Behind, false, None),
        Standing::Unknown => (Verdict::Unknown, false, relation.more_rounds),
        Standing::Out => (Verdict::Unknown, false, None),
    };
    relations.iter().map(verdict).collect()
}

/// Whether no verdict of the row could change for more rounds: none is unknown, or there is
/// nothing to compare.
pub(crate) fn is_settled(relations: &[Relation]) -> bool {
    let mut standings = relations.iter().map(|relation| relation.standing);
    standings.all(|standing| standing != Standing::Unknown)
}

/// The widest half width of the ratios of a row; `None` where one has no interval yet, or where
/// there is no ratio.
pub(crate) fn half_width(relations: &[Relation]) -> Option<f64> {
    let compared = relations.iter().filter(|relation| relation.is_compared());
    let mut widths = compared.map(Relation::half_width);
    let first = widths.next()??;
    widths.try_fold(first, |widest, width| Some(width?.max(widest)))
}
