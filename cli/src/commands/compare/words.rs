//! Verdicts as a person says them.

use crate::model::comparison::Verdict;
use crate::stats::judge::Judged;
use crate::text::units::{counted, ratio};

/// The verdict in a word or two. Those that are equal while the rest is behind are the fastest.
pub(super) fn verdict(judged: &Judged) -> &'static str {
    match judged.verdict {
        Verdict::Best => "best",
        Verdict::Equal if judged.fastest => "equal (fastest)",
        Verdict::Equal => "equal",
        Verdict::Behind => "behind",
        Verdict::Unknown => "unknown",
    }
}

/// `0.57 (0.41 to 1.08); about 40 more rounds would tell`: what is known of an unknown ratio to
/// the reference, and how to know more.
pub(super) fn unknown(judged: &Judged) -> String {
    let known = match (judged.ratio, judged.ratio_interval) {
        (Some(value), Some(known)) => {
            let [value, low, high] = [value, known.low, known.high].map(ratio);
            format!("{value} ({low} to {high}); ")
        }
        (Some(value), None) => format!("{}, without an interval yet; ", ratio(value)),
        (None, _) => String::new(),
    };
    let more = match judged.more_rounds {
        Some(more) => format!("about {} would tell", counted(more as usize, "more round")),
        None => "more rounds would hardly tell, a quieter machine might".to_owned(),
    };
    known + &more
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::intervals::Interval;

    #[test]
    fn unknown_says_what_would_settle_it() {
        let mut judged = Judged {
            median: 570.0,
            interval: None,
            ratio: Some(0.57),
            ratio_interval: Some(Interval {
                low: 0.41,
                high: 1.08,
            }),
            to_fastest: None,
            to_fastest_interval: None,
            verdict: Verdict::Unknown,
            fastest: false,
            more_rounds: Some(40),
        };
        assert_eq!(
            unknown(&judged),
            "0.57 (0.41 to 1.08); about 40 more rounds would tell"
        );
        judged.more_rounds = None;
        assert_eq!(
            unknown(&judged),
            "0.57 (0.41 to 1.08); more rounds would hardly tell, a quieter machine might"
        );
    }
}
