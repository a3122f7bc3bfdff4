//! Results as comma-separated values.

use anyhow::Result;

use crate::model::result::{CellResult, Sample, Status};

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

fn status(status: Status) -> &'static str {
    match status {
        Status::Ok => "ok",
        Status::Failed => "failed",
        Status::TimedOut => "timed_out",
        Status::Unsupported => "unsupported",
    }
}
