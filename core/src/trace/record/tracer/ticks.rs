//! The times and the order of recorded events.
//!
//! On a real clock both come from one reading of the CPU's counter, which costs less than one of the
//! system's clock and touches no memory that threads share. A virtual
//! clock stands still for many events, so they are numbered as well.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::runtime::Runtime;
use crate::runtime::runner_info::Clock;
use crate::time::nanos;

/// The readings of both clocks in one [`Anchor`], of which the closest pair counts: the thread may
/// be held up between two readings.
const READINGS: usize = 5;

/// When an event happened, in ticks of the [`Ticker`], and its place in the order of all events.
#[derive(Debug, Clone, Copy)]
pub(in crate::trace::record) struct Stamp {
    pub(in crate::trace::record) at: u64,
    pub(in crate::trace::record) order: u64,
}

/// Gives every event its time and its place.
#[derive(Debug)]
pub(in crate::trace::record) enum Ticker {
    /// Ticks of the CPU's counter since `from`, in order across threads as far as the counter is.
    Counter { clock: quanta::Clock, from: u64 },
    /// Nanoseconds of virtual time, and the number of the next event.
    Numbered(AtomicU64),
}

impl Ticker {
    pub(in crate::trace::record) fn of(clock: Clock) -> Self {
        match clock {
            Clock::Virtual => Ticker::Numbered(AtomicU64::new(0)),
            Clock::Real => {
                let clock = quanta::Clock::new();
                let from = clock.raw();
                Ticker::Counter { clock, from }
            }
        }
    }

    #[inline]
    pub(in crate::trace::record) fn stamp(&self, runtime: &impl Runtime) -> Stamp {
        match self {
            Ticker::Counter { clock, from } => {
                let at = clock.raw().saturating_sub(*from);
                Stamp { at, order: at }
            }
            // `Release`, so that a thread that reads a number also sees the events that led to it.
            Ticker::Numbered(next) => Stamp {
                at: nanos(runtime.now()),
                order: next.fetch_add(1, Ordering::Release),
            },
        }
    }

    /// A place in the order, between the events before and those after the call.
    pub(in crate::trace::record) fn mark(&self) -> u64 {
        match self {
            Ticker::Counter { .. } => self.order(),
            Ticker::Numbered(next) => next.fetch_add(1, Ordering::Relaxed),
        }
    }

    /// The place of an event that would happen now.
    pub(in crate::trace::record) fn order(&self) -> u64 {
        match self {
            Ticker::Counter { clock, from } => clock.raw().saturating_sub(*from),
            Ticker::Numbered(next) => next.load(Ordering::Acquire),
        }
    }

    /// Reads both clocks at once; `None` if a tick is a nanosecond of the runtime's clock.
    pub(in crate::trace::record) fn anchor(&self, now: impl Fn() -> Duration) -> Option<Anchor> {
        let Ticker::Counter { .. } = self else {
            return None;
        };
        let read = || {
            let before = self.order();
            let now = nanos(now());
            let after = self.order();
            // A thread that moves to another CPU may find an earlier reading there.
            let apart = after.saturating_sub(before);
            let ticks = before + apart / 2;
            (apart, Anchor { ticks, now })
        };
        let readings = (0..READINGS).map(|_| read());
        let closest = readings.min_by_key(|(apart, _)| *apart)?;
        Some(closest.1)
    }

    /// The runtime's time for ticks, given two readings of both clocks, the second of which may be
    /// the first.
    pub(in crate::trace::record) fn scale(
        &self,
        anchors: Option<(Anchor, Anchor)>,
    ) -> Option<Scale> {
        let Ticker::Counter { clock, from } = self else {
            return None;
        };
        let (first, last) = anchors.unwrap_or_default();
        let ticks = last.ticks.saturating_sub(first.ticks);
        let nanos = last.now.saturating_sub(first.now);
        if nanos >= APART && ticks > 0 {
            return Some(Scale {
                first,
                ticks,
                nanos,
            });
        }
        // Too close together to tell the length of a tick: it was found when the clock was made.
        const TICKS: u64 = 1 << 32;
        Some(Scale {
            first,
            ticks: TICKS,
            nanos: clock.delta_as_nanos(*from, from.saturating_add(TICKS)),
        })
    }
}

/// Readings further apart than this give the length of a tick to a hundred-thousandth.
const APART: u64 = 10_000_000;

/// A reading of both clocks at the same moment: the ticks, and nanoseconds of the runtime's clock.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
pub(in crate::trace::record) struct Anchor {
    pub(in crate::trace::record) ticks: u64,
    pub(in crate::trace::record) now: u64,
}

/// The line through two anchors.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(in crate::trace::record) struct Scale {
    first: Anchor,
    /// So many ticks take so many nanoseconds.
    ticks: u64,
    nanos: u64,
}

impl Scale {
    /// The runtime's time at `ticks`.
    pub(in crate::trace::record) fn time(&self, ticks: u64) -> Duration {
        let passed = i128::from(ticks) - i128::from(self.first.ticks);
        let passed = passed * i128::from(self.nanos) / i128::from(self.ticks.max(1));
        let at = i128::from(self.first.now) + passed;
        Duration::from_nanos(u64::try_from(at.max(0)).unwrap_or(u64::MAX))
    }

    /// The ticks in a length of time.
    pub(in crate::trace::record) fn ticks(&self, length: Duration) -> u64 {
        let ticks = u128::from(nanos(length)) * u128::from(self.ticks);
        u64::try_from(ticks / u128::from(self.nanos.max(1))).unwrap_or(u64::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_become_times_on_the_line_through_both_anchors() {
        let ticker = Ticker::of(Clock::Real);
        let anchor = |ticks, now| Anchor { ticks, now };
        let anchors = (anchor(1_000, 500_000), anchor(61_000, 20_500_000));
        let scale = ticker.scale(Some(anchors)).expect("it counts ticks");
        for (ticks, now) in [
            (1_000, 500_000),
            (31_000, 10_500_000),
            (121_000, 40_500_000),
            (0, 166_667),
            (70, 190_000),
        ] {
            assert_eq!(scale.time(ticks).as_nanos(), now, "{ticks}");
        }
        assert_eq!(scale.ticks(Duration::from_micros(10)), 30);
        // A counter that goes back tells no length.
        let back = (anchor(1_000, 0), anchor(900, 20_000_000));
        let scale = ticker.scale(Some(back)).expect("it counts ticks");
        assert!(scale.time(2_000) > scale.time(1_000));
    }
}
