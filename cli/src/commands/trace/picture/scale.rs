//! Time from left to right: maps moments to columns of the screen.

use std::time::Duration;

use pollmark_core::Unit;
use pollmark_core::time::seconds;

use crate::text::units::show;

/// Scenario time spread over columns.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Scale {
    span: Duration,
    columns: usize,
}

/// A time that an axis names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Tick {
    pub(crate) at: Duration,
    /// The column of its mark.
    pub(crate) column: usize,
    /// The first column of its text.
    pub(crate) start: usize,
    /// In letters that every terminal has.
    pub(crate) text: String,
}

impl Tick {
    /// The first column in which another text may begin.
    fn free_from(&self) -> usize {
        self.start + self.text.len() + 2
    }
}

impl Scale {
    /// Maps 0 to `span` onto `columns` columns, of which there must be at least one.
    pub(crate) fn new(span: Duration, columns: usize) -> Self {
        Scale {
            span,
            columns: columns.max(1),
        }
    }

    /// The same span over `times` as many columns.
    pub(crate) fn finer(&self, times: usize) -> Self {
        Scale::new(self.span, self.columns * times)
    }

    pub(crate) fn columns(&self) -> usize {
        self.columns
    }

    /// The column in which `at` falls; the end belongs to the last column.
    pub(crate) fn column(&self, at: Duration) -> usize {
        self.column_at(self.position(at))
    }

    /// The column in which a position falls.
    pub(crate) fn column_at(&self, position: f64) -> usize {
        (position as usize).min(self.columns - 1)
    }

    /// The position of `at`, in columns and fractions of one.
    pub(crate) fn position(&self, at: Duration) -> f64 {
        if self.span.is_zero() {
            return 0.0;
        }
        at.as_secs_f64() / self.span.as_secs_f64() * self.columns as f64
    }

    /// The times that the axis of a run names: round ones, and the run's end. A round one that
    /// comes too close to another one is left out.
    pub(crate) fn ticks(&self, end: Duration) -> Vec<Tick> {
        let end = self.tick(end, seconds(end).to_string());
        let step = self.step();
        let mut ticks: Vec<Tick> = Vec::new();
        let mut at = Duration::ZERO;
        while at < end.at {
            let text = match at.is_zero() {
                true => "0".to_owned(),
                false => show(at.as_nanos() as f64, Unit::Nanoseconds),
            };
            let tick = self.tick(at, text);
            let free_from = ticks.last().map_or(0, Tick::free_from);
            if tick.start >= free_from && tick.free_from() <= end.start {
                ticks.push(tick);
            }
            if step.is_zero() {
                break;
            }
            at += step;
        }
        ticks.push(end);
        ticks
    }

    /// A text centred below its moment, but not beyond the edge.
    fn tick(&self, at: Duration, text: String) -> Tick {
        let column = self.column(at);
        let last = self.columns.saturating_sub(text.len());
        let start = column.saturating_sub(text.len() / 2).min(last);
        let text = if at.is_zero() { "0".to_owned() } else { text };
        Tick {
            at,
            column,
            start,
            text,
        }
    }

    /// Two lines for below the picture of a run: marks up to its end, and the times at them.
    pub(crate) fn axis(&self, end: Duration, ascii: bool) -> [String; 2] {
        let [line, mark] = if ascii { ['-', '+'] } else { ['─', '┴'] };
        let mut marks = vec![line; self.column(end) + 1];
        let mut labels = String::new();
        for tick in self.ticks(end) {
            marks[tick.column] = mark;
            let blanks = tick.start.saturating_sub(labels.len());
            labels.extend(std::iter::repeat_n(' ', blanks));
            labels.push_str(&tick.text);
        }
        labels.truncate(self.columns);
        [marks.into_iter().collect(), labels]
    }

    /// A round distance between marks, such that about five of them fit.
    fn step(&self) -> Duration {
        let wanted = (self.columns / MARK_EVERY).clamp(1, 8) as f64;
        let raw = self.span.as_secs_f64() / wanted;
        if raw <= 0.0 {
            return Duration::ZERO;
        }
        let power = 10_f64.powf(raw.log10().floor());
        let rounds = [1.0, 2.0, 5.0, 10.0];
        let round = rounds
            .into_iter()
            .find(|round| round * power >= raw * 0.999);
        Duration::from_secs_f64(round.unwrap_or(10.0) * power)
    }
}

/// The approximate number of columns between two marks.
const MARK_EVERY: usize = 12;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_beginning_is_the_first_column_and_the_end_the_last() {
        let scale = Scale::new(Duration::from_secs(16), 40);
        assert_eq!(scale.column(Duration::ZERO), 0);
        assert_eq!(scale.column(Duration::from_secs(8)), 20);
        assert_eq!(scale.column(Duration::from_secs(16)), 39);
        assert_eq!(scale.column(Duration::from_secs(99)), 39);
    }

    fn times(seconds: f64, columns: usize, end: f64) -> Vec<String> {
        let [span, end] = [seconds, end].map(Duration::from_secs_f64);
        let ticks = Scale::new(span, columns).ticks(end);
        ticks.into_iter().map(|tick| tick.text).collect()
    }

    #[test]
    fn an_axis_names_round_times_and_the_end_of_the_run() {
        assert_eq!(times(16.0, 60, 16.0), ["0", "5 s", "10 s", "16 s"]);
        assert_eq!(times(20.0, 60, 20.0), ["0", "5 s", "10 s", "15 s", "20 s"]);
        // Beside a longer run, at its scale.
        assert_eq!(times(20.0, 60, 11.004), ["0", "5 s", "11.004 s"]);
        assert_eq!(times(20.0, 60, 0.0), ["0"]);
        assert_eq!(times(20.0, 10, 20.0), ["0", "20 s"]);
        let scale = Scale::new(Duration::from_secs(20), 60);
        let [marks, labels] = scale.axis(Duration::from_secs(11), true);
        assert_eq!(marks, "+--------------+-----------------+");
        assert_eq!(labels, "0             5 s              11 s");
    }

    #[test]
    fn no_label_stands_out() {
        for seconds in [1, 2, 3, 7, 10, 27, 60, 1000] {
            for columns in 1..100 {
                let span = Duration::from_secs(seconds);
                let scale = Scale::new(span, columns);
                for end in [span, span / 2, span.mul_f64(0.9871)] {
                    for line in scale.axis(end, true) {
                        assert!(line.len() <= columns, "{seconds} s in {columns}: {line:?}");
                    }
                }
            }
        }
        let [_, labels] = Scale::new(Duration::from_secs(1), 60).axis(Duration::from_secs(1), true);
        assert!(labels.ends_with(" 1 s"), "{labels}");
    }

    #[test]
    fn a_run_that_took_no_time_has_an_axis_too() {
        let [marks, labels] = Scale::new(Duration::ZERO, 20).axis(Duration::ZERO, false);
        assert_eq!((marks.as_str(), labels.as_str()), ("┴", "0"));
    }
}
