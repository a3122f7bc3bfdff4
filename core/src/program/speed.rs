//! The scale between scenario time and a runtime's time.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// How many times faster than its own time a scenario runs.
///
/// Always finite and above zero, at most [`Speed::MAX`].
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(try_from = "f64", into = "f64")]
pub struct Speed(f64);

impl Speed {
    /// Scenario time is the runtime's time.
    pub const REAL: Speed = Speed(1.0);

    /// The speed of lessons: a scenario's second takes 50 ms.
    pub const LESSON: Speed = Speed(20.0);

    /// The fastest speed: a scenario's second takes a microsecond. At higher speeds no timer could
    /// tell two waits apart.
    pub const MAX: f64 = 1_000_000.0;

    /// The slowest speed: a scenario's second takes a thousand seconds.
    pub const MIN: f64 = 0.001;

    /// A speed of `factor`.
    ///
    /// # Errors
    ///
    /// [`InvalidSpeed`] if it is not a number from [`Speed::MIN`] to [`Speed::MAX`].
    pub fn new(factor: f64) -> Result<Self, InvalidSpeed> {
        if (Speed::MIN..=Speed::MAX).contains(&factor) {
            Ok(Speed(factor))
        } else {
            Err(InvalidSpeed)
        }
    }

    /// The factor itself.
    pub fn factor(self) -> f64 {
        self.0
    }

    /// Converts scenario time to the runtime's time.
    #[inline]
    pub fn to_runtime(self, scenario: Duration) -> Duration {
        if self == Speed::REAL {
            return scenario;
        }
        scenario.div_f64(self.0)
    }

    /// Converts the runtime's time to scenario time.
    #[inline]
    pub fn to_scenario(self, runtime: Duration) -> Duration {
        if self == Speed::REAL {
            return runtime;
        }
        runtime.mul_f64(self.0)
    }
}

impl TryFrom<f64> for Speed {
    type Error = InvalidSpeed;

    fn try_from(factor: f64) -> Result<Self, InvalidSpeed> {
        Speed::new(factor)
    }
}

impl From<Speed> for f64 {
    fn from(speed: Speed) -> Self {
        speed.0
    }
}

impl FromStr for Speed {
    type Err = InvalidSpeed;

    fn from_str(text: &str) -> Result<Self, InvalidSpeed> {
        text.parse()
            .map_err(|_| InvalidSpeed)
            .and_then(|factor: f64| Speed::new(factor))
    }
}

impl fmt::Display for Speed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The error for a speed that is not a number within the bounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a speed is a number from {min} to {max}", min = Speed::MIN, max = Speed::MAX)]
pub struct InvalidSpeed;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn only_finite_positive_factors_are_speeds() {
        for text in ["0", "-1", "nan", "inf", "1e9", "fast", ""] {
            assert_eq!(text.parse::<Speed>(), Err(InvalidSpeed), "{text}");
        }
        assert_eq!("20".parse::<Speed>().map(Speed::factor), Ok(20.0));
    }

    proptest! {
        #[test]
        fn there_and_back_is_the_same_to_the_rounding(
            nanos in 0..100_000_000_000u64,
            factor in 0.01..10_000.0f64,
        ) {
            let speed = Speed::new(factor).unwrap();
            let scenario = Duration::from_nanos(nanos);
            let back = speed.to_scenario(speed.to_runtime(scenario));
            prop_assert!(back.abs_diff(scenario).as_nanos() as f64 <= factor + 1.0);
        }
    }
}
