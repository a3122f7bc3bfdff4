//! `pollmark trace`: draws the activity of every task and thread.
//!
//! Each cell runs once with every poll recorded, in a process of its own. [`picture`] draws
//! the rows ([`row`]) on a common [`scale`], [`words`] sums them up in sentences, [`steps`]
//! goes through the events one by one, [`mod@interactive`] does so with the keyboard, and
//! [`mod@json`] is for programs.

mod fit;
mod interactive;
mod json;
mod picture;
mod row;
mod scale;
mod steps;
mod words;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::io::IsTerminal;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use pollmark_core::trace::{Axes, Drawn, Trace, chrome, critical_path, diagnose};
use pollmark_core::{Clock, Speed};
use serde_json::Value;

use self::json::json;
use self::picture::{Picture, manner};
use crate::args::{HumanOrJson, TraceArgs};
use crate::attempt::{self, Traced};
use crate::cell::Cell;
use crate::environment::Environment;
use crate::human::{self, BOLD, DIM};
use crate::output::{self, Output};
use crate::report::{Line, Status};
use crate::{ideal, select, summary};

/// Traces the cells. Returns whether all went as expected.
pub(crate) fn trace(args: &TraceArgs) -> Result<bool> {
    let shared = &args.shared;
    let selection = select::select(&args.cells, shared)?;
    selection
        .remarks
        .iter()
        .for_each(|remark| output::note(remark));
    if args.interactive && !(std::io::stdin().is_terminal() && std::io::stdout().is_terminal()) {
        bail!(
            "--interactive needs a terminal for its input and its output; --steps prints the same"
        );
    }
    if args.interactive && selection.cells.len() > 1 {
        bail!(
            "--interactive steps through one cell, and you chose {}: add a variant and a runner, as in `{}`",
            selection.cells.len(),
            selection.cells[0]
        );
    }
    let with_ideals = !args.interactive && !args.steps && args.format == HumanOrJson::Human;
    let cells = if with_ideals {
        ideal::beside(selection.cells)
    } else {
        selection.cells
    };
    if shared.dry_run {
        let plan = summary::plan(&cells, &ideal::find(&cells)?, 1);
        let mut output = Output::open(shared.output.as_deref())?;
        return output.write(plan.as_bytes()).map(|()| true);
    }
    // A file that cannot be written is reported before anything runs.
    let files = [
        (&args.chrome, "--chrome"),
        (&shared.save, "--save"),
        (&shared.output, "--output"),
    ];
    let files: Vec<(&PathBuf, &str)> = files
        .into_iter()
        .filter_map(|(path, option)| Some((path.as_ref()?, option)))
        .collect();
    for (index, (path, option)) in files.iter().enumerate() {
        output::check(path, option)?;
        if let Some((_, other)) = files[..index]
            .iter()
            .find(|(other, _)| output::is_same_file(path, other))
        {
            bail!("{other} and {option} name the same file; one would overwrite the other");
        }
    }
    let mut output = Output::open(shared.output.as_deref())?;
    let environment = Environment::look();
    environment
        .warnings
        .iter()
        .for_each(|warning| output::warn(warning));
    let traced = record(&cells, args.trace_limit)?;
    if let Some(path) = &args.chrome {
        fs::write(path, serde_json::to_vec(&sheet(&traced)?)?)
            .with_context(|| format!("cannot write to `{}`", path.display()))?;
        output::note(&format!(
            "{} is for https://ui.perfetto.dev",
            path.display()
        ));
    }
    if let Some(path) = &shared.save {
        fs::write(path, json(&traced, &environment)?)
            .with_context(|| format!("cannot write to `{}`", path.display()))?;
    }
    if args.interactive {
        return interactive(&traced[0], args.ascii);
    }
    let text = match args.format {
        HumanOrJson::Json => json(&traced, &environment)?,
        HumanOrJson::Human if args.steps => all_steps(&traced),
        HumanOrJson::Human => drawn(&traced, args.ascii),
    };
    output.write(text.as_bytes())?;
    Ok(traced.iter().all(Run::is_as_expected))
}

/// The pictures that `run --timeline` shows after a run, drawn from runs of their own.
pub(crate) fn timelines(cells: &[Cell], ascii: bool) -> Result<String> {
    let cells = ideal::beside(cells.to_vec());
    Ok(drawn(&record(&cells, DEFAULT_LIMIT)?, ascii))
}

/// The default limit of recorded events per run.
pub(crate) const DEFAULT_LIMIT: usize = pollmark_core::traced::DEFAULT_LIMIT;

/// A cell and the recording of its run.
struct Run<'a> {
    cell: &'a Cell,
    status: Status,
    error: Option<String>,
    outcome: Value,
    cpu: Option<Duration>,
    transcript: Vec<Line>,
    /// `None` if it was lost with its process.
    trace: Option<Trace>,
}

impl Run<'_> {
    fn is_as_expected(&self) -> bool {
        matches!(self.status, Status::Ok | Status::Unsupported)
    }

    fn axes(&self) -> Option<Axes> {
        // The CPU time of the process says nothing about virtual time.
        let cpu = self.cpu.filter(|_| self.cell.runner.clock == Clock::Real);
        self.trace.as_ref().map(|trace| Axes::of(trace, cpu))
    }
}

fn record(cells: &[Cell], limit: usize) -> Result<Vec<Run<'_>>> {
    let record = |cell| {
        let Traced {
            finding,
            transcript,
            trace,
        } = attempt::trace(cell, limit)?;
        let cpu_ns = finding.sample.and_then(|sample| sample.cpu_ns);
        Ok(Run {
            cell,
            status: finding.status,
            error: finding.error,
            outcome: finding.outcome,
            cpu: cpu_ns.map(Duration::from_nanos),
            transcript,
            trace,
        })
    };
    cells.iter().map(record).collect()
}

/// All runs for a viewer of Chrome traces, under short names, since there is little room.
/// Ideals are drawn at the speed of the runs beside them.
fn sheet(runs: &[Run<'_>]) -> Result<Value> {
    let label = |Run { cell, .. }: &Run<'_>| match cell.workers() {
        Some(workers) => format!("{} ({workers}): {}", cell.column(), cell.program()),
        None => format!("{}: {}", cell.column(), cell.program()),
    };
    let labels: Vec<String> = runs.iter().map(label).collect();
    let recorded = runs.iter().zip(&labels);
    let recorded = recorded.filter_map(|(run, label)| Some((run, label, run.trace.as_ref()?)));
    let drawn = recorded.map(|(run, label, trace)| {
        let speed = Speed::new(run.cell.spec.speed)?;
        Ok(Drawn {
            label,
            trace,
            speed,
        })
    });
    Ok(chrome(&drawn.collect::<Result<Vec<_>>>()?))
}

/// The programs one after the other, the runners of each one above the other at the same
/// scale.
fn drawn(runs: &[Run<'_>], ascii: bool) -> String {
    let mut text = String::new();
    for program in runs.chunk_by(|a, b| a.cell.program() == b.cell.program()) {
        let pictures: Vec<Option<Picture<'_>>> = program
            .iter()
            .map(|run| run.trace.as_ref().and_then(Picture::of))
            .collect();
        let known = || pictures.iter().flatten();
        let span = known().map(Picture::span).max().unwrap_or_default();
        let names = known().map(Picture::name_width).max().unwrap_or_default();
        let cell = program[0].cell;
        text.push_str(&human::titled(&cell.program(), cell.variant.summary));
        text.push_str(&picture::legend(ascii));
        let mut advised = BTreeSet::new();
        for (run, picture) in program.iter().zip(&pictures) {
            let _ = write!(text, "\n{BOLD}{}{BOLD:#}", human::runner(run.cell));
            if let Some(picture) = picture {
                let took = human::scenario_time(u64::try_from(picture.span().as_nanos()).ok());
                let _ = write!(text, "  {took}");
            }
            if run.cell.runner.clock == Clock::Virtual {
                let _ = write!(text, "  {DIM}the ideal{DIM:#}");
            }
            text.push('\n');
            if let Some(error) = &run.error {
                let why = format!("{}: {error}", human::status(run.status));
                text.push_str(&human::wrapped(&why, "  ", "    "));
            }
            let (Some(picture), Some(trace), Some(axes)) = (picture, &run.trace, run.axes()) else {
                let _ = writeln!(text, "  {DIM}(nothing was recorded){DIM:#}");
                continue;
            };
            text.push_str(&picture.draw(span, names, manner(ascii)));
            text.push_str(&words::axes(trace, &axes, picture.busy()));
            text.push_str(&words::critical_path(trace, &critical_path(trace)));
            text.push_str(&words::findings(&diagnose(trace), &mut advised));
            text.push_str(&words::cost(trace));
        }
        text.push('\n');
    }
    text
}

fn all_steps(runs: &[Run<'_>]) -> String {
    let mut text = String::new();
    for run in runs {
        let _ = writeln!(text, "{BOLD}{}{BOLD:#}", run.cell.full_name());
        match &run.trace {
            Some(trace) => text.push_str(&steps::text(trace)),
            None => text.push_str("  (nothing was recorded)\n"),
        }
        if let Some(error) = &run.error {
            let why = format!("{}: {error}", human::status(run.status));
            text.push_str(&human::wrapped(&why, "  ", "    "));
        }
        text.push('\n');
    }
    text
}

fn interactive(run: &Run<'_>, ascii: bool) -> Result<bool> {
    let Some(trace) = &run.trace else {
        let why = run.error.as_deref().unwrap_or("no reason given");
        bail!("nothing was recorded of {}: {why}", run.cell);
    };
    interactive::step_through(&run.cell.full_name(), trace, ascii)?;
    Ok(run.is_as_expected())
}
