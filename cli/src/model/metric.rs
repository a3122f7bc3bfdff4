//! The figures of a sample, a row each: `--figure`, the columns of CSV and `list` read them here.

use pollmark_core::{Listing, Measure, Unit};

use super::cell::Cell;
use super::result::Sample;
use crate::text::suggest::unknown;
use crate::text::units::show;

/// A figure that every sample of a cell has. Less of it is better.
#[derive(Debug)]
pub(crate) struct Metric {
    /// Its name for `--figure`; `None` if cells are not compared by it.
    pub(crate) name: Option<&'static str>,
    /// Its column in CSV, named as its field in JSON; `None` if it is made of others.
    pub(crate) column: Option<&'static str>,
    pub(crate) unit: Unit,
    /// Its value in a sample; `None` if it was not measured.
    pub(crate) of: Of,
}

/// The figures that CSV has a column for or that `--figure` takes, in the order of the columns.
/// The first is the time, by which cells are compared unless the variant names a figure.
pub(crate) const METRICS: &[Metric] = &[
    both("time", "scenario_ns", Unit::Nanoseconds, |s| s.scenario_ns),
    column("wall_ns", Unit::Nanoseconds, |s| s.wall_ns),
    both("cpu", "cpu_ns", Unit::Nanoseconds, |s| s.cpu_ns),
    column("user_ns", Unit::Nanoseconds, |s| s.user_ns),
    column("system_ns", Unit::Nanoseconds, |s| s.system_ns),
    both("memory", "peak_rss_bytes", Unit::Bytes, |s| {
        s.peak_rss_bytes
    }),
    column("voluntary_switches", Unit::Count, |s| s.voluntary_switches),
    column("involuntary_switches", Unit::Count, |s| {
        s.involuntary_switches
    }),
    figure("switches", Unit::Count, |s| {
        Some(s.voluntary_switches? + s.involuntary_switches?)
    }),
    both("threads", "threads_peak", Unit::Count, |s| s.threads_peak),
];

type Of = fn(&Sample) -> Option<u64>;

/// A metric with a name for `--figure` and a column in CSV.
const fn both(name: &'static str, column: &'static str, unit: Unit, of: Of) -> Metric {
    let (name, column) = (Some(name), Some(column));
    Metric {
        name,
        column,
        unit,
        of,
    }
}

/// A metric with a column alone.
const fn column(column: &'static str, unit: Unit, of: Of) -> Metric {
    Metric {
        name: None,
        column: Some(column),
        unit,
        of,
    }
}

/// A metric that is made of others: cells are compared by it, and it has no column.
const fn figure(name: &'static str, unit: Unit, of: Of) -> Metric {
    Metric {
        name: Some(name),
        column: None,
        unit,
        of,
    }
}

/// The names that `--figure` takes for every cell.
pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    METRICS.iter().filter_map(|metric| metric.name)
}

/// The figure by which cells are compared.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Figure {
    /// One that every cell has.
    General(&'static Metric),
    /// A figure of the scenario's own.
    Own(Measure),
}

impl Figure {
    /// Scenario time from the root's first poll to its end.
    pub(crate) const TIME: Figure = Figure::General(&METRICS[0]);

    /// The figure by which a cell is compared: the one of that name, or the most telling one.
    ///
    /// # Errors
    ///
    /// Names the valid choices if there is none of that name.
    pub(crate) fn of(cell: &Cell, name: Option<&str>) -> anyhow::Result<Figure> {
        let own = cell.variant.measures;
        let Some(name) = name else {
            let general = Figure::named(cell.variant.compared_by).unwrap_or(Figure::TIME);
            return Ok(own.first().map_or(general, |own| Figure::Own(*own)));
        };
        let mut owns = own.iter().filter(|measure| measure.name == name);
        Figure::named(name)
            .or_else(|| owns.next().map(|own| Figure::Own(*own)))
            .ok_or_else(|| {
                let own = own.iter().map(|measure| measure.name);
                unknown("figure", name, names().chain(own))
            })
    }

    /// The figure of that name that every cell has.
    pub(crate) fn named(name: &str) -> Option<Figure> {
        let mut metrics = METRICS.iter();
        let found = metrics.find(|metric| metric.name == Some(name));
        found.map(Figure::General)
    }

    /// The figure of that name, general or of the variant's own; `None` if there is none any more.
    pub(crate) fn of_variant(
        catalogue: &[Listing],
        [scenario, variant]: [&str; 2],
        name: &str,
    ) -> Option<Figure> {
        let listings = catalogue.iter();
        let mut own = listings
            .filter(|listing| listing.info.id == scenario)
            .flat_map(|listing| &listing.variants)
            .filter(|known| known.id == variant)
            .flat_map(|variant| variant.measures);
        let own = own.find(|measure| measure.name == name);
        own.map(|own| Figure::Own(*own))
            .or_else(|| Figure::named(name))
    }

    /// The head of its column.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Figure::General(metric) => metric.name.unwrap_or_default(),
            Figure::Own(measure) => measure.name,
        }
    }

    /// Its value in a sample; `None` if it was not measured.
    pub(crate) fn value(&self, sample: &Sample) -> Option<f64> {
        match self {
            Figure::General(metric) => (metric.of)(sample).map(|number| number as f64),
            Figure::Own(measure) => sample.figures.get(measure.name).copied(),
        }
    }

    /// Whether it is the time, which alone has an ideal.
    pub(crate) fn is_time(&self) -> bool {
        self.name() == Figure::TIME.name()
    }

    /// Whether less of it is better; some figures of a scenario only describe.
    pub(crate) fn is_ranked(&self) -> bool {
        match self {
            Figure::General(_) => true,
            Figure::Own(measure) => measure.ranked,
        }
    }

    pub(crate) fn unit(&self) -> Unit {
        match self {
            Figure::General(metric) => metric.unit,
            Figure::Own(measure) => measure.unit,
        }
    }

    /// A value of it as people read it, to three digits.
    pub(crate) fn show(&self, value: f64) -> String {
        show(value, self.unit())
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;
    use crate::args::Cli;

    #[test]
    fn the_help_of_figure_names_every_metric() {
        let command = Cli::command();
        let compare = command.find_subcommand("compare").expect("it compares");
        let figure = compare.get_arguments().find(|arg| arg.get_id() == "figure");
        let help = figure.and_then(|arg| arg.get_help()).expect("it has help");
        let help = help.to_string();
        for name in names() {
            assert!(help.contains(name), "{name} is not in: {help}");
        }
    }
}
