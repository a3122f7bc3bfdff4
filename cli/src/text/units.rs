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

/// One unit for all values of a column, so that their sizes are seen without reading units.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Common {
    unit: Unit,
    /// Its size, and its name; `None` if each value has the unit that fits it.
    step: Option<(f64, &'static str)>,
}

impl Common {
    /// The greatest unit in which the least of `values` still has a digit.
    pub(crate) fn of(values: impl IntoIterator<Item = f64>, unit: Unit) -> Self {
        let sizes = values.into_iter().map(f64::abs);
        let sizes: Vec<f64> = sizes.filter(|size| *size > 0.0).collect();
        let (steps, step): (&[&str], f64) = match unit {
            Unit::Nanoseconds => (&["ns", "us", "ms", "s"], 1e3),
            Unit::Bytes => (&["B", "KiB", "MiB", "GiB", "TiB"], 1024.0),
            Unit::Count | Unit::Ratio => (&[], 1.0),
        };
        let least = sizes.iter().copied().fold(f64::INFINITY, f64::min);
        let most = sizes.iter().copied().fold(0.0, f64::max);
        let mut steps = [0, 1, 2, 3, 4].into_iter().zip(steps).rev();
        let step = steps.find_map(|(power, name)| {
            let size = step.powi(power);
            let fits = most >= (size - size / step / 2.0) && least >= size / 1e3;
            fits.then_some((size, *name))
        });
        // More than six digits before the point are not read.
        let step = step.filter(|(size, _)| most / size < 1e6);
        Common { unit, step }
    }

    /// A value with its unit, to three digits or three decimals.
    pub(crate) fn show(&self, value: f64) -> String {
        match self.step {
            Some((_, name)) => format!("{} {name}", self.number(value)),
            None => show(value, self.unit),
        }
    }

    /// `101 to 105`, without the unit if all values of the column have it.
    pub(crate) fn range(&self, low: f64, high: f64) -> String {
        match self.step {
            Some(_) => format!("{} to {}", self.number(low), self.number(high)),
            None => format!("{} to {}", show(low, self.unit), show(high, self.unit)),
        }
    }

    /// Whether it is the second.
    pub(crate) fn is_second(&self) -> bool {
        self.step.is_some_and(|(_, name)| name == "s")
    }

    fn number(&self, value: f64) -> String {
        let value = value / self.step.map_or(1.0, |(size, _)| size);
        match value.abs() < 1.0 {
            true => without_zeros(format!("{value:.3}")),
            false => trimmed(value),
        }
    }
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

/// A share with the two decimals that are read.
pub(crate) fn ratio(value: f64) -> String {
    match value {
        _ if value >= 100.0 => format!("{value:.0}"),
        _ => format!("{value:.2}"),
    }
}

/// A factor as it is read: as [`ratio`], but with two digits where that has none, and below a
/// hundredth as `1/2000`.
pub(crate) fn factor(value: f64) -> String {
    match value {
        _ if value >= 0.1 || value <= 0.0 => ratio(value),
        _ if value >= 0.01 => format!("{value:.3}"),
        _ => {
            let parts = 1.0 / value;
            let digits = 10_f64.powf(parts.log10().floor() - 1.0);
            format!("1/{:.0}", (parts / digits).round() * digits)
        }
    }
}

/// A factor as it is said: `1.04`, `1.8`, `57`.
pub(crate) fn times(value: f64) -> String {
    match value {
        _ if value >= 9.95 => format!("{value:.0}"),
        _ if value >= 1.495 => format!("{value:.1}"),
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
    without_zeros(text)
}

fn without_zeros(number: String) -> String {
    if number.contains('.') {
        return number
            .trim_end_matches('0')
            .trim_end_matches('.')
            .to_owned();
    }
    number
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
    fn a_column_has_one_unit_if_its_least_value_has_a_digit_in_it() {
        let column = |values: &[f64]| -> Vec<String> {
            let unit = Common::of(values.iter().copied(), Unit::Nanoseconds);
            values.iter().map(|value| unit.show(*value)).collect()
        };
        assert_eq!(
            column(&[609e3, 2.8e6, 14e6]),
            ["0.609 ms", "2.8 ms", "14 ms"]
        );
        let unit = Common::of([101e6, 105e6], Unit::Nanoseconds);
        assert_eq!(unit.range(101e6, 105e6), "101 to 105");
        assert_eq!(column(&[5e6, 27e9, 0.0]), ["0.005 s", "27 s", "0 s"]);
        assert_eq!(column(&[40.0, 2e9]), ["40 ns", "2 s"]);
    }

    #[test]
    fn small_factors_are_fractions() {
        let shown = [0.0, 0.000_48, 0.009, 0.042, 0.5, 1.0, 47.914, 123.4].map(factor);
        assert_eq!(
            shown,
            [
                "0.00", "1/2100", "1/110", "0.042", "0.50", "1.00", "47.91", "123"
            ]
        );
        assert_eq!(
            [1.04, 1.8, 9.99, 57.4].map(times),
            ["1.04", "1.8", "10", "57"]
        );
    }

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
