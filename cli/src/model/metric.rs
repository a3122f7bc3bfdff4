//! By what cells are compared: their time, or another figure of their samples.

use pollmark_core::{Measure, Unit};

use super::cell::Cell;
use super::result::Sample;
use crate::text::suggest::unknown;
use crate::text::units::show;

/// A figure that every sample of a cell has. Less is better.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Figure {
    /// Scenario time from the root's first poll to its end.
    Time,
    /// CPU time, user and system.
    Cpu,
    /// The most memory that the process held.
    Memory,
    /// Times that a thread gave its core away, or had it taken.
    Switches,
    /// The most threads seen at a time.
    Threads,
    /// A figure of the scenario's own.
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
    /// The figures by which a cell is compared: those of that name, or the most
    /// telling one.
    ///
    /// # Errors
    ///
    /// Names the valid choices where there is none of that name.
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

    /// The figure of that name that every cell has.
    pub(crate) fn named(name: &str) -> Option<Figure> {
        let found = NAMED.iter().find(|(known, _)| *known == name);
        found.map(|(_, figure)| *figure)
    }

    /// What its column is headed.
    pub(crate) fn name(&self) -> &'static str {
        let mut named = NAMED.iter().filter(|(_, figure)| figure == self);
        match self {
            Figure::Own(measure) => measure.name,
            _ => named.next().map_or("", |(name, _)| name),
        }
    }

    /// Its value in a sample, where it was measured.
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

    /// What it is counted in.
    pub(crate) fn unit(&self) -> Unit {
        match self {
            Figure::Time | Figure::Cpu => Unit::Nanoseconds,
            Figure::Memory => Unit::Bytes,
            Figure::Switches | Figure::Threads => Unit::Count,
            Figure::Own(measure) => measure.unit,
        }
    }

    /// A value of it as people read it, to three digits.
    pub(crate) fn show(&self, value: f64) -> String {
        show(value, self.unit())
    }
}
