//! The findings that `--deny` makes a failure.

use pollmark_core::trace::{Finding, Trace, diagnose};

use super::recorded::Run;
use crate::args::{Denied, finding_name};

/// The denied findings of the runs, a sentence each. A run that was only drawn beside the others
/// is not judged.
pub(super) fn denied(runs: &[Run<'_>], denied: &[Denied]) -> Vec<String> {
    if denied.is_empty() {
        return Vec::new();
    }
    let judged = runs.iter().filter(|run| !run.cell.is_beside);
    let judged = judged.filter_map(|run| Some((run, run.trace.as_ref()?)));
    let found = judged.flat_map(|(run, trace)| {
        let cell = run.cell.full_name();
        let is_denied = |finding: &Finding| denied.iter().any(|denied| denied.means(finding));
        let found = diagnose(trace).into_iter().filter(is_denied);
        let mut told: Vec<String> = found.map(|found| told(&cell, trace, &found)).collect();
        // The end of such a run is not known, so that nothing can be said about it.
        if trace.run.dropped > 0 {
            told.push(format!(
                "{cell} was not recorded to its end (--trace-limit)"
            ));
        }
        told
    });
    found.collect()
}

/// For example "denied: dropped in waiter/cancel-pending@smol (2): `Chops` was dropped before its
/// end, 4 s (0.2 s real) after its spawn ... (spawned at ...)".
fn told(cell: &str, trace: &Trace, finding: &Finding) -> String {
    let name = finding_name(finding.complaint);
    let place = &trace.tasks[finding.task].spawned_at;
    let text = &finding.text;
    format!("denied: {name} in {cell}: {text} (spawned at {place})")
}
