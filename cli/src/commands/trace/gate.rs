//! The findings that `--deny` makes a failure.

use pollmark_core::trace::{Finding, Trace};

use crate::args::{Denied, finding_name};

/// Those of the `findings` in a trace of the cell that are denied, a sentence each.
pub(super) fn denied(
    cell: &str,
    trace: &Trace,
    findings: &[Finding],
    denied: &[Denied],
) -> Vec<String> {
    let is_denied = |finding: &&Finding| denied.iter().any(|denied| denied.means(finding));
    let found = findings.iter().filter(is_denied);
    let mut told: Vec<String> = found.map(|found| told(cell, trace, found)).collect();
    // The end of such a run is not known, so that nothing can be said about it.
    if trace.run.dropped > 0 {
        told.push(format!(
            "{cell} was not recorded to its end (--trace-limit)"
        ));
    }
    told
}

/// For example "denied: dropped in waiter/cancel-pending@smol (2): `Chops` was dropped before its
/// end, 4 s (0.2 s real) after its spawn ... (spawned at ...)".
fn told(cell: &str, trace: &Trace, finding: &Finding) -> String {
    let name = finding_name(finding.complaint);
    let place = &trace.tasks[finding.task].spawned_at;
    let text = &finding.text;
    format!("denied: {name} in {cell}: {text} (spawned at {place})")
}
