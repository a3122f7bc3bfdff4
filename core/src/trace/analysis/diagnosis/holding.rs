//! Findings about long polls, and about the tasks that have to wait for them.

use std::time::Duration;

use super::super::blocking::{all_held, polls};
use super::super::intervals::{Times, levels};
use super::super::timeline::{Life, State};
use super::finding::{Case, Complaint, Finding, Severity, finding, worst};
use super::inside::SPAWN;
use super::{LONG_DELAY, LONG_POLL, Look, VERY_LONG_POLL};
use crate::trace::data::{TaskId, TaskKind};

/// The advice about a poll that sleeps.
const BLOCKS: &str = "await instead of blocking, or hand the blocking part to spawn_blocking";

impl Look<'_> {
    pub(super) fn long_polls(&self) -> Option<Finding> {
        let longest = |life: &Life| {
            let lengths = polls(life).into_iter().map(|poll| self.length(&poll));
            Some((life.task, lengths.max()?))
        };
        let cases = self.of_kind(TaskKind::Task).filter_map(longest);
        let cases: Vec<Case> = cases.filter(|(_, length)| *length > LONG_POLL).collect();
        let (worst, length) = worst(&cases)?;
        let blocked = self.blocked(worst);
        let (how, advice) = match blocked.is_zero() {
            // The rest of the poll is the overhead of a sleep.
            false if blocked * 100 >= length * 99 => (", asleep in `block`".to_owned(), BLOCKS),
            false => (
                format!(
                    ", {} of it asleep in `block`",
                    self.told(blocked.min(length))
                ),
                BLOCKS,
            ),
            true if self.is_joined(worst) => (String::new(), SPAWN),
            true => (
                String::new(),
                "hand the computation to spawn_blocking, or cut it up with yield_now",
            ),
        };
        let text = format!(
            "`{}` held its worker for {} in one poll{how}{}: nothing else could run there",
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

    pub(super) fn never_yields(&self) -> Option<Finding> {
        let only_poll = |life: &Life| match polls(life)[..] {
            [poll] => Some((life.task, self.length(&poll))),
            _ => None,
        };
        let cases = self.of_kind(TaskKind::Task).filter_map(only_poll);
        let cases: Vec<Case> = cases.filter(|(_, length)| *length > LONG_POLL).collect();
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
        let held = all_held(self.trace, self.lives)?;
        let cases = self.delayed(TaskKind::Task, &held);
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

    /// The longest delay of each task that was ready for long, counting only delays that `held`
    /// covers at least half of.
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

    /// How much of a task's longest poll was spent asleep.
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
}
