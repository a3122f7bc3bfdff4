//! Results as comma-separated values.

use anyhow::Result;

use super::human;
use crate::model::comparison::{Comparison, Judgement};
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

/// The columns of the verdict, where cells were compared.
const VERDICT: [&str; 2] = ["verdict", "fastest"];

/// One line a sample, or a cell that has none; empty where there is no value. Where cells were
/// compared each line ends with the verdict on its cell; a cell that stands in several rows has
/// one for each, separated by blanks.
pub(crate) fn csv(results: &[CellResult], comparison: Option<&Comparison>) -> Result<String> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let metrics = METRICS.iter().filter_map(|metric| metric.column);
    let of_verdict = || comparison.iter().flat_map(|_| VERDICT);
    let header = CELL.into_iter().chain(metrics).chain(["figures"]);
    writer.write_record(header.chain(of_verdict()))?;
    for result in results {
        let verdict = comparison.map(|comparison| verdict(result, comparison));
        let samples = result.samples.iter().map(Some);
        let none = result.samples.is_empty().then_some(None);
        for sample in samples.chain(none) {
            let record = record(result, sample)?.into_iter();
            writer.write_record(record.chain(verdict.iter().flatten().cloned()))?;
        }
    }
    Ok(String::from_utf8(writer.into_inner()?)?)
}

fn verdict(result: &CellResult, comparison: &Comparison) -> [String; VERDICT.len()] {
    let judgements = comparison.judgements.iter();
    let own: Vec<&Judgement> = judgements.filter(|one| result.is_of(one)).collect();
    let joined = |told: fn(&Judgement) -> String| {
        let told: Vec<String> = own.iter().map(|one| told(one)).collect();
        told.join(" ")
    };
    [
        joined(|one| one.verdict.name().to_owned()),
        joined(|one| one.fastest.to_string()),
    ]
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
