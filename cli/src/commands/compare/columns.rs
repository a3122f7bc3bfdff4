//! The columns of the table of a line, and what they mean.

use std::collections::BTreeSet;

use pollmark_core::{Clock, Unit};

use super::rounds::{Rounds, RoundsEnd};
use super::sheet::{Sheet, SheetLine};
use super::words::{self, Names, short};
use crate::model::cell::Cell;
use crate::model::metric::Figure;
use crate::model::result::{CellResult, Status};
use crate::output::human;
use crate::output::overhead::{beside_the_ideal, poll};
use crate::stats::judge::{Judged, Reference};
use crate::stats::medians;
use crate::text::table::{self, dash};
use crate::text::units::{Common, factor, ratio, show};
use crate::text::wrap;

/// The heads of the columns that were shown, and of the plots: these are explained.
pub(super) type Heads = BTreeSet<String>;

/// The columns of what else the program did, the least telling last.
const BESIDE: [&str; 3] = ["cores", "tasks", "poll"];

/// The table of a line. If it does not fit, names are short, and the last columns are left out;
/// then columns are named by letters.
pub(super) fn table(sheet: &Sheet<'_>, line: &SheetLine<'_>, heads: &mut Heads) -> Vec<String> {
    let narrower = |names| (0..=BESIDE.len()).rev().map(move |beside| (names, beside));
    let layouts = [(Names::Full, BESIDE.len())].into_iter();
    let layouts = layouts.chain(narrower(Names::Short));
    let layouts = layouts.chain(narrower(Names::Letters));
    let tables = layouts.map(|(names, beside)| (names, lines(sheet, line, names, beside)));
    let mut tables = tables.collect::<Vec<_>>().into_iter();
    let last = tables.len() - 1;
    let fitting = tables
        .by_ref()
        .enumerate()
        .find(|(index, (_, (_, lines)))| {
            *index == last || lines.iter().all(|line| wrap::fits(line))
        });
    let Some((_, (names, (shown, mut lines)))) = fitting else {
        return Vec::new();
    };
    heads.extend(shown);
    let columns = line.row.cells.iter().map(|result| &result.column);
    lines.extend(names.key(sheet, columns));
    lines
}

fn lines(
    sheet: &Sheet<'_>,
    line: &SheetLine<'_>,
    names: Names,
    beside: usize,
) -> (Vec<String>, Vec<String>) {
    let figure = line.row.figure;
    let judged = || line.judged.iter().flatten();
    let unit = line.unit();
    // Half the width says little where the two halves differ.
    let is_lopsided = judged().any(Judged::is_lopsided);
    let spread = if is_lopsided { "95 % interval" } else { "±" };
    let reference = reference(sheet, line, names);
    let mut header = vec![
        "runner",
        figure.name(),
        spread,
        "each",
        &reference,
        "verdict",
    ];
    header.extend(&BESIDE[..beside]);
    let pairs = line.row.cells.iter().zip(&line.judged);
    let rows = line
        .cells
        .iter()
        .zip(pairs)
        .map(|(cell, (result, judged))| {
            let mut row = vec![names.of(sheet, &result.column)];
            row.extend(measured(
                cell,
                figure,
                unit,
                is_lopsided,
                result,
                judged.as_ref(),
            ));
            row.push(match judged {
                Some(judged) => judged.ratio.map_or_else(dash, factor),
                None => dash(),
            });
            // A figure that only describes has none.
            let judged = judged.as_ref().filter(|_| figure.is_ranked());
            row.push(judged.map_or("", words::verdict).to_owned());
            row.extend(self::beside(cell, result).into_iter().take(beside));
            row
        });
    let (header, rows) = table::telling(header, rows.collect());
    let is_number = |index: usize| index > 0 && header[index] != "verdict";
    let lines = table::aligned(&header, rows, is_number);
    // The meaning of the ratios is told by name.
    let by_name = self::reference(sheet, line, Names::Short);
    let header = header.into_iter().map(|head| match head == reference {
        true => by_name.clone(),
        false => head.to_owned(),
    });
    let lines = lines.iter().map(|line| format!("  {line}"));
    (header.collect(), lines.collect())
}

/// The median, its interval, and the share of each item.
fn measured(
    cell: &Cell,
    figure: Figure,
    unit: Common,
    is_lopsided: bool,
    result: &CellResult,
    judged: Option<&Judged>,
) -> [String; 3] {
    let Some(judged) = judged else {
        let why = match result.status {
            Status::Ok => "no samples",
            other => human::status(other),
        };
        return [why.to_owned(), dash(), dash()];
    };
    let spread = match judged.interval.filter(|_| is_lopsided) {
        Some(interval) => unit.range(interval.low, interval.high),
        None => judged.spread(),
    };
    // One of the scenario's own figures is not divided by the items.
    let items = items(result).filter(|_| !matches!(figure, Figure::Own(_)));
    let each = items.map(|items| show(judged.median / items, figure.unit()));
    let time = Some(judged.median).filter(|_| figure.is_time());
    let beside = time.and_then(|time| beside_the_ideal(cell, result, time));
    let shown = beside.unwrap_or_else(|| unit.show(judged.median));
    [shown, spread, each.unwrap_or_else(dash)]
}

/// What the program did beside: cores kept busy, tasks in flight, the longest poll.
fn beside(cell: &Cell, result: &CellResult) -> [String; BESIDE.len()] {
    let axes = result.axes.as_ref();
    let longest = axes.and_then(|axes| axes.longest_poll_ns);
    // The CPU time of a simulation says nothing about the program.
    let cores = parallelism(result).filter(|_| cell.runner.clock == Clock::Real);
    [
        cores.map_or_else(dash, ratio),
        axes.map_or_else(dash, |axes| show(axes.tasks_in_flight as f64, Unit::Count)),
        longest.map_or_else(dash, |nanos| {
            let is_overhead = axes.is_some_and(|axes| axes.longest_poll_is_overhead);
            poll(cell, nanos as f64, is_overhead)
        }),
    ]
}

/// The head of the ratios: `x tokio`, or `x fifo` where another schedule beats the ideal.
fn reference(sheet: &Sheet<'_>, line: &SheetLine<'_>, names: Names) -> String {
    match (sheet.reference.name(), line.ideals()) {
        ("ideal", [(head, _), ..]) => format!("x {head}"),
        (name, _) if names == Names::Letters => format!("x {}", names.of(sheet, name)),
        (name, _) => format!("x {}", short(name)),
    }
}

/// The number of work items of a run, if there are several.
pub(super) fn items(result: &CellResult) -> Option<f64> {
    let items = result.outcome.get("items")?.as_f64()?;
    (items > 1.0).then_some(items)
}

/// CPU time divided by real time: the number of cores kept busy.
fn parallelism(result: &CellResult) -> Option<f64> {
    let ratios = result.samples.iter().filter_map(|sample| {
        let wall = sample.wall_ns.filter(|wall| *wall > 0)?;
        Some(sample.cpu_ns? as f64 / wall as f64)
    });
    medians::median(&ratios.collect::<Vec<_>>())
}

/// The meanings of those heads that were shown, once for all tables.
pub(super) fn meanings(heads: &Heads, sheet: &Sheet<'_>, rounds: &Rounds) -> String {
    let mut told: Vec<String> = Vec::new();
    let mut tell = |head: &str, meaning: &str| {
        if heads.contains(head) {
            told.push(format!("{head}: {meaning}"));
        }
    };
    tell("±", "half the 95 % interval of the median");
    tell("├─●─┤", "the median and its 95 % interval");
    tell("┊", "the ideal, or fifo");
    tell("each", "the figure divided by the items of a run");
    if let Reference::Runner(runner) = &sheet.reference {
        tell(
            &format!("x {}", short(runner)),
            "the median of the ratios to it, round by round, not the ratio of the medians",
        );
    }
    tell("fifo", "the time if ready tasks run first in, first out");
    tell("at best", "the time that no schedule beats");
    tell("cores", "CPU time / real time");
    let none_recorded = rounds.results.iter().all(|result| result.axes.is_none());
    if heads.contains("tasks") || heads.contains("poll") {
        told.push(
            "tasks, poll: the most tasks in flight and the longest poll, both from a run of their \
             own in which every poll was recorded"
                .to_owned(),
        );
    } else if none_recorded && rounds.end == RoundsEnd::Interrupted {
        told.push(
            "tasks, poll: not known, for they take a run of their own, which was left out"
                .to_owned(),
        );
    }
    match told.is_empty() {
        true => String::new(),
        false => wrap::wrapped(&(told.join(". ") + "."), "", ""),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::sheet::testing::{about, with_sheet};
    use super::*;

    #[test]
    fn a_table_has_no_column_of_dashes_and_two_ends_where_they_are_lopsided() {
        let mut lopsided = about(100, 1);
        lopsided[12..].fill(400_000_000);
        let samples = [lopsided, about(50, 1)];
        let samples: Vec<&[u64]> = samples.iter().map(Vec::as_slice).collect();
        let command = "waiter/tasks --runner tokio,smol --figure cpu";
        with_sheet(command, &samples, Some([19, 16]), |sheet| {
            let mut heads = Heads::new();
            let lines = table(sheet, &sheet.lines[0], &mut heads);
            let words: Vec<&str> = lines[0]
                .split("  ")
                .filter(|word| !word.is_empty())
                .collect();
            let expected = ["runner", "cpu", "95 % interval", "x tokio", "verdict"];
            assert_eq!(
                words.iter().map(|word| word.trim()).collect::<Vec<_>>(),
                expected
            );
            assert!(lines[1].contains(" to 400"), "{lines:?}");
            assert!(
                lines
                    .iter()
                    .all(|line| !line.contains('±') && !line.contains('–'))
            );
            // CPU time has no ideal.
            assert!(sheet.lines[0].ideals().is_empty());
        });
    }

    #[test]
    fn columns_of_long_names_have_letters_and_a_line_each() {
        let samples = [about(100, 1), about(50, 1)];
        let samples: Vec<&[u64]> = samples.iter().map(Vec::as_slice).collect();
        let settings = "event-interval=31+global-queue-interval=127+thread-keep-alive=10ms";
        let long = format!("tokio-current-thread+{settings}");
        let command = format!("waiter/tasks --runner {long},tokio --figure cpu");
        with_sheet(&command, &samples, Some([19, 16]), |sheet| {
            let lines = table(sheet, &sheet.lines[0], &mut Heads::new());
            assert!(lines[..3].iter().all(|line| wrap::fits(line)), "{lines:?}");
            assert!(lines[1].starts_with("  a ") && lines[2].starts_with("  b "));
            assert!(lines[0].contains("x a"), "{lines:?}");
            assert_eq!(
                lines[3..],
                [format!("  a: {long}"), "  b: tokio".to_owned()]
            );
        });
        let set = short("tokio-current-thread+event-interval=31@old");
        assert_eq!(set, "tokio-ct+event-interval=31@old");
    }

    #[test]
    fn the_ideal_that_another_schedule_beats_is_called_fifo() {
        let samples = [about(100, 1), about(100, 1)];
        let samples: Vec<&[u64]> = samples.iter().map(Vec::as_slice).collect();
        let heads = |ideal| {
            let mut heads = Vec::new();
            with_sheet(
                "waiter/tasks --runner tokio,smol",
                &samples,
                ideal,
                |sheet| {
                    heads.extend(sheet.lines[0].ideals().iter().map(|(head, _)| *head));
                },
            );
            heads
        };
        assert_eq!(heads(Some([19, 16])), ["fifo", "at best"]);
        assert_eq!(heads(Some([16, 16])), ["ideal"]);
        assert!(heads(None).is_empty());
    }

    #[test]
    fn the_axes_that_were_left_out_are_not_said_to_be_recorded() {
        let samples: [&[u64]; 2] = [&[1], &[2]];
        with_sheet(
            "waiter/tasks --runner tokio,smol",
            &samples,
            None,
            |sheet| {
                let told = |end, heads: &[&str]| {
                    let rounds = Rounds {
                        results: Vec::new(),
                        order: Vec::new(),
                        costs: Vec::new(),
                        is_last_done: end == RoundsEnd::Done,
                        took: Duration::ZERO,
                        whole: 3,
                        end,
                        broken_off: None,
                    };
                    let heads = heads.iter().map(|head| (*head).to_owned()).collect();
                    meanings(&heads, sheet, &rounds)
                };
                assert!(told(RoundsEnd::Interrupted, &[]).contains("left out"));
                assert!(told(RoundsEnd::Done, &["poll"]).contains("every poll"));
                assert_eq!(told(RoundsEnd::Done, &[]), "");
            },
        );
    }
}
