//! The moments of a run, and the state of its recording at one of them.

use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::ticks::{Anchor, Scale};
use crate::trace::record::current::Wait;
use crate::trace::record::log::{Packed, Record};

/// Moments of a run, as marked by the code that runs it.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(in crate::trace::record) struct Marks {
    pub(in crate::trace::record) root: Option<u32>,
    pub(in crate::trace::record) epoch: Option<Duration>,
    /// Readings of the recording's clock and of the runtime's: the first, and the last.
    pub(in crate::trace::record) anchors: Option<(Anchor, Anchor)>,
    /// The time at which the runtime began to end, and its place in the order of events.
    pub(in crate::trace::record) shutdown: Option<(Duration, u64)>,
    pub(in crate::trace::record) stop: Option<Stop>,
}

/// The moment at which the run was given up.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(in crate::trace::record) struct Stop {
    pub(in crate::trace::record) at: Duration,
    /// Events from this place on are not the program's.
    pub(super) order: u64,
    /// What tasks waited for then. A [`Part`](super::super::Part) hands it out by itself, once.
    #[serde(skip)]
    pub(in crate::trace::record) waits: Arc<[Wait]>,
    /// Events that had been lost by then. A look has counted them already.
    #[serde(skip)]
    pub(super) lost: u64,
}

/// The state of a recording at one moment: which of its events belong together.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(in crate::trace::record) struct Look {
    pub(in crate::trace::record) marks: Marks,
    /// The runtime's time for the ticks of the events; `None` if they are its nanoseconds.
    pub(in crate::trace::record) scale: Option<Scale>,
    pub(in crate::trace::record) limit: usize,
    /// The time on the runtime's clock, if the tracer knows the clock.
    pub(in crate::trace::record) now: Option<Duration>,
    /// Events that were not kept.
    pub(in crate::trace::record) lost: u64,
    /// Events from this place on are incomplete: the first of them was lost.
    pub(in crate::trace::record) complete_to: u64,
    /// Events from this place on came after the look.
    pub(in crate::trace::record) so_far: u64,
}

impl Look {
    /// Whether an event came after the look.
    pub(in crate::trace::record) fn is_after(&self, event: &Packed) -> bool {
        Record::unpacked(*event).order >= self.so_far
    }

    /// The runtime's time at the ticks of an event.
    pub(in crate::trace::record) fn time(&self, ticks: u64) -> Duration {
        self.scale
            .map_or(Duration::from_nanos(ticks), |scale| scale.time(ticks))
    }
}
