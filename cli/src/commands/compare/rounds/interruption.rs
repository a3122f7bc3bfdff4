//! Messages about how the rounds ended.

use super::{Rounds, RoundsEnd};
use crate::stats::looks::Looks;
use crate::text::units::counted;

/// A warning if the rounds were not done, or not completely; `samples` are the rounds that were
/// asked for.
pub(crate) fn warning(rounds: &Rounds, samples: Option<u32>) -> Option<String> {
    match rounds.end {
        RoundsEnd::Done => None,
        RoundsEnd::Budget => Some(format!(
            "the budget was over after {}{}",
            whole(rounds, samples),
            match samples {
                Some(_) => "",
                None =>
                    ": what is not settled takes a longer one (--budget; --plan tells how long)",
            }
        )),
        RoundsEnd::Interrupted => Some(match interrupted_round(rounds, samples) {
            Some(round) => {
                format!("interrupted in round {round}: this is what was sampled by then")
            }
            None => "interrupted before every cell's allocations were counted and its polls \
                     recorded"
                .to_owned(),
        }),
    }
}

/// The same for the lines below the tables; empty if everything was done.
pub(crate) fn told(rounds: &Rounds, samples: Option<u32>) -> String {
    match rounds.end {
        RoundsEnd::Done => String::new(),
        RoundsEnd::Budget => {
            format!("The budget was over after {}. ", whole(rounds, samples))
        }
        RoundsEnd::Interrupted => match interrupted_round(rounds, samples) {
            Some(round) => format!("Interrupted in round {round}. "),
            None => "Interrupted after the last round. ".to_owned(),
        },
    }
}

/// `3 of 5 rounds`, or `3 rounds` where no number was asked for.
fn whole(rounds: &Rounds, samples: Option<u32>) -> String {
    match samples {
        Some(samples) => format!("{} of {samples} rounds", rounds.whole),
        None => counted(rounds.whole, "round"),
    }
}

/// The round, counted from 1, that Ctrl-C ended, with the number that was asked for; `None` if
/// it came after the last.
fn interrupted_round(rounds: &Rounds, samples: Option<u32>) -> Option<String> {
    let round = rounds.whole + 1;
    if rounds.is_last_done {
        return None;
    }
    Some(match samples {
        Some(samples) => format!("{round} of {samples}"),
        None => round.to_string(),
    })
}

/// A warning if this many comparisons need more samples than there are.
pub(crate) fn too_few(samples: usize, comparisons: usize, looks: &Looks) -> Option<String> {
    // A single cell still has an interval of its own.
    let comparisons = comparisons.max(1);
    let needed = looks.needed() as usize;
    if samples >= needed {
        return None;
    }
    // If the first round did not end, some cell has its sample: otherwise there would be
    // nothing to show.
    let samples = samples.max(1);
    let are = if samples == 1 { "is" } else { "are" };
    let need = match comparisons {
        1 => "1 comparison needs".to_owned(),
        several => format!("{several} comparisons at once need"),
    };
    Some(format!(
        "{} {are} too few to tell small differences apart: {need} {needed} (--samples)",
        counted(samples, "sample")
    ))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn rounds(whole: usize, end: RoundsEnd) -> Rounds {
        Rounds {
            results: Vec::new(),
            order: Vec::new(),
            costs: Vec::new(),
            is_last_done: end == RoundsEnd::Done,
            took: Duration::ZERO,
            whole,
            end,
            broken_off: None,
        }
    }

    #[test]
    fn what_is_done_is_not_warned_of() {
        assert_eq!(warning(&rounds(3, RoundsEnd::Done), Some(3)), None);
        assert_eq!(told(&rounds(3, RoundsEnd::Done), None), "");
        assert_eq!(too_few(12, 1, &Looks::once(1, 1)), None);
    }

    #[test]
    fn an_interruption_names_the_round_that_it_ended() {
        let first = rounds(0, RoundsEnd::Interrupted);
        let warned = warning(&first, Some(3)).unwrap();
        assert!(
            warned.starts_with("interrupted in round 1 of 3:"),
            "{warned}"
        );
        assert_eq!(told(&first, Some(3)), "Interrupted in round 1 of 3. ");
        let third = rounds(2, RoundsEnd::Interrupted);
        assert_eq!(told(&third, None), "Interrupted in round 3. ");
    }

    #[test]
    fn after_the_last_round_it_names_none() {
        let after = Rounds {
            is_last_done: true,
            ..rounds(1, RoundsEnd::Interrupted)
        };
        let warned = warning(&after, Some(1)).unwrap();
        assert!(
            warned.starts_with("interrupted before every cell's allocations"),
            "{warned}"
        );
        assert_eq!(told(&after, None), "Interrupted after the last round. ");
    }

    #[test]
    fn samples_that_are_too_few_are_counted() {
        let looks = Looks::once(1, 1);
        let told = |whole, comparisons| too_few(whole, comparisons, &looks).unwrap();
        let one = "1 sample is too few to tell small differences apart: 1 comparison needs 12 (--samples)";
        assert_eq!(told(1, 1), one);
        assert_eq!(told(0, 1), one);
        assert_eq!(told(1, 0), one);
        assert_eq!(
            told(5, 3),
            "5 samples are too few to tell small differences apart: 3 comparisons at once need 12 (--samples)"
        );
    }
}
