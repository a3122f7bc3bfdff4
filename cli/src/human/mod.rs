//! Formats results for a terminal.

mod table;

use std::fmt::Write as _;
use std::time::Duration;

use anstyle::{AnsiColor, Style};
use pollmark_core::Unit;
use serde_json::Value;
use textwrap::WordSplitter;
use unicode_width::UnicodeWidthStr;

pub(crate) use self::table::{aligned, dash, fits, width};
use crate::cell::Cell;
use crate::compare::figure;
use crate::report::{CellResult, Line, Status};

pub(crate) const BOLD: Style = Style::new().bold();
pub(crate) const DIM: Style = Style::new().dimmed();
pub(crate) const BAD: Style = AnsiColor::Red.on_default().bold();

/// `waiter/tasks  spawns three tasks, then awaits them`
pub(crate) fn variant_heading(cell: &Cell) -> String {
    let path = format!("{}/{}", cell.spec.scenario, label(cell));
    titled(&path, cell.variant.summary)
}

/// A title and its text, in one line if that fits.
pub(crate) fn titled(title: &str, text: &str) -> String {
    if fits(&format!("{title}  {text}")) {
        return format!("{BOLD}{title}{BOLD:#}  {text}\n");
    }
    format!("{BOLD}{title}{BOLD:#}\n{}", wrapped(text, "  ", "  "))
}

/// The variant, and the parameters that were set for it.
pub(crate) fn label(cell: &Cell) -> String {
    let mut label = cell.spec.variant.clone();
    for (name, value) in &cell.spec.params {
        let _ = write!(label, " {name}={value}");
    }
    label
}

/// Runner and workers, and the command that runs this cell again, in one line if that
/// fits.
pub(crate) fn cell_heading(cell: &Cell) -> String {
    let (runner, command) = (runner(cell), cell.command());
    if fits(&format!("  {runner}  {command}")) {
        return format!("  {runner}  {DIM}{command}{DIM:#}\n");
    }
    format!(
        "  {runner}\n{DIM}{}{DIM:#}",
        self::command(&command, "    ")
    )
}

/// A command in lines that fit and that a shell reads as one command. An option stays
/// beside its value.
pub(crate) fn command(command: &str, indent: &str) -> String {
    let mut text = indent.to_owned();
    let mut column = indent.width();
    for (index, part) in command.split(" --").enumerate() {
        let part = match index {
            0 => part.to_owned(),
            _ => format!(" --{part}"),
        };
        let length = part.width();
        // Two columns are reserved for the mark of a continued line.
        if index > 0 && column + length + 2 > width() {
            let _ = write!(text, " \\\n{indent} ");
            column = indent.width() + 1;
        }
        text.push_str(&part);
        column += length;
    }
    text.push('\n');
    text
}

pub(crate) fn runner(cell: &Cell) -> String {
    match cell.workers() {
        Some(1) => format!("{}, 1 worker", cell.spec.runner),
        Some(workers) => format!("{}, {workers} workers", cell.spec.runner),
        None => format!("{}, a thread a task", cell.spec.runner),
    }
}

/// The command that runs a failed cell again.
pub(crate) fn again(command: &str) -> String {
    self::command(&format!("again: {command}"), "  ")
}

/// One line of a transcript: scenario time in seconds, task, event.
pub(crate) fn line(line: &Line) -> String {
    let at = line.at_ns as f64 / 1e9;
    match &line.text {
        Some(text) => format!("  {at:>9.3}  {:<14}  {DIM}says{DIM:#} {text}\n", line.task),
        None => format!("  {at:>9.3}  {:<14}  {}\n", line.task, line.event),
    }
}

/// The text in place of an empty transcript.
pub(crate) fn nothing(result: &CellResult) -> String {
    let why = match result.status {
        Status::Ok => "measured, and so not recorded; `pollmark trace` records it",
        Status::Failed | Status::TimedOut | Status::Unsupported => "nothing was recorded",
    };
    format!("  {DIM}({why}){DIM:#}\n")
}

/// The sets of an event loop after each of its steps, if the outcome has them.
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

/// Why a cell is not ok; empty if it is.
pub(crate) fn trouble(result: &CellResult) -> String {
    let label = status(result.status);
    match &result.error {
        Some(why) if result.status == Status::Unsupported => {
            wrapped(&format!("{label}: {why}"), "  ", "    ")
        }
        Some(why) => labelled(BAD, label, why, "  "),
        None => String::new(),
    }
}

/// `LABEL: text` in lines that fit, with the label in its style.
pub(crate) fn labelled(style: Style, label: &str, text: &str, indent: &str) -> String {
    let plain = format!("{label}:");
    let rest = format!("{indent}  ");
    let text = wrapped(&format!("{plain} {text}"), indent, &rest);
    text.replacen(&plain, &format!("{style}{plain}{style:#}"), 1)
}

/// Names and their texts, in two columns.
pub(crate) fn entries(entries: &[(String, String)], indent: &str) -> String {
    let names = entries.iter().map(|(name, _)| name.chars().count());
    let column = names.max().unwrap_or_default() + 2;
    let rest = format!("{indent}{:column$}", "");
    let entry = |(name, text): &(String, String)| {
        let first = format!("{indent}{name:<column$}");
        wrapped(text, &first, &rest)
    };
    entries.iter().map(entry).collect()
}

pub(crate) fn status(status: Status) -> &'static str {
    match status {
        Status::Ok => "ok",
        Status::Failed => "failed",
        Status::TimedOut => "timed out",
        Status::Unsupported => "unsupported",
    }
}

/// Scenario time, with the decimals that a reader needs.
pub(crate) fn scenario_time(nanos: Option<u64>) -> String {
    match nanos {
        // Times below a hundredth of a second are shown in the unit that fits.
        Some(nanos) if nanos < 10_000_000 && nanos > 0 => {
            figure::show(nanos as f64, Unit::Nanoseconds)
        }
        Some(nanos) => format!("{:.3} s", nanos as f64 / 1e9),
        None => dash(),
    }
}

/// Rounds down to the millisecond.
pub(crate) fn rounded(took: Duration) -> Duration {
    Duration::from_millis(u64::try_from(took.as_millis()).unwrap_or(u64::MAX))
}

/// `text` in lines that fit the terminal, the first indented by `first`. Words are not
/// broken, because they may be options, names or paths; nor are words that a no-break space
/// joins.
pub(crate) fn wrapped(text: &str, first: &str, rest: &str) -> String {
    let options = textwrap::Options::new(width())
        .initial_indent(first)
        .subsequent_indent(rest)
        .word_splitter(WordSplitter::NoHyphenation)
        .break_words(false);
    let mut text = textwrap::fill(text, options).replace('\u{a0}', " ");
    text.push('\n');
    text
}
