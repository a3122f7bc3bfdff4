//! The comparison as one SVG file: a picture for each program, and a curve of what scales.

use std::fmt::Write as _;

use super::axis::Axis;
use super::curves;
use super::shapes::{NAME, median};
use crate::commands::compare::sentence::sentences;
use crate::commands::compare::sheet::{Sheet, SheetLine};
use crate::commands::compare::{scaling, table, words};
use crate::model::result::CellResult;
use crate::output::svg::{COLUMNS, Dress, LETTER, MARGIN, Page};
use crate::output::theme::{Colour, Theme};
use crate::stats::judge::Judged;
use crate::text::fit;
use crate::text::units::Common;

/// The height of a row.
const ROW: f64 = 26.0;

/// The height of an interval's bar.
const BAR: f64 = 12.0;

/// The columns of the words of a verdict, and of a median.
const WORDS: usize = 17;
const VALUE: usize = 9;

/// Verdicts have a shape each, and colours beside that.
const DRESS: Dress = Dress {
    patterns: "",
    rules: ".interval{fill-opacity:.35;stroke:none}\n.sample{fill-opacity:.55}\n\
            .dashed{fill:none;stroke-width:1.6;stroke-dasharray:5 4}\n\
            .behind,.unknown{stroke-width:2}\n",
    colours,
};

fn colours(theme: Theme) -> String {
    let hex = |colour| theme.hex(colour);
    let (plain, faint) = (hex(Colour::Plain), hex(Colour::Faint));
    let ground = match theme {
        Theme::Light => "#ffffff",
        Theme::Dark => "#0d1117",
    };
    format!(
        ".interval,.sample{{fill:{faint}}}\n.dashed{{stroke:{plain}}}\n\
         .best,.equal{{fill:{}}}\n.behind{{fill:{ground};stroke:{plain}}}\n\
         .unknown{{fill:{ground};stroke:{}}}\n",
        hex(Colour::Green),
        hex(Colour::Yellow)
    )
}

/// The whole file.
pub(crate) fn draw(sheet: &Sheet<'_>) -> String {
    let mut page = Page::default();
    let mut told = Vec::new();
    let mut titles = Vec::new();
    for line in &sheet.lines {
        let title = table::title(line);
        let sentences = sentences(line, &sheet.rule).join(" ");
        // A long title is cut.
        let (name, by) = title.split_once(", by ").unwrap_or((&title, ""));
        let dashed = match line.ideals() {
            [] => String::new(),
            [(head, _), ..] => format!("; dashed: {head}"),
        };
        page.title(name);
        page.paragraph("faint", 0, &format!("by {by}{dashed}"));
        page.paragraph("", 0, &sentences);
        draw_line(&mut page, line);
        told.push(format!("{title}: {sentences}"));
        titles.push(line.cells[0].program());
    }
    for curves in scaling::curves(sheet) {
        curves::draw(&mut page, &curves);
    }
    titles.dedup();
    page.finish(&titles.join(", "), &told.join(" "), &DRESS)
}

fn draw_line(page: &mut Page, line: &SheetLine<'_>) {
    let cells = line.row.cells.iter().zip(&line.judged);
    let rows: Vec<(&CellResult, Vec<f64>, &Judged)> = cells
        .filter_map(|(cell, judged)| Some((*cell, line.row.values(cell), judged.as_ref()?)))
        .collect();
    let samples = rows
        .iter()
        .flat_map(|(_, values, _)| values.iter().copied());
    let ideals = rows.iter().filter_map(|(cell, ..)| line.ideal(cell));
    let Some(axis) = Axis::over(samples.chain(ideals)) else {
        page.paragraph("faint", 0, "(no samples)");
        return;
    };
    let names = rows.iter().map(|(cell, ..)| fit::width(&cell.column)).max();
    let names = names.unwrap_or_default().min(NAME);
    let words_at = names + 2;
    let first = words_at + WORDS + VALUE + 2;
    let x = |value: f64| Page::x(first) + axis.place(value) * (COLUMNS - first) as f64 * LETTER;
    let unit = line.unit();
    page.down(8.0);
    for (cell, values, judged) in &rows {
        let words = words::verdict(judged);
        let value = unit.show(judged.median);
        page.open(&format!("{}: {value} {words}", cell.column));
        page.letters("", 0, fit::fitted(&cell.column, names, false).trim_end());
        page.letters("", words_at, words);
        let blanks = VALUE.saturating_sub(fit::width(&value));
        page.letters("", words_at + WORDS + blanks, &value);
        let middle = page.y() + BAR / 2.0;
        if let Some(ideal) = line.ideal(cell) {
            let (x, top) = (x(ideal), middle - ROW / 2.0);
            page.shapes(&format!(
                r#"<path class="dashed" d="M{x:.1} {top:.1}v{ROW}"/>"#
            ));
        }
        page.shapes(&shapes(values, judged, middle, &x));
        page.close();
        page.down(ROW);
    }
    draw_axis(page, first, &axis, &unit);
}

/// The samples as dots, the interval as a bar, and the median in the shape of its verdict.
fn shapes(values: &[f64], judged: &Judged, middle: f64, x: &dyn Fn(f64) -> f64) -> String {
    let mut shapes = String::new();
    if let Some(interval) = judged.interval {
        let (from, to) = (x(interval.low), x(interval.high));
        let (top, width) = (middle - BAR / 2.0, (to - from).max(1.0));
        let _ = write!(
            shapes,
            r#"<rect class="interval" x="{from:.1}" y="{top:.1}" width="{width:.1}" height="{BAR}"/>"#
        );
    }
    for (index, value) in values.iter().enumerate() {
        // Beside each other, so that those of one value are seen.
        let beside = (index % 5) as f64 * 2.5 - 5.0;
        let (x, y) = (x(*value), middle + beside);
        let _ = write!(
            shapes,
            r#"<circle class="sample" cx="{x:.1}" cy="{y:.1}" r="1.8"/>"#
        );
    }
    shapes + &median(judged.verdict, x(judged.median), middle)
}

fn draw_axis(page: &mut Page, first: usize, axis: &Axis, unit: &Common) {
    let columns = COLUMNS - first;
    let (begin, y) = (Page::x(first), page.y());
    let mut line = format!(
        r#"<path class="axis" d="M{begin:.1} {y:.1}h{:.1}"#,
        columns as f64 * LETTER
    );
    let mut free = 0;
    page.down(4.0);
    for tick in axis.ticks() {
        let place = axis.place(tick) * columns as f64;
        let label = unit.show(tick);
        let width = fit::width(&label);
        let start = (place as usize)
            .saturating_sub(width / 2)
            .min(columns.saturating_sub(width));
        let _ = write!(line, "M{:.1} {y:.1}v-5", begin + place * LETTER);
        if start >= free {
            page.letters("faint", first + start, &label);
            free = start + width + 2;
        }
    }
    page.shapes(&(line + r#""/>"#));
    page.down(1.5 * MARGIN);
}

#[cfg(test)]
mod tests {
    use roxmltree::Document;

    use super::*;
    use crate::commands::compare::sheet::testing::{about, with_sheet};

    #[test]
    fn every_verdict_has_its_word_and_its_shape_and_every_sample_its_dot() {
        let samples = [about(100, 2), about(100, 2), about(300, 2)];
        let samples: Vec<&[u64]> = samples.iter().map(Vec::as_slice).collect();
        let command = "waiter/tasks --runner tokio,smol,threads";
        with_sheet(command, &samples, Some([90_000_000; 2]), |sheet| {
            let file = draw(sheet);
            let document = Document::parse(&file).unwrap();
            let count = |class: &str| {
                let nodes = document.descendants();
                nodes
                    .filter(|node| node.attribute("class") == Some(class))
                    .count()
            };
            assert_eq!(
                ["sample", "interval", "equal", "behind", "best", "dashed"].map(count),
                [60, 3, 2, 1, 0, 3]
            );
            assert!(file.contains(">equal (fastest)</text>") && file.contains(">behind</text>"));
            assert!(file.contains("prefers-color-scheme:dark"));
        });
    }

    #[test]
    fn a_long_name_is_cut_and_told_in_full() {
        let samples = [about(200, 1), about(100, 1), about(210, 1), about(100, 1)];
        let samples: Vec<&[u64]> = samples.iter().map(Vec::as_slice).collect();
        let settings = "event-interval=31+global-queue-interval=127+thread-keep-alive=10ms";
        let name = format!("tokio+{settings}");
        let command = format!("waiter/tasks --runner tokio,{name} --workers 1,2");
        with_sheet(&command, &samples, Some([90_000_000; 2]), |sheet| {
            let file = draw(sheet);
            let document = Document::parse(&file).unwrap();
            let texts = document
                .descendants()
                .filter(|node| node.has_tag_name("text"));
            let texts: Vec<&str> = texts.filter_map(|node| node.text()).collect();
            let is_cut = |text: &&&str| text.starts_with("tokio+event") && text.ends_with('…');
            // Two rows, and a curve.
            assert_eq!(texts.iter().filter(is_cut).count(), 3, "{texts:?}");
            assert!(file.contains(&format!("<title>{name}</title>")), "{file}");
        });
    }

    #[test]
    fn what_scales_has_a_curve_for_each_runner_and_its_ideal() {
        let samples = [about(200, 1), about(100, 1), about(210, 1), about(100, 1)];
        let samples: Vec<&[u64]> = samples.iter().map(Vec::as_slice).collect();
        let command = "waiter/tasks --runner tokio,smol --workers 1,2";
        with_sheet(command, &samples, Some([90_000_000; 2]), |sheet| {
            let file = draw(sheet);
            Document::parse(&file).unwrap();
            assert!(file.contains("waiter/tasks: time by workers"), "{file}");
            for name in ["tokio", "smol", "ideal"] {
                assert!(file.contains(&format!(">{name}</text>")), "{file}");
            }
        });
    }
}
