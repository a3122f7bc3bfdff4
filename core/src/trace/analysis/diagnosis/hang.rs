//! The finding that a run hangs: tasks wait, and nothing wakes them.

use std::collections::BTreeMap;
use std::time::Duration;

use super::super::timeline::{Life, State};
use super::finding::{Case, Complaint, Finding, Severity, finding, worst};
use super::{Look, NEVER};
use crate::runtime::runner_info::Clock;
use crate::time::seconds;
use crate::trace::data::{By, TaskId, TaskKind, TraceEvent, What};

/// The most tasks that are told of beside the worst.
const NAMED: usize = 5;

const ADVICE: &str = "find who was to wake it: a sender that is kept, a lock that is held, or a \
                      task that waits for this one in turn";

/// For a task that was woken and went back to waiting.
const ADVICE_IF_WOKEN: &str = "find who has what it was woken for: perhaps the lock or the message \
                               was handed to a future that is not polled any more, such as one \
                               that lost a select and was kept; poll that on, or drop it";

impl Look<'_> {
    pub(super) fn never_woken(&self) -> Option<Finding> {
        let root = &self.trace.tasks[self.trace.run.root?];
        if self.ended_in_the_run(root) || self.never_returned().is_some() {
            return None;
        }
        let cases = self.stuck();
        // The root first: its failure to end is the actual problem.
        let of_root = cases.iter().copied().find(|(task, _)| *task == root.id);
        let (worst, waited) = of_root.or_else(|| worst(&cases))?;
        let mut text = format!(
            "`{}` waits, and nothing wakes it: {}",
            self.name(worst),
            self.since(worst)
        );
        let in_vain = self.woken_in_vain(worst, &cases);
        if let Some((task, waker, at)) = in_vain {
            text.push_str(&format!(
                "; `{}` woke `{}` at {}, which went back to waiting",
                self.name(waker),
                self.name(task),
                seconds(self.trace.scenario_time(at))
            ));
        }
        let others = cases.iter().filter(|(task, _)| *task != worst);
        let told = |(task, _): &Case| format!("`{}` ({})", self.name(*task), self.since(*task));
        let mut told: Vec<String> = others.clone().take(NAMED).map(told).collect();
        let more = others.count().saturating_sub(NAMED);
        told.extend((more > 0).then(|| format!("{more} more")));
        if !told.is_empty() {
            text.push_str(&format!("; so do {}", told.join(", ")));
        }
        if self.stands_still(|_| false) {
            text.push_str("; no timer and no task is left that could");
        }
        let advice = match in_vain {
            Some(_) => ADVICE_IF_WOKEN,
            None => ADVICE,
        };
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

    /// The tasks that wait for ever, as far as the trace tells, and for how long they have.
    fn stuck(&self) -> Vec<Case> {
        let long = self.for_ever(|_| false);
        let waits = |life: Life<'_>| {
            let last = self
                .last(life.periods)
                .filter(|last| last.state == State::Waiting)?;
            let waited = self.window.1.saturating_sub(last.from);
            let sleeps = self.trace.tasks[life.task].sleeps;
            (waited >= long && !sleeps).then_some((life.task, waited))
        };
        let waiting = self.of_kind(TaskKind::Task).filter_map(waits);
        let mut stuck: BTreeMap<TaskId, Duration> = waiting.collect();
        // A task that goes on wakes those that await its end, in time.
        let tasks = self.trace.tasks.iter();
        let alive = tasks.filter(|task| !self.ended_in_the_run(task));
        let mut going: Vec<TaskId> = alive.map(|task| task.id).collect();
        going.retain(|task| !stuck.contains_key(task));
        let mut awaiting: BTreeMap<TaskId, Vec<TaskId>> = BTreeMap::new();
        for task in &self.trace.tasks {
            for awaited in &task.awaits {
                awaiting.entry(*awaited).or_default().push(task.id);
            }
        }
        while let Some(task) = going.pop() {
            let freed = awaiting.remove(&task).unwrap_or_default();
            going.extend(freed.iter().filter(|task| stuck.remove(task).is_some()));
        }
        stuck.into_iter().collect()
    }

    /// For example `since 2 s, for the end of `shop 1``.
    fn since(&self, task: TaskId) -> String {
        let last = self.last(&self.lives[task]);
        let from = last.map_or(Duration::ZERO, |last| last.from);
        let since = format!("since {}", seconds(self.trace.scenario_time(from)));
        let awaited = self.trace.tasks[task].awaits.iter();
        let awaited: Vec<String> = awaited
            .map(|task| format!("`{}`", self.name(*task)))
            .collect();
        match awaited.as_slice() {
            [] => since,
            [one] => format!("{since}, for the end of {one}"),
            [one, more @ ..] => format!("{since}, for the ends of {one} and {} more", more.len()),
        }
    }

    /// The task that `worst` waits for in the end, a task that woke it for its last poll, and when,
    /// if it did nothing in that poll but wait again.
    fn woken_in_vain(&self, worst: TaskId, cases: &[Case]) -> Option<(TaskId, TaskId, Duration)> {
        let mut task = worst;
        // At most once around a circle.
        for _ in cases {
            let Some(next) = self.trace.tasks[task].awaits.first() else {
                break;
            };
            task = *next;
        }
        cases.iter().find(|(case, _)| *case == task)?;
        let last = self.last(&self.lives[task])?;
        let events = &self.trace.events[..last.begun_by];
        let of_task = |event: &&TraceEvent| event.task == task;
        let begun = |event: &TraceEvent| event.task == task && event.what == What::PollStarted;
        let poll = events.iter().rposition(begun)?;
        let did = |event: &TraceEvent| match event.what {
            What::Woken { by } | What::Aborted { by } => by == By::Task(task),
            What::Spawned => self.trace.tasks[event.task].parent == Some(task),
            _ => false,
        };
        if events[poll..].iter().any(did) {
            return None;
        }
        // Of all wakes that led to that poll, a timer's may be the last.
        let waits = events[..poll].iter().rev().filter(of_task);
        let mut wakes = waits.take_while(|event| event.what != What::Suspended);
        wakes.find_map(|event| match event.what {
            What::Woken {
                by: By::Task(waker),
            } if waker != task => Some((task, waker, event.at)),
            _ => None,
        })
    }

    /// For how long a task must have waited at the end so that it counts as waiting for ever.
    /// After a standstill, the time that it had waited by then means nothing.
    pub(super) fn for_ever(&self, is_stuck: impl Fn(TaskId) -> bool) -> Duration {
        match self.stands_still(is_stuck) {
            true => Duration::ZERO,
            false => (self.window.1 - self.window.0) / NEVER,
        }
    }

    /// Whether the run came to a standstill on a virtual clock: at its end no task but those that
    /// are known to be stuck was ready, polled, or to be woken by a timer.
    fn stands_still(&self, is_stuck: impl Fn(TaskId) -> bool) -> bool {
        let goes_on = |life: Life<'_>| {
            let Some(last) = self.last(life.periods) else {
                return false;
            };
            let task = &self.trace.tasks[life.task];
            // A future goes on only if its task does.
            let is_able = last.state != State::Waiting && task.kind != TaskKind::Future;
            (is_able || task.sleeps) && !is_stuck(life.task)
        };
        self.trace.run.clock == Clock::Virtual && !self.lives.iter().any(goes_on)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace::analysis::diagnosis::diagnose;
    use crate::trace::data::Trace;
    use crate::trace::testing::Drawing;

    #[test]
    fn a_circle_is_named_and_a_task_with_a_timer_ahead_is_not() {
        let mut drawing = Drawing::new(1);
        drawing.poll(0, 0, 0);
        let tasks = ["a", "b", "sleeper", "patient"].map(|name| drawing.spawn(0, name, Some(0)));
        drawing.suspend(0, 0);
        for task in tasks {
            drawing.poll(0, 0, task);
            drawing.suspend(0, task);
        }
        let mut trace = drawing.until(10);
        (trace.run.clock, trace.run.stopped) = (Clock::Real, true);
        let [a, b, sleeper, patient] = tasks;
        for (task, awaited) in [(0, a), (a, b), (b, a), (patient, sleeper)] {
            trace.tasks[task].awaits.push(awaited);
        }
        trace.tasks[sleeper].sleeps = true;
        assert_eq!(trace.validate(), Ok(()));
        let found = diagnose(&trace);
        assert_eq!(
            found[0].text,
            "`main` waits, and nothing wakes it: since 0 s, for the end of `a`; so do `a` (since \
             0 s, for the end of `b`), `b` (since 0 s, for the end of `a`)"
        );
        assert_eq!((found[0].advice, found.len()), (ADVICE, 1));
    }

    #[test]
    fn a_standstill_of_a_virtual_clock_is_one_of_the_tasks_and_not_of_the_last_event() {
        let hang = |trace: &Trace| {
            let mut found = diagnose(trace).into_iter();
            found.find(|found| found.complaint == Complaint::NeverWoken)
        };
        // One goes on, and the run was stopped at the moment of its wake.
        let mut drawing = Drawing::new(1);
        drawing.poll(0, 0, 0);
        let able = drawing.spawn(0, "able", Some(0));
        drawing.suspend(0, 0);
        drawing.poll(0, 0, able);
        drawing.suspend(0, able);
        drawing.wake(20, able, By::Timer);
        let found = hang(&drawing.until(20)).expect("`main` waits");
        assert!(
            !found.text.contains("no timer and no task"),
            "{}",
            found.text
        );
        // All wait, and the run was stopped some time later.
        let mut drawing = Drawing::new(1);
        drawing.poll(0, 0, 0);
        drawing.suspend(0, 0);
        drawing.wake(600, 0, By::Timer);
        drawing.poll(600, 0, 0);
        drawing.suspend(600, 0);
        let mut trace = drawing.until(610);
        let found = hang(&trace).expect("`main` waits");
        assert!(
            found.text.contains("no timer and no task"),
            "{}",
            found.text
        );
        trace.tasks[0].sleeps = true;
        assert_eq!(hang(&trace), None);
    }

    #[test]
    fn a_task_that_was_woken_and_did_nothing_is_told_of() {
        let found = |does: bool| {
            let mut drawing = Drawing::new(1);
            drawing.poll(0, 0, 0);
            let holder = drawing.spawn(0, "holder", Some(0));
            drawing.suspend(0, 0);
            drawing.poll(5, 0, holder);
            drawing.wake(5, 0, By::Task(holder));
            drawing.wake(5, 0, By::Timer);
            drawing.end(5, holder);
            drawing.poll(5, 0, 0);
            if does {
                drawing.wake(5, holder, By::Task(0));
            }
            drawing.suspend(5, 0);
            let mut trace = drawing.until(10);
            trace.run.clock = Clock::Real;
            let hang = diagnose(&trace).into_iter();
            let mut hang = hang.filter(|found| found.complaint == Complaint::NeverWoken);
            hang.next().expect("it hangs")
        };
        let waits = "`main` waits, and nothing wakes it: since 5 s";
        let told = format!("{waits}; `holder` woke `main` at 5 s, which went back to waiting");
        assert_eq!(found(false).text, told);
        assert_eq!(found(false).advice, ADVICE_IF_WOKEN);
        assert_eq!(
            (found(true).text.as_str(), found(true).advice),
            (waits, ADVICE)
        );
    }
}
