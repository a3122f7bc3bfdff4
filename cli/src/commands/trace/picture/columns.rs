//! The content of a row in each column of time.

use pollmark_core::trace::State;

use super::look::Symbol;
use super::model::{Part, Row};
use super::scale::Scale;

/// The state that took most of each column; a poll and a mark are always seen.
pub(crate) fn symbols(row: &Row, scale: Scale) -> Vec<Symbol> {
    let mut columns = Columns::new(scale);
    for stretch in &row.stretches {
        columns.add(stretch);
    }
    let mut symbols = columns.symbols();
    for mark in &row.marks {
        symbols[scale.column(mark.at)] = Symbol::Marked(mark.sign);
    }
    symbols
}

/// One column of a chart.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Count {
    /// The average number over the column.
    pub(crate) number: f64,
    /// Whether it counts a poll, however short.
    pub(crate) touched: bool,
}

/// The numbers of a row that counts, and the highest of them.
pub(crate) fn counts(row: &Row, scale: Scale) -> (Vec<Count>, f64) {
    let mut columns = Columns::new(scale);
    for part in row.stretches.iter().flat_map(|stretch| &**stretch) {
        columns.add(std::slice::from_ref(part));
    }
    let counts = columns.shares.iter().zip(&columns.touched);
    let count = |(shares, &touched): (&[f64; 4], &bool)| Count {
        number: shares.iter().sum(),
        touched,
    };
    let counts: Vec<Count> = counts.map(count).collect();
    let numbers = counts.iter().map(|count| count.number);
    let highest = numbers.fold(0.0, f64::max);
    (counts, highest)
}

/// The shares of the states in each column.
struct Columns {
    scale: Scale,
    /// For each column, the shares of its time that are ready, running, blocking and waiting.
    shares: Vec<[f64; 4]>,
    /// Whether a poll falls in the column, however short it is.
    touched: Vec<bool>,
}

impl Columns {
    fn new(scale: Scale) -> Self {
        Columns {
            scale,
            shares: vec![[0.0; 4]; scale.columns()],
            touched: vec![false; scale.columns()],
        }
    }

    /// Adds a stretch: a period in one state, or a poll in its parts.
    fn add(&mut self, stretch: &[Part]) {
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
        let (begin, end) = (self.scale.position(part.from), self.scale.position(part.to));
        let first = self.scale.column_at(begin);
        // A poll that ends with a column does not touch the next one.
        self.touched[first] |= points;
        let mut column = first;
        while column < self.shares.len() && (column as f64) < end {
            let within = end.min(column as f64 + 1.0) - begin.max(column as f64);
            self.shares[column][index] += within.max(0.0);
            self.touched[column] |= points && within > 0.0;
            column += 1;
        }
    }

    fn symbols(&self) -> Vec<Symbol> {
        let columns = self.shares.iter().zip(&self.touched);
        columns
            .map(|(&[ready, running, blocking, waiting], &touched)| {
                let held = running + blocking;
                match () {
                    () if held >= 0.5 && blocking > running => Symbol::Blocking,
                    () if held >= 0.5 => Symbol::Running,
                    () if touched => Symbol::Touched,
                    () if ready == 0.0 && waiting == 0.0 => Symbol::Nothing,
                    () if ready > waiting => Symbol::Ready,
                    () => Symbol::Waiting,
                }
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::look::Sign;
    use super::super::model::{Kind, Mark, Stretch};
    use super::*;

    fn part(&(from, to, state): &(u64, u64, State)) -> Part {
        let [from, to] = [from, to].map(Duration::from_secs);
        Part { from, to, state }
    }

    fn row(stretches: Vec<Vec<Part>>) -> Row {
        Row {
            name: String::new(),
            depth: 0,
            kind: Kind::Task(0),
            stretches: stretches.into_iter().map(Stretch::Many).collect(),
            marks: Vec::new(),
        }
    }

    fn seconds(periods: &[(u64, u64, State)]) -> Row {
        row(periods.iter().map(|period| vec![part(period)]).collect())
    }

    fn seen(row: &Row, span: u64) -> String {
        let symbols = symbols(row, Scale::new(Duration::from_secs(span), 10));
        symbols
            .iter()
            .map(|symbol| symbol.look().glyph(true))
            .collect()
    }

    #[test]
    fn what_took_most_of_a_column_stands_there_and_a_poll_is_always_seen() {
        let row = seconds(&[
            (0, 0, State::Running),
            (0, 3, State::Waiting),
            (3, 5, State::Running),
            (5, 7, State::Ready),
            (7, 10, State::Blocking),
        ]);
        assert_eq!(seen(&row, 10), "|--##::BBB");
    }

    #[test]
    fn a_long_poll_is_not_pointed_at_where_it_begins_and_ends() {
        let poll = [
            (27, 27, State::Running),
            (27, 63, State::Blocking),
            (63, 63, State::Running),
        ];
        let ready = vec![part(&(0, 27, State::Ready))];
        let row = row(vec![ready, poll.each_ref().map(part).to_vec()]);
        assert_eq!(seen(&row, 100), ":::BBB    ");
    }

    #[test]
    fn the_last_moment_is_in_the_last_column() {
        let row = seconds(&[(0, 10, State::Waiting), (10, 10, State::Running)]);
        assert_eq!(seen(&row, 10), "---------|");
    }

    #[test]
    fn a_mark_is_seen_in_the_column_of_its_moment() {
        let mut row = seconds(&[(0, 4, State::Waiting)]);
        let mark = |at, sign| Mark {
            at: Duration::from_secs(at),
            sign,
        };
        row.marks = vec![mark(4, Sign::Cancelled)];
        assert_eq!(seen(&row, 10), "----x     ");
        row.marks = vec![mark(10, Sign::Panicked)];
        assert_eq!(seen(&row, 10), "----     !");
    }

    #[test]
    fn a_chart_counts_overlapping_periods() {
        let both = seconds(&[
            (0, 2, State::Waiting),
            (1, 2, State::Waiting),
            (3, 3, State::Running),
        ]);
        let (counts, highest) = counts(&both, Scale::new(Duration::from_secs(4), 4));
        let numbers: Vec<f64> = counts.iter().map(|count| count.number).collect();
        assert_eq!((numbers, highest), (vec![1.0, 2.0, 0.0, 0.0], 2.0));
        assert!(counts[3].touched && !counts[0].touched);
    }
}
