//! Virtual time: a number of nanoseconds, and the order of the events of one instant.

use std::sync::atomic::{AtomicU64, Ordering};

/// An instant that the clock never reaches, some 584 years after its beginning.
pub(crate) const NEVER: u64 = u64::MAX;

/// The time of an event: its instant, and its place among the events of that instant.
pub(crate) type Due = (u64, u64);

/// The clock of one simulator. The thread in control moves it; any thread may read it.
#[derive(Debug, Default)]
pub(crate) struct Clock {
    now: AtomicU64,
    sequence: AtomicU64,
}

impl Clock {
    pub(crate) fn now(&self) -> u64 {
        self.now.load(Ordering::Acquire)
    }

    pub(crate) fn move_to(&self, instant: u64) {
        self.now.store(instant, Ordering::Release);
    }

    /// The time of an event that lies `span` ahead: after all other events of that
    /// instant that were asked for earlier.
    pub(crate) fn due_in(&self, span: u64) -> Due {
        let sequence = self.sequence.fetch_add(1, Ordering::Relaxed);
        (self.now().saturating_add(span), sequence)
    }
}
