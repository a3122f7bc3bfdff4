//! Judges results anew that were saved with verdicts of an earlier kind.

use pollmark_core::Listing;

use super::judge::{self, Reference, Row};
use super::looks::Looks;
use super::relation::{MARGIN, NOISE, Rule};
use crate::model::comparison::Judgement;
use crate::model::metric::Figure;
use crate::model::result::{CellResult, Results};

/// Replaces the judgements of a comparison by those that its samples give now. One by a figure
/// that is not known any more stays, and its verdict is unknown.
pub(crate) fn judge_anew(results: &mut Results) {
    let Results {
        cells, comparison, ..
    } = results;
    let Some(comparison) = comparison else {
        return;
    };
    let rounds = u32::try_from(comparison.order.len()).unwrap_or(u32::MAX);
    let looks = Looks::once(rounds, comparison.comparisons.unwrap_or(0));
    let noise = comparison.noise_threshold.unwrap_or(NOISE);
    let rule = Rule {
        margin: MARGIN.max(noise),
        noise,
        looks,
    };
    let reference = match comparison.reference.as_deref() {
        Some("ideal") | None => Reference::Ideal,
        Some(runner) => Reference::Runner(runner.to_owned()),
    };
    let catalogue = pollmark_core::builtin();
    let mut rest = &mut comparison.judgements[..];
    while !rest.is_empty() {
        let (row, others) = rest.split_at_mut(length_of_row(rest, cells));
        judge_row(row, cells, &reference, &rule, &catalogue);
        rest = others;
    }
    comparison.noise_threshold = Some(rule.noise);
    comparison.margin = Some(rule.margin);
    comparison.confidence = Some(rule.looks.confidence());
    comparison.looks = vec![rounds];
}

/// The judgements of a row stand together, in the order of the columns, and each is of another
/// one. The next row may be the same program with other workers, and columns of either may lack.
fn length_of_row(judgements: &[Judgement], cells: &[CellResult]) -> usize {
    let first = &judgements[0];
    let place = |one: &Judgement| {
        let mut columns = cells.iter().map(|cell| &cell.column);
        columns.position(|column| *column == one.column)
    };
    let is_new = |&index: &usize| {
        let one = &judgements[index];
        (&one.scenario, &one.variant) != (&first.scenario, &first.variant)
            || (&one.params, &one.figure) != (&first.params, &first.figure)
            || place(one) <= place(&judgements[index - 1])
    };
    let next = (1..judgements.len()).find(is_new);
    next.unwrap_or(judgements.len())
}

fn judge_row(
    judgements: &mut [Judgement],
    cells: &[CellResult],
    reference: &Reference,
    rule: &Rule,
    catalogue: &[Listing],
) {
    let first = &judgements[0];
    let variant = [&*first.scenario, &*first.variant];
    let Some(figure) = Figure::of_variant(catalogue, variant, &first.figure) else {
        return;
    };
    let found: Option<Vec<&CellResult>> = judgements
        .iter()
        .map(|one| cells.iter().find(|cell| cell.is_of(one)))
        .collect();
    let Some(found) = found else {
        return;
    };
    let is_virtual = |cell: &&CellResult| cell.base == "virtual";
    let simulated = found.iter().all(is_virtual);
    let ranked = |cell: &&CellResult| figure.is_ranked() && (simulated || !is_virtual(cell));
    let row = Row {
        figure,
        ranked: found.iter().map(ranked).collect(),
        cells: found,
        rounds: None,
        relinked: Vec::new(),
    };
    let judged = judge::judge(&row, reference, rule);
    for ((one, cell), judged) in judgements.iter_mut().zip(&row.cells).zip(judged) {
        if let Some(judged) = judged {
            *one = judged.told(cell, figure);
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::judge::tests::cell;
    use super::*;
    use crate::model::comparison::{Comparison, Verdict};
    use crate::model::environment::Environment;

    /// As the schema before has it: the place of the cell is no field any more.
    fn before(runner: &str) -> Judgement {
        let judgement = json!({
            "scenario": "made", "variant": "up", "runner": runner, "workers": 1, "params": {},
            "figure": "time", "median": 1.0, "interval": null, "ratio": null,
            "ratio_interval": null, "place": "tie",
        });
        serde_json::from_value(judgement).expect("what is new has defaults")
    }

    #[test]
    fn a_row_ends_where_the_columns_begin_again() {
        let cells = ["a", "b", "c"].map(|name| cell(name, &[1000; 12]));
        let lengths = |columns: &[&str]| {
            let judgements: Vec<Judgement> = columns.iter().map(|name| before(name)).collect();
            let mut results = Results::new(&Environment::look(), cells.to_vec(), None);
            results.name_columns();
            let named = judgements.into_iter().map(|one| Judgement {
                column: one.base.clone(),
                ..one
            });
            let named: Vec<Judgement> = named.collect();
            let mut rest = &named[..];
            let mut lengths = Vec::new();
            while !rest.is_empty() {
                lengths.push(length_of_row(rest, &results.cells));
                rest = &rest[lengths[lengths.len() - 1]..];
            }
            lengths
        };
        assert_eq!(lengths(&["a", "b", "c", "a", "b"]), [3, 2]);
        // c failed with one worker, and a with two.
        assert_eq!(lengths(&["a", "c", "b", "c"]), [2, 2]);
        assert_eq!(lengths(&["c", "a", "b"]), [1, 2]);
    }

    #[test]
    fn a_saved_noise_beyond_the_margin_stays() {
        let cells = [cell("a", &[1000; 12]), cell("b", &[1080; 12])];
        let judgements = ["a", "b"].map(before);
        let comparison: Comparison = serde_json::from_value(json!({
            "order_seed": 1, "order": vec![Vec::<String>::new(); 12], "reference": "a",
            "noise_threshold": 0.1, "comparisons": 1, "judgements": judgements,
        }))
        .expect("what is new has defaults");
        let mut results = Results::new(&Environment::look(), cells.into(), Some(comparison));
        results.name_columns();
        judge_anew(&mut results);
        let comparison = results.comparison.expect("it stays");
        assert_eq!(comparison.noise_threshold, Some(0.1));
        assert_eq!(comparison.margin, Some(0.1));
        assert_eq!(comparison.judgements[1].verdict, Verdict::Equal);
    }

    #[test]
    fn verdicts_are_made_from_the_samples_row_by_row() {
        let cells = [("a", 1000), ("b", 1010), ("c", 1500)];
        let cells: Vec<CellResult> = cells.map(|(name, nanos)| cell(name, &[nanos; 12])).into();
        // Two rows: a runner that comes again begins another.
        let judgements = ["a", "b", "c", "a", "c"].map(before);
        assert!(judgements.iter().all(|one| one.verdict == Verdict::Unknown));
        let comparison: Comparison = serde_json::from_value(json!({
            "order_seed": 1, "order": vec![Vec::<String>::new(); 12], "reference": "a",
            "noise_threshold": 0.02, "comparisons": 4, "judgements": judgements,
        }))
        .expect("what is new has defaults");
        let mut results = Results::new(&Environment::look(), cells, Some(comparison));
        results.name_columns();
        judge_anew(&mut results);
        let comparison = results.comparison.expect("it stays");
        let verdicts: Vec<Verdict> = comparison
            .judgements
            .iter()
            .map(|one| one.verdict)
            .collect();
        use Verdict::{Behind, Best, Equal};
        assert_eq!(verdicts, [Equal, Equal, Behind, Best, Behind]);
        assert_eq!(comparison.judgements[2].ratio, Some(1.5));
        assert_eq!(comparison.margin, Some(MARGIN));
        assert_eq!(comparison.looks, [12]);
    }
}
