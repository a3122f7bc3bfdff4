//! The whole comparison in one table, a column per runner: for people, and for a document.

use std::fmt::Write as _;

use super::sentence::sentences;
use super::sheet::{Sheet, SheetLine};
use super::words::{self, Names, columns};
use crate::model::comparison::Verdict;
use crate::model::environment::Environment;
use crate::stats::judge::Judged;
use crate::text::styles::{BOLD, DIM};
use crate::text::table::{self, dash};
use crate::text::units::{factor, percent};
use crate::text::wrap;

/// All lines in one table, a column per runner; empty if there is only one line.
pub(crate) fn overview(sheet: &Sheet<'_>) -> String {
    if sheet.lines.len() < 2 {
        return String::new();
    }
    let columns = columns(sheet);
    let labels: Vec<String> = sheet.lines.iter().map(|line| label(sheet, line)).collect();
    let table = |names, is_beside| {
        let labels = Some(&labels[..]).filter(|_| is_beside);
        (names, is_beside, ratios(sheet, &columns, names, labels))
    };
    let mut tables = [(Names::Short, true), (Names::Short, false)].into_iter();
    let fitting = tables.find_map(|(names, is_beside)| {
        let table = table(names, is_beside);
        table.2.iter().all(|line| wrap::fits(line)).then_some(table)
    });
    let last = || table(Names::Letters, false);
    let (names, is_beside, lines) = fitting.unwrap_or_else(last);
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
    for line in names.key(sheet, columns.iter()) {
        let _ = writeln!(text, "{line}");
    }
    let marks = MARKS.iter().filter(|(verdict, ..)| has(sheet, *verdict));
    let marks: Vec<String> = marks
        .map(|(_, mark, word)| format!("{mark} {word}"))
        .collect();
    if !marks.is_empty() {
        let _ = writeln!(text, "{DIM}{}{DIM:#}", marks.join("   "));
    }
    text.push('\n');
    text
}

/// The marks beside ratios. One that is behind has none.
const MARKS: [(Verdict, &str, &str); 3] = [
    (Verdict::Best, "*", "best"),
    (Verdict::Equal, "=", "equal"),
    (Verdict::Unknown, "?", "unknown"),
];

/// Whether a ranked cell of the sheet has this verdict.
fn has(sheet: &Sheet<'_>, wanted: Verdict) -> bool {
    let lines = sheet.lines.iter();
    let mut judged = lines.flat_map(|line| line.judged.iter().flatten());
    judged.any(|judged| judged.ranked && judged.verdict == wanted)
}

/// A head and a line for each program: its ratios by runner, beside its label if there are
/// labels.
fn ratios(
    sheet: &Sheet<'_>,
    columns: &[String],
    names: Names,
    labels: Option<&[String]>,
) -> Vec<String> {
    let reference = format!("x {}", names.of(sheet, sheet.reference.name()));
    let heads = columns.iter().map(|name| names.of(sheet, name));
    let header: Vec<String> = [reference].into_iter().chain(heads).collect();
    let header: Vec<&str> = header.iter().map(String::as_str).collect();
    let rows = sheet.lines.iter().enumerate().map(|(index, line)| {
        let label = labels.map_or_else(String::new, |labels| labels[index].clone());
        let ratios = columns.iter().map(|column| {
            let judged = judged_of(line, column);
            judged.map_or_else(dash, |judged| {
                let number = judged.ratio.map_or_else(dash, factor);
                let is_it =
                    |(verdict, ..): &&(Verdict, _, _)| judged.ranked && *verdict == judged.verdict;
                let mark = MARKS.iter().find(is_it).map_or(" ", |(_, mark, _)| mark);
                format!("{number} {mark}")
            })
        });
        [label].into_iter().chain(ratios)
    });
    table::aligned(&header, rows, |index| index > 0)
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
/// ratio and verdict; then the environment in which it was made.
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
            let judged = judged_of(line, column);
            let shown = judged.map_or_else(dash, |judged| in_document(line, judged));
            let _ = write!(text, " {shown} |");
        }
        text.push('\n');
    }
    text.push('\n');
    for line in &sheet.lines {
        let told = sentences(line, &sheet.rule).join(" ");
        if !told.is_empty() {
            let _ = writeln!(text, "- {}: {told}", label(sheet, line));
        }
    }
    let margin = percent(sheet.rule.margin);
    let mut meanings = vec![
        "Median, its 95 % interval or half of it (±)".to_owned(),
        format!(
            "median of the ratios to {} round by round, which is not the ratio of the medians",
            sheet.reference.name()
        ),
    ];
    for (verdict, meaning) in [
        (Verdict::Best, "bold: best".to_owned()),
        (
            Verdict::Equal,
            format!("equal: surely within {margin} % of the fastest"),
        ),
        (
            Verdict::Unknown,
            "unknown: see the sentence on the program".to_owned(),
        ),
    ] {
        meanings.extend(has(sheet, verdict).then_some(meaning));
    }
    let environment = environment.in_a_line();
    let _ = writeln!(text, "\n{}. {environment}", meanings.join("; "));
    text
}

/// `103 ms ±1.9%, 1.00x (equal)`, or with the ends of the interval where half its width says
/// little.
fn in_document(line: &SheetLine<'_>, judged: &Judged) -> String {
    let unit = line.unit();
    let spread = match judged.interval.filter(|_| judged.is_lopsided()) {
        Some(interval) => format!("({})", unit.range(interval.low, interval.high)),
        None => judged.spread(),
    };
    let mut shown = unit.show(judged.median);
    if !spread.is_empty() {
        let _ = write!(shown, " {spread}");
    }
    if let Some(ratio) = judged.ratio {
        let _ = write!(shown, ", {}x", factor(ratio));
    }
    match judged.verdict {
        _ if !judged.ranked => shown,
        Verdict::Best => format!("**{shown}**"),
        Verdict::Behind => shown,
        Verdict::Equal | Verdict::Unknown => format!("{shown} ({})", words::verdict(judged)),
    }
}
