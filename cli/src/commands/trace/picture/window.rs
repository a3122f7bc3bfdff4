//! The part of a trace that a picture shows.

use std::time::Duration;

use pollmark_core::trace::{Period, Trace};

use super::model::{Part, Stretch};

/// The part of a trace that is drawn: the run, without what comes before and after it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Window<'a> {
    pub(super) trace: &'a Trace,
    from: Duration,
    to: Duration,
}

impl<'a> Window<'a> {
    /// Returns `None` for a run whose root never began.
    pub(super) fn of(trace: &'a Trace) -> Option<Self> {
        let (from, to) = trace.window()?;
        Some(Window { trace, from, to })
    }

    pub(super) fn span(&self) -> Duration {
        self.trace.scenario_span(self.to - self.from)
    }

    pub(super) fn holds(&self, at: Duration) -> bool {
        (self.from..=self.to).contains(&at)
    }

    /// A moment in scenario time since the beginning of the run, cut to the run.
    pub(super) fn since(&self, at: Duration) -> Duration {
        let at = at.clamp(self.from, self.to);
        self.trace.scenario_span(at - self.from)
    }

    /// The part of a period that lies in the run, if one does.
    pub(super) fn part(&self, period: &Period) -> Option<Part> {
        let is_in_run = period.from <= self.to && period.to >= self.from;
        is_in_run.then(|| Part {
            from: self.since(period.from),
            to: self.since(period.to),
            state: period.state,
        })
    }

    pub(super) fn stretch(&self, periods: &[Period]) -> Stretch {
        let mut parts = periods.iter().filter_map(|period| self.part(period));
        match (parts.next(), parts.next()) {
            (Some(one), None) => Stretch::One(one),
            (first, second) => {
                Stretch::Many(first.into_iter().chain(second).chain(parts).collect())
            }
        }
    }
}
