//! Traces in a form for programs: the output of `--format json`.

use anyhow::Result;
use pollmark_core::trace::{Axes, Finding, Segment, Trace, critical_path, diagnose};
use serde::Serialize;
use serde_json::Value;

use super::recorded::Run;
use crate::model::environment::Environment;
use crate::model::result::{Line, Status};

#[derive(Serialize)]
struct Traces<'a> {
    schema: &'static str,
    environment: &'a Environment,
    cells: Vec<TracedCell<'a>>,
}

#[derive(Serialize)]
struct TracedCell<'a> {
    scenario: &'a str,
    variant: &'a str,
    runner: &'a str,
    workers: Option<usize>,
    params: Value,
    status: Status,
    error: Option<&'a str>,
    outcome: &'a Value,
    transcript: &'a [Line],
    axes: Option<Axes>,
    critical_path: Vec<Segment>,
    findings: Vec<Finding>,
    trace: Option<&'a Trace>,
    command: String,
}

/// The runs in the form that `--format json` prints.
pub(super) fn json(runs: &[Run<'_>], environment: &Environment) -> Result<String> {
    let cells = runs
        .iter()
        .map(|run| {
            let spec = &run.cell.spec;
            Ok(TracedCell {
                scenario: &spec.scenario,
                variant: &spec.variant,
                runner: &spec.runner,
                workers: run.cell.workers(),
                params: serde_json::to_value(&run.cell.spec.params)?,
                status: run.report.status,
                error: run.report.error.as_deref(),
                outcome: &run.report.outcome,
                transcript: &run.transcript,
                axes: run.axes(),
                critical_path: run.trace.as_ref().map(critical_path).unwrap_or_default(),
                findings: run.trace.as_ref().map(diagnose).unwrap_or_default(),
                trace: run.trace.as_ref(),
                command: run
                    .cell
                    .command()
                    .replacen("pollmark run", "pollmark trace", 1),
            })
        })
        .collect::<Result<Vec<_>>>()?;
    let traces = Traces {
        schema: "pollmark-trace/1",
        environment,
        cells,
    };
    Ok(serde_json::to_string(&traces)? + "\n")
}
