//! What in a run deserves a second look, in plain words.
//!
//! Only where workers are shared does a poll that blocks keep others waiting, so a run
//! with a thread for each task is not blamed for it. Lengths are held against fixed
//! limits in the runtime's own time, and told in scenario time.

use std::fmt;
use std::time::Duration;

use serde::Serialize;

use super::axes::{all_held, polls};
use super::data::{By, End, Task, TaskId, TaskKind, Trace, What};
use super::states::{Life, Period, State, lives};
use super::sweep::{Interval, Times, levels};
use crate::time::seconds;

/// A poll longer than this keeps other tasks waiting for longer than they should.
const LONG_POLL: Duration = Duration::from_millis(10);

/// A poll longer than this is what asyncio's debug mode warns of.
const VERY_LONG_POLL: Duration = Duration::from_millis(100);

/// A delay that no scheduler causes by itself.
const LONG_DELAY: Duration = Duration::from_millis(10);

/// A wait is for ever if it had lasted for this share of the run when that was given up.
const NEVER: u32 = 10;

/// Something to look at, worst first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What is the matter.
    pub complaint: Complaint,
    /// How bad it is.
    pub severity: Severity,
    /// The task where it is worst.
    pub task: TaskId,
    /// The other tasks of which the same is to be said.
    pub others: Vec<TaskId>,
    /// How long it took where it is worst, on the runtime's clock; null where it is no
    /// matter of time.
    #[serde(rename = "length_ns", with = "super::data::nanos_or_null")]
    pub length: Option<Duration>,
    /// What was seen, with names and figures; times in scenario time.
    pub text: String,
    /// What to do about it.
    pub advice: &'static str,
}

/// What can be the matter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Complaint {
    /// The run did not end: a task waits, and nothing wakes it.
    NeverWoken,
    /// A poll took longer than 10 ms; severe past 100 ms.
    LongPoll,
    /// A task did all of its work in one poll longer than 10 ms.
    NeverYields,
    /// A task was ready for longer than 10 ms, and others held every worker.
    Starved,
    /// A blocking call waited for longer than 10 ms, and others held every thread.
    CallsQueued,
    /// A task was woken and not polled again, though a worker was free.
    LostWake,
    /// A task was never polled.
    NeverPolled,
    /// A task had not ended when the root did.
    LeftBehind,
    /// A task's future was dropped before its end.
    Dropped,
}

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// It may be meant so.
    Note,
    /// It makes the run slower, or loses work.
    Warning,
    /// It stops others, or the run itself.
    Severe,
}

/// Looks for all that can be told from a trace; a run in order gives nothing.
///
/// Of a trace that is cut off at its limit, nothing is said about how it ended.
pub fn diagnose(trace: &Trace) -> Vec<Finding> {
    let Some(window) = trace.window() else {
        return Vec::new();
    };
    let lives = lives(trace);
    let look = Look {
        trace,
        lives: &lives,
        window,
    };
    let mut findings = Vec::new();
    if trace.run.workers.is_some() {
        findings.extend([look.long_polls(), look.never_yields(), look.starved()]);
    }
    findings.extend([look.calls_queued(), look.dropped()]);
    if trace.run.dropped == 0 {
        let of_the_end = [look.never_woken(), look.lost_wakes(), look.never_polled()];
        findings.extend(of_the_end.into_iter().chain([look.left_behind()]));
    }
    let mut findings: Vec<Finding> = findings.into_iter().flatten().collect();
    findings.sort_by_key(|finding| (std::cmp::Reverse(finding.severity), finding.complaint));
    findings
}

/// A task of which something is to be said, and how much of it.
type Case = (TaskId, Duration);

struct Look<'a> {
    trace: &'a Trace,
    lives: &'a [Life],
    window: Interval,
}

impl Look<'_> {
    fn long_polls(&self) -> Option<Finding> {
        let longest = |life: &Life| {
            let lengths = polls(life).into_iter().map(|poll| self.length(&poll));
            Some((life.task, lengths.max()?))
        };
        let cases = self.of_kind(TaskKind::Task).filter_map(longest);
        let cases: Vec<Case> = cases.filter(|(_, length)| *length > LONG_POLL).collect();
        let (worst, length) = worst(&cases)?;
        let blocked = self.blocked(worst);
        let (how, advice) = match blocked.is_zero() {
            false => (
                format!(
                    ", {} of it asleep in `block`",
                    self.told(blocked.min(length))
                ),
                "await instead of blocking, or hand the blocking part to spawn_blocking",
            ),
            true => (
                String::new(),
                "hand the computation to spawn_blocking, or cut it up with yield_now",
            ),
        };
        let text = format!(
            "`{}` held its worker for {} in one poll{how}; nothing else could run there{}",
            self.name(worst),
            self.told(length),
            self.same(worst, &cases),
        );
        let severity = match length > VERY_LONG_POLL {
            true => Severity::Severe,
            false => Severity::Warning,
        };
        Some(finding(Complaint::LongPoll, severity, &cases, text, advice))
    }

    fn never_yields(&self) -> Option<Finding> {
        let only_poll = |life: &Life| match polls(life)[..] {
            [poll] => Some((life.task, self.length(&poll))),
            _ => None,
        };
        let cases = self.of_kind(TaskKind::Task).filter_map(only_poll);
        let cases: Vec<Case> = cases.filter(|(_, length)| *length > LONG_POLL).collect();
        let (worst, length) = worst(&cases)?;
        let text = format!(
            "`{}` never gave way: all it did was one poll of {}{}",
            self.name(worst),
            self.told(length),
            self.same(worst, &cases),
        );
        let advice = "an async function without an await that waits is a plain function: it \
                      cannot be overtaken, timed out or cancelled";
        Some(finding(
            Complaint::NeverYields,
            Severity::Warning,
            &cases,
            text,
            advice,
        ))
    }

    fn starved(&self) -> Option<Finding> {
        let held = all_held(self.trace, self.lives)?;
        let cases = self.delayed(TaskKind::Task, &held);
        let (worst, length) = worst(&cases)?;
        let text = format!(
            "`{}` could go on, and waited {} for a worker: polls of others held every one{}",
            self.name(worst),
            self.told(length),
            self.same(worst, &cases),
        );
        let advice = "look at the longest polls: they are what it waited for; more workers help \
                      only until as many of them are held";
        Some(finding(
            Complaint::Starved,
            Severity::Warning,
            &cases,
            text,
            advice,
        ))
    }

    fn calls_queued(&self) -> Option<Finding> {
        let threads = self.trace.run.blocking_threads?;
        let calls = self.of_kind(TaskKind::Call).flat_map(|life| &life.periods);
        let running = calls.filter(|period| period.is_polled());
        let levels = levels(running.map(|period| (period.from, period.to)));
        let held = Times::of(&levels, |count| count >= threads);
        let cases = self.delayed(TaskKind::Call, &held);
        let (worst, length) = worst(&cases)?;
        let text = format!(
            "the blocking call `{}` waited {} for a thread: all {threads} were taken{}",
            self.name(worst),
            self.told(length),
            self.same(worst, &cases),
        );
        let advice = "allow more blocking threads, or make fewer calls at a time";
        Some(finding(
            Complaint::CallsQueued,
            Severity::Warning,
            &cases,
            text,
            advice,
        ))
    }

    fn never_woken(&self) -> Option<Finding> {
        let root = &self.trace.tasks[self.trace.run.root?];
        if self.ended_in_the_run(root) {
            return None;
        }
        let long = (self.window.1 - self.window.0) / NEVER;
        let waits = |life: &Life| {
            let last = self
                .last(life)
                .filter(|last| last.state == State::Waiting)?;
            let waited = self.window.1.saturating_sub(last.from);
            (waited >= long).then_some((life.task, waited))
        };
        let cases: Vec<Case> = self.of_kind(TaskKind::Task).filter_map(waits).collect();
        // The root first: that it does not end is what is the matter.
        let of_root = cases.iter().copied().find(|(task, _)| *task == root.id);
        let (worst, waited) = of_root.or_else(|| worst(&cases))?;
        let text = format!(
            "`{}` waited for the last {}, and nothing woke it before the run was given up{}",
            self.name(worst),
            self.told(waited),
            self.same(worst, &cases),
        );
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

    fn lost_wakes(&self) -> Option<Finding> {
        let held = all_held(self.trace, self.lives)?;
        let forgotten = |life: &Life| {
            let last = self.last(life).filter(|last| last.state == State::Ready)?;
            let woken = matches!(self.trace.events[last.begun_by].what, What::Woken { .. });
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

    fn never_polled(&self) -> Option<Finding> {
        let unpolled = self.trace.tasks.iter().filter(|task| {
            // What the runtime's end has spawned was never meant to run.
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
        let advice = "await a task that is to do something; one that is cancelled in time costs \
                      its spawn and no more";
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

    fn left_behind(&self) -> Option<Finding> {
        let root = &self.trace.tasks[self.trace.run.root?];
        if !self.ended_in_the_run(root) {
            return None;
        }
        let left = self.trace.tasks.iter().filter(|task| {
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

    fn dropped(&self) -> Option<Finding> {
        let dropped = self.trace.tasks.iter().filter(|task| {
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

    fn of_kind(&self, kind: TaskKind) -> impl Iterator<Item = &Life> {
        let tasks = &self.trace.tasks;
        self.lives
            .iter()
            .filter(move |life| tasks[life.task].kind == kind)
    }

    /// The longest delay of each task that was ready for long, with `held` at least half
    /// of the time.
    fn delayed(&self, kind: TaskKind, held: &Times) -> Vec<Case> {
        let longest = |life: &Life| {
            let ready = life
                .periods
                .iter()
                .filter(|period| period.state == State::Ready);
            let delays = ready.map(|period| (period.from, period.to.min(self.window.1)));
            let delays = delays.filter(|delay| {
                let length = delay.1.saturating_sub(delay.0);
                length > LONG_DELAY && held.within(*delay) * 2 >= length
            });
            let lengths = delays.map(|(from, to)| to - from);
            Some((life.task, lengths.max()?))
        };
        self.of_kind(kind).filter_map(longest).collect()
    }

    /// The last thing that a task did in the run, if it had not ended by then.
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

    fn ended_in_the_run(&self, task: &Task) -> bool {
        let last = self.lives[task.id].periods.last();
        let end = last.and_then(|last| last.ended_by);
        end.is_some_and(|end| end < self.trace.events_of_the_run().len())
    }

    fn aborted(&self, task: TaskId) -> bool {
        let events = self.trace.events_of_the_run().iter();
        let mut own = events.filter(|event| event.task == task);
        own.any(|event| {
            matches!(
                event.what,
                What::Aborted {
                    by: By::Task(_) | By::Outside
                }
            )
        })
    }

    /// How much of a task's longest poll it slept in.
    fn blocked(&self, task: TaskId) -> Duration {
        let longest = polls(&self.lives[task])
            .into_iter()
            .max_by_key(|poll| self.length(poll));
        let Some(longest) = longest else {
            return Duration::ZERO;
        };
        let end = longest.ended_by.unwrap_or(usize::MAX);
        let periods = self.lives[task].periods.iter();
        let within = periods.filter(|period| (longest.begun_by..end).contains(&period.begun_by));
        let asleep = within.filter(|period| period.state == State::Blocking);
        asleep.map(|period| self.length(period)).sum()
    }

    /// As far as it lies in the run.
    fn length(&self, period: &Period) -> Duration {
        period.to.min(self.window.1).saturating_sub(period.from)
    }

    fn name(&self, task: TaskId) -> &str {
        &self.trace.tasks[task].name
    }

    fn told(&self, length: Duration) -> impl fmt::Display {
        seconds(self.trace.scenario_span(length))
    }

    /// `; the same of Pasta, Salad and 7 more`
    fn same(&self, worst: TaskId, cases: &[Case]) -> String {
        const NAMED: usize = 3;
        let others = || {
            cases
                .iter()
                .map(|(task, _)| *task)
                .filter(|task| *task != worst)
        };
        let named: Vec<_> = others()
            .take(NAMED)
            .map(|task| format!("`{}`", self.name(task)))
            .collect();
        let more = others().count().saturating_sub(NAMED);
        match (named.is_empty(), more) {
            (true, _) => String::new(),
            (false, 0) => format!("; the same of {}", named.join(", ")),
            (false, more) => format!("; the same of {} and {more} more", named.join(", ")),
        }
    }
}

/// The first of those that are equally bad.
fn worst(cases: &[Case]) -> Option<Case> {
    let worse = |worst: Case, case: Case| if case.1 > worst.1 { case } else { worst };
    cases.iter().copied().reduce(worse)
}

fn finding(
    complaint: Complaint,
    severity: Severity,
    cases: &[Case],
    text: String,
    advice: &'static str,
) -> Finding {
    let (task, length) = worst(cases).unwrap_or_default();
    let others = cases.iter().map(|(task, _)| *task);
    Finding {
        complaint,
        severity,
        task,
        others: others.filter(|other| *other != task).collect(),
        length: Some(length),
        text,
        advice,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace::drawn::{Drawing, secs, waiter_blocking, waiter_tasks};

    fn complaints(trace: &Trace) -> Vec<(Complaint, &str)> {
        let findings = diagnose(trace).into_iter();
        let told =
            findings.map(|finding| (finding.complaint, trace.tasks[finding.task].name.as_str()));
        told.collect()
    }

    #[test]
    fn a_run_in_order_gives_nothing() {
        assert_eq!(complaints(&waiter_tasks()), []);
    }

    #[test]
    fn blocking_is_told_with_its_task_its_length_and_its_victims() {
        let trace = waiter_blocking();
        let expected = [
            (Complaint::LongPoll, "Chops"),
            (Complaint::NeverYields, "Chops"),
            (Complaint::Starved, "main"),
        ];
        assert_eq!(complaints(&trace), expected);
        let findings = diagnose(&trace);
        assert_eq!(
            findings[0].text,
            "`Chops` held its worker for 16 s in one poll, 16 s of it asleep in `block`; nothing \
             else could run there; the same of `Pasta`, `Salad`"
        );
        assert_eq!(
            (findings[0].severity, findings[0].length),
            (Severity::Severe, Some(secs(16)))
        );
        assert_eq!(findings[2].others, [2, 3]);
    }

    #[test]
    fn who_has_a_thread_of_his_own_may_block_it() {
        let mut trace = waiter_blocking();
        trace.run.workers = None;
        assert_eq!(complaints(&trace), []);
    }

    #[test]
    fn who_is_forgotten_is_named() {
        let mut drawing = Drawing::new(1);
        drawing.poll(0, 0, 0);
        let cancelled = drawing.spawn(0, "cancelled", Some(0));
        let unpolled = drawing.spawn(0, "unpolled", Some(0));
        let left = drawing.spawn(0, "left", Some(0));
        drawing.suspend(0, 0);
        for task in [cancelled, left] {
            drawing.poll(0, 0, task);
            drawing.suspend(0, task);
        }
        drawing.abort(1, cancelled, 0);
        drawing.dropped(1, cancelled);
        drawing.wake(1, 0, By::Timer);
        drawing.poll(1, 0, 0);
        drawing.end(1, 0);
        drawing.shutdown();
        drawing.dropped(1, left);
        drawing.dropped(1, unpolled);
        let expected = [
            (Complaint::NeverPolled, "unpolled"),
            (Complaint::LeftBehind, "left"),
            (Complaint::Dropped, "cancelled"),
        ];
        let mut trace = drawing.until(1);
        assert_eq!(complaints(&trace), expected);
        // How a run ended that is not seen to its end is not told.
        trace.run.dropped = 1;
        assert_eq!(complaints(&trace), expected[2..]);
    }

    #[test]
    fn a_run_that_does_not_end_names_who_waits_and_who_was_forgotten() {
        let mut drawing = Drawing::new(1);
        drawing.poll(0, 0, 0);
        let ticker = drawing.spawn(0, "ticker", Some(0));
        let woken = drawing.spawn(0, "woken", Some(0));
        drawing.suspend(0, 0);
        drawing.poll(0, 0, woken);
        drawing.suspend(0, woken);
        drawing.poll(0, 0, ticker);
        drawing.suspend(0, ticker);
        drawing.wake(19, ticker, By::Timer);
        drawing.poll(19, 0, ticker);
        drawing.wake(19, woken, By::Task(ticker));
        drawing.suspend(19, ticker);
        drawing.shutdown();
        drawing.dropped(20, 0);
        let expected = [
            (Complaint::NeverWoken, "main"),
            (Complaint::LostWake, "woken"),
        ];
        assert_eq!(complaints(&drawing.until(20)), expected);
    }

    #[test]
    fn calls_that_queue_for_a_thread_are_told() {
        let mut drawing = Drawing::new(1);
        drawing.poll(0, 0, 0);
        let calls = ["first", "second"].map(|name| drawing.call(0, name, 0));
        drawing.suspend(0, 0);
        drawing.poll(0, 1, calls[0]);
        drawing.end(5, calls[0]);
        drawing.poll(5, 1, calls[1]);
        drawing.end(9, calls[1]);
        drawing.wake(9, 0, By::EndOf(calls[1]));
        drawing.poll(9, 0, 0);
        drawing.end(9, 0);
        assert_eq!(
            complaints(&drawing.until(9)),
            [(Complaint::CallsQueued, "second")]
        );
    }
}
