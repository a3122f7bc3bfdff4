//! The finding of a poll that had not returned when a virtual run was given up.

use super::super::timeline::{Life, Period, State};
use super::Look;
use super::finding::{Case, Complaint, Finding, Severity, finding, worst};
use crate::runtime::runner_info::Clock;
use crate::trace::data::{TaskId, TaskKind, What};

impl Look<'_> {
    /// A poll that does not return stops a virtual clock: it has no length that would be too long.
    /// One in a span does return, in time.
    pub(super) fn never_returned(&self) -> Option<Finding> {
        let run = &self.trace.run;
        if run.clock == Clock::Real || run.shutdown_event.is_some() {
            return None;
        }
        let open = |life: Life<'_>| {
            let last = self.last(life.periods)?;
            let open = last.state == State::Running && !self.is_in_span(life.task, last);
            let no_time_passed = || {
                let did = self.last_deed(life.task, last);
                did.is_some_and(|event| self.trace.events[event].at == self.window.1)
            };
            (open && no_time_passed()).then(|| (life.task, self.length(last)))
        };
        let cases: Vec<Case> = self.of_kind(TaskKind::Task).filter_map(open).collect();
        let (worst, _) = worst(&cases)?;
        let text = format!(
            "`{}` was in a poll that had not returned when the run was given up{}",
            self.name(worst),
            self.same(worst, &cases),
        );
        // A loop keeps the thread that simulates. If another task was polled after all, the poll
        // waits for another thread.
        let goes_on = |event: usize| {
            let after = &self.trace.events_of_the_run()[event..];
            let mut polls = after.iter().filter(|event| event.what == What::PollStarted);
            polls.any(|poll| poll.task != worst && self.trace.outer(poll.task).is_none())
        };
        let last = self.last(&self.lives[worst])?;
        let advice = match self.last_deed(worst, last).is_some_and(goes_on) {
            true => {
                "it waits in there for another thread or task (a lock, a channel, a nested \
                 `block_on`): await that instead"
            }
            false => {
                "a loop whose awaits are always ready cannot be timed out or cancelled: let it \
                 give way with yield_now; if it waits in there for another thread or task, await \
                 that instead"
            }
        };
        let severity = Severity::Severe;
        Some(finding(
            Complaint::NeverReturned,
            severity,
            &cases,
            text,
            advice,
        ))
    }

    /// The last thing that a task did in its last poll that shows whether time may pass there: it
    /// began the poll, or a span, or ended one.
    fn last_deed(&self, task: TaskId, last: &Period) -> Option<usize> {
        let begun_by = last.begun_by;
        let mut events = self.trace.events_of_the_run()[begun_by..].iter();
        let deed = events.rposition(|event| {
            let is_deed = matches!(
                event.what,
                What::PollStarted | What::SpanStarted { .. } | What::SpanEnded
            );
            event.task == task && is_deed
        });
        deed.map(|deed| begun_by + deed)
    }

    /// Whether the last poll of a task has come to a span that had not ended.
    pub(super) fn is_in_span(&self, task: TaskId, last: &Period) -> bool {
        let deed = self.last_deed(task, last);
        deed.is_some_and(|deed| matches!(self.trace.events[deed].what, What::SpanStarted { .. }))
    }
}

#[cfg(test)]
mod tests {
    use super::super::diagnose;
    use super::super::tests::complaints;
    use super::*;
    use crate::trace::data::SpanKind;
    use crate::trace::testing::Drawing;

    #[test]
    fn a_poll_that_stops_the_virtual_clock_is_named() {
        let mut drawing = Drawing::new(1);
        drawing.poll(0, 0, 0);
        let mut trace = drawing.until(0);
        assert_eq!(complaints(&trace), [(Complaint::NeverReturned, "main")]);
        // Another clock goes on, and the length of the poll says it.
        trace.run.clock = Clock::Real;
        assert_eq!(complaints(&trace), []);
    }

    #[test]
    fn a_poll_in_a_span_returns_in_time_and_what_waits_is_told() {
        for span in [SpanKind::Block, SpanKind::Spin, SpanKind::Compute] {
            for begins in [15, 20] {
                let mut drawing = Drawing::new(2);
                drawing.poll(0, 0, 0);
                let busy = drawing.spawn(0, "busy", Some(0));
                drawing.suspend(0, 0);
                drawing.poll(begins, 0, busy);
                drawing.span_begins(begins, busy, span);
                let trace = drawing.until(20);
                assert_eq!(trace.validate(), Ok(()));
                let told = complaints(&trace);
                assert!(told.contains(&(Complaint::NeverWoken, "main")), "{told:?}");
                let open = (Complaint::NeverReturned, "busy");
                assert!(!told.contains(&open), "{span:?} at {begins}");
            }
        }
        // Past its span, time stands still again.
        let mut drawing = Drawing::new(2);
        drawing.poll(0, 0, 0);
        drawing.block(0, 20, 0);
        let told = diagnose(&drawing.until(20));
        let told = told.iter().map(|found| found.complaint);
        assert!(told.collect::<Vec<_>>().contains(&Complaint::NeverReturned));
    }

    #[test]
    fn a_poll_beside_which_others_are_polled_waits_for_a_thread_and_is_no_loop() {
        for others in [false, true] {
            let mut drawing = Drawing::new(2);
            drawing.poll(0, 0, 0);
            if others {
                let other = drawing.spawn(0, "other", Some(0));
                drawing.poll(0, 1, other);
                drawing.suspend(0, other);
            }
            let found = diagnose(&drawing.until(0));
            let mut found = found.iter();
            let found = found.find(|found| found.complaint == Complaint::NeverReturned);
            let advice = found.expect("it does not return").advice;
            assert_eq!(advice.contains("loop"), !others, "{advice}");
        }
    }
}
