//! The figures by which cells are compared: their time, or another property of their
//! samples.

use std::time::Duration;

use pollmark_core::time::seconds;
use pollmark_core::{Measure, Unit};

use crate::cell::Cell;
use crate::report::Sample;
use crate::suggest::unknown;

/// A figure that every sample of a cell has. Less is better.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Figure {
    /// Scenario time from the root's first poll to its end.
    Time,
    /// CPU time, user and system.
    Cpu,
    /// The peak memory of the process.
    Memory,
    /// The number of times that a thread gave up its core, or lost it.
    Switches,
    /// The most threads seen at a time.
    Threads,
    /// One of the scenario's own figures.
    Own(Measure),
}

const NAMED: [(&str, Figure); 5] = [
    ("time", Figure::Time),
    ("cpu", Figure::Cpu),
    ("memory", Figure::Memory),
    ("switches", Figure::Switches),
    ("threads", Figure::Threads),
];

impl Figure {
    /// The figure by which a cell is compared: the one with that name, or the most telling one.
    ///
    /// # Errors
    ///
    /// Names the valid choices if none has that name.
    pub(crate) fn of(cell: &Cell, name: Option<&str>) -> anyhow::Result<Figure> {
        let own = cell.variant.measures;
        let Some(name) = name else {
            let general = Figure::named(cell.variant.compared_by).unwrap_or(Figure::Time);
            return Ok(own.first().map_or(general, |own| Figure::Own(*own)));
        };
        let named = Figure::named(name);
        let mut owns = own.iter().filter(|measure| measure.name == name);
        let choices = NAMED.iter().map(|(name, _)| *name);
        let choices = choices.chain(own.iter().map(|measure| measure.name));
        named
            .or_else(|| owns.next().map(|own| Figure::Own(*own)))
            .ok_or_else(|| unknown("figure", name, choices))
    }

    /// The figure with that name, among those that every cell has.
    pub(crate) fn named(name: &str) -> Option<Figure> {
        let found = NAMED.iter().find(|(known, _)| *known == name);
        found.map(|(_, figure)| *figure)
    }

    /// The head of its column.
    pub(crate) fn name(&self) -> &'static str {
        let mut named = NAMED.iter().filter(|(_, figure)| figure == self);
        match self {
            Figure::Own(measure) => measure.name,
            _ => named.next().map_or("", |(name, _)| name),
        }
    }

    /// Its value in a sample, if it was measured.
    pub(crate) fn value(&self, sample: &Sample) -> Option<f64> {
        let number = match self {
            Figure::Time => sample.scenario_ns,
            Figure::Cpu => sample.cpu_ns,
            Figure::Memory => sample.peak_rss_bytes,
            Figure::Switches => sample
                .voluntary_switches
                .zip(sample.involuntary_switches)
                .map(|(given, taken)| given + taken),
            Figure::Threads => sample.threads_peak,
            Figure::Own(measure) => return sample.figures.get(measure.name).copied(),
        };
        number.map(|number| number as f64)
    }

    /// Whether less of it is better: some figures only describe.
    pub(crate) fn is_ranked(&self) -> bool {
        match self {
            Figure::Own(measure) => measure.ranked,
            Figure::Time | Figure::Cpu | Figure::Memory | Figure::Switches | Figure::Threads => {
                true
            }
        }
    }

    /// The unit of its values.
    pub(crate) fn unit(&self) -> Unit {
        match self {
            Figure::Time | Figure::Cpu => Unit::Nanoseconds,
            Figure::Memory => Unit::Bytes,
            Figure::Switches | Figure::Threads => Unit::Count,
            Figure::Own(measure) => measure.unit,
        }
    }

    /// A value in a form for people, to three digits.
    pub(crate) fn show(&self, value: f64) -> String {
        show(value, self.unit())
    }
}

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
    // A value that would be rounded to a full step is shown in the next unit.
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

/// A ratio, with two decimals below 100 and none above.
pub(crate) fn ratio(value: f64) -> String {
    match value {
        _ if value >= 100.0 => format!("{value:.0}"),
        _ => format!("{value:.2}"),
    }
}

/// A number with three digits, without decimals that say nothing.
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

#[cfg(test)]
mod tests {
    use super::*;

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
