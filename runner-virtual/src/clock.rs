//! Virtual time: a number of nanoseconds, and the order of the events of one instant.

use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use pollmark_core::time::nanos;

/// An instant that the clock never reaches, some 584 years after its beginning.
pub(crate) const NEVER: u64 = u64::MAX;

/// The time of an event: its instant, and its place among the events of that instant.
pub(crate) type Due = (u64, u64);

/// The clock of one simulator. The thread in control moves it; any thread may read it.
#[derive(Debug)]
pub(crate) struct Clock {
    now: AtomicU64,
    /// By how much it is ahead of real time, modulo 2^64, if it is tied to it; else [`NEVER`].
    lead: AtomicU64,
    sequence: AtomicU64,
}

/// Nanoseconds of real time, from an instant that stays the same.
fn real() -> u64 {
    static BEGINNING: LazyLock<Instant> = LazyLock::new(Instant::now);
    nanos(BEGINNING.elapsed())
}

impl Default for Clock {
    fn default() -> Self {
        Clock {
            now: AtomicU64::new(0),
            lead: AtomicU64::new(NEVER),
            sequence: AtomicU64::new(0),
        }
    }
}

impl Clock {
    pub(crate) fn now(&self) -> u64 {
        match self.lead.load(Ordering::Acquire) {
            NEVER => self.now.load(Ordering::Acquire),
            lead => real().wrapping_add(lead),
        }
    }

    /// Lets the clock go with real time from now on, at `since` of real time after the instant at
    /// which it stands.
    pub(crate) fn tie(&self, since: Duration) {
        if !self.is_tied() {
            let now = self.now().saturating_add(nanos(since));
            let lead = now.wrapping_sub(real());
            self.lead.store(lead.min(NEVER - 1), Ordering::Release);
        }
    }

    pub(crate) fn is_tied(&self) -> bool {
        self.lead.load(Ordering::Acquire) != NEVER
    }

    /// Lets the clock stand where it is, until it is moved.
    pub(crate) fn untie(&self) {
        if self.is_tied() {
            self.move_to(self.now());
            self.lead.store(NEVER, Ordering::Release);
        }
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
