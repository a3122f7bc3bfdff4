//! One row of a picture: the activity in each column of time.

use std::time::Duration;

use anstyle::{AnsiColor, Style};
use pollmark_core::trace::State;

use super::scale::Scale;

/// The mark of one column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mark {
    /// Nothing to show: the task does not exist, or the thread polls no task.
    Nothing,
    Waiting,
    Ready,
    /// Polled, for less than half of the column: most polls are short.
    Touched,
    Running,
    Blocking,
}

impl Mark {
    pub(crate) const SHOWN: [Mark; 5] = [
        Mark::Waiting,
        Mark::Ready,
        Mark::Touched,
        Mark::Running,
        Mark::Blocking,
    ];

    pub(crate) fn glyph(self, ascii: bool) -> char {
        match (self, ascii) {
            (Mark::Nothing, _) => ' ',
            (Mark::Waiting, false) => '─',
            (Mark::Waiting, true) => '-',
            (Mark::Ready, false) => '░',
            (Mark::Ready, true) => ':',
            (Mark::Touched, false) => '│',
            (Mark::Touched, true) => '|',
            (Mark::Running, false) => '█',
            (Mark::Running, true) => '#',
            (Mark::Blocking, false) => '▒',
            (Mark::Blocking, true) => 'B',
        }
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Mark::Nothing => "nothing",
            Mark::Waiting => "waiting",
            Mark::Ready => "ready",
            Mark::Touched => "polled",
            Mark::Running => "running",
            Mark::Blocking => "blocking",
        }
    }

    pub(crate) fn style(self) -> Style {
        match self {
            Mark::Nothing => Style::new(),
            Mark::Waiting => Style::new().dimmed(),
            Mark::Ready => AnsiColor::Yellow.on_default(),
            Mark::Touched | Mark::Running => AnsiColor::Green.on_default(),
            Mark::Blocking => AnsiColor::Red.on_default(),
        }
    }
}

/// A period in one state, in scenario time.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Part {
    pub(crate) from: Duration,
    pub(crate) to: Duration,
    pub(crate) state: State,
}

/// The activity of one task or thread, column by column.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    scale: Scale,
    /// For each column, the shares of its time that are ready, running, blocking and waiting.
    shares: Vec<[f64; 4]>,
    /// Whether a poll falls in the column, however short it is.
    touched: Vec<bool>,
}

impl Row {
    pub(crate) fn new(scale: Scale) -> Self {
        Row {
            scale,
            shares: vec![[0.0; 4]; scale.columns()],
            touched: vec![false; scale.columns()],
        }
    }

    /// Adds a stretch, in scenario time: a period in one state, or a poll in its parts.
    pub(crate) fn add(&mut self, stretch: &[Part]) {
        let (Some(first), Some(last)) = (stretch.first(), stretch.last()) else {
            return;
        };
        // A poll as long as a column fills most of one and is seen there, so it needs no mark in
        // the columns in which it begins and ends.
        let length = self.scale.position(last.to) - self.scale.position(first.from);
        for part in stretch {
            self.add_part(part, length < 1.0);
        }
    }

    fn add_part(&mut self, part: &Part, is_short: bool) {
        let index = match part.state {
            State::Ready => 0,
            State::Running => 1,
            State::Blocking => 2,
            State::Waiting => 3,
        };
        let points = is_short && (index == 1 || index == 2);
        let first = self.scale.column(part.from);
        // A poll that ends with a column does not touch the next one.
        self.touched[first] |= points;
        let (begin, end) = (self.scale.position(part.from), self.scale.position(part.to));
        let mut column = first;
        while column < self.shares.len() && (column as f64) < end {
            let within = end.min(column as f64 + 1.0) - begin.max(column as f64);
            self.shares[column][index] += within.max(0.0);
            self.touched[column] |= points && within > 0.0;
            column += 1;
        }
    }

    /// The mark of each column: the state that took most of it, but a poll is always seen.
    pub(crate) fn marks(&self) -> Vec<Mark> {
        let columns = self.shares.iter().zip(&self.touched);
        columns
            .map(|(&[ready, running, blocking, waiting], &touched)| {
                let held = running + blocking;
                match () {
                    () if held >= 0.5 && blocking > running => Mark::Blocking,
                    () if held >= 0.5 => Mark::Running,
                    () if touched => Mark::Touched,
                    () if ready == 0.0 && waiting == 0.0 => Mark::Nothing,
                    () if ready > waiting => Mark::Ready,
                    () => Mark::Waiting,
                }
            })
            .collect()
    }
}

/// The marks as text, each run of equal marks in its colour.
pub(crate) fn painted(marks: &[Mark], ascii: bool) -> String {
    let end = marks.iter().rposition(|mark| *mark != Mark::Nothing);
    let marks = &marks[..end.map_or(0, |end| end + 1)];
    let mut text = String::new();
    for stretch in marks.chunk_by(|a, b| a == b) {
        let style = stretch[0].style();
        let glyphs: String = stretch.iter().map(|mark| mark.glyph(ascii)).collect();
        text.push_str(&format!("{style}{glyphs}{style:#}"));
    }
    text
}

/// A chart of `values`, in which the highest is as high as a line.
pub(crate) fn chart(values: &[f64], ascii: bool) -> String {
    let heights: &[char] = if ascii {
        &[' ', '.', ':', '+', '#']
    } else {
        &[' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█']
    };
    let highest = values.iter().copied().fold(0.0, f64::max);
    let height = |value: &f64| {
        if highest <= 0.0 || *value <= 0.0 {
            return ' ';
        }
        let steps = (heights.len() - 1) as f64;
        heights[((value / highest * steps).ceil() as usize).min(heights.len() - 1)]
    };
    values.iter().map(height).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(&(from, to, state): &(u64, u64, State)) -> Part {
        let [from, to] = [from, to].map(Duration::from_secs);
        Part { from, to, state }
    }

    fn row(periods: &[(u64, u64, State)]) -> String {
        let mut row = Row::new(Scale::new(Duration::from_secs(10), 10));
        for period in periods {
            row.add(&[part(period)]);
        }
        row.marks().iter().map(|mark| mark.glyph(true)).collect()
    }

    #[test]
    fn what_took_most_of_a_column_stands_there_and_a_poll_is_always_seen() {
        let seen = row(&[
            (0, 0, State::Running),
            (0, 3, State::Waiting),
            (3, 5, State::Running),
            (5, 7, State::Ready),
            (7, 10, State::Blocking),
        ]);
        assert_eq!(seen, "|--##::BBB");
    }

    #[test]
    fn a_long_poll_is_not_pointed_at_where_it_begins_and_ends() {
        let mut row = Row::new(Scale::new(Duration::from_secs(100), 10));
        row.add(&[part(&(0, 27, State::Ready))]);
        let poll = [
            (27, 27, State::Running),
            (27, 63, State::Blocking),
            (63, 63, State::Running),
        ];
        row.add(&poll.each_ref().map(part));
        let marks: String = row.marks().iter().map(|mark| mark.glyph(true)).collect();
        assert_eq!(marks, ":::BBB    ");
    }

    #[test]
    fn the_last_moment_is_in_the_last_column() {
        assert_eq!(
            row(&[(0, 10, State::Waiting), (10, 10, State::Running)]),
            "---------|"
        );
    }

    #[test]
    fn a_chart_is_as_high_as_its_highest() {
        assert_eq!(chart(&[0.0, 1.0, 2.0, 4.0], true), " .:#");
        assert_eq!(chart(&[0.0, 0.0], true), "  ");
    }
}
