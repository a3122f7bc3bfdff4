//! Findings about long polls, and about the tasks that have to wait for them.

use std::time::Duration;

use super::super::intervals::{Times, levels};
use super::super::timeline::polls;
use super::super::timeline::{Life, Period, State};
use super::super::workers::Fate;
use super::finding::{Case, Complaint, Finding, Severity, finding, worst};
use super::inside::SPAWN;
use super::{LONG_DELAY, LONG_POLL, Look, VERY_LONG_POLL};
use crate::trace::data::{TaskId, TaskKind, What};

/// The advice about a poll that sleeps.
const BLOCKS: &str = "await instead of blocking, or hand the blocking part to spawn_blocking";

/// The advice about a poll that is seen to compute.
const COMPUTES: &str = "hand the computation to spawn_blocking, or cut it up with yield_now";

/// The advice about a poll with nothing in it that would say what it did.
const COMPUTES_OR_WAITS: &str = "if it computed, hand the computation to spawn_blocking, or cut it \
                                 up with yield_now; if it waited (a nested `block_on`, a lock, a \
                                 call that blocks), await instead";

impl Look<'_> {
    /// The longest poll of each task that has a long one.
    pub(super) fn longest_polls(&self) -> Vec<(TaskId, Period)> {
        let longest = |life: Life<'_>| {
            let longest = polls(life.periods);
            let longest = longest.max_by_key(|poll| self.length(poll))?;
            (self.length(&longest) > LONG_POLL).then_some((life.task, longest))
        };
        self.of_kind(TaskKind::Task).filter_map(longest).collect()
    }

    pub(super) fn is_taken_over(&self, poll: &Period) -> bool {
        self.threads.fate(poll) == Fate::TakenOver
    }

    pub(super) fn long_polls(&self) -> Option<Finding> {
        let mut long = self.long.clone();
        long.retain(|(task, poll)| {
            !self.is_taken_over(poll) && self.awaited(*task, poll).is_none()
        });
        let case = |(task, poll): &(TaskId, Period)| (*task, self.length(poll));
        let cases: Vec<Case> = long.iter().map(case).collect();
        let (worst, length) = worst(&cases)?;
        let (_, poll) = long.iter().find(|(task, _)| *task == worst)?;
        let held = match self.threads.fate(poll) {
            Fate::Unknown => "thread",
            Fate::Held | Fate::TakenOver => "worker",
        };
        let (how, advice) = self.doing(worst, poll);
        let text = format!(
            "`{}` held its {held} for {} in one poll{how}{}: nothing else could run there",
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

    /// Long polls without which their workers went on.
    pub(super) fn taken_over(&self) -> Option<Finding> {
        let mut long = self.long.clone();
        long.retain(|(_, poll)| self.is_taken_over(poll));
        let case = |(task, poll): &(TaskId, Period)| (*task, self.length(poll));
        let cases: Vec<Case> = long.iter().map(case).collect();
        let (worst, length) = worst(&cases)?;
        let (_, poll) = long.iter().find(|(task, _)| *task == worst)?;
        let text = format!(
            "`{}` was in one poll for {}{}{}; more threads than workers polled since it began, so \
             another thread took over its worker, as tokio's `block_in_place` has it done",
            self.name(worst),
            self.told(length),
            self.doing(worst, poll).0,
            self.same(worst, &cases),
        );
        let advice = "other tasks go on meanwhile, but nothing else in this task does: spawn the \
                      part that is to go on, or hand the blocking part to spawn_blocking";
        Some(finding(
            Complaint::WorkerTakenOver,
            Severity::Note,
            &cases,
            text,
            advice,
        ))
    }

    /// The part of a task's longest poll that was spent asleep, in words, and the advice.
    fn doing(&self, task: TaskId, longest: &Period) -> (String, &'static str) {
        let (length, blocked) = (self.length(longest), self.blocked(task, longest));
        let end = longest.ended_by.unwrap_or(self.trace.events.len());
        let mut own = self.trace.events[longest.begun_by..end].iter();
        match blocked.is_zero() {
            // The rest of the poll is the overhead of a sleep.
            false if blocked * 100 >= length * 99 => (", asleep in `block`".to_owned(), BLOCKS),
            false => {
                let asleep = self.told(blocked.min(length));
                (format!(", {asleep} of it asleep in `block`"), BLOCKS)
            }
            true if self.is_joined(task) => (String::new(), SPAWN),
            true => {
                let is_span = |what| matches!(what, What::SpanStarted { .. });
                match own.any(|event| event.task == task && is_span(event.what)) {
                    true => (String::new(), COMPUTES),
                    false => (String::new(), COMPUTES_OR_WAITS),
                }
            }
        }
    }

    pub(super) fn never_yields(&self) -> Option<Finding> {
        let only_poll = |life: Life<'_>| {
            let mut polls = polls(life.periods);
            let poll = polls.next()?;
            let length = self.length(&poll);
            let is_only = length > LONG_POLL && polls.next().is_none();
            let never = is_only && self.awaited(life.task, &poll).is_none();
            never.then_some((life.task, length))
        };
        let cases: Vec<Case> = self.of_kind(TaskKind::Task).filter_map(only_poll).collect();
        let (worst, length) = worst(&cases)?;
        let text = format!(
            "`{}` never gave way: all that it did was one poll of {}{}",
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

    pub(super) fn starved(&self) -> Option<Finding> {
        let cases = self.delayed(TaskKind::Task, self.held?);
        let (worst, length) = worst(&cases)?;
        let text = format!(
            "`{}` was ready and not polled for {}{}: polls of other tasks held every worker",
            self.name(worst),
            self.told(length),
            self.same(worst, &cases),
        );
        let advice = "shorten the long polls, which are what it waited for; another worker helps \
                      only until a long poll holds that one too";
        Some(finding(
            Complaint::Starved,
            Severity::Warning,
            &cases,
            text,
            advice,
        ))
    }

    pub(super) fn calls_queued(&self) -> Option<Finding> {
        let threads = self.trace.run.blocking_threads?;
        let calls = self.of_kind(TaskKind::Call).flat_map(|life| life.periods);
        let running = calls.filter(|period| period.is_polled());
        let levels = levels(running.map(|period| (period.from, period.to)));
        let held = Times::of(levels, |count| count >= threads);
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

    /// The longest delay of each task that was ready for long, counting only delays that `held`
    /// covers at least half of.
    fn delayed(&self, kind: TaskKind, held: &Times) -> Vec<Case> {
        let longest = |life: Life<'_>| {
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

    /// How much of a poll was spent asleep.
    fn blocked(&self, task: TaskId, poll: &Period) -> Duration {
        let end = poll.ended_by.unwrap_or(usize::MAX);
        let periods = self.lives[task].iter();
        let within = periods.filter(|period| (poll.begun_by..end).contains(&period.begun_by));
        let asleep = within.filter(|period| period.state == State::Blocking);
        asleep.map(|period| self.length(period)).sum()
    }
}
