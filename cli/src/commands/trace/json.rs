//! Traces in a form for programs: the output of `--format json`.

use std::collections::BTreeMap;
use std::io::{self, Write};

use anyhow::Result;
use pollmark_core::trace::{Analysis, Axes, Finding, Segment, Trace};
use serde::Serialize;
use serde_json::Value;

use super::kept::Pieces;
use super::recorded::Run;
use crate::model::column;
use crate::model::environment::Environment;
use crate::model::result::{Line, Status};

#[derive(Serialize)]
struct TracedCell<'a> {
    scenario: &'a str,
    variant: &'a str,
    runner: &'a str,
    settings: BTreeMap<String, Value>,
    build: Option<&'a str>,
    column: String,
    workers: Option<usize>,
    params: Value,
    status: Status,
    error: Option<&'a str>,
    notes: &'a [String],
    outcome: &'a Value,
    transcript: &'a [Line],
    axes: Option<Axes>,
    critical_path: Vec<Segment>,
    findings: Vec<Finding>,
    trace: Option<&'a Trace>,
    command: String,
}

/// The form in which traces are saved.
#[derive(Clone)]
pub(super) struct Cells<'a> {
    environment: &'a Environment,
    is_begun: bool,
}

impl<'a> Cells<'a> {
    pub(super) fn of(environment: &'a Environment) -> Self {
        Cells {
            environment,
            is_begun: false,
        }
    }
}

impl Pieces for Cells<'_> {
    fn head(&self, to: &mut dyn Write) -> io::Result<()> {
        to.write_all(br#"{"schema":"pollmark-trace/1","environment":"#)?;
        serde_json::to_writer(&mut *to, self.environment)?;
        to.write_all(br#","cells":["#)
    }

    fn piece(&mut self, run: &Run<'_>, to: &mut dyn Write) -> io::Result<()> {
        if std::mem::replace(&mut self.is_begun, true) {
            to.write_all(b",")?;
        }
        Ok(serde_json::to_writer(to, &traced(run)?)?)
    }

    fn tail(&self, to: &mut dyn Write) -> io::Result<()> {
        to.write_all(b"]}\n")
    }
}

/// The runs in the form that `--format json` prints.
pub(super) fn json(runs: &[Run<'_>], environment: &Environment) -> Result<Vec<u8>> {
    let mut text = Vec::new();
    let mut cells = Cells::of(environment);
    cells.head(&mut text)?;
    for run in runs {
        cells.piece(run, &mut text)?;
    }
    cells.tail(&mut text)?;
    Ok(text)
}

fn traced<'a>(run: &'a Run<'_>) -> serde_json::Result<TracedCell<'a>> {
    let spec = &run.cell.spec;
    let analysis = run.trace.as_ref().map(Analysis::of);
    let analysis = analysis.as_ref();
    Ok(TracedCell {
        scenario: &spec.scenario,
        variant: &spec.variant,
        runner: &spec.runner,
        settings: column::values(&spec.config.settings),
        build: run.cell.build_name(),
        column: run.cell.column(),
        workers: run.cell.workers(),
        params: serde_json::to_value(&run.cell.spec.params)?,
        status: run.report.status,
        error: run.report.error.as_deref(),
        notes: &run.report.notes,
        outcome: &run.report.outcome,
        transcript: &run.transcript,
        axes: analysis.map(|analysis| analysis.axes(run.cpu())),
        critical_path: analysis.map(Analysis::critical_path).unwrap_or_default(),
        findings: analysis.map(Analysis::findings).unwrap_or_default(),
        trace: run.trace.as_ref(),
        command: run
            .cell
            .command()
            .replacen("pollmark run", "pollmark trace", 1),
    })
}
