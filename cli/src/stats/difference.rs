//! The decision whether a difference is real.

use super::intervals::Interval;

/// The verdict on an interval of a ratio.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Difference {
    /// The two differ by no more than the margin.
    Equal,
    /// The first is smaller by more than the noise.
    Less,
    /// The first is larger by more than the noise.
    More,
    /// Neither can be said.
    Unknown,
}

/// Reads the interval of a ratio; both `margin` and `noise` are shares, such as 0.02. Equal is
/// what lies wholly within the margin. There is a difference if all of the rest lies on one side
/// of 1 and further from it than the noise.
pub(crate) fn difference(ratio: Option<Interval>, margin: f64, noise: f64) -> Difference {
    let Some(ratio) = ratio else {
        return Difference::Unknown;
    };
    let (margin, noise) = (1.0 + margin, 1.0 + noise);
    match ratio {
        Interval { low, high } if low >= 1.0 / margin && high <= margin => Difference::Equal,
        Interval { high, .. } if high < 1.0 / noise => Difference::Less,
        Interval { low, .. } if low > noise => Difference::More,
        _ => Difference::Unknown,
    }
}

/// The share of its width with which an interval would be settled around the same ratio; `None`
/// where it would not with any. Widths shrink with the root of the number of samples.
pub(crate) fn share_that_settles(
    ratio: f64,
    interval: Interval,
    margin: f64,
    noise: f64,
) -> Option<f64> {
    // On a logarithmic scale both sides of 1 are alike.
    let [ratio, low, high] = [ratio, interval.low, interval.high].map(f64::ln);
    let [margin, noise] = [margin, noise].map(f64::ln_1p);
    let toward_one = if ratio > 0.0 {
        ratio - low
    } else {
        high - ratio
    };
    let apart = (ratio.abs() - noise) / toward_one;
    let within = f64::min(
        (margin - ratio) / (high - ratio),
        (margin + ratio) / (ratio - low),
    );
    let share = apart.max(within);
    (share > 0.0 && share.is_finite()).then_some(share)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_difference_is_the_same_seen_from_the_other_side(
            low in 0.5..1.5_f64, width in 0.0..0.5_f64,
            noise in 0.0..0.2_f64, more in 0.0..0.2_f64
        ) {
            let margin = noise + more;
            let one = Interval { low, high: low + width };
            let other = Interval { low: 1.0 / one.high, high: 1.0 / one.low };
            let mirrored = match difference(Some(other), margin, noise) {
                Difference::Less => Difference::More,
                Difference::More => Difference::Less,
                same => same,
            };
            // At the very border, rounding may decide either way.
            let border = |x: f64| [margin, noise].iter().any(|share| {
                (x - 1.0 - share).abs() < 1e-9 || (x * (1.0 + share) - 1.0).abs() < 1e-9
            });
            prop_assume!(!border(one.low) && !border(one.high));
            prop_assert_eq!(difference(Some(one), margin, noise), mirrored);
        }
    }
}
