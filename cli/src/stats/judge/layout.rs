//! The layout floor: how far two links of the same code differ.

use super::super::intervals::interval;
use super::super::relation::Rule;
use super::Row;
use crate::model::result::CellResult;

impl Row<'_> {
    /// The largest difference, as a share, between a cell of this binary and that of a relinked
    /// build; each counts by the end of its interval that lies further from 1, or by the furthest
    /// of few ratios. `None` if no build is relinked, and infinite where one is and no pair has
    /// samples: then no difference between builds is known to be beyond it.
    pub(crate) fn layout_floor(&self, rule: &Rule) -> Option<f64> {
        if self.relinked.is_empty() {
            return None;
        }
        let pairs = self.cells.iter().filter_map(|cell| {
            let build = cell.build.as_ref()?;
            let is_own = |own: &&&CellResult| {
                own.build.is_none() && (&own.base, &own.settings) == (&cell.base, &cell.settings)
            };
            let own = self.cells.iter().find(is_own)?;
            self.relinked.contains(build).then_some((*cell, *own))
        });
        let differences = pairs.filter_map(|(cell, own)| {
            let ratios = self.ratios(cell, own);
            let ends = interval(&ratios, rule.looks.confidence());
            let ends = ends.map_or(ratios, |ends| vec![ends.low, ends.high]);
            let apart = ends.into_iter().map(|end| end.max(1.0 / end) - 1.0);
            apart.max_by(f64::total_cmp)
        });
        Some(differences.max_by(f64::total_cmp).unwrap_or(f64::INFINITY))
    }
}

#[cfg(test)]
mod tests {
    use super::super::gate::Gate;
    use super::super::tests::{around, cell, row, rule};
    use super::super::{Reference, gates, judge};
    use super::*;
    use crate::model::comparison::Verdict::{self, Behind, Best, Unknown};
    use crate::model::result::Status;

    fn of_build(build: &str, nanos: &[u64]) -> CellResult {
        CellResult {
            build: Some(build.to_owned()),
            column: format!("tokio@{build}"),
            ..cell("tokio", nanos)
        }
    }

    fn verdicts(cells: &[CellResult], relinked: &[&str]) -> (Option<f64>, Vec<Verdict>) {
        let row = Row {
            relinked: relinked.iter().map(|name| (*name).to_owned()).collect(),
            ..row(cells)
        };
        let reference = Reference::Runner("tokio".to_owned());
        let judged = judge(&row, &reference, &rule());
        let verdicts = judged.into_iter().map(|judged| judged.unwrap().verdict);
        (row.layout_floor(&rule()), verdicts.collect())
    }

    #[test]
    fn between_builds_nothing_within_the_floor_is_behind() {
        let cells = |old: u64| {
            [
                cell("tokio", &around(1000)),
                of_build("same", &around(1100)),
                of_build("old", &around(old)),
            ]
        };
        // The relinked build counts as another one while it is not named as the floor.
        let (floor, told) = verdicts(&cells(1080), &[]);
        assert_eq!((floor, &told[..]), (None, &[Best, Behind, Behind][..]));
        let (floor, told) = verdicts(&cells(1080), &["same"]);
        assert!(
            floor.is_some_and(|floor| (0.1..0.15).contains(&floor)),
            "{floor:?}"
        );
        assert_eq!(told, [Unknown; 3]);
        let (_, told) = verdicts(&cells(1300), &["same"]);
        assert_eq!(told, [Unknown, Unknown, Behind]);
    }

    #[test]
    fn a_floor_that_was_not_measured_leaves_nothing_behind_between_builds() {
        let mut cells = [
            cell("tokio", &around(1000)),
            of_build("same", &around(1000)),
            of_build("old", &around(1300)),
            cell("smol", &around(1500)),
        ];
        cells[1].status = Status::Failed;
        let row = Row {
            relinked: vec!["same".to_owned()],
            ..row(&cells)
        };
        assert_eq!(row.layout_floor(&rule()), Some(f64::INFINITY));
        let reference = Reference::Runner("tokio".to_owned());
        let judged = judge(&row, &reference, &rule()).into_iter();
        let verdicts: Vec<_> = judged.map(|judged| Some(judged?.verdict)).collect();
        assert_eq!(verdicts, [Some(Unknown), None, Some(Unknown), Some(Behind)]);
        let gates = gates(&row, &reference, 0.05, &rule());
        assert!(matches!(gates[2], Gate::Unmeasured(_)), "{gates:?}");
        assert!(matches!(gates[3], Gate::Beyond(_)), "{gates:?}");
    }

    #[test]
    fn a_floor_below_one_counts_as_one_above() {
        let cells = [
            cell("tokio", &around(1100)),
            of_build("same", &around(1000)),
        ];
        let (floor, _) = verdicts(&cells, &["same"]);
        assert!(
            floor.is_some_and(|floor| (0.1..0.15).contains(&floor)),
            "{floor:?}"
        );
    }
}
