//! Everything that is compared, with the judgements.

use pollmark_core::Workers;

use super::groups::Group;
use super::rounds::pace::{Pace, Stop};
use crate::model::cell::Cell;
use crate::model::result::CellResult;
use crate::output::human::{self, IdealColumn};
use crate::stats::judge::{self, Judged, Reference, Row};
use crate::stats::medians;
use crate::stats::relation::Rule;
use crate::text::units::Common;

/// Everything that is compared, with the judgements.
pub(crate) struct Sheet<'a> {
    pub(crate) lines: Vec<SheetLine<'a>>,
    pub(crate) reference: Reference,
    /// The rule by which each line is judged.
    pub(crate) rule: Rule,
    /// The half width of a ratio's interval at which a line takes no more rounds.
    pub(crate) precision: f64,
    /// The number of ratios judged, over all lines.
    pub(crate) comparisons: usize,
}

/// One program with one set of parameters and workers, by runner.
pub(crate) struct SheetLine<'a> {
    /// The cells, in the order of the row's results.
    pub(crate) cells: Vec<&'a Cell>,
    /// The number of workers that was asked for.
    pub(crate) workers: usize,
    pub(crate) row: Row<'a>,
    pub(crate) judged: Vec<Option<Judged>>,
    /// What stopped its rounds.
    pub(crate) stop: Option<Stop>,
    /// The share by which relinked builds differ; infinite if that was not measured.
    pub(crate) layout_floor: Option<f64>,
}

impl SheetLine<'_> {
    /// The columns with the ideals of its cells; none if it is not compared by time.
    pub(crate) fn ideals(&self) -> &'static [IdealColumn] {
        match self.row.figure.is_time() {
            true => human::ideals(self.row.cells.iter().copied()),
            false => &[],
        }
    }

    /// The ideal time of one of its cells.
    pub(crate) fn ideal(&self, cell: &CellResult) -> Option<f64> {
        let (_, of) = self.ideals().first()?;
        of(cell).map(|ideal| ideal as f64)
    }

    /// The unit of its medians and their intervals.
    pub(crate) fn unit(&self) -> Common {
        let judged = self.judged.iter().flatten();
        let values = judged.flat_map(Judged::values);
        Common::of(values, self.row.figure.unit())
    }

    pub(crate) fn is_same_variant(&self, other: &SheetLine<'_>) -> bool {
        let [one, other] = [self, other].map(|line| &line.cells[0].spec);
        (&one.scenario, &one.variant) == (&other.scenario, &other.variant)
    }
}

impl<'a> Sheet<'a> {
    /// Judges each line by the rounds at which it stopped.
    pub(crate) fn new(
        cells: &'a [Cell],
        results: &'a [CellResult],
        pace: Pace,
        reference: Reference,
    ) -> Self {
        let (rule, comparisons) = (pace.rule.clone(), pace.comparisons());
        let precision = pace.precision.unwrap_or_else(|| rule.precision());
        let line = |(group, stop): (Group, Option<Stop>)| {
            let row = group.row(results, stop.map(|stop| stop.rounds));
            SheetLine {
                workers: group.workers,
                judged: judge::judge(&row, &reference, &rule),
                layout_floor: row.layout_floor(&rule),
                row,
                cells: group.cells.iter().map(|&index| &cells[index]).collect(),
                stop,
            }
        };
        Sheet {
            lines: pace.into_rows().map(line).collect(),
            reference,
            rule,
            precision,
            comparisons,
        }
    }

    /// Cells with samples far from the others: the name, how many are far, and of how many.
    pub(crate) fn outliers(&self) -> Vec<(String, usize, usize)> {
        let mut found: Vec<(String, usize, usize)> = Vec::new();
        for line in &self.lines {
            for (cell, result) in line.cells.iter().zip(&line.row.cells) {
                let values = line.row.values(result);
                let far = medians::outliers(&values);
                let name = cell.full_name();
                if far * 5 >= values.len().max(1) && found.iter().all(|(known, ..)| *known != name)
                {
                    found.push((name, far, values.len()));
                }
            }
        }
        found
    }

    /// A remark on each kind of runner that does not have the workers of the others, and one
    /// on caps of blocking threads that are each runtime's own, beside the `ideal_cap`.
    pub(crate) fn unequal_pools(&self, ideal_cap: usize) -> Vec<String> {
        let mut remarks: Vec<String> = Vec::new();
        let mut cells = self.lines.iter().flat_map(|line| &line.cells);
        if cells.any(|cell| cell.spec.config.blocking_threads.is_none()) {
            remarks.push(format!(
                "unequal pools: each runtime's own cap of blocking threads (the ideal's is \
                 {ideal_cap})"
            ));
        }
        let others = |line: &SheetLine<'_>| {
            let others = line.cells.iter().find(|cell| cell.takes_workers());
            others.is_some_and(|_| line.workers > 1)
        };
        for line in self.lines.iter().filter(|line| others(line)) {
            for cell in &line.cells {
                let why = match cell.runner.workers {
                    Workers::Any => continue,
                    Workers::One => "has 1 worker by its nature",
                    Workers::PerTask => "has a thread for each task",
                };
                let remark = format!("unequal pools: {} {why}", cell.asked_as());
                if !remarks.contains(&remark) {
                    remarks.push(remark);
                }
            }
        }
        remarks
    }
}

/// Sheets of made-up samples.
#[cfg(test)]
pub(super) mod testing {
    use clap::Parser;
    use serde_json::json;

    use super::super::groups;
    use super::*;
    use crate::args::{Cli, Command};
    use crate::model::result::{CellReport, Ideal, Sample, Status};
    use crate::model::select::{self, Twins};
    use crate::stats::looks::Looks;

    /// A comparison on its command line, with samples in nanoseconds for each of its cells in
    /// turn, and an ideal and a lower bound of `ideal`.
    pub(in super::super) fn with_sheet(
        command: &str,
        samples: &[&[u64]],
        ideal: Option<[u64; 2]>,
        check: impl FnOnce(&Sheet<'_>),
    ) {
        let words = ["pollmark", "compare"]
            .into_iter()
            .chain(command.split(' '));
        let Command::Compare(args) = Cli::parse_from(words).command else {
            unreachable!("it compares");
        };
        let selection = select::select(&args.cells, &args.shared, Twins::Kept, &[]).unwrap();
        let cells = selection.cells;
        assert_eq!(cells.len(), samples.len());
        let result = |(cell, values): (&Cell, &&[u64])| {
            let report = CellReport {
                status: Status::Ok,
                error: None,
                sample: None,
                outcome: json!({}),
                notes: Vec::new(),
            };
            let ideal = Ideal {
                ideal_ns: ideal.map(|[ideal, _]| ideal),
                lower_bound_ns: ideal.map(|[_, bound]| bound),
                note: None,
            };
            let mut result = CellResult::new(cell, ideal, report, Vec::new());
            result.samples = (0..)
                .zip(*values)
                .map(|(round, value)| Sample {
                    round,
                    scenario_ns: Some(*value),
                    cpu_ns: Some(*value),
                    ..Sample::default()
                })
                .collect();
            result
        };
        let results: Vec<CellResult> = cells.iter().zip(samples).map(result).collect();
        let reference = Reference::Runner(results[0].column.clone());
        let groups = groups::groups(&cells, args.figure.as_deref()).unwrap();
        let rule = Rule {
            margin: 0.05,
            noise: 0.02,
            looks: Looks::once(20, groups::comparisons(&groups)),
        };
        let pace = Pace::new(groups, rule, None, None);
        check(&Sheet::new(&cells, &results, pace, reference));
    }

    /// Twenty samples about this long, in milliseconds, each within `spread` percent.
    pub(in super::super) fn about(millis: u64, spread: u64) -> Vec<u64> {
        let step = |index: u64| millis * 10_000 * spread * (index * 7 % 20) / 10;
        (0..20)
            .map(|index| millis * 1_000_000 + step(index))
            .collect()
    }
}
