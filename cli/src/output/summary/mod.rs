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
    let ideals = human::ideals(rows.iter().map(|(_, result)| *result));
    let meaning = match rows
        .iter()
        .all(|(cell, _)| cell.variant.measures.is_empty())
    {
        true => human::ideals_meaning(ideals),
        false => "",
    };
    let mut text = String::new();
    if !meaning.is_empty() {
        text.push_str(&wrap::wrapped(meaning, "", "  "));
    }
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

/// The output of `--dry-run`: the cells, and the time that so many runs of each would take.
pub(crate) fn plan(cells: &[Cell], ideals: &[Ideal], jobs: usize, runs: u32) -> String {
    let mut text = String::new();
    let (mut idle, mut busy) = (Duration::ZERO, Duration::ZERO);
    let mut unknown = 0;
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
        unknown += usize::from(real.is_none());
    }
    let jobs = u32::try_from(jobs).unwrap_or(u32::MAX);
    let once = idle / jobs.max(1) + busy;
    text.push_str(&wrap::wrapped(
        &whole(cells.len(), unknown, once, runs),
        "",
        "  ",
    ));
    text
}

/// The time of all runs: what is not known takes some too, and so does the start of a process.
fn whole(cells: usize, unknown: usize, once: Duration, runs: u32) -> String {
    let cells = units::counted(cells, "cell");
    let times = match runs {
        1 => String::new(),
        runs => format!(", each {runs} times over"),
    };
    let total = units::span(once * runs);
    match unknown {
        0 => format!("{cells}{times}, at least {total} in all"),
        _ => format!(
            "{cells}{times}, at least {total} in all, in which {} of unknown length {} nothing",
            units::counted(unknown, "cell"),
            if unknown == 1 { "counts" } else { "count" },
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_whole_time_is_a_lower_bound_with_all_repetitions() {
        let once = Duration::from_millis(24_100);
        assert_eq!(
            whole(45, 25, once, 17),
            "45 cells, each 17 times over, at least 7 min in all, in which 25 cells of unknown \
             length count nothing"
        );
        assert_eq!(whole(1, 0, once, 1), "1 cell, at least 24.1 s in all");
    }
}
