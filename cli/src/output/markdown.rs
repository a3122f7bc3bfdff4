//! Results as a table for a document.

use std::fmt::Write as _;

use super::human;
use crate::model::cell::Cell;
use crate::model::result::{CellResult, Status};
use crate::text::lists::distinct;
use crate::text::table;

/// A table for a document: a row a program, a column a runner, in scenario seconds.
pub(crate) fn markdown(cells: &[Cell], results: &[CellResult]) -> String {
    let rows: Vec<(&Cell, &CellResult)> = cells.iter().zip(results).collect();
    let columns = distinct(cells.iter().map(|cell| column(cell, cells)));
    let ideals = human::ideals(results.iter());
    let heads = ideals.iter().map(|(head, _)| (*head).to_owned());
    let heads: Vec<String> = heads.chain(columns.iter().cloned()).collect();
    let mut text = format!("| program | asyncio | {} |\n", heads.join(" | "));
    let _ = writeln!(text, "|---|---:|{}", "---:|".repeat(heads.len()));
    for program in rows.chunk_by(|a, b| a.0.program() == b.0.program()) {
        let (first, result) = program[0];
        let asyncio = first.variant.asyncio.map(|took| format!("{took:.2}"));
        let _ = write!(text, "| {} | {} |", first.program(), or_dash(asyncio));
        for (_, ideal) in ideals {
            let ideal = ideal(result).map(|nanos| format!("{}", nanos as f64 / 1e9));
            let _ = write!(text, " {} |", or_dash(ideal));
        }
        for wanted in &columns {
            let found = program
                .iter()
                .find(|(cell, _)| column(cell, cells) == *wanted);
            let shown = found.map(|(cell, result)| measured(cell, result));
            let _ = write!(text, " {} |", shown.unwrap_or_default());
        }
        text.push('\n');
    }
    text
}

/// The runner, with its workers where it runs with several numbers of them.
fn column(cell: &Cell, cells: &[Cell]) -> String {
    let runner = cell.asked_as();
    let mut others = cells.iter().filter(|other| other.asked_as() == runner);
    match cell.workers() {
        Some(workers) if others.any(|other| other.workers() != Some(workers)) => {
            format!("{runner} ({workers})")
        }
        _ => runner,
    }
}

fn measured(cell: &Cell, result: &CellResult) -> String {
    match result.status {
        Status::Ok if cell.never_ends() => "no end".to_owned(),
        Status::Ok => or_dash(
            result
                .scenario_ns()
                .map(|nanos| format!("{:.2}", nanos as f64 / 1e9)),
        ),
        other => human::status(other).to_owned(),
    }
}

fn or_dash(value: Option<String>) -> String {
    value.unwrap_or_else(table::dash)
}
