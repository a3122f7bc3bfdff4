//! Virtual time: a number of nanoseconds, and the order of what falls on one instant.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// An instant that the clock never reaches, some 584 years after its beginning.
pub(crate) const NEVER: u64 = u64::MAX;

/// When an event is due: its instant, and its place among those of the same instant.
pub(crate) type Due = (u64, u64);

/// The clock of one simulator. Only who holds the baton moves it; anybody may read it.
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

    /// When something is due that begins now and takes `span`: after everything
    /// else of that instant that was asked for earlier.
    pub(crate) fn due_in(&self, span: u64) -> Due {
        let sequence = self.sequence.fetch_add(1, Ordering::Relaxed);
        (self.now().saturating_add(span), sequence)
    }
}

/// Whole nanoseconds; what does not fit is [`NEVER`] over.
pub(crate) fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(NEVER)
}
