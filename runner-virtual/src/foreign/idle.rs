//! Whether the process does anything at all.

use std::time::{Duration, Instant};

use pollmark_core::Usage;

/// The CPU time that the simulator's own looks may take.
const LOOKS: Duration = Duration::from_millis(5);

/// A time in which no thread of the process uses the CPU, so that none is about to end the wait
/// of another one.
pub(crate) struct Idle {
    since: Instant,
    cpu: Duration,
}

impl Idle {
    pub(crate) fn begins() -> Self {
        let usage = Usage::of_this_process();
        Idle {
            since: Instant::now(),
            cpu: usage.map(|usage| usage.cpu()).unwrap_or_default(),
        }
    }

    /// How long it has lasted; it begins anew if the CPU was used.
    pub(crate) fn lasts(&mut self) -> Duration {
        let now = Idle::begins();
        let lasts = now.since.saturating_duration_since(self.since);
        if now.cpu.saturating_sub(self.cpu) > LOOKS.max(lasts / 20) {
            *self = now;
            return Duration::ZERO;
        }
        lasts
    }
}
