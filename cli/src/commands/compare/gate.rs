//! `--gate`: no column may be behind the reference by more than a share.

use super::sheet::Sheet;
use crate::stats::intervals::Interval;
use crate::stats::judge;
use crate::stats::judge::gate::Gate;
use crate::text::units::{percent, ratio};

/// What the gate found, a sentence for each column of each line.
#[derive(Debug, Default)]
pub(super) struct Gated {
    /// Those that are behind by more.
    pub(super) beyond: Vec<String>,
    /// Those of which it is not known.
    pub(super) unknown: Vec<String>,
}

/// Holds every ranked column of the sheet against its reference.
pub(super) fn gated(sheet: &Sheet<'_>, gate: f64) -> Gated {
    let mut gated = Gated::default();
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
                Gate::Unknown(known) => gated.unknown.push(format!(
                    "--gate: {program}: it is not known whether {column} is {by}{}",
                    told(value, known)
                )),
            }
        }
    }
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
