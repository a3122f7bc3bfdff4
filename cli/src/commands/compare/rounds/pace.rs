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
            // For what was not measured more rounds do nothing.
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
    use crate::model::metric::Figure;
    use crate::stats::difference::{Difference, difference};
    use crate::stats::intervals::Interval;
    use crate::stats::judge::tests::cell;
    use crate::stats::looks::Looks;
    use crate::stats::relation::{MARGIN, NOISE};

    /// A row for each two cells.
    fn pace(rows: usize, precision: Option<f64>, gate: Option<f64>) -> Pace {
        let group = |row: usize| Group {
            workers: 1,
            figure: Figure::TIME,
            cells: vec![2 * row, 2 * row + 1],
            ranked: vec![true; 2],
            relinked: Vec::new(),
        };
        let rule = Rule {
            margin: MARGIN,
            noise: NOISE,
            looks: Looks::several(rows),
        };
        let gate = gate.map(|gate| (Reference::Runner("a".to_owned()), gate));
        Pace::new((0..rows).map(group).collect(), rule, precision, gate)
    }

    /// Two columns with the ratio, in every other round a share more and less.
    fn columns(ratio: f64, wobble: f64) -> [CellResult; 2] {
        let other = |round: usize| {
            let sign = if round.is_multiple_of(2) { 1.0 } else { -1.0 };
            (1e6 * ratio * (1.0 + sign * wobble)) as u64
        };
        let other: Vec<u64> = (0..256).map(other).collect();
        [cell("a", &[1_000_000; 256]), cell("b", &other)]
    }

    /// What stopped each row, with looks as long as one goes on.
    fn stops(mut pace: Pace, results: &[CellResult]) -> Vec<(u32, StoppedBy)> {
        let mut rounds = 0;
        while let Some(look) = pace.next_look(rounds) {
            rounds = look;
            pace.look(results, rounds);
        }
        let stops = pace.into_rows().filter_map(|(_, stop)| stop);
        stops.map(|stop| (stop.rounds, stop.by)).collect()
    }

    #[test]
    fn each_row_goes_on_until_it_is_settled() {
        let rows = [columns(2.0, 0.1), columns(1.0, 0.01), columns(1.0, 0.2)].concat();
        let mut three = pace(3, None, None);
        three.look(&rows, 10);
        assert!(
            !three.goes_on(0) && !three.goes_on(1),
            "they do not overlap"
        );
        assert!((2..6).all(|cell| three.goes_on(cell)));
        assert_eq!(three.left(), "2 of 3 rows");
        use StoppedBy::{Rounds, Settled};
        assert_eq!(
            stops(three, &rows),
            [(10, Settled), (16, Settled), (256, Rounds)]
        );
    }

    #[test]
    fn a_precision_is_reached_also_where_it_is_settled_before() {
        let rows = columns(2.0, 0.1);
        assert_eq!(
            stops(pace(1, None, None), &rows),
            [(10, StoppedBy::Settled)]
        );
        // Half of the samples lie a tenth below and half a tenth above.
        let fine = stops(pace(1, Some(0.05), None), &rows);
        assert_eq!(fine, [(256, StoppedBy::Rounds)]);
        let coarse = stops(pace(1, Some(0.2), None), &rows);
        assert_eq!(coarse, [(16, StoppedBy::Precision)]);
    }

    #[test]
    fn a_gate_is_answered_too() {
        // It is behind, by 4 to 12 %: that it is by more than 5 is not known.
        let rows = columns(1.08, 0.035);
        assert_eq!(
            stops(pace(1, None, None), &rows),
            [(10, StoppedBy::Settled)]
        );
        assert_eq!(
            stops(pace(1, None, Some(0.02)), &rows),
            [(10, StoppedBy::Settled)]
        );
        let gated = stops(pace(1, None, Some(0.05)), &rows);
        assert_eq!(gated, [(256, StoppedBy::Rounds)]);
    }

    #[test]
    fn a_gate_that_cannot_be_answered_takes_no_more_rounds() {
        let mut rows = columns(1.0, 0.01);
        rows[0].status = Status::Failed;
        let told = stops(pace(1, None, Some(0.05)), &rows);
        assert_eq!(told, [(16, StoppedBy::Settled)]);
    }

    #[test]
    fn what_is_as_precise_as_by_default_is_settled() {
        let rule = pace(1, None, None).rule;
        // The widest interval that begins where behind does, and one that ends with equal.
        let widest = |low: f64| Interval {
            low,
            high: low * (2.0 * rule.precision()).exp(),
        };
        for low in [
            1.0 + NOISE + 1e-9,
            1.0 / (1.0 + MARGIN) + 1e-9,
            1.0,
            1.02,
            1.5,
        ] {
            let interval = widest(low);
            let told = difference(Some(interval), rule.margin, rule.noise);
            assert_ne!(told, Difference::Unknown, "{interval:?}");
            let half_width = interval.half_width_in_logarithm().unwrap();
            assert!((half_width - rule.precision()).abs() < 1e-12);
        }
        // Its half is no more than 1.5 % of the ratio, and yet it is on both sides of the border.
        assert!(rule.precision() < (MARGIN - NOISE) / 2.0);
    }

    #[test]
    fn what_the_budget_ends_is_judged_by_the_rounds_that_it_had() {
        let rows = [columns(2.0, 0.1), columns(1.0, 0.2)].concat();
        let mut two = pace(2, None, None);
        two.look(&rows, 10);
        two.stop(23, StoppedBy::Budget);
        assert_eq!(two.next_look(23), None);
        let stops = stops(two, &rows);
        assert_eq!(stops, [(10, StoppedBy::Settled), (23, StoppedBy::Budget)]);
    }

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
