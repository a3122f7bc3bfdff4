//! The change of a cell between two comparisons.

use serde::Serialize;

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
