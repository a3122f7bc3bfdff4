//! Results for programs and documents.

use std::fmt::Write as _;

use anyhow::Result;

use crate::cell::Cell;
use crate::human;
use crate::report::{CellResult, Results, Sample, Status};

/// Everything, as JSON.
pub(crate) fn json(results: &Results) -> String {
    let text = serde_json::to_string_pretty(results);
    // Strings, numbers and maps with string keys always serialise.
    text.unwrap_or_default() + "\n"
}

const COLUMNS: [&str; 22] = [
    "scenario",
    "variant",
    "runner",
    "workers",
    "blocking_threads",
    "speed",
    "params",
    "status",
    "error",
    "ideal_ns",
    "lower_bound_ns",
    "round",
    "scenario_ns",
    "wall_ns",
    "cpu_ns",
    "user_ns",
    "system_ns",
    "peak_rss_bytes",
    "voluntary_switches",
    "involuntary_switches",
    "threads_peak",
    "figures",
];

/// One line a sample, or a cell that has none; empty where there is no value.
pub(crate) fn csv(results: &[CellResult]) -> Result<String> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(COLUMNS)?;
    for result in results {
        for sample in &result.samples {
            writer.write_record(record(result, Some(sample))?)?;
        }
        if result.samples.is_empty() {
            writer.write_record(record(result, None)?)?;
        }
    }
    Ok(String::from_utf8(writer.into_inner()?)?)
}

fn record(result: &CellResult, sample: Option<&Sample>) -> Result<[String; COLUMNS.len()]> {
    let number = |value: Option<u64>| value.map(|value| value.to_string()).unwrap_or_default();
    let count = |value: Option<usize>| number(value.map(|value| value as u64));
    let of = |field: fn(&Sample) -> Option<u64>| number(sample.and_then(field));
    let figures = sample.map(|sample| serde_json::to_string(&sample.figures));
    Ok([
        result.scenario.clone(),
        result.variant.clone(),
        result.runner.clone(),
        count(result.workers),
        count(result.blocking_threads),
        result.speed.to_string(),
        result.params.to_string(),
        status(result.status).to_owned(),
        result.error.clone().unwrap_or_default(),
        number(result.ideal_ns),
        number(result.lower_bound_ns),
        of(|sample| Some(u64::from(sample.round))),
        of(|sample| sample.scenario_ns),
        of(|sample| sample.wall_ns),
        of(|sample| sample.cpu_ns),
        of(|sample| sample.user_ns),
        of(|sample| sample.system_ns),
        of(|sample| sample.peak_rss_bytes),
        of(|sample| sample.voluntary_switches),
        of(|sample| sample.involuntary_switches),
        of(|sample| sample.threads_peak),
        figures.transpose()?.unwrap_or_default(),
    ])
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
    for program in rows.chunk_by(|a, b| a.0.program() == b.0.program()) {
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
            first.program(),
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
    value.unwrap_or_else(human::dash)
}

fn status(status: Status) -> &'static str {
    match status {
        Status::Ok => "ok",
        Status::Failed => "failed",
        Status::TimedOut => "timed_out",
        Status::Unsupported => "unsupported",
    }
}
