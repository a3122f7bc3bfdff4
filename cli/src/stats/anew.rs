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
    let rule = Rule {
        margin: MARGIN,
        noise: comparison.noise_threshold.unwrap_or(NOISE).min(MARGIN),
        looks,
    };
    let reference = match comparison.reference.as_deref() {
        Some("ideal") | None => Reference::Ideal,
        Some(runner) => Reference::Runner(runner.to_owned()),
    };
    let catalogue = pollmark_core::builtin();
    let mut rest = &mut comparison.judgements[..];
    while !rest.is_empty() {
        let (row, others) = rest.split_at_mut(length_of_row(rest));
        judge_row(row, cells, &reference, &rule, &catalogue);
        rest = others;
    }
    comparison.noise_threshold = Some(rule.noise);
    comparison.margin = Some(rule.margin);
    comparison.looks = vec![rounds];
}

/// The judgements of a row stand together, each of another column.
fn length_of_row(judgements: &[Judgement]) -> usize {
    let first = &judgements[0];
    let is_new = |&index: &usize| {
        let one = &judgements[index];
        let mut before = judgements[..index].iter();
        (&one.scenario, &one.variant) != (&first.scenario, &first.variant)
            || (&one.params, &one.figure) != (&first.params, &first.figure)
            || before.any(|other| other.runner == one.runner)
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
    let found: Option<Vec<&CellResult>> = judgements.iter().map(|one| cell(one, cells)).collect();
    let Some(found) = found else {
        return;
    };
    let is_virtual = |cell: &&CellResult| cell.runner.split('#').next() == Some("virtual");
    let simulated = found.iter().all(is_virtual);
    let ranked = |cell: &&CellResult| figure.is_ranked() && (simulated || !is_virtual(cell));
    let row = Row {
        figure,
        ranked: found.iter().map(ranked).collect(),
        cells: found,
        rounds: None,
    };
    let judged = judge::judge(&row, reference, rule);
    for ((one, cell), judged) in judgements.iter_mut().zip(&row.cells).zip(judged) {
        if let Some(judged) = judged {
            *one = judged.told(cell, figure);
        }
    }
}

fn cell<'a>(one: &Judgement, cells: &'a [CellResult]) -> Option<&'a CellResult> {
    cells.iter().find(|cell| {
        (&cell.scenario, &cell.variant, &cell.params) == (&one.scenario, &one.variant, &one.params)
            && (&cell.runner, cell.workers) == (&one.runner, one.workers)
    })
}
