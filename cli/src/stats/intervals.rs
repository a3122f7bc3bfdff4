//! Confidence intervals of medians.
//!
//! Intervals are percentile bootstraps of a median. The distribution of a resample's median is
//! known exactly ([`resampled`]), so none is drawn: the same samples always give the same
//! verdict, and a narrow tail costs no more than a wide one. From few samples a bootstrap is a
//! little too confident. An interval is therefore never narrower than the exact one: the interval between two of the
//! samples that holds the median with at least that probability (the sign test's). Neither
//! method assumes anything about the distribution of the samples, and neither is moved by
//! one interrupted run.

use super::medians::over;
use super::resampled::{Atom, most_beyond, resampled_medians};

/// The range in which a value lies with the requested confidence.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Interval {
    pub(crate) low: f64,
    pub(crate) high: f64,
}

impl Interval {
    /// Half the width of the interval, as a share of `value`.
    pub(crate) fn half_width_of(&self, value: f64) -> f64 {
        (self.high - self.low) / 2.0 / value
    }

    /// Half the width of the interval of a ratio, on a logarithmic scale, where both sides of 1
    /// are alike; for narrow ones as a share of the ratio. `None` if an end has no logarithm.
    pub(crate) fn half_width_in_logarithm(&self) -> Option<f64> {
        let half_width = (self.high.ln() - self.low.ln()) / 2.0;
        half_width.is_finite().then_some(half_width)
    }
}

/// The confidence that each of `comparisons` intervals needs for all of them to hold
/// together with 95 % (Bonferroni): many comparisons find a difference by chance alone.
pub(crate) fn confidence(comparisons: usize) -> f64 {
    1.0 - 0.05 / comparisons.max(1) as f64
}

/// The fewest samples from which [`interval`] can show anything at that confidence: n
/// samples all lie on one side of the true median in one of 2^(n-1) cases.
pub(crate) fn samples_needed(confidence: f64) -> usize {
    (1..)
        .find(|&n| is_enough(n, confidence))
        .unwrap_or(usize::MAX)
}

fn is_enough(samples: usize, confidence: f64) -> bool {
    let all_on_one_side = 2.0 * 0.5_f64.powf(samples as f64);
    all_on_one_side <= 1.0 - confidence
}

/// Whether all of `more` lie above all of `less` by more than `threshold`, a share, and
/// would not by chance. If all samples come from one source and are split into two groups,
/// one group lies wholly on one side of the other in 2 out of all possible splits. This is
/// the extreme case of the rank-sum test of Wilcoxon, Mann and Whitney. A disturbance that
/// slows a round slows both groups, which makes them overlap rather than separate.
///
/// This test shows large differences from fewer samples than [`interval`] needs, which
/// knows only which of the two was larger in each round.
pub(crate) fn are_apart(more: &[f64], less: &[f64], threshold: f64, confidence: f64) -> bool {
    let extreme = |values: &[f64], wanted: fn(f64, f64) -> f64| {
        let values = values.iter().copied();
        values.reduce(wanted)
    };
    let (Some(least), Some(most)) = (extreme(more, f64::min), extreme(less, f64::max)) else {
        return false;
    };
    let halves: f64 = (1..=less.len())
        .map(|nth| (more.len() + nth) as f64 / nth as f64)
        .product();
    2.0 / halves <= 1.0 - confidence && least > most * (1.0 + threshold)
}

/// The interval of the median of what `values` are samples of; `None` where they
/// are too few for that confidence.
pub(crate) fn interval(values: &[f64], confidence: f64) -> Option<Interval> {
    let exact = between_samples(values, confidence)?;
    if values
        .iter()
        .all(|value| (exact.low..=exact.high).contains(value))
    {
        // No resample has a median further out.
        return Some(exact);
    }
    let tail = (1.0 - confidence) / 2.0;
    if left_out(values.len(), confidence)
        .is_some_and(|left| most_beyond(values.len(), left) <= tail)
    {
        // The bootstrap's ends lie further in, and most do where there are many samples.
        return Some(exact);
    }
    let medians = resampled_medians(values);
    Some(Interval {
        low: exact.low.min(quantile(medians.iter(), tail)?),
        high: exact.high.max(quantile(medians.iter().rev(), tail)?),
    })
}

/// The narrowest interval from one sample to its mirror image that holds the median with at
/// least that confidence.
fn between_samples(values: &[f64], confidence: f64) -> Option<Interval> {
    let left_out = left_out(values.len(), confidence)?;
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    Some(Interval {
        low: sorted[left_out],
        high: sorted[values.len() - 1 - left_out],
    })
}

/// How many samples such an interval leaves out on either side; `None` where all of them are too
/// few. The number of samples below the median is distributed like the number of heads in as many
/// throws of a coin.
pub(super) fn left_out(count: usize, confidence: f64) -> Option<usize> {
    let tail = (1.0 - confidence) / 2.0;
    // The probability of exactly `below` samples below the median, and of at most that many.
    let mut exactly = 0.5_f64.powf(count as f64);
    let mut at_most = exactly;
    let mut left_out = None;
    for below in 0..count / 2 {
        if at_most > tail {
            break;
        }
        left_out = Some(below);
        exactly *= (count - below) as f64 / (below + 1) as f64;
        at_most += exactly;
    }
    left_out
}

/// The interval of the ratio of two medians whose samples are independent of each other,
/// such as those of two files.
pub(crate) fn ratio_of_medians(new: &[f64], old: &[f64], confidence: f64) -> Option<Interval> {
    if !is_enough(new.len().min(old.len()), confidence) {
        return None;
    }
    let (new, old) = (resampled_medians(new), resampled_medians(old));
    let tail = (1.0 - confidence) / 2.0;
    Some(Interval {
        low: ratio_quantile(&new, &old, tail),
        high: 1.0 / ratio_quantile(&old, &new, tail),
    })
}

/// The first value whose probability, with that of all before it, is more than `tail`.
fn quantile<'a>(atoms: impl Iterator<Item = &'a Atom>, tail: f64) -> Option<f64> {
    let mut before = 0.0;
    let mut beyond = atoms.skip_while(|atom| {
        before += atom.probability;
        before <= tail
    });
    beyond.next().map(|atom| atom.value)
}

/// The same of the ratio of two independent values, none of which is negative.
fn ratio_quantile(over_this: &[Atom], under_this: &[Atom], tail: f64) -> f64 {
    // The probability of a ratio of `most` or less. The greater the lower number is, the greater
    // the upper one may be, so that one pass over both is enough.
    let up_to = |most: f64| {
        let (mut above, mut below_most, mut sum) = (over_this.iter().peekable(), 0.0, 0.0);
        for under in under_this {
            while let Some(above) = above.next_if(|above| over(above.value, under.value) <= most) {
                below_most += above.probability;
            }
            sum += below_most * under.probability;
        }
        sum
    };
    // Numbers that are not negative are in the order of their bits.
    let (mut least, mut most) = (0, f64::INFINITY.to_bits());
    while least < most {
        let middle = u64::midpoint(least, most);
        match up_to(f64::from_bits(middle)) > tail {
            true => most = middle,
            false => least = middle + 1,
        }
    }
    f64::from_bits(most)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use nix::time::ClockId;
    use proptest::prelude::*;

    use super::super::medians::median;
    use super::*;

    #[test]
    fn many_comparisons_need_more_confidence_and_so_more_samples() {
        assert_eq!(samples_needed(confidence(1)), 6);
        assert_eq!(samples_needed(confidence(25)), 10);
        assert_eq!(interval(&[1.0; 5], confidence(1)), None);
        assert!(interval(&[1.0; 6], confidence(1)).is_some());
    }

    #[test]
    fn exact_intervals_are_those_of_the_sign_test() {
        // From tables of the binomial distribution: the second to the ninth of 10 samples hold the
        // median with 97.9 %, the sixth to the fifteenth of 20 with 95.9 %.
        let samples = |count: u32| (1..=count).map(f64::from).collect::<Vec<_>>();
        let found = |count, confidence| {
            let interval = between_samples(&samples(count), confidence)?;
            Some((interval.low, interval.high))
        };
        assert_eq!(found(10, 0.95), Some((2.0, 9.0)));
        assert_eq!(found(20, 0.95), Some((6.0, 15.0)));
        assert_eq!(found(10, 0.99), Some((1.0, 10.0)));
        assert_eq!(found(5, 0.95), None);
    }

    #[test]
    fn what_does_not_overlap_is_apart_where_chance_would_hardly_do_it() {
        let samples = |from: u32, count: u32| (from..from + count).map(f64::from).collect();
        let apart = |more: (u32, u32), less: (u32, u32), confidence| {
            let (more, less): (Vec<f64>, Vec<f64>) =
                (samples(more.0, more.1), samples(less.0, less.1));
            are_apart(&more, &less, 0.02, confidence)
        };
        // There are 70 ways to choose 4 of 8 samples, and in two of them the halves do not
        // overlap.
        assert!(apart((200, 4), (100, 4), 1.0 - 2.0 / 69.0));
        assert!(!apart((200, 4), (100, 4), 1.0 - 2.0 / 71.0));
        assert!(apart((200, 3), (100, 5), 1.0 - 2.0 / 55.0));
        assert!(!apart((200, 3), (100, 5), 1.0 - 2.0 / 57.0));
        assert!(!apart((109, 10), (100, 10), 0.95), "they overlap");
        assert!(
            !apart((111, 10), (100, 10), 0.95),
            "by less than the threshold"
        );
        assert!(!apart((100, 10), (200, 10), 0.95), "the other way round");
        assert!(!apart((200, 0), (100, 10), 0.0) && !apart((200, 9), (100, 0), 0.0));
    }

    /// As a bootstrap of 200,000 drawn resamples has it.
    #[test]
    fn the_interval_of_a_ratio_is_that_of_many_drawn_resamples() {
        let mut rng = fastrand::Rng::with_seed(5);
        let mut samples =
            |scale: f64| -> Vec<f64> { (0..21).map(|_| scale * (0.4 * rng.f64()).exp()).collect() };
        let (new, old) = (samples(110.0), samples(100.0));
        let mut draw = |values: &[f64]| {
            let drawn: Vec<f64> = values
                .iter()
                .map(|_| values[rng.usize(..values.len())])
                .collect();
            median(&drawn).unwrap()
        };
        let mut ratios: Vec<f64> = (0..200_000).map(|_| draw(&new) / draw(&old)).collect();
        ratios.sort_unstable_by(f64::total_cmp);
        let found = ratio_of_medians(&new, &old, 0.99).unwrap();
        for (quantile, found) in [(1_000, found.low), (199_000, found.high)] {
            let near = ratios[quantile - 100]..=ratios[quantile + 100];
            assert!(near.contains(&found), "{found} is not in {near:?}");
        }
    }

    #[test]
    fn ratios_of_zeros_have_intervals_too() {
        let interval = |new: f64, old: f64| {
            let found = ratio_of_medians(&[new; 8], &[old; 8], 0.95).unwrap();
            (found.low, found.high)
        };
        assert_eq!(interval(0.0, 0.0), (1.0, 1.0));
        assert_eq!(interval(3.0, 0.0), (f64::INFINITY, f64::INFINITY));
        assert_eq!(interval(0.0, 3.0), (0.0, 0.0));
        assert_eq!(interval(3.0, 2.0), (1.5, 1.5));
    }

    #[test]
    fn four_times_the_cells_take_about_four_times_as_long() {
        let clock = ClockId::CLOCK_THREAD_CPUTIME_ID;
        let cpu = || Duration::from(clock.now().expect("a thread has a clock"));
        let samples: Vec<f64> = (100..120).map(f64::from).collect();
        let took = |cells: usize| {
            let once = || {
                let began = cpu();
                for _ in 0..cells {
                    ratio_of_medians(&samples, &samples, confidence(cells)).unwrap();
                }
                cpu() - began
            };
            (0..3).map(|_| once()).min().unwrap()
        };
        let (less, more) = (took(20), took(80));
        assert!(more < less * 8, "{less:?}, then {more:?}");
    }

    proptest! {
        #[test]
        fn the_interval_holds_the_median_and_stays_within_the_samples(
            values in prop::collection::vec(1.0..1e9_f64, 6..40)
        ) {
            let found = interval(&values, 0.95).unwrap();
            let median = median(&values).unwrap();
            prop_assert!(found.low <= median && median <= found.high);
            let exact = between_samples(&values, 0.95).unwrap();
            prop_assert!(found.low <= exact.low && exact.high <= found.high);
            let medians = resampled_medians(&values);
            let whole = quantile(medians.iter(), 0.025).unwrap().min(exact.low);
            prop_assert_eq!(found.low, whole, "a short cut that is none");
            prop_assert!(values.iter().any(|value| *value <= found.low));
            prop_assert!(values.iter().any(|value| *value >= found.high));
        }
    }
}
