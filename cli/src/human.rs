//! How results read on a terminal.

use std::fmt::Write as _;
use std::time::Duration;

use anstyle::{AnsiColor, Style};
use comfy_table::{CellAlignment, Table, presets};
use pollmark_core::time::seconds;
use pollmark_core::{Clock, Measure};
use serde_json::Value;

use crate::cell::Cell;
use crate::compare::figure;
use crate::report::{CellResult, Ideal, Line, Status};

pub(crate) const BOLD: Style = Style::new().bold();
pub(crate) const DIM: Style = Style::new().dimmed();
pub(crate) const BAD: Style = AnsiColor::Red.on_default().bold();

/// `waiter/tasks  spawns three tasks, then awaits them`
pub(crate) fn variant_heading(cell: &Cell) -> String {
    let path = format!("{}/{}", cell.spec.scenario, label(cell));
    titled(&path, cell.variant.summary)
}

/// A title and what it stands for, in one line if that fits.
pub(crate) fn titled(title: &str, text: &str) -> String {
    if title.chars().count() + 2 + text.chars().count() <= 80 {
        return format!("{BOLD}{title}{BOLD:#}  {text}\n");
    }
    format!("{BOLD}{title}{BOLD:#}\n{}", wrapped(text, "  ", "  "))
}

/// The variant, and the parameters that were set for it.
fn label(cell: &Cell) -> String {
    let mut label = cell.spec.variant.clone();
    for (name, value) in &cell.spec.params {
        let _ = write!(label, " {name}={value}");
    }
    label
}

/// Runner and workers, and the command that runs this cell again.
pub(crate) fn cell_heading(cell: &Cell) -> String {
    format!("  {}  {DIM}{}{DIM:#}\n", runner(cell), cell.command())
}

fn runner(cell: &Cell) -> String {
    match cell.workers() {
        Some(1) => format!("{}, 1 worker", cell.spec.runner),
        Some(workers) => format!("{}, {workers} workers", cell.spec.runner),
        None => format!("{}, a thread a task", cell.spec.runner),
    }
}

/// One line of a transcript: scenario time in seconds, task, what happened.
pub(crate) fn line(line: &Line) -> String {
    let at = line.at_ns as f64 / 1e9;
    match &line.text {
        Some(text) => format!("  {at:>9.3}  {:<14}  {DIM}says{DIM:#} {text}\n", line.task),
        None => format!("  {at:>9.3}  {:<14}  {}\n", line.task, line.event),
    }
}

/// What stands in the place of an empty transcript.
pub(crate) fn nothing(result: &CellResult) -> String {
    let why = match result.status {
        Status::Ok => "nothing happened",
        Status::Failed | Status::TimedOut | Status::Unsupported => "nothing was recorded",
    };
    format!("  {DIM}({why}){DIM:#}\n")
}

/// One line for a run that went as another of its variant did; `None` if it did
/// not, and its transcript is worth reading.
pub(crate) fn same_as(cell: &Cell, result: &CellResult, first: &CellResult) -> Option<String> {
    let how = match Likeness::of(first, result) {
        Likeness::Same => "the same events in the same order",
        Likeness::TiesDiffer => "the same events at the same times; ties in another order",
        Likeness::Different => return None,
    };
    let measured = scenario_time(result.scenario_ns());
    Some(format!("  {}, {measured}: {how}\n", runner(cell)))
}

/// How alike two runs of a variant went.
#[derive(Debug, PartialEq, Eq)]
enum Likeness {
    /// The same events in the same order.
    Same,
    /// The same events at the same times, but those of one instant in another order.
    TiesDiffer,
    Different,
}

/// Events closer than this, in real time, count as one instant.
const INSTANT: Duration = Duration::from_millis(5);

impl Likeness {
    fn of(one: &CellResult, other: &CellResult) -> Self {
        let (mut one_course, mut other_course) = (course(one), course(other));
        if one_course
            .iter()
            .map(|(what, _)| what)
            .eq(other_course.iter().map(|(what, _)| what))
        {
            return Likeness::Same;
        }
        one_course.sort();
        other_course.sort();
        let speed = one.speed.max(other.speed);
        let pairs = one_course.iter().zip(&other_course);
        let alike = pairs.fold(one_course.len() == other_course.len(), |alike, (a, b)| {
            alike && a.0 == b.0 && is_one_instant(a.1, b.1, speed)
        });
        if alike {
            Likeness::TiesDiffer
        } else {
            Likeness::Different
        }
    }
}

pub(crate) fn is_one_instant(a: u64, b: u64, speed: f64) -> bool {
    let allowed = INSTANT.as_nanos() as f64 * speed + 0.02 * a.max(b) as f64;
    a.abs_diff(b) as f64 <= allowed
}

/// Task, event and text, without the times that a text tells.
type What<'a> = (&'a str, &'a str, Option<String>);

fn course(result: &CellResult) -> Vec<(What<'_>, u64)> {
    fn event(line: &Line) -> (What<'_>, u64) {
        let text = line.text.as_deref().map(without_decimals);
        ((&line.task, &line.event, text), line.at_ns)
    }
    result.transcript.iter().map(event).collect()
}

/// The text with every decimal number replaced: such numbers are measured times.
fn without_decimals(text: &str) -> String {
    let is_decimal = |word: &&str| word.contains('.') && word.parse::<f64>().is_ok();
    let words = text.split(' ');
    let words = words.map(|word| if is_decimal(&word) { "#" } else { word });
    words.collect::<Vec<_>>().join(" ")
}

/// The sets of an event loop after each of its steps, where the outcome tells them.
pub(crate) fn steps(result: &CellResult) -> String {
    let Some(steps) = result.outcome.get("steps").and_then(Value::as_array) else {
        return String::new();
    };
    let mut table = plain_table(&["step", "at", "polled", "ready", "running", "waiting"]);
    for step in steps {
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
        table.add_row([
            text("step"),
            at,
            polled,
            names("ready"),
            names("running"),
            names("waiting"),
        ]);
    }
    table
        .lines()
        .map(|line| format!("    {}\n", line.trim_end()))
        .collect()
}

/// A table without lines, two blanks between its columns.
pub(crate) fn plain_table(header: &[&str]) -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table.set_header(header);
    for column in table.column_iter_mut() {
        column.set_padding((0, 2));
    }
    table
}

/// Why a cell is not ok; nothing if it is.
pub(crate) fn trouble(result: &CellResult) -> String {
    let label = status(result.status);
    match &result.error {
        Some(why) if result.status == Status::Unsupported => format!("  {label}: {why}\n"),
        Some(why) => format!("  {BAD}{label}:{BAD:#} {why}\n"),
        None => String::new(),
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

/// The table, what it shows, and how many cells went as expected.
pub(crate) fn summary(cells: &[Cell], results: &[CellResult], took: Duration) -> String {
    let mut text = String::new();
    let rows: Vec<(&Cell, &CellResult)> = cells.iter().zip(results).collect();
    for group in rows.chunk_by(|a, b| a.0.spec.scenario == b.0.spec.scenario) {
        text.push_str(&table(group));
        text.push_str(&lessons(group));
    }
    let count = |status| {
        results
            .iter()
            .filter(|result| result.status == status)
            .count()
    };
    let _ = write!(text, "{} of {} cells ok", count(Status::Ok), results.len());
    for other in [Status::Failed, Status::TimedOut, Status::Unsupported] {
        if count(other) > 0 {
            let _ = write!(text, ", {} {}", count(other), status(other));
        }
    }
    let _ = writeln!(text, ", in {}", seconds(rounded(took)));
    for result in results.iter().filter(|result| !result.is_as_expected()) {
        let why = result.error.as_deref().unwrap_or("no reason given");
        let _ = writeln!(text, "{BAD}{}{BAD:#}: {why}", status(result.status));
        let _ = writeln!(text, "  again: {}", result.command);
    }
    text
}

fn rounded(took: Duration) -> Duration {
    Duration::from_millis(u64::try_from(took.as_millis()).unwrap_or(u64::MAX))
}

fn table(rows: &[(&Cell, &CellResult)]) -> String {
    let scenario = rows[0].0.spec.scenario.as_str();
    let mut header = vec![
        scenario,
        "runner",
        "workers",
        "ideal",
        "measured",
        "efficiency",
    ];
    let measures = measures(rows);
    header.extend(measures.iter().map(|measure| measure.name));
    let mut table = plain_table(&header);
    let mut above = None;
    for (cell, result) in rows {
        let label = label(cell);
        let shown = if above.as_ref() == Some(&label) {
            ""
        } else {
            &label
        };
        let workers = cell
            .workers()
            .map_or("–".to_owned(), |workers| workers.to_string());
        let measured = match result.status {
            Status::Ok if cell.never_ends() => "no end".to_owned(),
            Status::Ok => scenario_time(result.scenario_ns()),
            other => status(other).to_owned(),
        };
        let mut row = vec![
            shown.to_owned(),
            result.runner.clone(),
            workers,
            result.ideal_ns.map_or("–".to_owned(), |ns| {
                seconds(Duration::from_nanos(ns)).to_string()
            }),
            measured,
            result
                .efficiency()
                .map_or("–".to_owned(), |share| format!("{:.0} %", share * 100.0)),
        ];
        row.extend(measures.iter().map(|measure| {
            let value = result
                .samples
                .first()
                .and_then(|sample| sample.figures.get(measure.name));
            value.map_or("–".to_owned(), |value| figure::show(*value, measure.unit))
        }));
        table.add_row(row);
        above = Some(label);
    }
    for column in table.column_iter_mut().skip(2) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    let lines: Vec<String> = table
        .lines()
        .map(|line| line.trim_end().to_owned())
        .collect();
    let mut text = String::new();
    for (index, line) in lines.iter().enumerate() {
        let style = if index == 0 { BOLD } else { Style::new() };
        let _ = writeln!(text, "{style}{line}{style:#}");
    }
    text.push('\n');
    text
}

/// The figures of the scenario's own that these variants are compared by: of each the
/// two that tell most.
fn measures(rows: &[(&Cell, &CellResult)]) -> Vec<Measure> {
    let mut measures: Vec<Measure> = Vec::new();
    let own = rows
        .iter()
        .flat_map(|(cell, _)| cell.variant.measures.iter().take(2));
    for measure in own {
        if measures.iter().all(|known| known.name != measure.name) {
            measures.push(*measure);
        }
    }
    measures
}

/// Scenario time with the decimals that a person reads.
fn scenario_time(nanos: Option<u64>) -> String {
    match nanos {
        Some(nanos) => format!("{:.3} s", nanos as f64 / 1e9),
        None => "–".to_owned(),
    }
}

/// One sentence for each variant, and what is to be known of single runs.
fn lessons(rows: &[(&Cell, &CellResult)]) -> String {
    let mut text = String::new();
    for group in rows.chunk_by(|a, b| a.0.spec.variant == b.0.spec.variant) {
        let variant = &group[0].0.variant;
        let sentence = format!("{}: {}", variant.id, variant.shows);
        text.push_str(&wrapped(&sentence, "", "  "));
        let mut notes: Vec<(&str, Vec<String>)> = Vec::new();
        for (cell, result) in group {
            for note in &result.notes {
                let who = match cell.workers() {
                    Some(workers) => format!("{} ({workers})", result.runner),
                    None => result.runner.clone(),
                };
                match notes.iter_mut().find(|(known, _)| known == note) {
                    Some((_, runners)) => runners.push(who),
                    None => notes.push((note, vec![who])),
                }
            }
        }
        for (note, runners) in notes {
            text.push_str(&wrapped(
                &format!("{}: {note}", runners.join(", ")),
                "  - ",
                "    ",
            ));
        }
    }
    text.push('\n');
    text
}

/// `text` in lines that fit the terminal, the first indented by `first`.
pub(crate) fn wrapped(text: &str, first: &str, rest: &str) -> String {
    let width = terminal_size::terminal_size().map_or(80, |(width, _)| usize::from(width.0));
    let options = textwrap::Options::new(width.clamp(40, 100))
        .initial_indent(first)
        .subsequent_indent(rest);
    let mut text = textwrap::fill(text, options);
    text.push('\n');
    text
}

/// What `--dry-run` prints: the cells, and the time that they would take.
pub(crate) fn plan(cells: &[Cell], ideals: &[Ideal], jobs: usize) -> String {
    let mut text = String::new();
    let mut idle = Duration::ZERO;
    let mut busy = Duration::ZERO;
    for (cell, ideal) in cells.iter().zip(ideals) {
        let watch = cell.never_ends().then_some(pollmark_core::WATCH);
        let scenario = watch.or(ideal.ideal_ns.map(Duration::from_nanos));
        let real = scenario.map(|time| match cell.runner.clock {
            Clock::Real => time.div_f64(cell.spec.speed),
            Clock::Virtual => Duration::ZERO,
        });
        let about = real.map_or("unknown".to_owned(), |time| {
            seconds(rounded(time)).to_string()
        });
        let _ = writeln!(text, "{}  {DIM}about {about}{DIM:#}", cell.command());
        let total = if cell.variant.idle {
            &mut idle
        } else {
            &mut busy
        };
        *total += real.unwrap_or_default();
    }
    let jobs = u32::try_from(jobs).unwrap_or(u32::MAX);
    let total = rounded(idle / jobs.max(1) + busy);
    let _ = writeln!(
        text,
        "{} cells, about {} in all",
        cells.len(),
        seconds(total)
    );
    text
}
