//! Results for programs and documents.

use std::fmt::Write as _;

use anyhow::Result;

use crate::cell::Cell;
use crate::environment::Environment;
use crate::report::{CellResult, Results, SCHEMA, Status};

/// Everything, as JSON.
pub(crate) fn json(environment: &Environment, cells: Vec<CellResult>) -> String {
    let results = Results {
        schema: SCHEMA,
        environment,
        cells,
    };
    let text = serde_json::to_string_pretty(&results);
    // Strings, numbers and maps with string keys always serialise.
    text.unwrap_or_default() + "\n"
}

const COLUMNS: [&str; 13] = [
    "scenario",
    "variant",
    "runner",
    "workers",
    "speed",
    "params",
    "status",
    "error",
    "ideal_ns",
    "lower_bound_ns",
    "scenario_ns",
    "wall_ns",
    "cpu_ns",
];

/// One line a cell; empty where there is no value.
pub(crate) fn csv(results: &[CellResult]) -> Result<String> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(COLUMNS)?;
    for result in results {
        let sample = result.samples.first();
        let number = |value: Option<u64>| value.map(|value| value.to_string()).unwrap_or_default();
        writer.write_record([
            result.scenario.clone(),
            result.variant.clone(),
            result.runner.clone(),
            number(result.workers.map(|workers| workers as u64)),
            result.speed.to_string(),
            result.params.to_string(),
            status(result.status).to_owned(),
            result.error.clone().unwrap_or_default(),
            number(result.ideal_ns),
            number(result.lower_bound_ns),
            number(result.scenario_ns()),
            number(sample.and_then(|sample| sample.wall_ns)),
            number(sample.and_then(|sample| sample.cpu_ns)),
        ])?;
    }
    Ok(String::from_utf8(writer.into_inner()?)?)
}

/// A table for a document: a row a program, a column a runner, in scenario seconds.
pub(crate) fn markdown(cells: &[Cell], results: &[CellResult]) -> String {
    let rows: Vec<(&Cell, &CellResult)> = cells.iter().zip(results).collect();
    let mut columns: Vec<String> = Vec::new();
    for (cell, _) in &rows {
        let column = column(cell, cells);
        if !columns.contains(&column) {
            columns.push(column);
        }
    }
    let mut text = format!("| program | asyncio | ideal | {} |\n", columns.join(" | "));
    let _ = writeln!(text, "|---|---:|---:|{}", "---:|".repeat(columns.len()));
    for program in rows.chunk_by(|a, b| name(a.0) == name(b.0)) {
        let (first, result) = program[0];
        let asyncio = first
            .variant
            .lesson
            .asyncio
            .map(|took| format!("{took:.2}"));
        let ideal = result
            .ideal_ns
            .map(|nanos| format!("{}", nanos as f64 / 1e9));
        let _ = write!(
            text,
            "| {} | {} | {} |",
            name(first),
            or_dash(asyncio),
            or_dash(ideal)
        );
        for wanted in &columns {
            let found = program
                .iter()
                .find(|(cell, _)| column(cell, cells) == *wanted);
            let shown = found.map(|(cell, result)| measured(cell, result));
            let _ = write!(text, " {} |", shown.unwrap_or_default());
        }
        text.push('\n');
    }
    text
}

fn name(cell: &Cell) -> String {
    let spec = &cell.spec;
    let mut name = format!("{}/{}", spec.scenario, spec.variant);
    for (param, value) in &spec.params {
        let _ = write!(name, " {param}={value}");
    }
    name
}

/// The runner, with its workers where it runs with several numbers of them.
fn column(cell: &Cell, cells: &[Cell]) -> String {
    let runner = &cell.spec.runner;
    let mut others = cells.iter().filter(|other| other.spec.runner == *runner);
    match cell.workers() {
        Some(workers) if others.any(|other| other.workers() != Some(workers)) => {
            format!("{runner} ({workers})")
        }
        _ => runner.clone(),
    }
}

fn measured(cell: &Cell, result: &CellResult) -> String {
    match result.status {
        Status::Ok if cell.never_ends() => "no end".to_owned(),
        Status::Ok => or_dash(
            result
                .scenario_ns()
                .map(|nanos| format!("{:.2}", nanos as f64 / 1e9)),
        ),
        other => status(other).replace('_', " "),
    }
}

fn or_dash(value: Option<String>) -> String {
    value.unwrap_or_else(|| "–".to_owned())
}

fn status(status: Status) -> &'static str {
    match status {
        Status::Ok => "ok",
        Status::Failed => "failed",
        Status::TimedOut => "timed_out",
        Status::Unsupported => "unsupported",
    }
}
