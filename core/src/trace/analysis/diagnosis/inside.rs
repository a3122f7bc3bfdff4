//! Findings about the named futures inside of a task.

use std::collections::HashSet;
use std::time::Duration;

use super::super::intervals::{Interval, clip};
use super::super::timeline::polls;
use super::super::timeline::{Life, Period, State};
use super::finding::{Case, Complaint, Finding, Severity, finding, worst};
use super::{LONG_DELAY, Look};
use crate::trace::data::{End, TaskId, TaskKind, TraceEvent, What};
use crate::trace::nesting::Nesting;

/// The advice on computing futures in one task, for which yielding is no cure.
pub(super) const SPAWN: &str = "spawn them, or hand them to spawn_blocking: the futures of one \
                                task take turns on one thread, and yielding only makes the turns \
                                shorter";

impl Look<'_> {
    /// Futures that were ready for long while their task did something else. The time for which
    /// the task itself was ready is not counted: it waited for a worker.
    pub(super) fn set_aside(&self) -> Option<Finding> {
        let longest = |life: Life<'_>| {
            let task = self.trace.path(life.task)[0];
            let ready = life
                .periods
                .iter()
                .filter(|period| period.state == State::Ready && self.length(period) > LONG_DELAY);
            let aside = ready.map(|ready| {
                let span = (ready.from, ready.to.min(self.window.1));
                let by_worker = self.within(task, span, |period| period.state == State::Ready);
                (self.length(ready).saturating_sub(by_worker), span)
            });
            let (length, span) = aside.max_by_key(|(length, _)| *length)?;
            (length > LONG_DELAY).then_some((life.task, length, span))
        };
        let aside: Vec<(TaskId, Duration, Interval)> =
            self.of_kind(TaskKind::Future).filter_map(longest).collect();
        let cases: Vec<Case> = aside
            .iter()
            .map(|(task, length, _)| (*task, *length))
            .collect();
        let (worst, length) = worst(&cases)?;
        let (.., span) = aside.iter().find(|(task, ..)| *task == worst)?;
        let task = self.trace.path(worst)[0];
        let busy = self.within(task, *span, Period::is_polled);
        let (doing, advice) = match busy * 2 > length {
            true => ("ran other code", SPAWN),
            false => (
                "awaited something else",
                "a future goes on only if its task polls it: spawn it, or await it together with \
                 what the task awaits meanwhile",
            ),
        };
        let text = format!(
            "`{}` was ready and not polled for {}{}: `{}`, the task that it is part of, {doing}",
            self.name(worst),
            self.told(length),
            self.same(worst, &cases),
            self.name(task),
        );
        let severity = Severity::Warning;
        Some(finding(Complaint::SetAside, severity, &cases, text, advice))
    }

    /// Futures that their own task dropped before their end. Those that went with their task are
    /// no case: the task is one.
    pub(super) fn future_dropped(&self) -> Option<Finding> {
        let mut polling = Nesting::default();
        let (mut dropped, mut panicked) = (Vec::new(), HashSet::new());
        for event in self.trace.events_of_the_run() {
            polling.tell(event);
            let polled = polling.on(event.thread);
            match event.what {
                What::Dropped => {
                    let parent = self.trace.outer(event.task);
                    dropped.extend(
                        parent
                            .filter(|parent| polled.contains(parent))
                            .map(|_| event),
                    );
                }
                What::Ended { end: End::Panicked } if polled.is_empty() => {
                    panicked.insert(event.task);
                }
                _ => {}
            }
        }
        // Its panic dropped what such a task held.
        dropped.retain(|event: &&TraceEvent| !panicked.contains(&self.trace.path(event.task)[0]));
        let case = |future: TaskId| {
            let future = &self.trace.tasks[future];
            (
                future.id,
                future
                    .ended
                    .unwrap_or_default()
                    .saturating_sub(future.spawned),
            )
        };
        let cases: Vec<Case> = dropped.iter().map(|event| case(event.task)).collect();
        let (worst, length) = worst(&cases)?;
        let so_far = match self.trace.tasks[worst].wakes {
            0 => "in its first wait",
            _ => "after it had got part of the way",
        };
        let text = format!(
            "`{}` was dropped unfinished by `{}`, {} after its first poll, {so_far}{}",
            self.name(worst),
            self.name(self.trace.path(worst)[0]),
            self.told(length),
            self.same(worst, &cases),
        );
        let advice = "a timeout, a select or a failed join drops the futures that it does not wait \
                      for: keep what such a future has got so far outside of it, await it again, \
                      or spawn it";
        let severity = Severity::Note;
        Some(finding(
            Complaint::FutureDropped,
            severity,
            &cases,
            text,
            advice,
        ))
    }

    /// Whether several futures inside of the task took most of its longest poll.
    pub(super) fn is_joined(&self, task: TaskId) -> bool {
        let polls = polls(&self.lives[task]);
        let Some(poll) = polls.max_by_key(|poll| self.length(poll)) else {
            return false;
        };
        let span = (poll.from, poll.to.min(self.window.1));
        let inside = self.of_kind(TaskKind::Future);
        let inside = inside.filter(|life| self.trace.outer(life.task) == Some(task));
        let polled = inside.map(|life| self.within(life.task, span, Period::is_polled));
        let polled: Vec<Duration> = polled.filter(|length| !length.is_zero()).collect();
        polled.len() > 1 && polled.iter().sum::<Duration>() * 2 > span.1.saturating_sub(span.0)
    }

    /// How much of `span` a task was in a period that counts.
    fn within(&self, task: TaskId, span: Interval, counts: impl Fn(&Period) -> bool) -> Duration {
        let periods = &self.lives[task];
        let first = periods.partition_point(|period| period.to <= span.0);
        let within = periods[first..]
            .iter()
            .take_while(|period| period.from < span.1);
        let parts = within.filter(|period| counts(period));
        let parts = parts.filter_map(|period| clip((period.from, period.to), span));
        parts.map(|(from, to)| to - from).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::super::diagnose;
    use super::*;
    use crate::trace::data::{By, Trace};
    use crate::trace::testing::Drawing;

    fn told(trace: &Trace) -> Vec<(Complaint, String)> {
        assert_eq!(trace.validate(), Ok(()));
        let told = diagnose(trace).into_iter();
        told.map(|found| (found.complaint, found.text)).collect()
    }

    /// `main` with a future that waits from 0 on.
    fn with_a_future() -> (Drawing, TaskId) {
        let mut drawing = Drawing::new(1);
        drawing.poll(0, 0, 0);
        let future = drawing.future(0, "next line", 0);
        drawing.poll(0, 0, future);
        drawing.suspend(0, future);
        (drawing, future)
    }

    #[test]
    fn a_future_that_its_task_does_not_poll_is_told_but_not_for_the_wait_for_a_worker() {
        let (mut drawing, future) = with_a_future();
        let other = drawing.spawn(0, "other", Some(0));
        drawing.suspend(0, 0);
        // The task awaits something else: its poll does not reach the future.
        drawing.wake(1, future, By::Timer);
        drawing.wake(1, 0, By::Timer);
        drawing.poll(1, 0, 0);
        drawing.suspend(1, 0);
        drawing.poll(2, 0, other);
        drawing.block_begins(2, other);
        drawing.wake(3, 0, By::Timer);
        drawing.block_ends(4, other);
        drawing.end(4, other);
        drawing.poll(4, 0, 0);
        drawing.poll(4, 0, future);
        drawing.end(4, future);
        drawing.end(4, 0);
        let expected = "`next line` was ready and not polled for 2 s: `main`, the task that it is \
                        part of, awaited something else";
        let told = told(&drawing.until(4));
        assert!(
            told.contains(&(Complaint::SetAside, expected.to_owned())),
            "{told:?}"
        );
    }

    #[test]
    fn joined_futures_that_compute_and_yield_are_to_be_spawned() {
        let (mut drawing, one) = with_a_future();
        let two = drawing.future(0, "two", 0);
        drawing.poll(0, 0, two);
        drawing.suspend(0, two);
        drawing.suspend(0, 0);
        for future in [one, two] {
            drawing.wake(1, future, By::Timer);
        }
        drawing.wake(1, 0, By::Timer);
        drawing.poll(1, 0, 0);
        for (from, future) in [(1, one), (3, two)] {
            drawing.poll(from, 0, future);
            drawing.wake(from + 2, future, By::Task(0));
            drawing.suspend(from + 2, future);
        }
        drawing.wake(5, 0, By::Task(0));
        drawing.suspend(5, 0);
        drawing.poll(5, 0, 0);
        for future in [one, two] {
            drawing.poll(5, 0, future);
            drawing.end(5, future);
        }
        drawing.end(5, 0);
        let findings = diagnose(&drawing.until(5));
        let found: Vec<_> = findings
            .iter()
            .map(|found| (found.complaint, found.advice))
            .collect();
        assert_eq!(
            found,
            [(Complaint::LongPoll, SPAWN), (Complaint::SetAside, SPAWN)]
        );
    }

    #[test]
    fn a_future_that_is_dropped_unfinished_is_noted_unless_it_goes_with_its_task() {
        for with_its_task in [false, true] {
            let (mut drawing, future) = with_a_future();
            drawing.suspend(0, 0);
            drawing.wake(3, 0, By::Timer);
            if with_its_task {
                drawing.shutdown();
                drawing.dropped(3, future);
                drawing.dropped(3, 0);
            } else {
                drawing.poll(3, 0, 0);
                drawing.dropped(3, future);
                drawing.end(3, 0);
            }
            let text = "`next line` was dropped unfinished by `main`, 3 s after its first poll, in \
                        its first wait";
            let expected = (Complaint::FutureDropped, text.to_owned());
            let told = told(&drawing.until(3));
            assert_eq!(told.contains(&expected), !with_its_task, "{told:?}");
        }
    }
}
