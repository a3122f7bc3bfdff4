//! How a figure changes as the workers or a parameter grow.

use std::fmt::Write as _;

use pollmark_core::Unit;

use super::columns::items;
use super::sheet::{Sheet, SheetLine};
use crate::model::comparison::Verdict;
use crate::model::metric::Figure;
use crate::model::result::CellResult;
use crate::stats::intervals::Interval;
use crate::stats::{intervals, judge, medians};
use crate::text::styles::BOLD;
use crate::text::table::{self, dash};
use crate::text::units::{Common, ratio, show};
use crate::text::wrap;

/// The widest bar of a chart, in characters.
const BAR: f64 = 16.0;

/// The swept quantity: the horizontal axis.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Axis {
    Workers,
    Param(String),
}

impl Axis {
    pub(super) fn name(&self) -> &str {
        match self {
            Axis::Workers => "workers",
            Axis::Param(name) => name,
        }
    }
}

/// One cell on the axis.
pub(super) struct Point<'a> {
    pub(super) x: f64,
    result: &'a CellResult,
    pub(super) figure: Figure,
    pub(super) median: f64,
    pub(super) interval: Option<Interval>,
    pub(super) verdict: Verdict,
}

impl Point<'_> {
    /// The median and the ends of its interval.
    pub(super) fn values(&self) -> impl Iterator<Item = f64> + Clone {
        let interval = self.interval.map(|found| [found.low, found.high]);
        interval.into_iter().flatten().chain([self.median])
    }

    pub(super) fn ideal(&self) -> Option<f64> {
        let ideal = self.result.ideal_ns.map(|ideal| ideal as f64);
        ideal.filter(|_| self.figure.is_time())
    }
}

/// A program along an axis that has more than one value, by runner.
pub(super) struct Curves<'a> {
    /// The program without the value that the axis changes.
    pub(super) title: String,
    pub(super) axis: Axis,
    pub(super) runners: Vec<(String, Vec<Point<'a>>)>,
}

/// All curves of a comparison.
pub(super) fn curves<'a>(sheet: &Sheet<'a>) -> Vec<Curves<'a>> {
    let mut all: Vec<Curves<'a>> = Vec::new();
    for line in &sheet.lines {
        for (cell, result) in line.cells.iter().zip(&line.row.cells) {
            for axis in axes(sheet, line) {
                if axis == Axis::Workers && !cell.takes_workers() {
                    continue;
                }
                let title = fixed(sheet, line, &axis, &result.column);
                let points = points(sheet, &axis, &title, &result.column);
                if points.len() < 2 {
                    continue;
                }
                let is_it = |other: &Curves<'_>| other.title == title && other.axis == axis;
                let index = all.iter().position(is_it).unwrap_or_else(|| {
                    let runners = Vec::new();
                    all.push(Curves {
                        title,
                        axis,
                        runners,
                    });
                    all.len() - 1
                });
                let runners = &mut all[index].runners;
                if runners.iter().all(|(known, _)| *known != result.column) {
                    runners.push((result.column.clone(), points));
                }
            }
        }
    }
    all
}

/// A table for each runner and each axis that has more than one value.
pub(crate) fn tables(sheet: &Sheet<'_>) -> String {
    let mut text = String::new();
    for Curves {
        title,
        axis,
        runners,
    } in curves(sheet)
    {
        for (runner, points) in runners {
            let _ = writeln!(text, "{BOLD}{title}@{runner}{BOLD:#}");
            text.push_str(&table(&axis, &points));
            text.push('\n');
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
fn fixed(sheet: &Sheet<'_>, line: &SheetLine<'_>, axis: &Axis, runner: &str) -> String {
    let cell = line.cells[0];
    let mut name = format!("{}/{}", cell.spec.scenario, cell.spec.variant);
    for (param, value) in &cell.given {
        if *axis != Axis::Param(param.clone()) {
            let _ = write!(name, " {param}={value}");
        }
    }
    let pair = line.cells.iter().find(|cell| cell.column() == runner);
    let is_one_of_several = *axis != Axis::Workers && axes(sheet, line).contains(&Axis::Workers);
    if is_one_of_several && pair.is_some_and(|cell| cell.takes_workers()) {
        let _ = write!(name, ", {} workers", line.workers);
    }
    name
}

fn points<'a>(sheet: &Sheet<'a>, axis: &Axis, name: &str, runner: &str) -> Vec<Point<'a>> {
    let mut points: Vec<Point<'a>> = Vec::new();
    for line in &sheet.lines {
        if fixed(sheet, line, axis, runner) != name {
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
                interval: judged.interval,
                verdict: judged.verdict,
            });
        }
    }
    points.sort_by(|a, b| a.x.total_cmp(&b.x));
    points
}

fn table(axis: &Axis, points: &[Point<'_>]) -> String {
    let figure = points[0].figure;
    // More workers do the same work sooner, and not with less CPU time or memory.
    let is_speed_up = *axis == Axis::Workers && figure.is_time();
    let header = vec![
        axis.name(),
        figure.name(),
        "speed-up",
        "efficiency",
        "each",
        "",
    ];
    let most = points.iter().map(|point| point.median).fold(0.0, f64::max);
    let unit = Common::of(points.iter().map(|point| point.median), figure.unit());
    let rows = points.iter().map(|point| {
        let speed_up = is_speed_up.then(|| ratio(points[0].median / point.median));
        let items = items(point.result).filter(|_| !matches!(figure, Figure::Own(_)));
        vec![
            format!("{:.0}", point.x),
            unit.show(point.median),
            speed_up.unwrap_or_else(dash),
            efficiency(point).unwrap_or_else(dash),
            items.map_or_else(dash, |items| figure.show(point.median / items)),
            bar(point.median, most),
        ]
    });
    let (header, rows) = table::telling(header, rows.collect());
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

/// The slope of each round in which every point has a sample: a round cut short, or that only
/// some rows took, has another axis.
fn slopes(points: &[Point<'_>]) -> Option<Vec<f64>> {
    let rounds = points[0].result.samples.iter().map(|sample| sample.round);
    let slope = |round: u32| {
        let of_round = points.iter().map(|point| {
            let mut samples = point.result.samples.iter();
            let sample = samples.find(|sample| sample.round == round)?;
            Some((point.x, point.figure.value(sample)?))
        });
        medians::slope(&of_round.collect::<Option<Vec<_>>>()?)
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
