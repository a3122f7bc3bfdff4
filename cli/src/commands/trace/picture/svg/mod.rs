//! The pictures as one SVG file: the programs one below the other, for slides and handouts.

mod shapes;
mod style;

use std::io::{self, Write};

use super::look::Symbol;
use super::model::{Group, Kind, Picture, Row};
use super::scale::Scale;
use super::sheet::{Program, Shown, programs};
use super::text::symbols_of_legend;
use super::{columns, look};
use crate::commands::trace::recorded::Run;
use crate::output::svg::{COLUMNS, LETTER, MARGIN, Page};
use crate::text::fit;

use self::shapes::Lane;
use self::style::DRESS;

/// The columns of time that are told apart within the width of a letter.
const FINE: usize = 8;

/// The blank letters before a row, and after its name.
const INDENT: usize = 2;

/// The height of a row.
const ROW: f64 = 21.0;

/// Writes the pictures of all runs.
///
/// # Errors
///
/// `to` cannot be written.
pub(crate) fn draw(runs: &[Run<'_>], to: &mut dyn Write) -> io::Result<()> {
    let mut page = Page::default();
    let mut told = Vec::new();
    let mut titles = Vec::new();
    for program in programs(runs) {
        told.push(draw_program(&mut page, &program));
        titles.push(program.title);
    }
    let title = titles.join(", ");
    to.write_all(page.finish(&title, &told.join(" "), &DRESS).as_bytes())
}

/// Draws a program, and tells its runs in a sentence.
fn draw_program(page: &mut Page, program: &Program<'_>) -> String {
    page.title(&program.title);
    page.paragraph("faint", 0, program.summary);
    let symbols: Vec<Symbol> = symbols_of_legend(&program.signs).collect();
    draw_legend(page, &symbols);
    let mut told = Vec::new();
    for shown in &program.runs {
        let (runner, took) = shown.heading();
        let took = took.map_or_else(String::new, |took| format!(": {took}"));
        let ideal = if shown.is_ideal() { " (the ideal)" } else { "" };
        let heading = format!("{runner}{took}{ideal}");
        draw_run(page, program, shown, &heading);
        told.push(heading);
    }
    format!("{}: {}.", program.title, told.join("; "))
}

fn draw_legend(page: &mut Page, symbols: &[Symbol]) {
    const SWATCH: usize = 3;
    const GAP: usize = 2;
    page.down(4.0);
    let mut column = 0;
    for &symbol in symbols {
        let name = symbol.look().name;
        let width = SWATCH + 1 + fit::width(name);
        if column > 0 && column + width > COLUMNS {
            page.down(ROW);
            column = 0;
        }
        let mut lane = Lane::at(page.y());
        lane.swatch(symbol, Page::x(column), SWATCH as f64 * LETTER);
        page.shapes(&lane.finish());
        page.letters("faint", column + SWATCH + 1, name);
        column += width + GAP;
    }
    page.down(ROW);
}

fn draw_run(page: &mut Page, program: &Program<'_>, shown: &Shown<'_>, heading: &str) {
    page.down(6.0);
    page.paragraph("strong", 0, heading);
    page.down(2.0);
    if let Some(error) = &shown.run.report.error {
        page.paragraph("faint", INDENT, error);
    }
    let Some(picture) = shown.picture else {
        page.paragraph("faint", INDENT, "(nothing was recorded)");
        return;
    };
    let first = INDENT + program.names + INDENT;
    let scale = Scale::new(program.span, COLUMNS - first);
    for group in &picture.groups {
        draw_group(page, group, program.names, first, scale);
    }
    draw_axis(page, picture, first, scale);
}

fn draw_group(page: &mut Page, group: &Group, names: usize, first: usize, scale: Scale) {
    if let Some(title) = &group.title {
        page.paragraph("faint", INDENT, title);
    }
    let fine = scale.finer(FINE);
    let place = |column: usize| Page::x(first) + column as f64 * LETTER / FINE as f64;
    for row in &group.rows {
        page.open(&row.name);
        let inner = 2 * row.depth;
        let name = fit::fitted(&row.name, names.saturating_sub(inner), false);
        page.letters("", INDENT + inner, name.trim_end());
        let mut lane = Lane::at(page.y());
        draw_row(&mut lane, row, fine, &place);
        page.shapes(&lane.finish());
        page.close();
        page.down(ROW);
    }
    if let Some(left_out) = &group.left_out {
        page.paragraph("faint", INDENT, left_out);
    }
}

fn draw_row(lane: &mut Lane, row: &Row, fine: Scale, place: &dyn Fn(usize) -> f64) {
    if let Kind::Count(state) = row.kind {
        let (counts, highest) = columns::counts(row, fine);
        let share = |count: &columns::Count| count.number / highest.max(f64::MIN_POSITIVE);
        let shares: Vec<f64> = counts.iter().map(share).collect();
        lane.chart(look::of(state), &shares, place);
        for (column, count) in counts.iter().enumerate() {
            if count.touched && count.number == 0.0 {
                lane.stretch(Symbol::Touched, place(column), place(column));
            }
        }
        return;
    }
    let symbols = columns::symbols(row, fine);
    let mut column = 0;
    for stretch in symbols.chunk_by(|a, b| a == b) {
        let next = column + stretch.len();
        if !matches!(stretch[0], Symbol::Marked(_)) {
            lane.stretch(stretch[0], place(column), place(next));
        }
        column = next;
    }
    for mark in &row.marks {
        lane.mark(Symbol::Marked(mark.sign), place(fine.column(mark.at)));
    }
}

fn draw_axis(page: &mut Page, picture: &Picture, first: usize, scale: Scale) {
    let begin = Page::x(first);
    let at = |position: f64| begin + position * LETTER;
    let y = page.y();
    let mut line = format!(
        r#"<path class="axis" d="M{begin:.1} {y:.1}H{:.1}"#,
        at(scale.position(picture.span).max(1.0))
    );
    let ticks = scale.ticks(picture.span);
    for tick in &ticks {
        line.push_str(&format!("M{:.1} {y:.1}v-5", at(scale.position(tick.at))));
    }
    line.push_str(r#""/>"#);
    page.shapes(&line);
    page.down(4.0);
    for tick in ticks {
        page.letters("faint", first + tick.start, &tick.text);
    }
    page.down(1.5 * MARGIN);
}
