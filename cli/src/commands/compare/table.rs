//! A comparison in a form for people, program by program.

use std::fmt::Write as _;
use std::time::Duration;

use pollmark_core::time::seconds;
use pollmark_core::{Clock, Unit};

use super::rounds::{Plan, Rounds, RoundsEnd, interruption};
use super::sheet::{Sheet, SheetLine};
use super::words;
use crate::model::comparison::Verdict;
use crate::model::environment::Environment;
use crate::model::metric::Figure;
use crate::model::result::{CellResult, Status};
use crate::output::human;
use crate::stats::judge::{self, Judged};
use crate::stats::medians;
use crate::text::lists::{distinct, joined};
use crate::text::styles::BOLD;
use crate::text::table::{self, dash};
use crate::text::units::{counted, percent, ratio, show};
use crate::text::wrap;

/// A block for each line of the sheet: a row per runner.
pub(crate) fn blocks(sheet: &Sheet<'_>) -> String {
    let mut text = String::new();
    for (index, line) in sheet.lines.iter().enumerate() {
        let cell = line.cells[0];
        let title = wrap::wrapped(&title(sheet, line), "", "    ");
        let _ = writeln!(text, "{BOLD}{}{BOLD:#}", title.trim_end());
        text.push_str(&wrap::wrapped(cell.variant.summary, "  ", "  "));
        text.push_str(&block(sheet, line));
        text.push_str(&verdict(sheet, line));
        let next = sheet.lines.get(index + 1);
        let ends_variant = next.is_none_or(|next| !line.is_same_variant(next));
        if ends_variant {
            text.push_str(&said(sheet, line));
        }
        text.push('\n');
    }
    text
}

/// `crunch/tasks pieces=8, 2 workers, by time`
fn title(sheet: &Sheet<'_>, line: &SheetLine<'_>) -> String {
    let cell = line.cells[0];
    let mut title = cell.program();
    if line.cells.iter().any(|cell| cell.takes_workers()) {
        let plural = if line.workers == 1 { "" } else { "s" };
        let _ = write!(title, ", {} worker{plural}", line.workers);
    }
    let _ = write!(title, ", by {}", line.row.figure.name());
    if cell.speed() != 1.0 {
        let _ = write!(title, ", scenario time at speed {}", cell.speed());
    }
    let has_ideal = sheet.lines.len() > 1 && line.row.figure.is_time();
    if let Some(ideal) = line.row.cells[0].ideal_ns.filter(|_| has_ideal) {
        let _ = write!(title, ", ideal {}", line.row.figure.show(ideal as f64));
    }
    title
}

fn block(sheet: &Sheet<'_>, line: &SheetLine<'_>) -> String {
    let mut table = table(sheet, line, |name| name.to_owned());
    if !table.iter().all(|line| wrap::fits(line)) {
        table = self::table(sheet, line, |name| short(name).to_owned());
    }
    table.iter().fold(String::new(), |mut text, line| {
        let _ = writeln!(text, "{line}");
        text
    })
}

fn table(sheet: &Sheet<'_>, line: &SheetLine<'_>, name: impl Fn(&str) -> String) -> Vec<String> {
    let figure = line.row.figure;
    let reference = format!("x {}", short(sheet.reference.name()));
    // One of the scenario's own figures is not divided by the items.
    let each = !matches!(figure, Figure::Own(_))
        && line.row.cells.iter().any(|cell| items(cell).is_some());
    let mut header = vec!["runner", figure.name(), "±"];
    if each {
        header.push("each");
    }
    header.extend([reference.as_str(), "", "cpu", "tasks", "poll"]);
    let pairs = line.row.cells.iter().zip(&line.judged);
    let rows = line
        .cells
        .iter()
        .zip(pairs)
        .map(|(cell, (result, judged))| {
            let is_real = cell.runner.clock == Clock::Real;
            let mut row = vec![name(&result.runner)];
            match judged {
                Some(judged) => row.extend([figure.show(judged.median), judged.spread()]),
                None if result.status == Status::Ok => {
                    row.extend(["no samples".to_owned(), dash()])
                }
                None => row.extend([human::status(result.status).to_owned(), dash()]),
            }
            if each {
                let share = judged.as_ref().zip(items(result));
                let share = share.map(|(judged, items)| show(judged.median / items, figure.unit()));
                row.push(share.unwrap_or_else(dash));
            }
            let axes = result.axes.as_ref();
            let longest = axes.and_then(|axes| axes.longest_poll_ns);
            row.extend([
                judged
                    .as_ref()
                    .and_then(|judged| judged.ratio)
                    .map_or_else(dash, ratio),
                judged.as_ref().map_or("", words::verdict).to_owned(),
                // The CPU time of a simulation says nothing about the program.
                parallelism(result)
                    .filter(|_| is_real)
                    .map_or_else(dash, ratio),
                axes.map_or_else(dash, |axes| show(axes.tasks_in_flight as f64, Unit::Count)),
                longest.map_or_else(dash, |nanos| show(nanos as f64, Unit::Nanoseconds)),
            ]);
            row
        });
    let is_number = |index: usize| index > 0 && !header[index].is_empty();
    let lines = table::aligned(&header, rows, is_number);
    lines.iter().map(|line| format!("  {line}")).collect()
}

/// A runner's name as the head of a narrow column.
pub(super) fn short(name: &str) -> &str {
    match name {
        "tokio-current-thread" => "tokio-ct",
        name => name,
    }
}

/// The number of work items of a run, if there are several.
pub(crate) fn items(result: &CellResult) -> Option<f64> {
    let items = result.outcome.get("items")?.as_f64()?;
    (items > 1.0).then_some(items)
}

/// CPU time divided by real time: the number of cores kept busy.
fn parallelism(result: &CellResult) -> Option<f64> {
    let ratios = result.samples.iter().filter_map(|sample| {
        let wall = sample.wall_ns.filter(|wall| *wall > 0)?;
        Some(sample.cpu_ns? as f64 / wall as f64)
    });
    medians::median(&ratios.collect::<Vec<_>>())
}

/// The verdict on the line, in a sentence.
fn verdict(sheet: &Sheet<'_>, line: &SheetLine<'_>) -> String {
    let judged: Vec<(&CellResult, &Judged)> = line
        .row
        .cells
        .iter()
        .zip(&line.judged)
        .filter_map(|(cell, judged)| Some((*cell, judged.as_ref()?)))
        .collect();
    let noise = noise(line).map_or_else(String::new, |noise| {
        format!(
            " (two runs of the same differ by {:.1} % in the middle)",
            noise * 100.0
        )
    });
    let names = |wanted: Verdict| {
        let those = judged.iter().filter(|(_, judged)| judged.verdict == wanted);
        those
            .map(|(cell, _)| cell.runner.as_str())
            .collect::<Vec<_>>()
    };
    let (best, equal) = (names(Verdict::Best), names(Verdict::Equal));
    let (behind, unknown) = (names(Verdict::Behind), names(Verdict::Unknown));
    let text = match (best.first(), &equal[..]) {
        _ if !line.row.figure.is_ranked() => "There is no better or worse here.".to_owned(),
        _ if judged.len() < 2 => return String::new(),
        (Some(best), _) => format!("{best} is better than every other{noise}."),
        (None, []) if behind.is_empty() => format!("Not known yet{noise}."),
        (None, []) => format!("The best is not {}{noise}.", joined(&behind, "or")),
        (None, equal) => {
            let rest = match (behind.is_empty(), unknown.is_empty()) {
                (true, true) => "",
                (false, true) => ", and the others are behind",
                (_, false) => ", not all of the others are known",
            };
            format!("{} are equal{rest}{noise}.", joined(equal, "and"))
        }
    };
    let stop = line.stop.map_or_else(String::new, |stop| stop.told());
    let mut text = wrap::wrapped(format!("{text} {stop}").trim_end(), "  ", "  ");
    let is_unknown =
        |(_, judged): &&(&CellResult, &Judged)| judged.ranked && judged.verdict == Verdict::Unknown;
    let mut unknown: Vec<_> = judged.iter().filter(is_unknown).collect();
    if unknown.len() > 1 {
        // Its ratio to itself says nothing.
        unknown.retain(|(cell, _)| cell.runner != sheet.reference.name());
    }
    for (cell, judged) in unknown {
        let told = format!("{}: unknown: {}", cell.runner, words::unknown(judged));
        text.push_str(&wrap::wrapped(&told, "  ", "    "));
    }
    text
}

/// The widest noise of the cells of a line.
fn noise(line: &SheetLine<'_>) -> Option<f64> {
    let cells = line.row.cells.iter();
    let noises = cells.filter_map(|cell| judge::noise(cell, line.row.figure));
    noises.max_by(f64::total_cmp)
}

/// The lesson of the variant, and the notes on single runs.
fn said(sheet: &Sheet<'_>, line: &SheetLine<'_>) -> String {
    let mut text = wrap::wrapped(line.cells[0].variant.shows, "  ", "  ");
    let lines = sheet.lines.iter();
    let results = lines
        .filter(|other| line.is_same_variant(other))
        .flat_map(|line| &line.row.cells);
    let notes = results.flat_map(|result| {
        let notes = result.error.iter().chain(&result.notes);
        notes.map(|note| (note.as_str(), result.runner.clone()))
    });
    text.push_str(&human::notes(notes));
    text
}

/// The last lines: how the comparison was measured.
pub(crate) fn closing(
    sheet: &Sheet<'_>,
    rounds: &Rounds,
    samples: Option<u32>,
    plan: Plan,
    environment: &Environment,
) -> String {
    let took = Duration::from_secs(rounds.took.as_secs().max(1));
    let corrected = match sheet.comparisons {
        0 => String::new(),
        _ => format!(", corrected for {}", sheet.rule.looks.told()),
    };
    let needed = sheet.rule.looks.needed();
    let rows = sheet.lines.iter();
    let few = match rows
        .filter_map(|line| line.stop)
        .any(|stop| stop.rounds < needed)
    {
        true => ", or, of few samples, all of one above all of the other",
        false => "",
    };
    let mut text = interruption::told(rounds, samples);
    let _ = write!(
        text,
        "{} in shuffled order (--order-seed {}), a process for each run, in {}. \
         Medians ± half their 95 % interval. By the interval of the ratio to the fastest, round \
         by round{corrected}: equal is all of it within {} %, behind all of it above {} %{few}.",
        counted(rounds.order.len(), "round"),
        plan.order_seed,
        seconds(took),
        percent(sheet.rule.margin),
        percent(sheet.rule.noise),
    );
    let mut text = wrap::wrapped(&text, "", "");
    text.push_str(&wrap::wrapped(axes(rounds), "", ""));
    text.push_str(&wrap::wrapped(&environment.in_a_line(), "", ""));
    let results = sheet.lines.iter().flat_map(|line| &line.row.cells);
    let failed = results.filter(|result| !result.is_as_expected());
    let failures = distinct(failed.map(|result| human::failure(result)));
    text + &failures.concat()
}

/// The meaning of the columns of the axes, once for all blocks.
fn axes(rounds: &Rounds) -> &'static str {
    let none_recorded = rounds.results.iter().all(|result| result.axes.is_none());
    match rounds.end {
        RoundsEnd::Interrupted if none_recorded => {
            "cpu: CPU time / real time. tasks, poll: not known, for they take a run of their own, \
             which was left out."
        }
        _ => {
            "cpu: CPU time / real time. tasks, poll: the most tasks in flight and the longest \
             poll, both from a run of their own in which every poll was recorded."
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_axes_that_were_left_out_are_not_said_to_be_recorded() {
        let rounds = |end| Rounds {
            results: Vec::new(),
            order: Vec::new(),
            costs: Vec::new(),
            is_last_done: end == RoundsEnd::Done,
            took: Duration::ZERO,
            whole: 3,
            end,
            broken_off: None,
        };
        assert!(axes(&rounds(RoundsEnd::Interrupted)).contains("left out"));
        assert!(axes(&rounds(RoundsEnd::Done)).contains("every poll was recorded"));
    }
}
