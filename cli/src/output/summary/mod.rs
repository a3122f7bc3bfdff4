//! The text that `run` prints at its end, or with `--dry-run` in its place.

mod table;

use std::fmt::Write as _;
use std::time::Duration;

use pollmark_core::Clock;
use pollmark_core::time::seconds;

use crate::model::cell::Cell;
use crate::model::result::{CellResult, Ideal, Status};
use crate::output::human;
use crate::text::styles::DIM;
use crate::text::{units, wrap};

/// The table, its conclusions, and the number of cells that went as expected.
pub(crate) fn summary(cells: &[Cell], results: &[CellResult], took: Duration) -> String {
    let mut text = String::new();
    let rows: Vec<(&Cell, &CellResult)> = cells.iter().zip(results).collect();
    for group in rows.chunk_by(|a, b| a.0.spec.scenario == b.0.spec.scenario) {
        text.push_str(&table::table(group));
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
    let _ = writeln!(text, ", in {}", seconds(units::rounded(took)));
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
                result.scenario, result.variant, result.column
            );
            text.push_str(&wrap::wrapped(&told, "", "  "));
        }
    }
    let failed = results.iter().filter(|result| !result.is_as_expected());
    text.extend(failed.map(human::failure));
    text
}

/// One sentence for each variant, and the notes on single runs.
fn lessons(rows: &[(&Cell, &CellResult)]) -> String {
    let mut text = String::new();
    for group in rows.chunk_by(|a, b| a.0.spec.variant == b.0.spec.variant) {
        let variant = &group[0].0.variant;
        let sentence = format!("{}: {}", variant.id, variant.shows);
        text.push_str(&wrap::wrapped(&sentence, "", "  "));
        let notes = group.iter().flat_map(|(cell, result)| {
            let who = match cell.workers() {
                Some(workers) => format!("{} ({workers})", result.column),
                None => result.column.clone(),
            };
            let notes = result.notes.iter();
            notes.map(move |note| (note.as_str(), who.clone()))
        });
        text.push_str(&human::notes(notes));
    }
    text.push('\n');
    text
}

/// The output of `--dry-run`: the cells, and the time that they would take.
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
            seconds(units::rounded(time)).to_string()
        });
        let command = cell.command();
        if wrap::fits(&format!("{command}  about {about}")) {
            let _ = writeln!(text, "{command}  {DIM}about {about}{DIM:#}");
        } else {
            text.push_str(&wrap::command(&command, ""));
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
    let total = units::rounded(idle / jobs.max(1) + busy);
    let plural = if cells.len() == 1 { "" } else { "s" };
    let _ = writeln!(
        text,
        "{} cell{plural}, about {} in all",
        cells.len(),
        seconds(total)
    );
    text
}
