//! Findings about how tasks end, or why they do not.

use std::time::Duration;

use super::super::blocking::all_held;
use super::super::timeline::{Life, Period, State};
use super::finding::{Case, Complaint, Finding, Severity, finding, worst};
use super::{LONG_DELAY, LONG_POLL, Look, NEVER};
use crate::runtime::runner_info::Clock;
use crate::trace::data::{End, Task, TaskId, TaskKind, What};

impl Look<'_> {
    pub(super) fn never_woken(&self) -> Option<Finding> {
        let root = &self.trace.tasks[self.trace.run.root?];
        if self.ended_in_the_run(root) {
            return None;
        }
        // A virtual clock stands still when no task is left to wake another, so the time that a
        // task had waited by then means nothing.
        let long = match self.nobody_is_left() {
            true => Duration::ZERO,
            false => (self.window.1 - self.window.0) / NEVER,
        };
        let waits = |life: &Life| {
            let last = self
                .last(life)
                .filter(|last| last.state == State::Waiting)?;
            let waited = self.window.1.saturating_sub(last.from);
            (waited >= long).then_some((life.task, waited))
        };
        let cases: Vec<Case> = self.of_kind(TaskKind::Task).filter_map(waits).collect();
        // The root first: its failure to end is the actual problem.
        let of_root = cases.iter().copied().find(|(task, _)| *task == root.id);
        let (worst, waited) = of_root.or_else(|| worst(&cases))?;
        let text = match self.nobody_is_left() {
            true => format!(
                "`{}` waits for ever: no timer and no task is left that could wake it{}",
                self.name(worst),
                self.same(worst, &cases),
            ),
            false => format!(
                "`{}` waited for the last {}, and nothing woke it before the run was given up{}",
                self.name(worst),
                self.told(waited),
                self.same(worst, &cases),
            ),
        };
        let advice = "find who was to wake it: a sender that is kept, a lock that is held, or a \
                      task that waits for this one in turn";
        let mut found = finding(
            Complaint::NeverWoken,
            Severity::Severe,
            &cases,
            text,
            advice,
        );
        found.others.retain(|other| *other != worst);
        if found.task != worst {
            found.others.push(std::mem::replace(&mut found.task, worst));
            found.others.sort_unstable();
        }
        found.length = Some(waited);
        Some(found)
    }

    pub(super) fn lost_wakes(&self) -> Option<Finding> {
        let held = all_held(self.trace, self.lives)?;
        let forgotten = |life: &Life| {
            let last = self.last(life).filter(|last| last.state == State::Ready)?;
            // A task that is ready after it suspended was woken in its poll.
            let begun_by = self.trace.events[last.begun_by].what;
            let woken = matches!(begun_by, What::Woken { .. } | What::Suspended);
            let since = (last.from, self.window.1);
            let waited = since.1.saturating_sub(since.0);
            let free = waited.saturating_sub(held.within(since));
            (woken && free > LONG_DELAY).then_some((life.task, waited))
        };
        let cases: Vec<Case> = self.of_kind(TaskKind::Task).filter_map(forgotten).collect();
        let (worst, waited) = worst(&cases)?;
        let text = format!(
            "`{}` was woken and not polled in the {} until the end, though a worker was free{}",
            self.name(worst),
            self.told(waited),
            self.same(worst, &cases),
        );
        let advice = "a wake was lost between the waker and the runtime's queue: suspect a \
                      future of your own that wakes another task's waker, and the runtime";
        Some(finding(
            Complaint::LostWake,
            Severity::Severe,
            &cases,
            text,
            advice,
        ))
    }

    pub(super) fn never_polled(&self) -> Option<Finding> {
        let unpolled = self.tasks_and_calls().filter(|task| {
            // A task that was spawned at the runtime's end was never meant to run.
            let spawned = self.lives[task.id]
                .periods
                .first()
                .map(|first| first.begun_by);
            let in_the_run = spawned < Some(self.trace.events_of_the_run().len());
            let polled = task.started.is_some_and(|started| started <= self.window.1);
            in_the_run && !polled && task.spawned <= self.window.1
        });
        let cases: Vec<Case> = unpolled.map(|task| (task.id, Duration::ZERO)).collect();
        let (worst, _) = worst(&cases)?;
        let why = match self.aborted(worst) {
            true => "it was cancelled before its first poll",
            false => "the run ended before its first poll",
        };
        let text = format!(
            "`{}` never ran: {why}{}",
            self.name(worst),
            self.same(worst, &cases),
        );
        let advice = "await what is to be done before the run ends; a task that is cancelled before \
                      its first poll does nothing at all";
        let mut found = finding(
            Complaint::NeverPolled,
            Severity::Warning,
            &cases,
            text,
            advice,
        );
        found.length = None;
        Some(found)
    }

    pub(super) fn left_behind(&self) -> Option<Finding> {
        let root = &self.trace.tasks[self.trace.run.root?];
        if !self.ended_in_the_run(root) {
            return None;
        }
        let left = self.tasks_and_calls().filter(|task| {
            let begun = task.started.is_some_and(|started| started <= self.window.1);
            let ended = self.ended_in_the_run(task) && task.ended <= Some(self.window.1);
            begun && !ended
        });
        let cases: Vec<Case> = left.map(|task| (task.id, Duration::ZERO)).collect();
        let (worst, _) = worst(&cases)?;
        let fate = match self.trace.tasks[worst].end {
            Some(End::Dropped) => "it was dropped unfinished",
            Some(End::Panicked) => "it panicked later, and nobody saw it",
            Some(End::Finished | End::Failed) => "it ended later, and nobody saw its output",
            None => "it was not seen to end",
        };
        let text = format!(
            "`{}` had not ended when `{}` did: {fate}{}",
            self.name(worst),
            root.name,
            self.same(worst, &cases),
        );
        let advice = "await what is to be finished, or run it in a task group, which waits for it";
        let mut found = finding(
            Complaint::LeftBehind,
            Severity::Warning,
            &cases,
            text,
            advice,
        );
        found.length = None;
        Some(found)
    }

    /// A run without anything asynchronous in it. Futures that were created and never awaited leave
    /// no trace, so the absence of everything else is all that shows.
    pub(super) fn nothing_awaited(&self) -> Option<Finding> {
        let root = &self.trace.tasks[self.trace.run.root?];
        let spans = |what: What| matches!(what, What::SpanStarted { .. });
        let mut events = self.trace.events.iter();
        let alone = self.tasks_and_calls().count() == 1 && !events.any(|event| spans(event.what));
        let at_once = root.end == Some(End::Finished) && root.polls == 1;
        let length = self.window.1.saturating_sub(self.window.0);
        if !(alone && at_once) || length > LONG_POLL {
            return None;
        }
        let text = format!(
            "`{}` ended in its first poll: it spawned nothing, and nothing that it awaited, if \
             anything, had to wait",
            root.name,
        );
        let advice = "if it called async functions, await or spawn what they return: a future \
                      that is dropped unpolled does nothing, and no runtime sees it";
        let cases = [(root.id, Duration::ZERO)];
        let mut found = finding(
            Complaint::NothingAwaited,
            Severity::Note,
            &cases,
            text,
            advice,
        );
        found.length = None;
        Some(found)
    }

    pub(super) fn dropped(&self) -> Option<Finding> {
        let dropped = self.tasks_and_calls().filter(|task| {
            let dropped = task.end == Some(End::Dropped) && self.ended_in_the_run(task);
            dropped && task.started.is_some()
        });
        let life = |task: &Task| (task.id, task.ended.unwrap_or_default() - task.spawned);
        let cases: Vec<Case> = dropped.map(life).collect();
        let (worst, length) = worst(&cases)?;
        let who = match self.aborted(worst) {
            true => "it was cancelled",
            false => "nobody asked for it through its handle",
        };
        let text = format!(
            "`{}` was dropped before its end, {} after its spawn: {who}{}",
            self.name(worst),
            self.told(length),
            self.same(worst, &cases),
        );
        let advice = "what it held is gone and its last await never returned: make sure that \
                      nothing is left half done";
        Some(finding(
            Complaint::Dropped,
            Severity::Note,
            &cases,
            text,
            advice,
        ))
    }

    /// All but the named futures, which end with their tasks at the latest.
    fn tasks_and_calls(&self) -> impl Iterator<Item = &Task> {
        let tasks = self.trace.tasks.iter();
        tasks.filter(|task| task.kind != TaskKind::Future)
    }

    /// The last period of a task in the run, if the task had not ended by then.
    fn last<'a>(&self, life: &'a Life) -> Option<&'a Period> {
        let of_the_run = self.trace.events_of_the_run().len();
        let begun = life
            .periods
            .partition_point(|period| period.begun_by < of_the_run);
        let last = &life.periods[begun.checked_sub(1)?];
        last.ended_by
            .is_none_or(|end| end >= of_the_run)
            .then_some(last)
    }

    /// Whether the run came to a standstill on a virtual clock. A standstill is detected at the
    /// moment of the last event; a run that is stopped at its limit ends after it.
    fn nobody_is_left(&self) -> bool {
        let last = self.trace.events_of_the_run().last();
        self.trace.run.clock == Clock::Virtual && last.is_some_and(|last| last.at == self.window.1)
    }

    fn ended_in_the_run(&self, task: &Task) -> bool {
        let last = self.lives[task.id].periods.last();
        let end = last.and_then(|last| last.ended_by);
        end.is_some_and(|end| end < self.trace.events_of_the_run().len())
    }

    fn aborted(&self, task: TaskId) -> bool {
        let events = self.trace.events_of_the_run().iter();
        let mut own = events.filter(|event| event.task == task);
        own.any(|event| matches!(event.what, What::Aborted { .. }))
    }
}
