//! Whether the threads of a run do anything at all.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use super::threads;

/// The CPU time that the simulator's own looks may take; the system counts in steps as long.
const LOOKS: Duration = Duration::from_millis(10);

/// A time in which none of some threads uses the CPU, so that none is about to end the wait of
/// another one. Not those of the whole process: a run that was left behind may use it for ever.
#[derive(Clone)]
pub(crate) struct Idle {
    since: Instant,
    /// The CPU time of each thread so far.
    cpu: BTreeMap<u32, Duration>,
}

impl Idle {
    pub(crate) fn begins(tids: impl Iterator<Item = u32>) -> Self {
        Idle {
            since: Instant::now(),
            cpu: tids
                .filter_map(|tid| Some((tid, threads::cpu_of(tid)?)))
                .collect(),
        }
    }

    /// How long it has lasted until `now`; it begins anew if the CPU was used, or a thread has
    /// come or gone.
    pub(crate) fn lasts(&mut self, now: Idle) -> Duration {
        let lasts = now.since.saturating_duration_since(self.since);
        let used = |(now, before): (&Duration, &Duration)| now.saturating_sub(*before);
        let used: Duration = now.cpu.values().zip(self.cpu.values()).map(used).sum();
        if !now.cpu.keys().eq(self.cpu.keys()) || used > LOOKS.max(lasts / 20) {
            *self = now;
            return Duration::ZERO;
        }
        lasts
    }
}
