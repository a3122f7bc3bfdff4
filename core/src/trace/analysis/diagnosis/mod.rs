//! Findings in a run that deserve a second look, in plain words.
//!
//! A poll that blocks keeps other tasks waiting only if workers are shared, so a run with a thread
//! for each task is not blamed for it. Lengths are compared with fixed limits in the runtime's own
//! time, and reported in scenario time.

mod beside;
mod ending;
pub(crate) mod finding;
mod hang;
mod holding;
mod inside;
mod kept;
mod nested;
mod open_poll;
mod pool;
mod timers;

use std::fmt;
use std::time::Duration;

use self::finding::{Case, Complaint, Finding};
use self::kept::{Kept, LONG_DELAY};
use super::found::Found;
use super::intervals::{Interval, Times};
use super::timeline::{Life, Lives, Period};
use super::workers::{LONG_POLL, WorkerThreads};
use crate::time::seconds;
use crate::trace::data::{TaskId, TaskKind, Trace};

/// The limit past which asyncio's debug mode warns of a slow poll.
const VERY_LONG_POLL: Duration = Duration::from_millis(100);

/// A wait counts as endless if, when the run was given up, it had lasted for the length of the run
/// divided by this.
const NEVER: u32 = 10;

/// Looks for every problem that can be seen in a trace; a healthy run has none.
///
/// If the trace was cut off at its limit, nothing is said about how the run ended.
pub fn diagnose(trace: &Trace) -> Vec<Finding> {
    findings(&Found::of(trace))
}

pub(super) fn findings(analysis: &Found<'_>) -> Vec<Finding> {
    let trace = analysis.trace;
    let Some(window) = trace.window() else {
        return Vec::new();
    };
    let mut look = Look {
        trace,
        lives: &analysis.lives,
        window,
        threads: &analysis.threads,
        held: analysis.held.as_ref(),
        long: Vec::new(),
        kept: Vec::new(),
    };
    look.long = look.longest_polls();
    let mut findings = Vec::new();
    if trace.run.workers.is_some() {
        look.kept = look.kept();
        findings.extend([look.waits_in_poll(), look.long_polls(), look.taken_over()]);
        findings.extend([
            look.never_yields(),
            look.starved(),
            look.ready_beside_free_worker(),
        ]);
        findings.push(look.late_timers());
    }
    findings.extend([look.calls_queued(), look.dropped()]);
    findings.extend([look.set_aside(), look.future_dropped()]);
    if trace.run.dropped == 0 {
        let of_the_end = [look.never_woken(), look.lost_wakes(), look.never_polled()];
        findings.extend(of_the_end);
        findings.extend([look.pool_exhausted(), look.left_behind()]);
        findings.extend([look.nothing_awaited(), look.never_returned()]);
    }
    let mut findings: Vec<Finding> = findings.into_iter().flatten().collect();
    findings.sort_by_key(|finding| (std::cmp::Reverse(finding.severity), finding.complaint));
    findings
}

impl Complaint {
    /// The length from which on such a problem is found, on the runtime's clock; `None` if its
    /// findings have no length.
    pub fn shortest(self) -> Option<Duration> {
        match self {
            Complaint::LongPoll
            | Complaint::NeverYields
            | Complaint::WaitsInPoll
            | Complaint::WorkerTakenOver => Some(LONG_POLL),
            Complaint::Starved
            | Complaint::ReadyBesideFreeWorker
            | Complaint::CallsQueued
            | Complaint::LostWake
            | Complaint::SetAside => Some(LONG_DELAY),
            Complaint::LateTimer => Some(VERY_LONG_POLL),
            Complaint::NeverWoken
            | Complaint::PoolExhausted
            | Complaint::NeverReturned
            | Complaint::Dropped
            | Complaint::FutureDropped => Some(Duration::ZERO),
            Complaint::NeverPolled | Complaint::LeftBehind | Complaint::NothingAwaited => None,
        }
    }
}

struct Look<'a> {
    trace: &'a Trace,
    lives: &'a Lives,
    window: Interval,
    threads: &'a WorkerThreads<'a>,
    /// The times in which polls held every worker; `None` if workers are not shared.
    held: Option<&'a Times>,
    /// The longest poll of each task that has a long one.
    long: Vec<(TaskId, Period)>,
    /// The tasks that were kept waiting by the polls that had made them ready.
    kept: Vec<Kept>,
}

impl Look<'_> {
    fn of_kind(&self, kind: TaskKind) -> impl Iterator<Item = Life<'_>> {
        let tasks = &self.trace.tasks;
        self.lives
            .iter()
            .filter(move |life| tasks[life.task].kind == kind)
    }

    /// The length of the part of a period that lies in the run.
    fn length(&self, period: &Period) -> Duration {
        period.to.min(self.window.1).saturating_sub(period.from)
    }

    fn name(&self, task: TaskId) -> &str {
        &self.trace.tasks[task].name
    }

    /// A length in scenario time, and in real time if that is another.
    fn told(&self, length: Duration) -> impl fmt::Display {
        let told = seconds(self.trace.scenario_span(length));
        match self.trace.run.speed == 1.0 {
            true => told.to_string(),
            false => format!("{told} ({} real)", seconds(length)),
        }
    }

    /// For example ` (also Pasta, Salad and 7 more)`.
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
            (false, 0) => format!(" (also {})", named.join(", ")),
            (false, more) => format!(" (also {} and {more} more)", named.join(", ")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::finding::Severity;
    use super::*;
    use crate::runtime::runner_info::Clock;
    use crate::trace::data::By;
    use crate::trace::testing::{Drawing, secs, waiter_blocking, waiter_tasks};

    pub(super) fn complaints(trace: &Trace) -> Vec<(Complaint, &str)> {
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
            "`Chops` held its worker for 16 s in one poll, asleep in `block` (also `Pasta`, \
             `Salad`): nothing else could run there"
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
        // A run that was not recorded to its end is not judged by how it ended.
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
    fn a_wake_in_the_tasks_own_poll_is_lost_like_any_other() {
        let mut drawing = Drawing::new(1);
        drawing.poll(0, 0, 0);
        drawing.wake(0, 0, By::Task(0));
        drawing.suspend(0, 0);
        drawing.shutdown();
        drawing.dropped(20, 0);
        let expected = [(Complaint::LostWake, "main")];
        assert_eq!(complaints(&drawing.until(20)), expected);
    }

    #[test]
    fn on_a_virtual_clock_a_standstill_is_for_ever_however_short_the_wait() {
        let mut drawing = Drawing::new(1);
        drawing.poll(0, 0, 0);
        drawing.suspend(0, 0);
        drawing.wake(19, 0, By::Timer);
        drawing.poll(19, 0, 0);
        drawing.suspend(19, 0);
        drawing.shutdown();
        drawing.dropped(19, 0);
        let mut trace = drawing.until(19);
        trace.run.clock = Clock::Real;
        assert_eq!(complaints(&trace), []);
        trace.run.clock = Clock::Virtual;
        assert_eq!(complaints(&trace), [(Complaint::NeverWoken, "main")]);
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
