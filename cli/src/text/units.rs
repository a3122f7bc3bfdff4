//! Values with their units, as people read them.

use std::time::Duration;

use pollmark_core::Unit;
use pollmark_core::time::seconds;

use super::table::dash;

/// A value to three digits, with its unit.
pub(crate) fn show(value: f64, unit: Unit) -> String {
    match unit {
        Unit::Nanoseconds => time(value),
        Unit::Bytes => scaled(value, 1024.0, &["B", "KiB", "MiB", "GiB", "TiB"]),
        Unit::Count if value < 100_000.0 => trimmed(value),
        Unit::Count => scaled(value, 1000.0, &["", "k", "M", "G"]),
        Unit::Ratio => trimmed(value),
    }
}

fn time(nanos: f64) -> String {
    if nanos.abs() < 1e12 {
        return scaled(nanos, 1000.0, &["ns", "us", "ms", "s"]);
    }
    seconds(Duration::from_secs((nanos / 1e9) as u64)).to_string()
}

fn scaled(value: f64, step: f64, units: &[&str]) -> String {
    let mut value = value;
    let mut left = units;
    // What would be rounded to a full step is one of the next unit.
    while let [_, _, ..] = left
        && value.abs() >= step - 0.5
    {
        value /= step;
        left = &left[1..];
    }
    let number = trimmed(value);
    match left.first() {
        Some(&"") | None => number,
        Some(unit) => format!("{number} {unit}"),
    }
}

/// A ratio with the two decimals that are read.
pub(crate) fn ratio(value: f64) -> String {
    match value {
        _ if value >= 100.0 => format!("{value:.0}"),
        _ => format!("{value:.2}"),
    }
}

/// A share in per cent, without the sign: `1.5`.
pub(crate) fn percent(share: f64) -> String {
    trimmed(share * 100.0)
}

/// Three digits, and none after the point that say nothing.
fn trimmed(value: f64) -> String {
    let size = value.abs();
    let text = match size {
        _ if size >= 99.95 => format!("{value:.0}"),
        _ if size >= 9.995 => format!("{value:.1}"),
        _ => format!("{value:.2}"),
    };
    if text.contains('.') {
        return text.trim_end_matches('0').trim_end_matches('.').to_owned();
    }
    text
}

/// Scenario time with the decimals that a person reads.
pub(crate) fn scenario_time(nanos: Option<u64>) -> String {
    match nanos {
        // What took less than a hundredth of a second is told in the unit that fits.
        Some(nanos) if nanos < 10_000_000 && nanos > 0 => show(nanos as f64, Unit::Nanoseconds),
        Some(nanos) => format!("{:.3} s", nanos as f64 / 1e9),
        None => dash(),
    }
}

/// To the millisecond.
pub(crate) fn rounded(took: Duration) -> Duration {
    Duration::from_millis(u64::try_from(took.as_millis()).unwrap_or(u64::MAX))
}

/// A length of time that a person plans by: `45 s`, `12 min`, `3.5 h`.
pub(crate) fn span(time: Duration) -> String {
    match time.as_secs_f64() {
        short if short < 100.0 => format!("{} s", trimmed(short)),
        medium if medium < 6_000.0 => format!("{:.0} min", medium / 60.0),
        long => format!("{:.1} h", long / 3_600.0),
    }
}

/// `1 round`, `3 rounds`
pub(crate) fn counted(count: usize, noun: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {noun}{plural}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_read_in_seconds_minutes_and_hours() {
        let shown =
            [0.042, 1.2, 99.0, 130.0, 12_600.0].map(|time| span(Duration::from_secs_f64(time)));
        assert_eq!(shown, ["0.04 s", "1.2 s", "99 s", "2 min", "3.5 h"]);
    }

    #[test]
    fn values_read_in_three_digits_and_the_unit_that_fits() {
        let times = [0.0, 0.25, 317.0, 999.7, 1_049.0, 27e9, 10_000e9];
        let shown = times.map(|nanos| show(nanos, Unit::Nanoseconds));
        assert_eq!(
            shown,
            [
                "0 ns", "0.25 ns", "317 ns", "1 us", "1.05 us", "27 s", "10000 s"
            ]
        );
        assert_eq!(show(1536.0, Unit::Bytes), "1.5 KiB");
        assert_eq!(show(12_000.0, Unit::Count), "12000");
        assert_eq!(show(1e6, Unit::Count), "1 M");
        assert_eq!(show(1.987, Unit::Ratio), "1.99");
    }
}
