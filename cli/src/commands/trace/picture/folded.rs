//! Many tasks in a few rows: how many of them are in each state.

use pollmark_core::Unit;
use pollmark_core::trace::{Life, State};

use super::look;
use super::model::{Group, Kind, Part, Row};
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
pub(super) fn group(window: &Window<'_>, lives: &[Life]) -> Group {
    let periods = lives.iter().flat_map(|life| &life.periods);
    let mut parts: Vec<Part> = periods.filter_map(|period| window.part(period)).collect();
    parts.sort_by_key(|part| part.from);
    let number = |count: usize| show(count as f64, Unit::Count);
    let mut told = vec![format!("{} alive", number(most(parts.iter())))];
    let mut rows = Vec::new();
    for state in STATES {
        let of_it = || parts.iter().filter(|part| part.state == state);
        let count = most(of_it());
        if count == 0 {
            continue;
        }
        let name = look::of(state).name;
        told.push(format!("{} {name}", number(count)));
        // A moment is seen in a row if it is a poll.
        let is_polled = matches!(state, State::Running | State::Blocking);
        if !is_polled && of_it().all(|part| part.from == part.to) {
            continue;
        }
        rows.push(Row {
            name: name.to_owned(),
            depth: 0,
            kind: Kind::Count(state),
            stretches: vec![of_it().copied().collect()],
            marks: Vec::new(),
        });
    }
    let title = format!(
        "and {} more tasks: up to {} at a time",
        lives.len(),
        told.join(", ")
    );
    Group {
        title: Some(title),
        rows,
        left_out: None,
    }
}

/// The largest number of periods at the same time. A period of no length overlaps with no
/// other.
fn most<'a>(parts: impl Iterator<Item = &'a Part>) -> usize {
    let mut changes = Vec::new();
    let mut most = 0;
    for Part { from, to, .. } in parts {
        most = 1;
        if from < to {
            changes.extend([(*from, 1), (*to, -1)]);
        }
    }
    // At the same moment, ends come before beginnings.
    changes.sort_unstable();
    let mut now = 0_isize;
    for (_, change) in changes {
        now += change;
        most = most.max(now);
    }
    most.unsigned_abs()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn the_most_at_a_time_is_no_average() {
        let part = |(from, to): &(u64, u64)| Part {
            from: Duration::from_nanos(*from),
            to: Duration::from_nanos(*to),
            state: State::Ready,
        };
        let parts = [(0, 2), (2, 3), (2, 4), (3, 3)].each_ref().map(part);
        assert_eq!(most(parts.iter()), 2);
        assert_eq!(most(parts[3..].iter()), 1);
        assert_eq!(most([].iter()), 0);
    }
}
