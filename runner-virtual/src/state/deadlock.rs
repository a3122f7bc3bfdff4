//! Tells why nothing will ever happen again.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::{Outcome, State};
use crate::task::job::Job;

impl State {
    pub(super) fn deadlock(&self) -> Outcome {
        let away = self.threads.away.iter();
        let keys = away.map(|(thread, _)| thread.job.load(Ordering::Relaxed));
        let inside: Vec<_> = keys.filter_map(|key| self.registry.label(key)).collect();
        if inside.is_empty() {
            return Outcome::Deadlock(self.registry.waiting());
        }
        let inside = quoted(inside.into_iter());
        let stranded = labels(self.workers.stranded());
        Outcome::Stuck(
            if self.free_blocking_threads == 0 && !self.calls.is_empty() {
                format!(
                    "every thread of the pool waits for a call that is queued: held by {inside}; \
                     queued: {}",
                    labels(&self.calls)
                )
            } else if !stranded.is_empty() {
                format!(
                    "every worker waits for a task that is queued: held by {inside}; queued: \
                     {stranded}"
                )
            } else {
                format!("{inside}: each waits inside of a poll or call for another thread")
            },
        )
    }
}

fn labels<'a>(jobs: impl IntoIterator<Item = &'a Arc<dyn Job>>) -> String {
    quoted(jobs.into_iter().map(|job| job.header().label()))
}

fn quoted(names: impl Iterator<Item = String>) -> String {
    let names: Vec<_> = names.map(|name| format!("`{name}`")).collect();
    names.join(", ")
}
