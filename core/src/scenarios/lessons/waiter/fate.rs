//! The fate of a task that is never awaited.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

#[derive(Default)]
pub(super) struct Fate {
    pub(super) polled: AtomicBool,
    dropped: AtomicBool,
}

impl Fate {
    pub(super) fn tell(&self) -> &'static str {
        if !self.polled.load(Ordering::SeqCst) {
            "never_polled"
        } else if self.dropped.load(Ordering::SeqCst) {
            "dropped_at_shutdown"
        } else {
            "went_on"
        }
    }
}

/// Held by the task; records its drop.
pub(super) struct Witness(pub(super) Arc<Fate>);

impl Drop for Witness {
    fn drop(&mut self) {
        self.0.dropped.store(true, Ordering::SeqCst);
    }
}
