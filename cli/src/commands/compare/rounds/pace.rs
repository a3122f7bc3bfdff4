//! How many rounds each row gets.
//!
//! A row is judged at looks that are fixed beforehand ([`Looks`](crate::stats::looks::Looks)), and
//! gets no more rounds once it is settled or as precise as asked. The end of the budget, or
//! Ctrl-C, takes the place of the next look: neither depends on the ratios.

use std::time::Duration;

use crate::commands::compare::groups::{Group, comparisons};
use crate::model::comparison::StoppedBy;
use crate::model::result::{CellResult, Status};
use crate::stats::judge::gate::Gate;
use crate::stats::judge::{self, Reference};
use crate::stats::relation::{self, Relation, Rule};
use crate::text::units::{counted, span};

/// What stopped a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stop {
    /// The number of rounds by which it is judged.
    pub(crate) rounds: u32,
    pub(crate) by: StoppedBy,
}

/// The rows of a comparison, and how far each has come.
#[derive(Debug)]
pub(crate) struct Pace {
    groups: Vec<Group>,
    /// What stopped each of them so far.
    stops: Vec<Option<Stop>>,
    pub(crate) rule: Rule,
    /// The half width that each ratio to the fastest is to have, whether or not it is settled.
    pub(crate) precision: Option<f64>,
    /// The share by which no column may be behind the reference.
    gate: Option<(Reference, f64)>,
}

impl Pace {
    pub(crate) fn new(
        groups: Vec<Group>,
        rule: Rule,
        precision: Option<f64>,
        gate: Option<(Reference, f64)>,
    ) -> Self {
        Pace {
            stops: vec![None; groups.len()],
            groups,
            rule,
            precision,
            gate,
        }
    }

    pub(crate) fn groups(&self) -> &[Group] {
        &self.groups
    }

    /// The number of ratios judged, over all rows.
    pub(crate) fn comparisons(&self) -> usize {
        comparisons(&self.groups)
    }

    /// The next look at the rows that go on; `None` if none does.
    pub(crate) fn next_look(&self, rounds: u32) -> Option<u32> {
        let mut looks = self.rule.looks.at().iter().copied();
        let next = looks.find(|look| *look > rounds);
        next.filter(|_| self.stops.iter().any(Option::is_none))
    }

    /// The rounds that each row gets, whatever the budget; fewer only where all is told by then.
    pub(crate) fn fewest(&self) -> u32 {
        self.rule.looks.first_interval()
    }

    /// Whether the cell of that index is in a row that goes on.
    pub(crate) fn goes_on(&self, cell: usize) -> bool {
        let mut rows = self.groups.iter().zip(&self.stops);
        rows.any(|(group, stop)| stop.is_none() && group.cells.contains(&cell))
    }

    /// `2 of 3 rows`, those that go on.
    pub(crate) fn left(&self) -> String {
        let left = self.stops.iter().filter(|stop| stop.is_none()).count();
        format!("{left} of {} rows", self.stops.len())
    }

    /// Looks at the rows after so many rounds, and stops those that need no more.
    pub(crate) fn look(&mut self, results: &[CellResult], rounds: u32) {
        let looks = self.rule.looks.at();
        let end = match looks {
            [only] => (*only == rounds).then_some(StoppedBy::Samples),
            several => (several.last() == Some(&rounds)).then_some(StoppedBy::Rounds),
        };
        for index in 0..self.groups.len() {
            if self.stops[index].is_none() {
                let reached = match looks.len() {
                    1 => None,
                    _ => self.reached(&self.groups[index], results, rounds),
                };
                self.stops[index] = reached.or(end).map(|by| Stop { rounds, by });
            }
        }
    }

    fn reached(&self, group: &Group, results: &[CellResult], rounds: u32) -> Option<StoppedBy> {
        let row = group.row(results, Some(rounds));
        if row.cells.iter().all(|cell| cell.status != Status::Ok) {
            return Some(StoppedBy::Settled);
        }
        let relations = judge::relations(&row, &self.rule);
        let is_compared = relations.iter().any(Relation::is_compared);
        if !is_compared && rounds < self.fewest() {
            // There is nothing to tell apart, but each cell has an interval of its own.
            return None;
        }
        let half_width = relation::half_width(&relations);
        let is_within = |most: f64| half_width.is_some_and(|half_width| half_width <= most);
        if let Some(precision) = self.precision.filter(|_| is_compared) {
            return is_within(precision).then_some(StoppedBy::Precision);
        }
        let is_told = self.gate.as_ref().is_none_or(|(reference, gate)| {
            let gates = judge::gates(&row, reference, *gate, &self.rule);
            gates.iter().all(|gate| !matches!(gate, Gate::Unknown(_)))
        });
        if relation::is_settled(&relations) && is_told {
            return Some(StoppedBy::Settled);
        }
        is_within(self.rule.precision()).then_some(StoppedBy::Precision)
    }

    /// Stops all rows that go on.
    pub(crate) fn stop(&mut self, rounds: u32, by: StoppedBy) {
        for stop in &mut self.stops {
            stop.get_or_insert(Stop { rounds, by });
        }
    }

    /// The rows, and what stopped each.
    pub(crate) fn into_rows(self) -> impl Iterator<Item = (Group, Option<Stop>)> {
        self.groups.into_iter().zip(self.stops)
    }
}

impl Stop {
    /// For example "Settled after 16 rounds."
    pub(crate) fn told(&self) -> String {
        let rounds = counted(self.rounds as usize, "round");
        match self.by {
            StoppedBy::Settled => format!("Settled after {rounds}."),
            StoppedBy::Precision => format!("As precise as asked after {rounds}."),
            StoppedBy::Budget => format!("The budget was over after {rounds}."),
            StoppedBy::Rounds => format!("Not settled in {rounds}, the most that a row gets."),
            StoppedBy::Samples => String::new(),
            StoppedBy::Interrupted => format!("Interrupted after {rounds}."),
        }
    }
}

/// The runs of each cell beside those of the rounds: the warm-up, and two that look closer.
pub(crate) const OTHER_RUNS: u32 = 3;

/// A warning if the rounds that each row gets would exceed the budget alone, by the least or the
/// measured times of a run of the cells.
pub(crate) fn beyond_budget(
    fewest: u32,
    runs: impl IntoIterator<Item = Duration>,
    budget: Duration,
) -> Option<String> {
    let (mut count, mut once) = (0, Duration::ZERO);
    for run in runs {
        (count, once) = (count + 1, once + run);
    }
    let needed = once * (fewest + OTHER_RUNS);
    (needed > budget).then(|| {
        format!(
            "{} does not serve {}: the {} that each gets take {} or more. Fewer cells can be \
         told apart in that time; --plan tells what all of them need",
            span(budget),
            counted(count, "cell"),
            counted(fewest as usize, "round"),
            span(needed)
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_budget_that_does_not_serve_the_first_rounds_is_told_before() {
        let runs = [Duration::from_secs(1); 10];
        let minutes = |minutes: u64| Duration::from_secs(60 * minutes);
        let told = |budget| beyond_budget(16, runs, budget);
        assert_eq!(told(minutes(4)), None);
        assert_eq!(
            told(minutes(2)).unwrap(),
            "2 min does not serve 10 cells: the 16 rounds that each gets take 3 min or more. \
             Fewer cells can be told apart in that time; --plan tells what all of them need"
        );
    }
}
