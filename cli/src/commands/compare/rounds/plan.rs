//! `--plan`: what each precision would cost in time, from three rounds.

use std::fmt::Write as _;
use std::time::Duration;

use super::Rounds;
use super::pace::OTHER_RUNS;
use crate::commands::compare::groups::Group;
use crate::model::cell::Cell;
use crate::stats::relation::Rule;
use crate::stats::{forecast, judge};
use crate::text::styles::BOLD;
use crate::text::units::{percent, span};
use crate::text::{table, wrap};

/// The rounds from which it is told.
pub(crate) const ROUNDS: u32 = 3;

/// The half widths that are told of, beside the ones that settle and that were asked for.
const PRECISIONS: [f64; 3] = [0.1, 0.05, 0.02];

/// A row for each row of the comparison, with a column for each precision.
pub(crate) fn plan(
    cells: &[Cell],
    groups: &[Group],
    rounds: &Rounds,
    rule: &Rule,
    asked: Option<f64>,
) -> String {
    let mut precisions = PRECISIONS.to_vec();
    precisions.extend([rule.precision()].into_iter().chain(asked));
    precisions.retain(|precision| *precision > 0.0);
    precisions.sort_by(|a, b| b.total_cmp(a));
    precisions.dedup();
    let most = rule.looks.at().last().copied().unwrap_or_default();
    let mut totals = vec![Duration::ZERO; precisions.len()];
    let mut is_more = vec![false; precisions.len()];
    let mut rows = Vec::new();
    for group in groups {
        let first = &cells[group.cells[0]];
        let round: Duration = group.cells.iter().map(|&cell| rounds.costs[cell]).sum();
        let mut row = vec![span(round)];
        // What has nothing beside it takes the rounds of the first interval.
        let is_compared = judge::comparisons(&group.ranked) > 0;
        let spread = forecast::spread(&group.row(&rounds.results, None));
        let spread = spread.or((!is_compared).then_some(0.0));
        for (index, precision) in precisions.iter().enumerate() {
            let Some(spread) = spread else {
                // Too few of its cells have samples.
                row.push(table::dash());
                continue;
            };
            let needed = forecast::rounds_for(*precision, spread, &rule.looks);
            totals[index] += round * (needed.unwrap_or(most) + OTHER_RUNS);
            is_more[index] |= needed.is_none();
            row.push(match needed {
                Some(needed) => format!("{} ({needed})", span(round * needed)),
                None => format!("over {most}"),
            });
        }
        rows.push((format!("{} ({})", first.program(), group.workers), row));
    }
    let total = totals.iter().zip(&is_more).map(|(total, is_more)| {
        let over = if *is_more { "over " } else { "" };
        format!("{over}{}", span(*total))
    });
    let total: Vec<String> = [String::new()].into_iter().chain(total).collect();
    rows.push(("all of it".to_owned(), total));
    let heads: Vec<String> = ["a round".to_owned()]
        .into_iter()
        .chain(precisions.iter().map(|one| format!("±{} %", percent(*one))))
        .collect();
    let heads: Vec<&str> = heads.iter().map(String::as_str).collect();
    let texts = rows.iter().map(|(_, row)| row.clone());
    let lines = table::aligned(&heads, texts, |_| true);
    let mut text = String::new();
    for (index, line) in lines.iter().enumerate() {
        match index.checked_sub(1) {
            None => {
                let _ = writeln!(text, "  {BOLD}{line}{BOLD:#}");
            }
            Some(row) => {
                text.push_str(&wrap::wrapped(&rows[row].0, "", "    "));
                let _ = writeln!(text, "  {line}");
            }
        }
    }
    let told = format!(
        "The time, and in brackets the rounds, until half the interval of each ratio to the \
         fastest is that narrow; at ±{} % every verdict is settled, and most are before. From \
         {ROUNDS} rounds, so only roughly.",
        percent(rule.precision())
    );
    text + &wrap::wrapped(&told, "", "")
}
