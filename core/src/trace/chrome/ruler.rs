//! The positions of events on a viewer's time axis.

use std::time::Duration;

use crate::program::speed::Speed;
use crate::runtime::runner_info::Clock;
use crate::time::nanos;
use crate::trace::data::{Trace, TraceEvent};

/// The time axis shared by all runs on a sheet: every run's scenario time begins at its 0.
pub(super) struct Ruler {
    /// How many times faster than on the runtime's clock the run is drawn.
    squeeze: Speed,
    epoch: Duration,
}

impl Ruler {
    /// A run on a virtual clock takes as long as its scenario. It is drawn at `speed`, so that it
    /// compares with real runs, which take a fraction of that.
    pub(super) fn new(trace: &Trace, speed: Speed) -> Self {
        let squeeze = match trace.run.clock {
            Clock::Real => Speed::REAL,
            Clock::Virtual => speed,
        };
        Ruler {
            squeeze,
            epoch: squeeze.to_runtime(trace.run.epoch),
        }
    }

    /// How many times faster than its scenario the run is drawn.
    pub(super) fn speed(&self, trace: &Trace) -> f64 {
        self.squeeze.factor() * trace.run.speed
    }

    /// The position of a time of the runtime's clock on the axis; 0 for times before the epoch,
    /// such as the spawn of the root.
    pub(super) fn at(&self, at: Duration) -> Duration {
        self.squeeze.to_runtime(at).saturating_sub(self.epoch)
    }
}

/// The distance in nanoseconds between events of one time: one more moment fits between any two.
pub(super) const APART: u64 = 2;

/// The moment at which each event is drawn, in nanoseconds on the ruler: at its time, but after the
/// event before it.
///
/// On a virtual clock many events share one time. Viewers nest slices of no length that begin
/// together, and may attach an arrow to any of them. So consecutive events are kept [`APART`],
/// across all threads, and no event is drawn before its cause.
pub(super) struct Moments {
    events: Vec<u64>,
    until: u64,
}

impl Moments {
    pub(super) fn of(events: &[TraceEvent], until: Duration, ruler: &Ruler) -> Self {
        let mut next = 0;
        let mut moment = |at: Duration| {
            let moment = nanos(ruler.at(at)).max(next);
            next = moment.saturating_add(APART);
            moment
        };
        Moments {
            events: events.iter().map(|event| moment(event.at)).collect(),
            until: moment(until),
        }
    }

    pub(super) fn at(&self, event: usize) -> u64 {
        self.events[event]
    }

    /// The moment at which something ends: with that event, or with the recording.
    pub(super) fn end(&self, ended_by: Option<usize>) -> u64 {
        ended_by.map_or(self.until, |event| self.at(event))
    }
}

/// Whole nanoseconds as microseconds, chosen so that multiplying by a thousand and truncating gives
/// the same nanoseconds. Perfetto reads them that way, and drops a slice that reaches into its
/// neighbour.
pub(super) fn micros(nanos: u64) -> f64 {
    let micros = nanos as f64 / 1e3;
    match ((micros * 1e3) as u64) < nanos {
        true => micros.next_up(),
        false => micros,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace::testing::{secs, waiter_tasks};

    fn moments(trace: &Trace, speed: Speed) -> Vec<u64> {
        let ruler = Ruler::new(trace, speed);
        Moments::of(&trace.events, trace.run.until, &ruler).events
    }

    #[test]
    fn what_happens_at_one_time_is_drawn_one_after_the_other() {
        let trace = waiter_tasks();
        let moments = moments(&trace, Speed::REAL);
        assert!(moments.is_sorted_by(|a, b| a + APART <= *b), "{moments:?}");
        for (event, moment) in trace.events.iter().zip(moments) {
            let late = moment - nanos(event.at);
            assert!(
                late < 40,
                "{event:?} is drawn {late} ns after it, of 20 events"
            );
        }
    }

    #[test]
    fn only_virtual_time_is_squeezed() {
        let mut trace = waiter_tasks();
        let last = |trace: &Trace| moments(trace, Speed::LESSON).pop();
        let late = |at| last(&trace).map(|moment| moment - at);
        assert!(late(16_000_000_000 / 20) < Some(40));
        trace.run.clock = Clock::Real;
        assert!(last(&trace) >= Some(16_000_000_000));
    }

    #[test]
    fn the_ruler_begins_with_scenario_time() {
        let mut trace = waiter_tasks();
        trace.run.epoch = secs(4);
        let ruler = Ruler::new(&trace, Speed::LESSON);
        assert_eq!(
            [0, 4, 8].map(|at| ruler.at(secs(at))),
            [0, 0, 200].map(Duration::from_millis)
        );
    }

    #[test]
    fn perfetto_reads_the_very_nanoseconds() {
        let mut state = 1_u64;
        for index in 0..200_000_u64 {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            // Up to ten days.
            for nanos in [index, state >> 14] {
                let read = (micros(nanos) * 1000.0) as u64;
                assert_eq!(read, nanos);
            }
        }
    }
}
