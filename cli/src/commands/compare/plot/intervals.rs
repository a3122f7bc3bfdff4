//! The intervals of a line in a terminal: `├──●──┤`, a line for each runner on one axis.

use super::axis::Axis;
use crate::commands::compare::columns::Heads;
use crate::commands::compare::sheet::SheetLine;
use crate::commands::compare::words::short;
use crate::model::result::CellResult;
use crate::stats::judge::Judged;
use crate::text::{fit, wrap};

/// The fewest columns in which a plot shows anything.
const FEWEST: usize = 24;

/// The plot below the table of a line; empty if fewer than two runners have an interval, or if
/// it does not fit.
pub(crate) fn plot(line: &SheetLine<'_>, heads: &mut Heads) -> String {
    let cells = line.row.cells.iter().zip(&line.judged);
    let rows: Vec<(&CellResult, &Judged)> = cells
        .filter_map(|(cell, judged)| Some((*cell, judged.as_ref()?)))
        .collect();
    let intervals = rows.iter().filter(|(_, judged)| judged.interval.is_some());
    let values = rows.iter().flat_map(|(_, judged)| judged.values());
    let ideals = rows.iter().filter_map(|(cell, _)| line.ideal(cell));
    let names = rows
        .iter()
        .map(|(cell, _)| fit::width(&short(&cell.column)));
    let names = names.max().unwrap_or_default() + 2;
    let columns = wrap::width().saturating_sub(2 + names);
    let axis = Axis::over(values.chain(ideals.clone()));
    let Some(axis) = axis.filter(|_| intervals.count() > 1 && columns >= FEWEST) else {
        return String::new();
    };
    heads.insert("├─●─┤".to_owned());
    if ideals.count() > 0 {
        heads.insert("┊".to_owned());
    }
    let mut text = String::new();
    for (cell, judged) in rows {
        let drawn = drawn(judged, line.ideal(cell), axis, columns);
        let row = format!(
            "  {}{drawn}",
            fit::fitted(&short(&cell.column), names, false)
        );
        text.push_str(row.trim_end());
        text.push('\n');
    }
    let unit = line.unit();
    let labels = axis.ticks().into_iter().map(|tick| (tick, unit.show(tick)));
    let blanks = " ".repeat(2 + names);
    text + &blanks + &marked(labels, axis, columns) + "\n"
}

fn drawn(judged: &Judged, ideal: Option<f64>, axis: Axis, columns: usize) -> String {
    let column = |value: f64| column(axis, columns, value);
    let mut signs = vec![' '; columns];
    if let Some(ideal) = ideal {
        signs[column(ideal)] = '┊';
    }
    if let Some(interval) = judged.interval {
        let (low, high) = (column(interval.low), column(interval.high));
        signs[low..=high].fill('─');
        (signs[low], signs[high]) = ('├', '┤');
    }
    signs[column(judged.median)] = '●';
    signs.into_iter().collect()
}

/// Labels at their places, each after its mark; one that would touch another is left out.
fn marked(labels: impl Iterator<Item = (f64, String)>, axis: Axis, columns: usize) -> String {
    let mut line = String::new();
    for (value, label) in labels {
        let (column, end) = (column(axis, columns, value), fit::width(&line));
        let free = if end == 0 { 0 } else { end + 2 };
        if column >= free && column + 1 + fit::width(&label) <= columns {
            line.push_str(&" ".repeat(column - end));
            line.push('╵');
            line.push_str(&label);
        }
    }
    line
}

fn column(axis: Axis, columns: usize, value: f64) -> usize {
    ((axis.place(value) * columns as f64) as usize).min(columns - 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::compare::sheet::testing::{about, with_sheet};

    #[test]
    fn intervals_stand_on_one_axis_and_far_ones_by_powers() {
        let samples = [about(100, 20), about(104, 20), about(5_000, 1)];
        let samples: Vec<&[u64]> = samples.iter().map(Vec::as_slice).collect();
        let command = "waiter/tasks --runner tokio,tokio-current-thread,threads";
        with_sheet(command, &samples, Some([90_000_000; 2]), |sheet| {
            let mut heads = Heads::new();
            let text = plot(&sheet.lines[0], &mut heads);
            let lines: Vec<&str> = text.lines().collect();
            assert_eq!(lines.len(), 4, "{text}");
            assert!(lines.iter().all(|line| wrap::fits(line)), "{text}");
            for (line, name) in lines.iter().zip(["tokio ", "tokio-ct ", "threads "]) {
                assert!(line.trim_start().starts_with(name), "{text}");
                assert!(line.contains('●') && line.contains('┊'), "{text}");
            }
            assert!(
                lines[3].contains("╵0.1 s") && lines[3].contains("╵1 s"),
                "{text}"
            );
            assert!(heads.contains("├─●─┤") && heads.contains("┊"));
        });
    }

    #[test]
    fn without_intervals_there_is_no_plot() {
        let samples: [&[u64]; 2] = [&[1], &[2]];
        with_sheet(
            "waiter/tasks --runner tokio,smol",
            &samples,
            None,
            |sheet| {
                assert_eq!(plot(&sheet.lines[0], &mut Heads::new()), "");
            },
        );
    }
}
