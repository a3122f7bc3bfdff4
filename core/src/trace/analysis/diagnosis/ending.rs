//! Findings about how tasks end, or why they do not.

use std::collections::HashSet;
use std::time::Duration;

use super::super::timeline::{Life, Period, State};
use super::finding::{Case, Complaint, Finding, Severity, finding, worst};
use super::{LONG_DELAY, LONG_POLL, Look};
use crate::trace::data::{End, Task, TaskId, TaskKind, What};

impl Look<'_> {
    pub(super) fn lost_wakes(&self) -> Option<Finding> {
        let held = self.held?;
        // One that waits for the end of the poll that woke it is another matter.
        let kept = self.kept.iter().filter(|kept| !kept.polled);
        let kept: HashSet<TaskId> = kept.map(|kept| kept.task).collect();
        let forgotten = |life: Life<'_>| {
            let last = self
                .last(life.periods)
                .filter(|last| last.state == State::Ready)?;
            // A task that is ready after it suspended was woken in its poll.
            let begun_by = self.trace.events[last.begun_by].what;
            let woken = matches!(begun_by, What::Woken { .. } | What::Suspended);
            let since = (last.from, self.window.1);
            let waited = since.1.saturating_sub(since.0);
            let free = waited.saturating_sub(held.within(since));
            let lost = woken && free > LONG_DELAY && !kept.contains(&life.task);
            lost.then_some((life.task, waited))
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
        let awaited_in_vain = self.awaited_in_vain();
        let unpolled = self.tasks_and_calls().filter(|task| {
            // A task that was spawned at the runtime's end was never meant to run.
            let spawned = self.lives[task.id].first().map(|first| first.begun_by);
            let in_the_run = spawned < Some(self.trace.events_of_the_run().len());
            let polled = task.started.is_some_and(|started| started <= self.window.1);
            in_the_run
                && !polled
                && task.spawned <= self.window.1
                && !awaited_in_vain.contains(&task.id)
        });
        let cases: Vec<Case> = unpolled.map(|task| (task.id, Duration::ZERO)).collect();
        let (worst, _) = worst(&cases)?;
        let why = match (self.aborted(worst), self.trace.run.stopped) {
            (true, _) => "it was cancelled before its first poll",
            (false, true) => "pollmark stopped the run before its first poll",
            (false, false) => "the run ended before its first poll",
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
    pub(super) fn last<'a>(&self, life: &'a [Period]) -> Option<&'a Period> {
        let of_the_run = self.trace.events_of_the_run().len();
        let begun = life.partition_point(|period| period.begun_by < of_the_run);
        let last = &life[begun.checked_sub(1)?];
        last.ended_by
            .is_none_or(|end| end >= of_the_run)
            .then_some(last)
    }

    pub(super) fn ended_in_the_run(&self, task: &Task) -> bool {
        let last = self.lives[task.id].last();
        let end = last.and_then(|last| last.ended_by);
        end.is_some_and(|end| end < self.trace.events_of_the_run().len())
    }

    fn aborted(&self, task: TaskId) -> bool {
        let events = self.trace.events_of_the_run().iter();
        let mut own = events.filter(|event| event.task == task);
        own.any(|event| matches!(event.what, What::Aborted { .. }))
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::complaints;
    use super::*;
    use crate::trace::testing::Drawing;

    #[test]
    fn a_run_with_nothing_in_it_is_noted_and_one_that_computes_is_not() {
        let empty = || {
            let mut drawing = Drawing::new(1);
            drawing.poll(0, 0, 0);
            drawing
        };
        let mut nothing = empty();
        nothing.end(0, 0);
        let expected = [(Complaint::NothingAwaited, "main")];
        assert_eq!(complaints(&nothing.until(0)), expected);
        let mut spawns = empty();
        let task = spawns.spawn(0, "task", Some(0));
        spawns.end(0, 0);
        spawns.poll(0, 0, task);
        spawns.end(0, task);
        assert!(!complaints(&spawns.until(0)).contains(&expected[0]));
    }
}
