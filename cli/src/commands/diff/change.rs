//! The change of a cell between two comparisons.

use serde::Serialize;

use crate::stats::difference::{Difference, difference};
use crate::stats::intervals::{self, Interval};

/// What became of a cell.
#[derive(Debug, Serialize)]
pub(super) struct Change {
    pub(super) cell: String,
    pub(super) figure: String,
    pub(super) old: Option<f64>,
    pub(super) new: Option<f64>,
    /// Median over median.
    pub(super) ratio: Option<f64>,
    /// Its interval, corrected for the number of cells.
    pub(super) ratio_interval: Option<[f64; 2]>,
    pub(super) verdict: Verdict,
    /// Where it is unknown, about as many samples on either side as would tell; null where no
    /// number would.
    pub(super) samples_that_tell: Option<u32>,
    /// Why it is unknown, if no number of samples would tell.
    pub(super) reason: Option<String>,
    #[serde(skip)]
    pub(super) shown: [String; 2],
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Verdict {
    /// Surely within the threshold.
    Equal,
    Better,
    Worse,
    /// It went wrong now, and did not before.
    Broken,
    /// The samples are too few or too far apart to tell, or there are none.
    Unknown,
}

impl Verdict {
    pub(super) fn is_bad(self) -> bool {
        matches!(self, Verdict::Worse | Verdict::Broken)
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Verdict::Equal => "equal",
            Verdict::Better => "better",
            Verdict::Worse => "WORSE",
            Verdict::Broken => "BROKEN",
            Verdict::Unknown => "unknown",
        }
    }
}

/// By the interval of the ratio; samples too few for one tell what does not overlap at all.
pub(super) fn verdict(
    [old, new]: [&[f64]; 2],
    ratio: Option<Interval>,
    threshold: f64,
    confidence: f64,
) -> Verdict {
    if ratio.is_none() {
        let are_apart = |more, less| intervals::are_apart(more, less, threshold, confidence);
        return match () {
            () if are_apart(new, old) => Verdict::Worse,
            () if are_apart(old, new) => Verdict::Better,
            () => Verdict::Unknown,
        };
    }
    // The rounds of two files are no pairs: what lies within the threshold may come from anything.
    match difference(ratio, threshold, threshold) {
        Difference::Less => Verdict::Better,
        Difference::More => Verdict::Worse,
        Difference::Equal => Verdict::Equal,
        Difference::Unknown => Verdict::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::looks::Looks;

    #[test]
    fn ten_samples_that_lie_apart_tell_and_ten_that_do_not_are_unknown() {
        let confidence = Looks::several(1).confidence();
        let told = |old: f64, new: f64| {
            let around = |middle: f64| (0..10).map(|nth| middle + f64::from(nth)).collect();
            let [old, new]: [Vec<f64>; 2] = [old, new].map(around);
            let interval = intervals::ratio_of_medians(&new, &old, confidence);
            assert_eq!(interval, None);
            verdict([&old, &new], interval, 0.05, confidence)
        };
        assert_eq!(told(1000.0, 1500.0), Verdict::Worse);
        assert_eq!(told(1500.0, 1000.0), Verdict::Better);
        assert_eq!(
            told(1000.0, 1030.0),
            Verdict::Unknown,
            "within the threshold"
        );
    }
}
