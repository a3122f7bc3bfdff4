//! A task that is ready and waits for the end of the very poll that woke or spawned it.

use std::time::Duration;

use super::super::intervals::Interval;
use crate::trace::data::TaskId;

/// A delay longer than any scheduler causes by itself.
pub(super) const LONG_DELAY: Duration = Duration::from_millis(10);

/// A task that was ready for long while the poll that had made it ready went on. After that poll,
/// its thread polled this task first.
#[derive(Debug, Clone, Copy)]
pub(super) struct Kept {
    pub(super) task: TaskId,
    /// The task whose poll it was.
    pub(super) by: TaskId,
    /// Whether that poll spawned it; otherwise it woke it.
    pub(super) spawned: bool,
    /// From when it was ready until it was polled, or until the run ended in that poll.
    pub(super) span: Interval,
    /// Whether it was polled.
    pub(super) polled: bool,
    /// For how long of it fewer polls were under way than there are workers.
    pub(super) free: Duration,
}

impl Kept {
    pub(super) fn length(&self) -> Duration {
        self.span.1 - self.span.0
    }

    /// Whether a worker was free for more than half of the time, and long.
    pub(super) fn is_beside_free_worker(&self) -> bool {
        self.free > LONG_DELAY && self.free * 2 > self.length()
    }

    /// The act of the poll upon it, as in "which had woken it".
    pub(super) fn verb(&self) -> &'static str {
        if self.spawned { "spawned" } else { "woken" }
    }
}
