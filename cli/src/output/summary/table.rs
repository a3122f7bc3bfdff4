//! The table of a run: a row per cell.

use std::fmt::Write as _;
use std::time::Duration;

use anstyle::Style;
use pollmark_core::time::seconds;
use pollmark_core::{Measure, Unit};

use crate::model::cell::Cell;
use crate::model::result::{CellResult, Status};
use crate::output::human::{self, label};
use crate::text::styles::BOLD;
use crate::text::table::{aligned, dash, telling};
use crate::text::units::{self, Common};
use crate::text::wrap;

/// A cell and its result.
type Row<'a> = (&'a Cell, &'a CellResult);

/// The table for the cells of one scenario. If a row would not fit, the scenario's own
/// figures are left out, the least telling first; if that does not help, variants stand
/// above their rows.
pub(super) fn table(rows: &[Row<'_>]) -> String {
    let measures = measures(rows);
    let layouts = [beside, above];
    let fewest = measures.len().min(1);
    let fits = |lines: &[String]| lines.iter().all(|line| wrap::fits(line));
    let candidates = layouts.iter().flat_map(|layout| {
        let shown = (fewest..=measures.len()).rev();
        shown.map(|count| layout(rows, &measures[..count]))
    });
    let mut candidates = candidates.skip_while(|lines| !fits(lines));
    let lines = candidates
        .next()
        .unwrap_or_else(|| above(rows, &measures[..fewest]));
    let mut text = String::new();
    for (index, line) in lines.iter().enumerate() {
        let style = if index == 0 { BOLD } else { Style::new() };
        let _ = writeln!(text, "{style}{line}{style:#}");
    }
    text.push('\n');
    text
}

/// A table with each variant in the first of its rows.
fn beside(rows: &[Row<'_>], measures: &[Measure]) -> Vec<String> {
    let scenario = rows[0].0.spec.scenario.as_str();
    let (header, cells) = figures(rows, measures);
    let header: Vec<&str> = [scenario].into_iter().chain(header).collect();
    let labels = labels(rows);
    let cells = labels.into_iter().zip(cells).map(|(label, row)| {
        let label = [label.unwrap_or_default()];
        label.into_iter().chain(row)
    });
    aligned(&header, cells, |index| index > 1)
}

/// A table with each variant in a line of its own, above its rows.
fn above(rows: &[Row<'_>], measures: &[Measure]) -> Vec<String> {
    let (header, cells) = figures(rows, measures);
    let mut texts = aligned(&header, cells, |index| index > 0).into_iter();
    let indented = |text: String| format!("  {text}");
    let mut lines = vec![rows[0].0.spec.scenario.clone()];
    lines.extend(texts.next().map(indented));
    for (label, text) in labels(rows).into_iter().zip(texts) {
        lines.extend(label);
        lines.push(indented(text));
    }
    lines
}

/// For each row, the variant with its parameters if the row is the first of that variant.
fn labels(rows: &[Row<'_>]) -> Vec<Option<String>> {
    let mut before = None;
    let label = |(cell, _): &Row<'_>| {
        let label = Some(label(cell));
        let is_new = before != label;
        before.clone_from(&label);
        label.filter(|_| is_new)
    };
    rows.iter().map(label).collect()
}

/// The columns after the label: the runner, and numbers. A program that has figures of its own
/// is not run for its time.
fn figures(rows: &[Row<'_>], measures: &[Measure]) -> (Vec<&'static str>, Vec<Vec<String>>) {
    let is_timed = measures.is_empty();
    let ideals = match is_timed {
        true => human::ideals(rows.iter().map(|(_, result)| *result)),
        false => &[],
    };
    let mut header = vec!["runner", "workers"];
    header.extend(ideals.iter().map(|(head, _)| *head));
    header.push("measured");
    if is_timed {
        header.push("efficiency");
    }
    header.extend(measures.iter().map(|measure| measure.name));
    let unit = unit_of_times(rows);
    let cells = rows.iter().map(|(cell, result)| {
        let workers = cell.workers().map(|workers| workers.to_string());
        let mut row = vec![result.column.clone(), workers.unwrap_or_else(dash)];
        row.extend(ideals.iter().map(|(_, of)| {
            let ideal = of(result).map(Duration::from_nanos);
            ideal.map_or_else(dash, |ideal| seconds(ideal).to_string())
        }));
        row.push(match result.status {
            Status::Ok if cell.never_ends() => "no end".to_owned(),
            Status::Ok => measured(result, unit),
            other => human::status(other).to_owned(),
        });
        if is_timed {
            let efficiency = result.efficiency();
            let efficiency = efficiency.map(|share| format!("{:.0} %", share * 100.0));
            row.push(efficiency.unwrap_or_else(dash));
        }
        let sample = result.samples.first();
        row.extend(measures.iter().map(|measure| {
            let value = sample.and_then(|sample| sample.figures.get(measure.name));
            value.map_or_else(dash, |value| units::show(*value, measure.unit))
        }));
        row
    });
    telling(header, cells.collect())
}

/// The unit of all times that were measured; `None` for seconds with their milliseconds, if
/// none is so short that these say little.
fn unit_of_times(rows: &[Row<'_>]) -> Option<Common> {
    let times = rows.iter().filter_map(|(_, result)| result.scenario_ns());
    let is_short = |time: u64| (1..SHORT).contains(&time);
    let unit = Common::of(times.clone().map(|time| time as f64), Unit::Nanoseconds);
    times
        .clone()
        .any(is_short)
        .then_some(unit)
        .filter(|unit| !unit.is_second())
}

/// A hundredth of a second.
const SHORT: u64 = 10_000_000;

fn measured(result: &CellResult, unit: Option<Common>) -> String {
    let time = result.scenario_ns();
    match time.zip(unit) {
        Some((time, unit)) => unit.show(time as f64),
        None => time.map_or_else(dash, |time| format!("{:.3} s", time as f64 / 1e9)),
    }
}

/// The scenario's own figures by which these variants are compared: of each variant, the
/// two most telling ones.
fn measures(rows: &[(&Cell, &CellResult)]) -> Vec<Measure> {
    let mut measures: Vec<Measure> = Vec::new();
    let own = rows
        .iter()
        .flat_map(|(cell, _)| cell.variant.measures.iter().take(2));
    for measure in own {
        if measures.iter().all(|known| known.name != measure.name) {
            measures.push(*measure);
        }
    }
    measures
}
