//! Distributions of durations.

use std::fmt;
use std::time::Duration;

use hdrhistogram::Histogram;
use serde_json::{Value, json};

use crate::time::nanos;

/// The longest duration that is distinguished from longer ones.
const LONGEST: Duration = Duration::from_secs(3600);

/// Three digits: a value is accurate to 0.1 %.
const DIGITS: u8 = 3;

/// A distribution of durations, such as of lateness, in a histogram of fixed size: some 200 KiB,
/// accurate to 0.1 % from 1 ns to an hour. Recording does not allocate.
///
/// In an [`Outcome`](crate::Outcome) it is stored as its percentiles:
/// `{ "count", "min_ns", "mean_ns", "p50_ns", "p90_ns", "p99_ns", "p999_ns", "max_ns" }`,
/// all null except the count if nothing was recorded.
#[derive(Clone)]
pub struct Distribution(Histogram<u64>);

impl Distribution {
    /// An empty distribution.
    pub fn new() -> Self {
        let histogram = Histogram::new_with_bounds(1, nanos(LONGEST), DIGITS);
        Distribution(histogram.expect("the bounds are apart and the digits are few"))
    }

    /// Adds a duration; one longer than an hour counts as an hour.
    #[inline]
    pub fn record(&mut self, duration: Duration) {
        self.0.saturating_record(nanos(duration));
    }

    /// Adds all durations that `other` recorded.
    pub fn add(&mut self, other: &Distribution) {
        let added = self.0.add(&other.0);
        added.expect("both have the same bounds");
    }

    /// The number of durations recorded.
    pub fn count(&self) -> u64 {
        self.0.len()
    }

    /// The duration that `percent` of the recorded ones do not exceed; zero if nothing was
    /// recorded.
    pub fn percentile(&self, percent: f64) -> Duration {
        Duration::from_nanos(self.0.value_at_percentile(percent))
    }

    /// The longest duration recorded; zero if there is none.
    pub fn max(&self) -> Duration {
        Duration::from_nanos(self.0.max())
    }
}

impl Default for Distribution {
    fn default() -> Self {
        Distribution::new()
    }
}

impl fmt::Debug for Distribution {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Distribution")
            .field("count", &self.count())
            .field("p50", &self.percentile(50.0))
            .field("max", &self.max())
            .finish()
    }
}

impl From<&Distribution> for Value {
    fn from(distribution: &Distribution) -> Value {
        let histogram = &distribution.0;
        let count = histogram.len();
        let known = |value: u64| (count > 0).then_some(value);
        let percentile = |percent| known(histogram.value_at_percentile(percent));
        json!({
            "count": count,
            "min_ns": known(histogram.min()),
            "mean_ns": known(histogram.mean() as u64),
            "p50_ns": percentile(50.0),
            "p90_ns": percentile(90.0),
            "p99_ns": percentile(99.0),
            "p999_ns": percentile(99.9),
            "max_ns": known(histogram.max()),
        })
    }
}

impl From<Distribution> for Value {
    fn from(distribution: Distribution) -> Value {
        Value::from(&distribution)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(millis: impl IntoIterator<Item = u64>) -> Distribution {
        let mut distribution = Distribution::new();
        for millis in millis {
            distribution.record(Duration::from_millis(millis));
        }
        distribution
    }

    #[test]
    fn percentiles_are_known_to_a_thousandth() {
        let hundred = of(1..=100);
        for percent in [1.0, 50.0, 90.0, 99.0] {
            let seen = hundred.percentile(percent).as_secs_f64() * 1e3;
            assert!((seen / percent - 1.0).abs() <= 1e-3, "{percent}: {seen}");
        }
    }

    #[test]
    fn two_distributions_add_up() {
        let mut low = of(1..=50);
        low.add(&of(51..=100));
        assert_eq!(Value::from(&low), Value::from(of(1..=100)));
    }

    #[test]
    fn an_empty_one_claims_nothing_and_hours_are_held() {
        assert!(Value::from(Distribution::new())["p50_ns"].is_null());
        let mut long = Distribution::new();
        long.record(Duration::MAX);
        let held = long.max().as_secs_f64() / LONGEST.as_secs_f64();
        assert!((held - 1.0).abs() <= 1e-3, "{held}");
    }
}
