//! A heart that should beat at fixed times, and the lateness of each beat.

use std::time::Duration;

use serde_json::Value;

use crate::program::context::Context;
use crate::program::sink::Sink;
use crate::runtime::Runtime;
use crate::scenario::distribution::Distribution;
use crate::scenario::outcome::Outcome;
use crate::time::nanos;

/// The times at which a heart should beat: `beats` times, every `period` from `begin` on.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rhythm {
    /// Scenario time; the first beat is a period later.
    pub(crate) begin: Duration,
    pub(crate) period: Duration,
    pub(crate) beats: u32,
}

/// The actual beats of a heart.
#[derive(Debug)]
pub(crate) struct Pulse {
    /// For each beat, the time from its intended moment to the actual one.
    lateness: Distribution,
    /// The longest time between two beats, or from the beginning to the first.
    longest_gap: Duration,
}

/// As many beats as fit into `length`, but at least one.
pub(crate) fn beats_in(length: Duration, period: Duration) -> u32 {
    let beats = length.as_nanos() / period.as_nanos().max(1);
    u32::try_from(beats).unwrap_or(u32::MAX).max(1)
}

impl Rhythm {
    /// Beats to the end, and calls `first` when the first beat has come.
    ///
    /// The loop is open: a late beat does not delay the beats after it. Beats that a stall
    /// swallowed come at once when it is over, each with the lateness of its own intended time, so
    /// that one long stall counts as all the beats that it delayed and not as one.
    pub(crate) async fn beat<R: Runtime, S: Sink>(
        self,
        cx: Context<R, S>,
        first: impl FnOnce() + Send,
    ) -> Pulse {
        let mut first = Some(first);
        let mut pulse = Pulse {
            lateness: Distribution::new(),
            longest_gap: Duration::ZERO,
        };
        let mut last = self.begin;
        for beat in 1..=self.beats {
            let intended = self.begin + self.period * beat;
            let before = cx.now();
            if before < intended {
                cx.wait(intended - before).await;
            }
            let now = cx.now();
            pulse.lateness.record(now.saturating_sub(intended));
            pulse.longest_gap = pulse.longest_gap.max(now.saturating_sub(last));
            last = now;
            if let Some(first) = first.take() {
                first();
            }
        }
        pulse
    }
}

impl Pulse {
    /// A single beat.
    pub(crate) fn once(late: Duration) -> Self {
        let mut lateness = Distribution::new();
        lateness.record(late);
        Pulse {
            lateness,
            longest_gap: late,
        }
    }

    /// The number of beats that came.
    pub(crate) fn beats(&self) -> u64 {
        self.lateness.count()
    }

    /// Adds `beats`, `lateness` and `longest_gap_ns`.
    pub(crate) fn tell(&self, outcome: Outcome) -> Outcome {
        outcome
            .with("beats", self.beats())
            .with("lateness", &self.lateness)
            .with("longest_gap_ns", nanos(self.longest_gap))
    }
}

/// A duration read from an outcome; `None` if nothing was measured.
pub(crate) fn told(value: &Value) -> Option<Duration> {
    value.as_u64().map(Duration::from_nanos)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn beats_are_those_that_fit() {
        let millis = Duration::from_millis;
        assert_eq!(beats_in(millis(100), millis(10)), 10);
        assert_eq!(beats_in(millis(109), millis(10)), 10);
        assert_eq!(beats_in(millis(9), millis(10)), 1);
        assert_eq!(beats_in(Duration::MAX, Duration::from_nanos(1)), u32::MAX);
    }
}
