//! A comparison in a form for people, program by program.

use std::fmt::Write as _;
use std::time::Duration;

use pollmark_core::time::seconds;

use super::columns::{self, Heads};
use super::interruption;
use super::plot::intervals;
use super::rounds::runs;
use super::rounds::{Plan, Rounds};
use super::sentence::sentences;
use super::sheet::{Sheet, SheetLine};
use crate::model::environment::Environment;
use crate::output::human;
use crate::stats::judge;
use crate::text::lists::distinct;
use crate::text::styles::BOLD;
use crate::text::units::{counted, percent};
use crate::text::wrap;

/// A block for each line of the sheet: a row per runner. Adds to the heads that it shows.
pub(crate) fn blocks(sheet: &Sheet<'_>, heads: &mut Heads) -> String {
    let mut text = String::new();
    for (index, line) in sheet.lines.iter().enumerate() {
        let cell = line.cells[0];
        heads.extend(line.ideals().iter().map(|(head, _)| (*head).to_owned()));
        let title = wrap::wrapped(&title(line), "", "    ");
        let _ = writeln!(text, "{BOLD}{}{BOLD:#}", title.trim_end());
        text.push_str(&wrap::wrapped(cell.variant.summary, "  ", "  "));
        for row in columns::table(sheet, line, heads) {
            let _ = writeln!(text, "{row}");
        }
        text.push_str(&intervals::plot(line, heads));
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
pub(super) fn title(line: &SheetLine<'_>) -> String {
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
    for (head, of) in line.ideals() {
        let times = line.row.cells.iter().filter_map(|result| of(result));
        let shown = |time: Option<u64>| time.map(|time| line.row.figure.show(time as f64));
        let (least, most) = (shown(times.clone().min()), shown(times.max()));
        let _ = write!(title, ", {head} {}", least.clone().unwrap_or_default());
        if let Some(most) = most.filter(|most| least.as_ref() != Some(most)) {
            let _ = write!(title, " to {most}");
        }
    }
    title
}

/// What is known of the line, in sentences, and what is not.
fn verdict(sheet: &Sheet<'_>, line: &SheetLine<'_>) -> String {
    let sentences = sentences(line, &sheet.rule).into_iter();
    let mut text: String = sentences
        .map(|told| wrap::wrapped(&told, "  ", "    "))
        .collect();
    if text.is_empty() {
        return text;
    }
    let noise = noise(line).map_or_else(String::new, |noise| {
        let noise = noise * 100.0;
        format!("Two runs of the same differ by {noise:.1} % in the middle. ")
    });
    let stop = line.stop.map_or_else(String::new, |stop| stop.told());
    let layout = line.layout_floor.map_or_else(String::new, |floor| {
        if floor.is_infinite() {
            return " Layout floor: not measured, for the relinked build has no samples; between \
                    builds nothing is behind."
                .to_owned();
        }
        let floor = floor * 100.0;
        format!(
            " Layout floor: relinked, the same code differs by up to {floor:.1} %; between builds \
             nothing within that is behind."
        )
    });
    let told = noise + &stop + &layout;
    if !told.is_empty() {
        text.push_str(&wrap::wrapped(told.trim_end(), "  ", "  "));
    }
    text
}

/// The widest noise of the cells of a line.
fn noise(line: &SheetLine<'_>) -> Option<f64> {
    let cells = line.row.cells.iter();
    let noises = cells.filter_map(|cell| judge::noise(&line.row.values(cell)));
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
        notes.map(|note| (note.as_str(), result.column.clone()))
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
    heads: &Heads,
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
    let round = match rounds.order.len() > rounds.whole {
        true => "whole round",
        false => "round",
    };
    let mut text = interruption::told(rounds, samples);
    let _ = write!(
        text,
        "{} in shuffled order (--order-seed {}), a process for each sample, in {}.{} \
         By the interval of the ratio to the fastest, round \
         by round{corrected}: equal is all of it within {} %, behind all of it above {} %{few}.",
        counted(rounds.whole, round),
        plan.order_seed,
        seconds(took),
        runs::told(&rounds.results),
        percent(sheet.rule.margin),
        percent(sheet.rule.noise),
    );
    let mut text = wrap::wrapped(&text, "", "");
    text.push_str(&columns::meanings(heads, sheet, rounds));
    text.push_str(&wrap::wrapped(&environment.in_a_line(), "", ""));
    let results = sheet.lines.iter().flat_map(|line| &line.row.cells);
    let failed = results.filter(|result| !result.is_as_expected());
    let failures = distinct(failed.map(|result| human::failure(result)));
    text + &failures.concat()
}
