//! Medians, slopes and outliers.

/// A ratio that has a value for zeros too: nothing beside nothing is the same, and
/// anything beside nothing is more than any number of times as much.
pub(crate) fn over(one: f64, other: f64) -> f64 {
    if one == other {
        return 1.0;
    }
    one / other
}

/// The middle value; of an even number of values the mean of the two in the middle.
/// `None` where there are none.
pub(crate) fn median(values: &[f64]) -> Option<f64> {
    middle(&mut values.to_vec())
}

pub(super) fn middle(values: &mut [f64]) -> Option<f64> {
    if values.is_empty() {
        return None;
    }
    let half = values.len() / 2;
    let is_odd = !values.len().is_multiple_of(2);
    let (below, upper, _) = values.select_nth_unstable_by(half, f64::total_cmp);
    let upper = *upper;
    if is_odd {
        return Some(upper);
    }
    let lower = below.iter().copied().max_by(f64::total_cmp)?;
    Some(f64::midpoint(lower, upper))
}

/// The slope of the straight line that fits `points` best, by least squares; `None`
/// where all have the same x.
pub(crate) fn slope(points: &[(f64, f64)]) -> Option<f64> {
    let count = points.len() as f64;
    let mean_x = points.iter().map(|(x, _)| x).sum::<f64>() / count;
    let mean_y = points.iter().map(|(_, y)| y).sum::<f64>() / count;
    let spread: f64 = points.iter().map(|(x, _)| (x - mean_x).powi(2)).sum();
    let together: f64 = points
        .iter()
        .map(|(x, y)| (x - mean_x) * (y - mean_y))
        .sum();
    (spread > 0.0).then_some(together / spread)
}

/// How many of `values` lie far outside: further than one and a half times the
/// distance of the quartiles from them (Tukey's fences).
pub(crate) fn outliers(values: &[f64]) -> usize {
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let Some(last) = sorted.len().checked_sub(1) else {
        return 0;
    };
    let quantile = |share: f64| sorted[(last as f64 * share).round() as usize];
    let (lower, upper) = (quantile(0.25), quantile(0.75));
    let fence = 1.5 * (upper - lower);
    let outside = |value: &&f64| **value < lower - fence || **value > upper + fence;
    values.iter().filter(outside).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_in_the_middle() {
        assert_eq!(median(&[]), None);
        assert_eq!(median(&[3.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(median(&[4.0, 1.0, 2.0, 3.0]), Some(2.5));
    }

    #[test]
    fn a_line_has_its_slope_and_a_point_has_none() {
        assert_eq!(slope(&[(1.0, 5.0), (2.0, 7.0), (4.0, 11.0)]), Some(2.0));
        assert_eq!(slope(&[(1.0, 5.0), (1.0, 7.0)]), None);
    }

    #[test]
    fn an_interrupted_run_is_an_outlier() {
        let mut values = vec![9.7, 9.8, 9.9, 10.0, 10.0, 10.1, 10.2, 10.3];
        assert_eq!(outliers(&values), 0);
        values.push(25.0);
        assert_eq!(outliers(&values), 1);
    }
}
