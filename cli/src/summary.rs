//! What `run` prints at its end, and `--dry-run` instead of it.

use std::fmt::Write as _;
use std::time::Duration;

use anstyle::Style;
use comfy_table::CellAlignment;
use pollmark_core::time::seconds;
use pollmark_core::{Clock, Measure};

use crate::cell::Cell;
use crate::compare::figure;
use crate::human::{self, BAD, BOLD, DIM, label, plain_table, scenario_time};
use crate::report::{CellResult, Ideal, Status};

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
            let _ = write!(text, ", {} {}", count(other), human::status(other));
        }
    }
    let _ = writeln!(text, ", in {}", seconds(human::rounded(took)));
    let mut reasons: Vec<&str> = Vec::new();
    for result in results
        .iter()
        .filter(|result| result.status == Status::Unsupported)
    {
        let why = result.error.as_deref().unwrap_or("no reason given");
        if !reasons.contains(&why) {
            reasons.push(why);
            let told = format!(
                "{}/{}@{}: {why}",
                result.scenario, result.variant, result.runner
            );
            text.push_str(&human::wrapped(&told, "", "  "));
        }
    }
    for result in results.iter().filter(|result| !result.is_as_expected()) {
        let why = result.error.as_deref().unwrap_or("no reason given");
        let label = human::status(result.status);
        text.push_str(&human::labelled(BAD, label, why, ""));
        text.push_str(&human::again(&result.command));
    }
    text
}

/// One row a cell. Where it would not fit, figures of the scenario's own are left out,
/// the least telling first.
fn table(rows: &[(&Cell, &CellResult)]) -> String {
    let mut measures = measures(rows);
    loop {
        let lines = lines(rows, &measures);
        let widest = lines.iter().map(|line| line.chars().count()).max();
        if measures.len() > 1 && widest > Some(human::width()) {
            measures.pop();
            continue;
        }
        let mut text = String::new();
        for (index, line) in lines.iter().enumerate() {
            let style = if index == 0 { BOLD } else { Style::new() };
            let _ = writeln!(text, "{style}{line}{style:#}");
        }
        text.push('\n');
        return text;
    }
}

fn lines(rows: &[(&Cell, &CellResult)], measures: &[Measure]) -> Vec<String> {
    let scenario = rows[0].0.spec.scenario.as_str();
    let mut header = vec![scenario, "runner", "workers"];
    // A program that has figures of its own is not there for its time.
    let by_time = measures.is_empty();
    if by_time {
        header.push("ideal");
    }
    header.push("measured");
    if by_time {
        header.push("efficiency");
    }
    header.extend(measures.iter().map(|measure| measure.name));
    let mut table = plain_table(&header);
    let mut above = None;
    for (cell, result) in rows {
        let label = label(cell);
        let is_above = above.as_ref() == Some(&label);
        let shown = if is_above { "" } else { &label };
        let mut row = vec![shown.to_owned(), result.runner.clone()];
        row.push(
            cell.workers()
                .map_or_else(dash, |workers| workers.to_string()),
        );
        if by_time {
            row.push(
                result
                    .ideal_ns
                    .map_or_else(dash, |ns| seconds(Duration::from_nanos(ns)).to_string()),
            );
        }
        row.push(match result.status {
            Status::Ok if cell.never_ends() => "no end".to_owned(),
            Status::Ok => scenario_time(result.scenario_ns()),
            other => human::status(other).to_owned(),
        });
        if by_time {
            let efficiency = result.efficiency();
            row.push(efficiency.map_or_else(dash, |share| format!("{:.0} %", share * 100.0)));
        }
        let sample = result.samples.first();
        row.extend(measures.iter().map(|measure| {
            let value = sample.and_then(|sample| sample.figures.get(measure.name));
            value.map_or_else(dash, |value| figure::show(*value, measure.unit))
        }));
        table.add_row(row);
        above = Some(label);
    }
    for column in table.column_iter_mut().skip(2) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    let lines = table.lines();
    lines.map(|line| line.trim_end().to_owned()).collect()
}

fn dash() -> String {
    "–".to_owned()
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

/// One sentence for each variant, and what is to be known of single runs.
fn lessons(rows: &[(&Cell, &CellResult)]) -> String {
    let mut text = String::new();
    for group in rows.chunk_by(|a, b| a.0.spec.variant == b.0.spec.variant) {
        let variant = &group[0].0.variant;
        let sentence = format!("{}: {}", variant.id, variant.shows);
        text.push_str(&human::wrapped(&sentence, "", "  "));
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
            text.push_str(&human::wrapped(
                &format!("{}: {note}", runners.join(", ")),
                "  - ",
                "    ",
            ));
        }
    }
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
            seconds(human::rounded(time)).to_string()
        });
        let command = cell.command();
        if command.chars().count() + "  about ".len() + about.chars().count() <= human::width() {
            let _ = writeln!(text, "{command}  {DIM}about {about}{DIM:#}");
        } else {
            text.push_str(&human::command(&command, ""));
            let _ = writeln!(text, "    {DIM}about {about}{DIM:#}");
        }
        let total = if cell.may_share() {
            &mut idle
        } else {
            &mut busy
        };
        *total += real.unwrap_or_default();
    }
    let jobs = u32::try_from(jobs).unwrap_or(u32::MAX);
    let total = human::rounded(idle / jobs.max(1) + busy);
    let _ = writeln!(
        text,
        "{} cells, about {} in all",
        cells.len(),
        seconds(total)
    );
    text
}
