//! Results as comma-separated values.

use anyhow::Result;

use super::human;
use crate::model::metric::METRICS;
use crate::model::result::{CellResult, Sample};

/// The columns of a cell; those of the metrics and of the scenario's own figures follow.
const CELL: [&str; 14] = [
    "scenario",
    "variant",
    "runner",
    "build",
    "column",
    "workers",
    "blocking_threads",
    "speed",
    "params",
    "status",
    "error",
    "ideal_ns",
    "lower_bound_ns",
    "round",
];

/// One line a sample, or a cell that has none; empty where there is no value.
pub(crate) fn csv(results: &[CellResult]) -> Result<String> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let metrics = METRICS.iter().filter_map(|metric| metric.column);
    writer.write_record(CELL.into_iter().chain(metrics).chain(["figures"]))?;
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

fn record(result: &CellResult, sample: Option<&Sample>) -> Result<Vec<String>> {
    let number = |value: Option<u64>| value.map(|value| value.to_string()).unwrap_or_default();
    let count = |value: Option<usize>| number(value.map(|value| value as u64));
    let round = sample.map(|sample| u64::from(sample.round));
    let cell: [String; CELL.len()] = [
        result.scenario.clone(),
        result.variant.clone(),
        result.base.clone(),
        result.build.clone().unwrap_or_default(),
        result.column.clone(),
        count(result.workers),
        count(result.blocking_threads),
        result.speed.to_string(),
        result.params.to_string(),
        human::status(result.status).replace(' ', "_"),
        result.error.clone().unwrap_or_default(),
        number(result.ideal_ns),
        number(result.lower_bound_ns),
        number(round),
    ];
    let metrics = METRICS.iter().filter(|metric| metric.column.is_some());
    let metrics = metrics.map(|metric| number(sample.and_then(metric.of)));
    let figures = sample.map(|sample| serde_json::to_string(&sample.figures));
    let figures = figures.transpose()?.unwrap_or_default();
    Ok(cell.into_iter().chain(metrics).chain([figures]).collect())
}
