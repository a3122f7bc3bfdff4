//! Time from left to right: maps moments to columns of the screen.

use std::time::Duration;

use pollmark_core::Unit;

use crate::text::units::show;

/// Scenario time spread over columns.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Scale {
    span: Duration,
    columns: usize,
}

impl Scale {
    /// Maps 0 to `span` onto `columns` columns, of which there must be at least one.
    pub(crate) fn new(span: Duration, columns: usize) -> Self {
        Scale {
            span,
            columns: columns.max(1),
        }
    }

    pub(crate) fn columns(&self) -> usize {
        self.columns
    }

    /// The column in which `at` falls; the end belongs to the last column.
    pub(crate) fn column(&self, at: Duration) -> usize {
        (self.position(at) as usize).min(self.columns - 1)
    }

    /// The position of `at`, in columns and fractions of one.
    pub(crate) fn position(&self, at: Duration) -> f64 {
        if self.span.is_zero() {
            return 0.0;
        }
        at.as_secs_f64() / self.span.as_secs_f64() * self.columns as f64
    }

    /// Two lines for below a picture: marks, and the times at them.
    pub(crate) fn axis(&self, ascii: bool) -> [String; 2] {
        let step = self.step();
        let [line, mark] = if ascii { ['-', '+'] } else { ['─', '┴'] };
        let mut marks = vec![line; self.columns];
        let mut labels = vec![' '; self.columns];
        let mut free_from = 0;
        let mut at = Duration::ZERO;
        while at <= self.span {
            let column = self.column(at);
            let is_zero = at.is_zero();
            let label = if is_zero {
                "0".to_owned()
            } else {
                show(at.as_nanos() as f64, Unit::Nanoseconds)
            };
            // Centred below its mark, but not beyond the edge.
            let length = label.chars().count();
            let start = column.saturating_sub(length / 2);
            let start = start.min(self.columns.saturating_sub(length));
            if start >= free_from && start + length <= labels.len() {
                marks[column] = mark;
                for (place, letter) in labels[start..].iter_mut().zip(label.chars()) {
                    *place = letter;
                }
                free_from = start + length + 1;
            }
            if step.is_zero() {
                break;
            }
            at += step;
        }
        let labels: String = labels.into_iter().collect();
        [marks.into_iter().collect(), labels.trim_end().to_owned()]
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

    #[test]
    fn marks_stand_at_round_times() {
        let [marks, labels] = Scale::new(Duration::from_secs(16), 60).axis(true);
        assert_eq!(marks.chars().count(), 60);
        let times: Vec<&str> = labels
            .split("  ")
            .map(str::trim)
            .filter(|t| !t.is_empty())
            .collect();
        assert_eq!(times, ["0", "5 s", "10 s", "15 s"]);
    }

    #[test]
    fn no_label_stands_out() {
        for seconds in [1, 2, 3, 7, 10, 27, 60, 1000] {
            for columns in 1..100 {
                let scale = Scale::new(Duration::from_secs(seconds), columns);
                for line in scale.axis(true) {
                    assert!(line.len() <= columns, "{seconds} s in {columns}: {line:?}");
                }
            }
        }
        let [_, labels] = Scale::new(Duration::from_secs(1), 60).axis(true);
        assert!(labels.ends_with(" 1 s"), "{labels}");
    }

    #[test]
    fn a_run_that_took_no_time_has_an_axis_too() {
        let [marks, labels] = Scale::new(Duration::ZERO, 20).axis(false);
        assert_eq!((marks.chars().count(), labels.as_str()), (20, "0"));
    }
}
