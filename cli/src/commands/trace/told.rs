//! The picture and the words of a run, which outlive its trace.

use std::collections::BTreeSet;
use std::panic::resume_unwind;
use std::thread;
use std::time::Duration;

use pollmark_core::trace::{Analysis, Finding, Trace};

use super::picture::model::Picture;
use super::picture::rows::picture;
use super::words;

/// All that is shown of a trace.
pub(super) struct Told {
    /// `None` for a run whose root never began.
    pub(super) picture: Option<Picture>,
    pub(super) findings: Vec<Finding>,
    /// The axes and the critical path.
    summary: String,
    cost: String,
    /// Whether scenario time differs from the time that passed.
    pub(super) is_scaled: bool,
}

impl Told {
    pub(super) fn of(trace: &Trace, cpu: Option<Duration>) -> Self {
        let analysis = &Analysis::of(trace);
        let draw = || picture(trace, analysis.lives());
        let (picture, axes, path, findings) = thread::scope(|scope| {
            // Where there is no second thread to be had, one after the other.
            let drawn = thread::Builder::new().spawn_scoped(scope, draw);
            let axes = analysis.axes(cpu);
            let (path, findings) = (analysis.critical_path(), analysis.findings());
            let picture = match drawn {
                Ok(drawn) => drawn.join().unwrap_or_else(|panic| resume_unwind(panic)),
                Err(_) => draw(),
            };
            (picture, axes, path, findings)
        });
        let busy = picture.as_ref().map_or(0.0, |picture| picture.busy);
        let summary = words::axes(trace, &axes, busy) + &words::critical_path(trace, &path);
        Told {
            picture,
            findings,
            summary,
            cost: words::cost(trace),
            is_scaled: words::is_scaled(trace),
        }
    }

    /// The words below the picture. Each piece of advice is given once: `advised` holds those that
    /// appeared in the runs above.
    pub(super) fn words(&self, advised: &mut BTreeSet<&'static str>) -> String {
        let findings = words::findings(&self.findings, advised);
        [&self.summary, &findings, &self.cost]
            .map(String::as_str)
            .concat()
    }
}
