//! How many rounds a precision would take, from a few rounds.

use super::intervals::left_out;
use super::judge::{self, Row};
use super::looks::Looks;

/// The widest standard deviation of the logarithms of a row's ratios to its fastest, round by
/// round: a row goes on until all are told. `None` where fewer than two rounds have one.
pub(crate) fn spread(row: &Row<'_>) -> Option<f64> {
    let ratios = judge::ratios_to_fastest(row);
    let variances = ratios.iter().filter_map(|ratios| variance(ratios));
    variances.max_by(f64::total_cmp).map(f64::sqrt)
}

fn variance(ratios: &[f64]) -> Option<f64> {
    let logarithms: Vec<f64> = ratios.iter().map(|ratio| ratio.ln()).collect();
    let count = logarithms.len() as f64;
    let mean = logarithms.iter().sum::<f64>() / count;
    let sum: f64 = logarithms.iter().map(|one| (one - mean).powi(2)).sum();
    (count > 1.0 && sum.is_finite()).then(|| sum / (count - 1.0))
}

/// The first look at which the interval of a median is expected to be that precise (half its
/// width); `None` where it is more than a row gets.
pub(crate) fn rounds_for(precision: f64, spread: f64, looks: &Looks) -> Option<u32> {
    let mut with_interval = looks.at().iter().copied();
    with_interval.find(|look| {
        let left_out = left_out(*look as usize, looks.confidence());
        left_out.is_some_and(|left_out| {
            // The ends are samples: their shares of all are known, and with that how far out in
            // a normal distribution they lie. A logistic one is near enough to it.
            let below = (left_out as f64 + 0.5) / f64::from(*look);
            let far = ((1.0 - below) / below).ln() / LOGISTIC;
            spread * far <= precision
        })
    })
}

/// The standard logistic distribution is about as many times as wide as the normal one.
const LOGISTIC: f64 = 1.702;

#[cfg(test)]
mod tests {
    use super::super::judge::tests::{cell, row};
    use super::*;

    #[test]
    fn noise_that_is_twice_as_wide_takes_about_four_times_as_many_rounds() {
        let looks = Looks::several(3);
        assert_eq!(rounds_for(0.05, 0.02, &looks), Some(16));
        assert_eq!(rounds_for(0.015, 0.02, &looks), Some(64));
        assert_eq!(rounds_for(0.015, 0.04, &looks), Some(256));
        assert_eq!(rounds_for(0.015, 0.08, &looks), None);
        assert_eq!(rounds_for(0.015, 0.0, &looks), Some(16));
    }

    #[test]
    fn the_spread_of_a_row_is_that_of_its_widest_ratio() {
        let of = |other: u64| [1000, other, 1000, other];
        let cells = [
            cell("a", &[1000; 4]),
            cell("b", &of(1001)),
            cell("c", &of(1500)),
        ];
        let (all, widest) = (spread(&row(&cells)), variance(&[1.0, 1.5, 1.0, 1.5]));
        assert!((all.unwrap() - widest.unwrap().sqrt()).abs() < 1e-12);
    }

    #[test]
    fn the_spread_of_a_wobble_is_found() {
        let found = variance(&[1.0, 1.1, 1.0, 1.1]).unwrap().sqrt();
        assert!((found - 0.055).abs() < 0.001, "{found}");
        assert_eq!(variance(&[1.0]), None);
    }
}
