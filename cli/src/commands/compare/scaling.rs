//! How a figure changes as the workers or a parameter grow.

use std::fmt::Write as _;

use pollmark_core::Unit;

use super::sheet::{Sheet, SheetLine};
use super::table::items;
use crate::model::metric::Figure;
use crate::model::result::CellResult;
use crate::stats::{intervals, judge, medians};
use crate::text::styles::BOLD;
use crate::text::table::{self, dash};
use crate::text::units::{ratio, show};
use crate::text::wrap;

/// The widest bar of a chart, in characters.
const BAR: f64 = 16.0;

/// The swept quantity: the horizontal axis.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Axis {
    Workers,
    Param(String),
}

/// One cell on the axis.
struct Point<'a> {
    x: f64,
    result: &'a CellResult,
    figure: Figure,
    median: f64,
}

/// A table for each runner and each axis that has more than one value.
pub(crate) fn tables(sheet: &Sheet<'_>) -> String {
    let mut text = String::new();
    let mut done: Vec<(String, String, String)> = Vec::new();
    for line in &sheet.lines {
        for (cell, result) in line.cells.iter().zip(&line.row.cells) {
            for axis in axes(sheet, line) {
                if axis == Axis::Workers && !cell.takes_workers() {
                    continue;
                }
                let fixed = fixed(line, &axis, &result.column);
                let key = (fixed.clone(), result.column.clone(), format!("{axis:?}"));
                if done.contains(&key) {
                    continue;
                }
                let points = points(sheet, &axis, &fixed, &result.column);
                if points.len() > 1 {
                    let _ = writeln!(text, "{BOLD}{fixed}@{}{BOLD:#}", result.column);
                    text.push_str(&table(&axis, &points));
                    text.push('\n');
                }
                done.push(key);
            }
        }
    }
    text
}

/// The axes on which the lines of this line's variant differ.
fn axes(sheet: &Sheet<'_>, line: &SheetLine<'_>) -> Vec<Axis> {
    let others = sheet.lines.iter();
    let others: Vec<&SheetLine<'_>> = others.filter(|other| line.is_same_variant(other)).collect();
    let mut axes = Vec::new();
    if others.iter().any(|other| other.workers != line.workers) {
        axes.push(Axis::Workers);
    }
    for (name, value) in &line.cells[0].given {
        let differs = |other: &&&SheetLine<'_>| {
            let mut params = other.cells[0].given.iter();
            params.any(|(other, found)| other == name && found != value)
        };
        if others.iter().any(|other| differs(&other)) {
            axes.push(Axis::Param(name.clone()));
        }
    }
    axes
}

/// The program without the value that the axis changes.
fn fixed(line: &SheetLine<'_>, axis: &Axis, runner: &str) -> String {
    let cell = line.cells[0];
    let mut name = format!("{}/{}", cell.spec.scenario, cell.spec.variant);
    for (param, value) in &cell.given {
        if *axis != Axis::Param(param.clone()) {
            let _ = write!(name, " {param}={value}");
        }
    }
    let pair = line.cells.iter().find(|cell| cell.column() == runner);
    if *axis != Axis::Workers && pair.is_some_and(|cell| cell.takes_workers()) {
        let _ = write!(name, ", {} workers", line.workers);
    }
    name
}

fn points<'a>(sheet: &Sheet<'a>, axis: &Axis, name: &str, runner: &str) -> Vec<Point<'a>> {
    let mut points: Vec<Point<'a>> = Vec::new();
    for line in &sheet.lines {
        if fixed(line, axis, runner) != name {
            continue;
        }
        let mut pairs = line.row.cells.iter().zip(&line.judged);
        let Some((result, Some(judged))) = pairs.find(|(cell, _)| cell.column == runner) else {
            continue;
        };
        let x = match axis {
            Axis::Workers => line.workers as f64,
            Axis::Param(name) => match line.row.cells[0].params.get(name) {
                Some(value) => value.as_f64().unwrap_or_default(),
                None => continue,
            },
        };
        if points.iter().all(|point| point.x != x) {
            points.push(Point {
                x,
                result,
                figure: line.row.figure,
                median: judged.median,
            });
        }
    }
    points.sort_by(|a, b| a.x.total_cmp(&b.x));
    points
}

fn table(axis: &Axis, points: &[Point<'_>]) -> String {
    let figure = points[0].figure;
    let name = match axis {
        Axis::Workers => "workers",
        Axis::Param(name) => name,
    };
    let each = points.iter().any(|point| items(point.result).is_some());
    let speed_up = *axis == Axis::Workers;
    let mut header = vec![name, figure.name()];
    if speed_up {
        header.push("speed-up");
    }
    header.push("efficiency");
    if each {
        header.push("each");
    }
    header.push("");
    let most = points.iter().map(|point| point.median).fold(0.0, f64::max);
    let rows = points.iter().map(|point| {
        let mut row = vec![format!("{:.0}", point.x), figure.show(point.median)];
        if speed_up {
            row.push(ratio(points[0].median / point.median));
        }
        row.push(efficiency(point).unwrap_or_else(dash));
        if each {
            let share = items(point.result).map(|items| show(point.median / items, figure.unit()));
            row.push(share.unwrap_or_else(dash));
        }
        row.push(bar(point.median, most));
        row
    });
    // All but the bars.
    let lines = table::aligned(&header, rows, |index| index + 1 < header.len());
    let mut text: String = lines.iter().map(|line| format!("  {line}\n")).collect();
    if let Axis::Param(name) = axis {
        text.push_str(&fitted(name, points));
    }
    text
}

/// The lower bound of the time, as a percentage of the measured median.
fn efficiency(point: &Point<'_>) -> Option<String> {
    let bound = point.result.lower_bound_ns.filter(|bound| *bound > 0)?;
    let share = bound as f64 / point.median * 100.0;
    point.figure.is_time().then(|| format!("{share:.0} %"))
}

/// A bar for `value` on a scale where `most` is the full width, to an eighth of a
/// character.
fn bar(value: f64, most: f64) -> String {
    if most <= 0.0 {
        return String::new();
    }
    let eighths = (value / most * BAR * 8.0).round() as usize;
    let rest = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"][eighths % 8];
    "█".repeat(eighths / 8) + rest
}

/// `each one more: 412 B ± 3 B`: the slope of the figure, fitted in every round.
fn fitted(name: &str, points: &[Point<'_>]) -> String {
    let Some(slopes) = slopes(points) else {
        return String::new();
    };
    let figure = points[0].figure;
    let Some(slope) = medians::median(&slopes) else {
        return String::new();
    };
    let unit = match figure.unit() {
        Unit::Count | Unit::Ratio => Unit::Ratio,
        unit => unit,
    };
    let interval = intervals::interval(&slopes, intervals::confidence(1));
    let known = interval.map_or_else(
        || "too few samples for an interval".to_owned(),
        |interval| {
            format!(
                "95 % interval {} to {}",
                show(interval.low, unit),
                show(interval.high, unit)
            )
        },
    );
    wrap::wrapped(
        &format!(
            "each one more of {name} adds {} ({known})",
            show(slope, unit)
        ),
        "  ",
        "  ",
    )
}

/// The slope of each round.
fn slopes(points: &[Point<'_>]) -> Option<Vec<f64>> {
    let rounds = points[0].result.samples.iter().map(|sample| sample.round);
    let slope = |round: u32| {
        let of_round = points.iter().filter_map(|point| {
            let mut samples = point.result.samples.iter();
            let sample = samples.find(|sample| sample.round == round)?;
            Some((point.x, point.figure.value(sample)?))
        });
        medians::slope(&of_round.collect::<Vec<_>>())
    };
    let slopes: Vec<f64> = rounds.filter_map(slope).collect();
    (!slopes.is_empty() && !judge::values(points[0].result, points[0].figure).is_empty())
        .then_some(slopes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_are_as_long_as_their_share() {
        assert_eq!(bar(1.0, 1.0).chars().count(), 16);
        assert_eq!(bar(0.5, 1.0), "████████");
        assert_eq!(bar(1.0 / 128.0, 1.0), "▏");
        assert_eq!(bar(0.0, 0.0), "");
    }
}
