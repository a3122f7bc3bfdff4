//! Durations as text and as nanoseconds.

use std::fmt;
use std::time::Duration;

/// The longest duration that can be given as text: a hundred years. It keeps every sum of a few
/// durations within the range of [`Duration`] and of the clocks.
pub const MAX_DURATION: Duration = Duration::from_secs(100 * 365 * 24 * 3600);

const UNITS: [(&str, f64); 7] = [
    ("ns", 1e-9),
    ("us", 1e-6),
    ("µs", 1e-6),
    ("ms", 1e-3),
    ("s", 1.0),
    ("min", 60.0),
    ("h", 3600.0),
];

/// Parses `250ms`, `5s`, `1.5min`; a bare number is seconds.
///
/// # Errors
///
/// [`InvalidDuration`] if it is not a number of at least zero with a known unit,
/// or more than [`MAX_DURATION`].
pub fn parse_duration(text: &str) -> Result<Duration, InvalidDuration> {
    let text = text.trim();
    let unit_at = text
        .find(|c: char| c.is_alphabetic() && c != 'e' && c != 'E')
        .unwrap_or(text.len());
    let (number, unit) = text.split_at(unit_at);
    let scale = match unit {
        "" => Some(1.0),
        unit => UNITS.iter().find(|(name, _)| *name == unit).map(|u| u.1),
    };
    let number: f64 = number.trim_end().parse().map_err(|_| InvalidDuration)?;
    let seconds = number * scale.ok_or(InvalidDuration)?;
    Duration::try_from_secs_f64(seconds)
        .ok()
        .filter(|duration| *duration <= MAX_DURATION)
        .ok_or(InvalidDuration)
}

/// The error for text that is not a duration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a duration is a number with a unit (ns, us, ms, s, min, h), such as 250ms or 5s")]
pub struct InvalidDuration;

/// Formats a duration as a person would write it: `16 s`, `0.25 s`, `350 us`, with at most three
/// decimals.
pub fn seconds(duration: Duration) -> impl fmt::Display {
    Seconds(duration)
}

struct Seconds(Duration);

impl fmt::Display for Seconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (value, unit) = match self.0.as_nanos() {
            0 => (0.0, "s"),
            1..1_000 => (self.0.as_nanos() as f64, "ns"),
            1_000..1_000_000 => (self.0.as_secs_f64() * 1e6, "us"),
            1_000_000..100_000_000 => (self.0.as_secs_f64() * 1e3, "ms"),
            _ => (self.0.as_secs_f64(), "s"),
        };
        let number = format!("{value:.3}");
        let number = number.trim_end_matches('0').trim_end_matches('.');
        f.pad(&format!("{number} {unit}"))
    }
}

/// The whole nanoseconds of `duration`; saturates at [`u64::MAX`], some 584 years.
#[inline]
pub fn nanos(duration: Duration) -> u64 {
    let seconds = duration.as_secs().saturating_mul(1_000_000_000);
    seconds.saturating_add(u64::from(duration.subsec_nanos()))
}

/// Serialises a duration as whole nanoseconds.
pub(crate) mod as_nanos {
    use std::time::Duration;

    use serde::{Deserialize, Deserializer, Serializer};

    pub(crate) fn serialize<S: Serializer>(duration: &Duration, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_u64(super::nanos(*duration))
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Duration, D::Error> {
        u64::deserialize(from).map(Duration::from_nanos)
    }
}

/// Serialises a duration as whole nanoseconds, or as null.
pub(crate) mod as_nanos_or_null {
    use std::time::Duration;

    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub(crate) fn serialize<S: Serializer>(
        duration: &Option<Duration>,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        duration.map(super::nanos).serialize(to)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Option<Duration>, D::Error> {
        Ok(Option::<u64>::deserialize(from)?.map(Duration::from_nanos))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_take_a_unit_and_default_to_seconds() {
        let millis = |text| parse_duration(text).map(|duration| duration.as_millis());
        assert_eq!(millis("250ms"), Ok(250));
        assert_eq!(millis("5s"), Ok(5_000));
        assert_eq!(millis("1.5 min"), Ok(90_000));
        assert_eq!(millis("2"), Ok(2_000));
        assert_eq!(millis("1e3us"), Ok(1));
        for text in ["", "-1s", "nan", "inf", "1e300", "5 parsecs", "s", "1s2"] {
            assert_eq!(parse_duration(text), Err(InvalidDuration), "{text}");
        }
    }

    #[test]
    fn durations_print_in_the_unit_that_reads_best() {
        let text = |nanos| seconds(Duration::from_nanos(nanos)).to_string();
        assert_eq!(text(0), "0 s");
        assert_eq!(text(350_000), "350 us");
        assert_eq!(text(10_000_000), "10 ms");
        assert_eq!(text(250_000_000), "0.25 s");
        assert_eq!(text(16_000_000_000), "16 s");
    }
}
