//! How samples were taken, and the verdicts on them, in the stable form of results.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// How samples were taken, and the verdicts on them.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Comparison {
    /// The seed for the order of the cells in the rounds.
    pub(crate) order_seed: u64,
    /// The cells of each round, in the order in which they ran.
    pub(crate) order: Vec<Vec<String>>,
    /// The reference for the ratios: a runner, or `ideal`.
    pub(crate) reference: Option<String>,
    /// Differences smaller than this share count as none.
    pub(crate) noise_threshold: Option<f64>,
    /// Ratios that are surely within this share of 1 are equal.
    #[serde(default)]
    pub(crate) margin: Option<f64>,
    /// The half width of a ratio's interval, as a share, at which a row takes no more rounds.
    #[serde(default)]
    pub(crate) precision: Option<f64>,
    /// The number of ratios judged together.
    pub(crate) comparisons: Option<usize>,
    /// The confidence of each interval of a ratio, corrected for comparisons and looks.
    #[serde(default)]
    pub(crate) confidence: Option<f64>,
    /// The numbers of rounds after which verdicts could be given, chosen before the first.
    #[serde(default)]
    pub(crate) looks: Vec<u32>,
    pub(crate) judgements: Vec<Judgement>,
}

/// The verdict on a cell beside the others of its program.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Judgement {
    pub(crate) scenario: String,
    pub(crate) variant: String,
    /// The runner alone.
    #[serde(rename = "runner")]
    pub(crate) base: String,
    /// As in [`CellResult::column`](super::result::CellResult::column).
    #[serde(default)]
    pub(crate) column: String,
    pub(crate) workers: Option<usize>,
    pub(crate) params: Value,
    /// The figure compared: `time`, or another.
    pub(crate) figure: String,
    pub(crate) median: f64,
    /// The 95 % interval of the median; null if there are too few samples.
    pub(crate) interval: Option<[f64; 2]>,
    /// The median of the ratios to the reference, round by round.
    pub(crate) ratio: Option<f64>,
    /// The interval of the ratio, corrected for the number of comparisons and of looks.
    pub(crate) ratio_interval: Option<[f64; 2]>,
    /// The same to the fastest cell of the row: the ratio by which the verdict is given.
    #[serde(default)]
    pub(crate) ratio_to_fastest: Option<f64>,
    #[serde(default)]
    pub(crate) ratio_to_fastest_interval: Option<[f64; 2]>,
    #[serde(default)]
    pub(crate) verdict: Verdict,
    /// Whether nothing in the row is faster: true for the best, and for each of several that are
    /// equal while the rest is behind.
    #[serde(default)]
    pub(crate) fastest: bool,
    /// Where the verdict is unknown, about as many more rounds as would settle it, rounded up to
    /// the next look; null where no look would.
    #[serde(default)]
    pub(crate) more_rounds: Option<u32>,
    /// The number of rounds by which it is judged.
    #[serde(default)]
    pub(crate) rounds: Option<u32>,
    /// Why the row took no more rounds.
    #[serde(default)]
    pub(crate) stopped_by: Option<StoppedBy>,
    /// The share by which a relinked build of this binary differs in the row; between builds
    /// nothing within it is behind. Null if none was compared.
    #[serde(default)]
    pub(crate) layout_floor: Option<f64>,
}

/// Where a cell stands in its row.
///
/// It goes by the interval of the ratio to the fastest cell, the one with the least median. Each
/// of the others is equal to that one, behind it, or unknown:
///
/// | the others | the fastest | the others |
/// |---|---|---|
/// | none that is ranked and has samples | unknown | |
/// | all behind | best, `fastest` | behind |
/// | all equal | equal | equal |
/// | some equal, the rest behind | equal, `fastest` | equal, `fastest`; behind |
/// | some equal, some unknown | equal | equal; unknown; behind |
/// | none equal, some unknown | unknown | unknown; behind |
///
/// While one is unknown no cell is `fastest`, for that one may be faster than all. Two that are
/// equal to the fastest need not be equal to each other.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Verdict {
    /// Every other is behind.
    Best,
    /// It is within the margin of the fastest; or it is the fastest, and another one is equal.
    Equal,
    /// The fastest is faster by more than the noise, and perhaps by more than the margin.
    Behind,
    /// None of this can be said: the samples are too few or too far apart, it is not ranked, or
    /// there is no other.
    #[default]
    Unknown,
}

impl Verdict {
    /// Its name in a file.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Verdict::Best => "best",
            Verdict::Equal => "equal",
            Verdict::Behind => "behind",
            Verdict::Unknown => "unknown",
        }
    }
}

/// Why a row took no more rounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum StoppedBy {
    /// No verdict in it is unknown.
    Settled,
    /// Its ratios are as precise as asked.
    Precision,
    /// The budget was over, or would have been before the next look.
    Budget,
    /// It had the most rounds that a row gets.
    Rounds,
    /// It had exactly the rounds that were asked for.
    Samples,
    /// Ctrl-C, or a process that could not be started.
    Interrupted,
}
