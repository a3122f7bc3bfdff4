//! The table of a run: a row per cell.

use std::fmt::Write as _;
use std::time::Duration;

use anstyle::Style;
use pollmark_core::Measure;
use pollmark_core::time::seconds;

use crate::model::cell::Cell;
use crate::model::result::{CellResult, Status};
use crate::output::human::{self, label};
use crate::output::overhead::beside_the_ideal;
use crate::text::styles::BOLD;
use crate::text::table::{aligned, dash};
use crate::text::units::{self, scenario_time};
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
    let header: Vec<&str> = [scenario].into_iter().chain(header(measures)).collect();
    let labels = labels(rows);
    let cells = labels.into_iter().zip(rows).map(|(label, row)| {
        let label = [label.unwrap_or_default()];
        label.into_iter().chain(figures(row, measures))
    });
    aligned(&header, cells, |index| index > 1)
}

/// A table with each variant in a line of its own, above its rows.
fn above(rows: &[Row<'_>], measures: &[Measure]) -> Vec<String> {
    let cells = rows.iter().map(|row| figures(row, measures));
    let mut texts = aligned(&header(measures), cells, |index| index > 0).into_iter();
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

/// The heads of the columns after the label: the runner, and numbers. A program that has
/// figures of its own is not run for its time.
fn header(measures: &[Measure]) -> Vec<&'static str> {
    let mut header = match measures {
        [] => vec!["runner", "workers", "ideal", "measured", "efficiency"],
        _ => vec!["runner", "workers", "measured"],
    };
    header.extend(measures.iter().map(|measure| measure.name));
    header
}

fn figures((cell, result): &Row<'_>, measures: &[Measure]) -> Vec<String> {
    let workers = cell.workers().map(|workers| workers.to_string());
    let ideal = result.ideal_ns.map(Duration::from_nanos);
    let ideal = ideal.map(|ideal| seconds(ideal).to_string());
    let measured = match result.status {
        Status::Ok if cell.never_ends() => "no end".to_owned(),
        Status::Ok => {
            let time = result.scenario_ns();
            let beside = time.and_then(|time| beside_the_ideal(cell, result, time as f64));
            beside.unwrap_or_else(|| scenario_time(time))
        }
        other => human::status(other).to_owned(),
    };
    let mut row = vec![result.runner.clone(), workers.unwrap_or_else(dash)];
    if measures.is_empty() {
        let efficiency = result.efficiency();
        let efficiency = efficiency.map(|share| format!("{:.0} %", share * 100.0));
        row.extend([
            ideal.unwrap_or_else(dash),
            measured,
            efficiency.unwrap_or_else(dash),
        ]);
    } else {
        row.push(measured);
    }
    let sample = result.samples.first();
    row.extend(measures.iter().map(|measure| {
        let value = sample.and_then(|sample| sample.figures.get(measure.name));
        value.map_or_else(dash, |value| units::show(*value, measure.unit))
    }));
    row
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
