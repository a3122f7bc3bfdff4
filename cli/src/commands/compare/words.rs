//! Verdicts as a person says them.

use crate::model::comparison::Verdict;
use crate::stats::judge::Judged;
use crate::text::units::counted;

/// The verdict in a word or two; empty where there is none to give. Those that are equal while
/// the rest is behind are the fastest.
pub(super) fn verdict(judged: &Judged) -> &'static str {
    match judged.verdict {
        _ if !judged.ranked => "",
        Verdict::Equal if judged.fastest => "equal (fastest)",
        verdict => verdict.name(),
    }
}

/// What would settle an unknown verdict.
pub(super) fn more_rounds(judged: &Judged) -> String {
    match judged.more_rounds {
        Some(more) => format!("about {} would tell", counted(more as usize, "more round")),
        None => "more rounds would hardly tell, a quieter machine might".to_owned(),
    }
}
