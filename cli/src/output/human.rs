//! How results read on a terminal.

use std::fmt::Write as _;
use std::time::Duration;

use serde_json::Value;

use crate::model::cell::Cell;
use crate::model::result::{CellResult, Line, Status};
use crate::text::escape::visible;
use crate::text::lists::distinct;
use crate::text::styles::{BAD, DIM};
use crate::text::table::aligned;
use crate::text::wrap;

/// `waiter/tasks  spawns three tasks, then awaits them`
pub(crate) fn variant_heading(cell: &Cell) -> String {
    let path = format!("{}/{}", cell.spec.scenario, label(cell));
    wrap::titled(&path, cell.variant.summary)
}

/// The variant, and the parameters that were set for it.
pub(crate) fn label(cell: &Cell) -> String {
    let mut label = cell.spec.variant.clone();
    for (name, value) in &cell.given {
        let _ = write!(label, " {name}={value}");
    }
    label
}

/// Runner and workers, and the command that runs this cell again, in one line if that
/// fits.
pub(crate) fn cell_heading(cell: &Cell) -> String {
    let (runner, command) = (runner(cell), cell.command());
    if wrap::fits(&format!("  {runner}  {command}")) {
        return format!("  {runner}  {DIM}{command}{DIM:#}\n");
    }
    format!(
        "  {runner}\n{DIM}{}{DIM:#}",
        wrap::command(&command, "    ")
    )
}

pub(crate) fn runner(cell: &Cell) -> String {
    match cell.workers() {
        Some(1) => format!("{}, 1 worker", cell.asked_as()),
        Some(workers) => format!("{}, {workers} workers", cell.asked_as()),
        None => format!("{}, a thread a task", cell.asked_as()),
    }
}

/// One line of a transcript: scenario time in seconds, task, event.
pub(crate) fn line(line: &Line) -> String {
    let at = line.at_ns as f64 / 1e9;
    let task = visible(&line.task);
    match &line.text {
        Some(text) if line.event == "stopped" => {
            let text = visible(text);
            format!("  {at:>9.3}  {task:<14}  {text}, stopped by pollmark\n")
        }
        Some(text) => {
            let text = visible(text);
            format!("  {at:>9.3}  {task:<14}  {DIM}says{DIM:#} {text}\n")
        }
        None => format!("  {at:>9.3}  {task:<14}  {}\n", visible(&line.event)),
    }
}

/// The line in the place of an empty transcript.
pub(crate) fn nothing(result: &CellResult) -> String {
    let why = match result.status {
        Status::Ok => "measured, and so not recorded; `pollmark trace` records it",
        Status::Failed | Status::TimedOut | Status::Unsupported => "nothing was recorded",
    };
    format!("  {DIM}({why}){DIM:#}\n")
}

/// The sets of an event loop after each of its steps, where the outcome tells them.
pub(crate) fn steps(result: &CellResult) -> String {
    let Some(steps) = result.outcome.get("steps").and_then(Value::as_array) else {
        return String::new();
    };
    let rows = steps.iter().map(|step| {
        let text = |name: &str| step[name].as_str().unwrap_or_default().to_owned();
        let names = |name: &str| {
            let names = step[name].as_array().into_iter().flatten();
            names
                .filter_map(Value::as_str)
                .collect::<Vec<_>>()
                .join(", ")
        };
        let at = Duration::from_nanos(step["at_ns"].as_u64().unwrap_or_default());
        let polled = [text("task"), text("event"), text("then")].join(" ");
        let at = format!("{:.3}", at.as_secs_f64());
        [
            text("step"),
            at,
            polled,
            names("ready"),
            names("running"),
            names("waiting"),
        ]
    });
    let header = ["step", "at", "polled", "ready", "running", "waiting"];
    let lines = aligned(&header, rows, |_| false);
    lines.iter().map(|line| format!("    {line}\n")).collect()
}

/// Why a cell is not ok; nothing if it is.
pub(crate) fn trouble(result: &CellResult) -> String {
    let label = status(result.status);
    match &result.error {
        Some(why) if result.status == Status::Unsupported => {
            wrap::wrapped(&format!("{label}: {why}"), "  ", "    ")
        }
        Some(why) => wrap::labelled(BAD, label, why, "  "),
        None => String::new(),
    }
}

/// A column of times beside which a measured one is read: its head, and the time of a cell.
pub(crate) type IdealColumn = (&'static str, fn(&CellResult) -> Option<u64>);

/// The columns with the ideals of these cells: one if no schedule beats first in, first out.
pub(crate) fn ideals<'a>(
    results: impl Iterator<Item = &'a CellResult> + Clone,
) -> &'static [IdealColumn] {
    const FIFO: IdealColumn = ("fifo", |result| result.ideal_ns);
    let bounds = results.filter_map(|result| Some((result.ideal_ns?, result.lower_bound_ns)));
    let is_beaten = |(ideal, bound): (u64, Option<u64>)| bound.is_some_and(|bound| bound < ideal);
    if bounds.clone().any(is_beaten) {
        return &[FIFO, ("at best", |result| result.lower_bound_ns)];
    }
    // Without a bound nothing says that it cannot be beaten.
    match (
        bounds.clone().count(),
        bounds.filter(|(_, bound)| bound.is_some()).count(),
    ) {
        (0, _) => &[],
        (_, 0) => &[FIFO],
        _ => &[("ideal", |result| result.ideal_ns)],
    }
}

/// The meaning of the heads of [`ideals`], if they are not known words.
pub(crate) fn ideals_meaning(columns: &[IdealColumn]) -> &'static str {
    match columns.len() {
        2 => {
            "fifo: the time if ready tasks run first in, first out; at best: the time that no \
             schedule beats."
        }
        _ => "",
    }
}

pub(crate) fn status(status: Status) -> &'static str {
    match status {
        Status::Ok => "ok",
        Status::Failed => "failed",
        Status::TimedOut => "timed out",
        Status::Unsupported => "unsupported",
    }
}

/// Notes on single runs, each once, with the runners that it is of.
pub(crate) fn notes<'a>(notes: impl Iterator<Item = (&'a str, String)>) -> String {
    let notes: Vec<(&str, String)> = notes.collect();
    let told = distinct(notes.iter().map(|(note, _)| *note)).into_iter();
    let told = told.map(|told| {
        let of_it = notes.iter().filter(|(note, _)| *note == told);
        let runners = distinct(of_it.map(|(_, runner)| runner.as_str()));
        wrap::wrapped(&format!("{}: {told}", runners.join(", ")), "  - ", "    ")
    });
    told.collect()
}

/// The error of a cell, and the command that runs it again.
pub(crate) fn failure(result: &CellResult) -> String {
    let why = result.error.as_deref().unwrap_or("no reason given");
    wrap::labelled(BAD, status(result.status), why, "") + &wrap::again(&result.command)
}
