//! Results for programs and documents.

use std::fmt::Write as _;

use anyhow::Result;

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

/// A table for a document, in scenario seconds.
pub(crate) fn markdown(results: &[CellResult]) -> String {
    let mut text = String::from(
        "| cell | workers | ideal (s) | measured (s) | efficiency | status |\n\
         |---|---:|---:|---:|---:|---|\n",
    );
    let or_dash = |value: Option<String>| value.unwrap_or_else(|| "–".to_owned());
    let secs =
        |nanos: Option<u64>| or_dash(nanos.map(|nanos| format!("{:.3}", nanos as f64 / 1e9)));
    for result in results {
        let share = result
            .efficiency()
            .map(|share| format!("{:.0} %", share * 100.0));
        let _ = writeln!(
            text,
            "| {}/{}@{} | {} | {} | {} | {} | {} |",
            result.scenario,
            result.variant,
            result.runner,
            or_dash(result.workers.map(|workers| workers.to_string())),
            secs(result.ideal_ns),
            secs(result.scenario_ns()),
            or_dash(share),
            status(result.status),
        );
    }
    text
}

fn status(status: Status) -> &'static str {
    match status {
        Status::Ok => "ok",
        Status::Failed => "failed",
        Status::TimedOut => "timed_out",
        Status::Unsupported => "unsupported",
    }
}
