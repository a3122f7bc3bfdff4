//! `--gate`: no column may be behind the reference by more than a share.

use anyhow::{Result, bail};

use super::groups::Group;
use super::sheet::Sheet;
use crate::model::cell::Cell;
use crate::stats::intervals::Interval;
use crate::stats::judge::gate::Gate;
use crate::stats::judge::{self, Reference};
use crate::text::messages;
use crate::text::units::{percent, ratio};

/// What the gate found, a sentence for each column of each line.
#[derive(Debug, Default)]
pub(super) struct Gated {
    /// Those that are behind by more.
    beyond: Vec<String>,
    /// Those of which it is not known.
    unknown: Vec<String>,
    /// Those that were to be held and were not measured.
    unmeasured: Vec<String>,
}

impl Gated {
    /// Whether it holds: a gate that measured nothing does not.
    pub(super) fn holds(&self) -> bool {
        self.beyond.is_empty() && self.unmeasured.is_empty()
    }
}

/// That there is something to hold against the reference, if there is a gate.
///
/// # Errors
///
/// A row is by a figure that is neither better nor worse, or none has a column beside the reference.
pub(super) fn check(
    gate: Option<f64>,
    groups: &[Group],
    cells: &[Cell],
    reference: &Reference,
) -> Result<()> {
    if gate.is_none() {
        return Ok(());
    }
    if let Some(group) = groups.iter().find(|group| !group.figure.is_ranked()) {
        bail!(
            "--gate: {}: {} only describes, there is no behind",
            cells[group.cells[0]].program(),
            group.figure.name()
        );
    }
    let mut held = groups
        .iter()
        .flat_map(|group| group.cells.iter().zip(&group.ranked));
    if !held.any(|(&cell, ranked)| *ranked && cells[cell].column() != reference.name()) {
        bail!(
            "--gate: no column to hold against {}: name another runner, or another reference",
            reference.name()
        );
    }
    Ok(())
}

/// Holds every ranked column of the sheet against its reference, if there is a gate, and
/// warns of those of which it cannot be said that they are not behind.
pub(super) fn gated(sheet: &Sheet<'_>, gate: Option<f64>) -> Gated {
    let mut gated = Gated::default();
    let Some(gate) = gate else {
        return gated;
    };
    let reference = sheet.reference.name();
    let by = format!("behind {reference} by more than {} %", percent(gate));
    for line in &sheet.lines {
        let program = line.cells[0].program();
        let gates = judge::gates(&line.row, &sheet.reference, gate, &sheet.rule);
        for ((cell, judged), gate) in line.row.cells.iter().zip(&line.judged).zip(gates) {
            let value = judged.as_ref().and_then(|judged| judged.ratio);
            let column = &cell.column;
            match gate {
                Gate::Within => {}
                Gate::Beyond(known) => gated.beyond.push(format!(
                    "--gate: {program}: {column} is {by}{}",
                    told(value, known)
                )),
                Gate::Unmeasured(why) => gated.unmeasured.push(format!(
                    "--gate: {program}: it was not measured whether {column} is {by}: {why}"
                )),
                Gate::Unknown(known) => gated.unknown.push(format!(
                    "--gate: {program}: it is not known whether {column} is {by}{}",
                    told(value, known)
                )),
            }
        }
    }
    let told = gated.beyond.iter().chain(&gated.unmeasured);
    let told = told.chain(&gated.unknown);
    told.for_each(|told| messages::warn(told));
    gated
}

/// `: 1.12 (1.08 to 1.17)`
fn told(value: Option<f64>, known: Option<Interval>) -> String {
    let value = value.map_or_else(String::new, |value| format!(": {}", ratio(value)));
    let known = known.map_or_else(String::new, |known| {
        format!(" ({} to {})", ratio(known.low), ratio(known.high))
    });
    value + &known
}
