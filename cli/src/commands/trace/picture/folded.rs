//! Many tasks in a few rows: how many of them are in each state.

use std::time::Duration;

use pollmark_core::Unit;
use pollmark_core::trace::{Life, State};

use super::look;
use super::model::{Group, Kind, Part, Row, Stretch};
use super::window::Window;
use crate::text::units::show;

/// The states, in the order of their rows.
const STATES: [State; 4] = [
    State::Waiting,
    State::Ready,
    State::Running,
    State::Blocking,
];

/// A row for each state that occurs, below the highest numbers.
pub(super) fn group<'a, I>(window: &Window<'_>, lives: impl Fn() -> I) -> Group
where
    I: Iterator<Item = Life<'a>> + ExactSizeIterator,
{
    let number = |count: usize| show(count as f64, Unit::Count);
    // Between its periods a task is alive as well.
    let whole = lives().filter_map(|life| {
        let parts = || life.periods.iter().filter_map(|period| window.part(period));
        Some((parts().next()?.from, parts().next_back()?.to))
    });
    let mut told = vec![format!("{} alive", number(most(whole)))];
    let mut rows = Vec::new();
    for state in STATES {
        let periods = lives().flat_map(|life| life.periods);
        let of_it = periods.filter(|period| period.state == state);
        let mut parts: Vec<Part> = of_it.filter_map(|period| window.part(period)).collect();
        let count = most(parts.iter().map(|part| (part.from, part.to)));
        if count == 0 {
            continue;
        }
        let name = look::of(state).name;
        told.push(format!("{} {name}", number(count)));
        // A moment is seen in a row if it is a poll.
        let is_polled = matches!(state, State::Running | State::Blocking);
        if !is_polled && parts.iter().all(|part| part.from == part.to) {
            continue;
        }
        parts.sort_by_key(|part| part.from);
        rows.push(Row {
            name: name.to_owned(),
            depth: 0,
            kind: Kind::Count(state),
            stretches: vec![Stretch::Many(parts)],
            marks: Vec::new(),
        });
    }
    let title = format!(
        "and {} more tasks: up to {} at a time",
        lives().len(),
        told.join(", ")
    );
    Group {
        title: Some(title),
        rows,
        left_out: None,
    }
}

/// The largest number of intervals at the same time. One of no length overlaps with no other.
fn most(intervals: impl Iterator<Item = (Duration, Duration)>) -> usize {
    let (mut begins, mut ends) = (Vec::new(), Vec::new());
    let mut most = 0;
    for (from, to) in intervals {
        most = 1;
        if from < to {
            begins.push(from);
            ends.push(to);
        }
    }
    begins.sort();
    ends.sort();
    let mut ended = 0;
    for (begun, begin) in begins.iter().enumerate() {
        // At the same moment, ends come before beginnings.
        ended += ends[ended..].iter().take_while(|end| *end <= begin).count();
        most = most.max(begun + 1 - ended);
    }
    most
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_at_a_time_is_no_average() {
        let nanos = Duration::from_nanos;
        let parts = [(0, 2), (2, 3), (2, 4), (3, 3)].map(|(from, to)| (nanos(from), nanos(to)));
        assert_eq!(most(parts.into_iter()), 2);
        assert_eq!(most(parts[3..].iter().copied()), 1);
        assert_eq!(most([].into_iter()), 0);
    }
}
