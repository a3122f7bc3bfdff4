//! The whole comparison in one table, a column per runner: for people, and for a document.

use std::fmt::Write as _;

use super::sheet::{Sheet, SheetLine};
use super::table::short;
use crate::model::environment::Environment;
use crate::model::result::Place;
use crate::stats::judge::Judged;
use crate::text::lists::distinct;
use crate::text::styles::{BOLD, DIM};
use crate::text::table::{self, dash};
use crate::text::units::ratio;
use crate::text::wrap;

/// All lines in one table, a column per runner; empty if there is only one line.
pub(crate) fn overview(sheet: &Sheet<'_>) -> String {
    if sheet.lines.len() < 2 {
        return String::new();
    }
    let columns = columns(sheet);
    let labels: Vec<String> = sheet.lines.iter().map(|line| label(sheet, line)).collect();
    let beside = ratios(sheet, &columns, Some(&labels));
    let is_beside = beside.iter().all(|line| wrap::fits(line));
    let lines = match is_beside {
        true => beside,
        false => ratios(sheet, &columns, None),
    };
    let mut text = String::new();
    for (index, line) in lines.iter().enumerate() {
        let Some(above) = index.checked_sub(1) else {
            let _ = writeln!(text, "{BOLD}{line}{BOLD:#}");
            continue;
        };
        if !is_beside {
            text.push_str(&wrap::wrapped(&labels[above], "", "    "));
        }
        let _ = writeln!(text, "{line}");
    }
    let _ = writeln!(text, "{DIM}* the best   = a tie with the best{DIM:#}\n");
    text
}

/// A head and a line for each program: its ratios by runner, beside its label if there are
/// labels.
fn ratios(sheet: &Sheet<'_>, columns: &[String], labels: Option<&[String]>) -> Vec<String> {
    let reference = format!("x {}", short(sheet.reference.name()));
    let heads = columns.iter().map(|name| short(name));
    let header: Vec<&str> = [reference.as_str()].into_iter().chain(heads).collect();
    let rows = sheet.lines.iter().enumerate().map(|(index, line)| {
        let label = labels.map_or_else(String::new, |labels| labels[index].clone());
        let ratios = columns.iter().map(|column| {
            let judged = judged_of(line, column);
            judged.map_or_else(dash, |judged| {
                let number = judged.ratio.map_or_else(dash, ratio);
                match judged.place {
                    Place::Best => format!("{number} *"),
                    Place::Tie => format!("{number} ="),
                    Place::Behind | Place::Unknown => format!("{number}  "),
                }
            })
        });
        [label].into_iter().chain(ratios)
    });
    table::aligned(&header, rows, |index| index > 0)
}

fn columns(sheet: &Sheet<'_>) -> Vec<String> {
    let cells = sheet.lines.iter().flat_map(|line| &line.row.cells);
    distinct(cells.map(|cell| cell.column.clone()))
}

/// The program, and its workers where they are swept.
fn label(sheet: &Sheet<'_>, line: &SheetLine<'_>) -> String {
    let swept = sheet
        .lines
        .iter()
        .any(|other| other.workers != line.workers);
    match swept {
        true => format!("{} ({})", line.cells[0].program(), line.workers),
        false => line.cells[0].program(),
    }
}

fn judged_of<'a>(line: &'a SheetLine<'_>, column: &str) -> Option<&'a Judged> {
    let mut pairs = line.row.cells.iter().zip(&line.judged);
    let (_, judged) = pairs.find(|(cell, _)| cell.column == column)?;
    judged.as_ref()
}

/// A table for a document: a row per program, a column per runner, with median, spread,
/// ratio and place; then the environment in which it was made.
pub(crate) fn markdown(sheet: &Sheet<'_>, environment: &Environment) -> String {
    let columns = columns(sheet);
    let mut text = format!("| program | by | {} |\n", columns.join(" | "));
    let _ = writeln!(text, "|---|---|{}", "---:|".repeat(columns.len()));
    for line in &sheet.lines {
        let _ = write!(
            text,
            "| {} | {} |",
            label(sheet, line),
            line.row.figure.name()
        );
        for column in &columns {
            let shown = judged_of(line, column).map_or_else(dash, |judged| {
                let median = line.row.figure.show(judged.median);
                let times = judged
                    .ratio
                    .map_or_else(String::new, |value| format!(", {}x", ratio(value)));
                let shown = format!("{median} {}{times}", judged.spread());
                match judged.place {
                    Place::Best => format!("**{shown}**"),
                    Place::Tie => format!("{shown} (tie)"),
                    Place::Behind | Place::Unknown => shown,
                }
            });
            let _ = write!(text, " {shown} |");
        }
        text.push('\n');
    }
    let _ = writeln!(
        text,
        "\nMedian, half its 95 % interval, ratio to {}; bold: best; tie: cannot be told from the best. {}",
        sheet.reference.name(),
        environment.in_a_line()
    );
    text
}
