//! The distribution of the median of a resample: as many values as there are samples, drawn from
//! them with replacement.

/// A value, and the probability of it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Atom {
    pub(super) value: f64,
    pub(super) probability: f64,
}

/// Probabilities below this are left out; all of them together are far less than any tail.
const NEGLIGIBLE: f64 = 1e-18;

/// The medians that a resample of `values` may have, in order.
///
/// The `k`-th of `n` draws in order is at most the sample of rank `i` if at least `k` draws are
/// of rank `i` or less, and each is with probability `i / n`: a binomial distribution. Of an even
/// number of draws, the median is the mean of the two in the middle, `i` and `j`: half of the
/// draws have `i` as their greatest, the other half `j` as their least.
pub(super) fn resampled_medians(values: &[f64]) -> Vec<Atom> {
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let count = sorted.len();
    let half = count.div_ceil(2);
    let draws = Draws::new(count, half);
    let mut atoms = Vec::new();
    let mut before = 0.0;
    for (below, value) in sorted.iter().enumerate() {
        let rank = below + 1;
        let up_to = draws.half_are_at_most(rank);
        let mut alone = up_to - before;
        before = up_to;
        if alone < NEGLIGIBLE {
            continue;
        }
        if count.is_multiple_of(2) {
            let lower = draws.ln_choices + draws.ln_extreme(rank, below);
            alone -= (lower + draws.ln_all(count - rank)).exp();
            for (other, upper_value) in sorted.iter().enumerate().skip(rank) {
                let upper = draws.ln_extreme(count - other, count - other - 1);
                let probability = (lower + upper).exp();
                if probability < NEGLIGIBLE {
                    break;
                }
                let value = f64::midpoint(*value, *upper_value);
                atoms.push(Atom { value, probability });
            }
        }
        atoms.push(Atom {
            value: *value,
            probability: alone.max(0.0),
        });
    }
    atoms.sort_unstable_by(|a, b| a.value.total_cmp(&b.value));
    atoms
}

/// At most the probability that the median of a resample is one of the `left_out` least of
/// `count` samples, or of the greatest: half of the draws are then among them.
pub(super) fn most_beyond(count: usize, left_out: usize) -> f64 {
    Draws::new(count, count.div_ceil(2)).half_are_at_most(left_out)
}

/// The draws of a resample; probabilities are logarithms, where they may be very small.
struct Draws {
    count: f64,
    half: f64,
    /// The number of ways to choose half of the draws.
    ln_choices: f64,
}

impl Draws {
    fn new(count: usize, half: usize) -> Self {
        let ways = (1..=half).map(|nth| ((count - half + nth) as f64 / nth as f64).ln());
        Draws {
            count: count as f64,
            half: half as f64,
            ln_choices: ways.sum(),
        }
    }

    /// All of one half are among `samples` of the samples.
    fn ln_all(&self, samples: usize) -> f64 {
        self.half * (samples as f64 / self.count).ln()
    }

    /// All of one half are among `samples` of the samples, and not all among `fewer` of them.
    fn ln_extreme(&self, samples: usize, fewer: usize) -> f64 {
        let shrunk = self.half * (fewer as f64 / samples as f64).ln();
        self.ln_all(samples) + (-shrunk.exp_m1()).ln()
    }

    /// The probability that half of the draws, or more, are of this rank at most.
    fn half_are_at_most(&self, rank: usize) -> f64 {
        let (count, half) = (self.count, self.half);
        let share = rank as f64 / count;
        let odds = rank as f64 / (count - rank as f64);
        if !odds.is_finite() {
            return 1.0;
        }
        // From the binomial distribution's term at the half away from its peak.
        let at_half = self.ln_choices + half * share.ln() + (count - half) * (1.0 - share).ln();
        if share * count < half {
            let next = |draws: f64| (count - draws) / (draws + 1.0) * odds;
            return sum(at_half.exp(), half, 1.0, next);
        }
        let next = |draws: f64| draws / (count - draws + 1.0) / odds;
        let below = at_half.exp() * next(half);
        1.0 - sum(below, half - 1.0, -1.0, next)
    }
}

/// The sum of `first` and the terms after it, each `next` times the one before.
fn sum(first: f64, mut at: f64, step: f64, next: impl Fn(f64) -> f64) -> f64 {
    let (mut sum, mut term) = (0.0, first);
    while term > sum * f64::EPSILON / 16.0 {
        sum += term;
        term *= next(at);
        at += step;
    }
    sum
}

#[cfg(test)]
mod tests {
    use fastrand::Rng;
    use proptest::prelude::*;

    use super::super::medians::median;
    use super::*;

    /// Every resample of `values`, by counting.
    fn counted(values: &[f64]) -> Vec<(f64, f64)> {
        let count = values.len();
        let all = count.pow(u32::try_from(count).expect("few values"));
        let mut medians: Vec<f64> = (0..all)
            .map(|mut number| {
                let draw = |_| {
                    let drawn = values[number % count];
                    number /= count;
                    drawn
                };
                let resample: Vec<f64> = (0..count).map(draw).collect();
                median(&resample).expect("there are values")
            })
            .collect();
        medians.sort_unstable_by(f64::total_cmp);
        let same = medians.chunk_by(|a, b| a == b);
        same.map(|same| (same[0], same.len() as f64 / all as f64))
            .collect()
    }

    #[test]
    fn the_distribution_is_that_of_all_resamples() {
        for values in [
            &[3.0, 1.0, 7.0, 20.0, 2.0, 2.0][..],
            &[5.0, 1.0, 9.0, 2.0, 30.0],
            &[4.0],
        ] {
            let found = resampled_medians(values);
            for (value, probability) in counted(values) {
                let same = found.iter().filter(|atom| atom.value == value);
                let sum: f64 = same.map(|atom| atom.probability).sum();
                assert!(
                    (sum - probability).abs() < 1e-12,
                    "{value}: {sum}, {probability}"
                );
            }
        }
    }

    #[test]
    fn probabilities_of_many_samples_add_up_and_are_as_drawn() {
        let mut rng = Rng::with_seed(3);
        for count in [999, 1_000, 20_001] {
            let values: Vec<f64> = (0..count).map(|_| rng.f64()).collect();
            let atoms = resampled_medians(&values);
            let sum: f64 = atoms.iter().map(|atom| atom.probability).sum();
            assert!((sum - 1.0).abs() < 1e-9, "{count}: {sum}");
            let mean: f64 = atoms.iter().map(|atom| atom.value * atom.probability).sum();
            let middle = median(&values).expect("there are values");
            assert!(
                (mean - middle).abs() < 1.0 / (count as f64).sqrt(),
                "{mean}, {middle}"
            );
        }
    }

    proptest! {
        #[test]
        fn values_are_in_order_and_probabilities_add_up(
            values in prop::collection::vec(0.0..1e9_f64, 1..60)
        ) {
            let atoms = resampled_medians(&values);
            prop_assert!(atoms.is_sorted_by(|a, b| a.value <= b.value));
            let sum: f64 = atoms.iter().map(|atom| atom.probability).sum();
            prop_assert!((sum - 1.0).abs() < 1e-9);
        }
    }
}
