//! Timers that fire late because the thread that fires them is held.

use std::collections::HashMap;
use std::time::Duration;

use super::super::intervals::{Interval, clip};
use super::super::timeline::polls;
use super::super::timeline::{Life, State};
use super::finding::{Case, Complaint, Finding, Severity, finding};
use super::{LONG_POLL, Look, VERY_LONG_POLL};
use crate::trace::data::{TaskId, TaskKind, ThreadId};

/// Longer than a busy OS delays a timer by itself. A short poll whose thread loses its core looks
/// like a long one, of some tens of milliseconds if many threads compete.
const LATE: Duration = VERY_LONG_POLL;

/// A wait that went on after its timer was due.
#[derive(Clone, Copy)]
struct Overdue {
    waiter: TaskId,
    /// From the moment at which the timer was due, or the task began to wait if that was later,
    /// until the timer fired.
    span: Interval,
    /// The thread that fired it.
    thread: ThreadId,
    /// The task whose polls held that thread longest in this time.
    holder: TaskId,
}

impl Overdue {
    fn length(&self) -> Duration {
        self.span.1 - self.span.0
    }
}

impl Look<'_> {
    /// Late timers that the program itself caused. A late timer counts only if long polls visibly
    /// held the very thread that fired it, for at least half of its delay. Otherwise the OS may
    /// have been late, or another driver of the timers.
    pub(super) fn late_timers(&self) -> Option<Finding> {
        let mut overdue = self.overdue();
        if overdue.is_empty() {
            return None;
        }
        let held = self.long_polls_by_thread();
        overdue.retain_mut(|late| {
            let polls = held.get(&late.thread).map_or(&[][..], Vec::as_slice);
            let Some((holder, by_all)) = held_by(polls, late.span) else {
                return false;
            };
            late.holder = holder;
            by_all * 2 >= late.length()
        });
        let worse = |worst: Overdue, late: Overdue| match late.length() > worst.length() {
            true => late,
            false => worst,
        };
        let latest = overdue.iter().copied().reduce(worse)?;
        let cases = each_once(&overdue);
        let text = format!(
            "`{}` was woken {} after its timer was due{}: the thread that woke it was held by \
             `{}`{}",
            self.name(latest.waiter),
            self.told(latest.length()),
            self.same(latest.waiter, &cases),
            self.name(latest.holder),
            match self.a_worker_was_free(latest.span) {
                true => ", though another worker was free",
                false => "",
            },
        );
        let advice = "shorten or offload the long poll: where a worker drives the timers, none \
                      may fire until that worker is free or another is woken";
        Some(finding(
            Complaint::LateTimer,
            Severity::Warning,
            &cases,
            text,
            advice,
        ))
    }

    /// The waits that a timer ended long after it was due. The task that held its thread is still
    /// to be found.
    fn overdue(&self) -> Vec<Overdue> {
        let events = self.trace.events_of_the_run();
        let waits = |life: Life<'_>| {
            let waiter = life.task;
            let waits = life
                .periods
                .iter()
                .filter(|period| period.state == State::Waiting);
            let overdue = waits.filter_map(move |wait| {
                let wake = events.get(wait.ended_by?)?;
                let due = wake.at.saturating_sub(wake.late?);
                // Lateness costs nothing before the task waits for its timer.
                let span = clip((due.max(wait.from), wake.at), self.window)?;
                Some(Overdue {
                    waiter,
                    span,
                    thread: wake.thread,
                    holder: waiter,
                })
            });
            overdue.collect::<Vec<_>>()
        };
        let overdue = self.of_kind(TaskKind::Task).flat_map(waits);
        overdue.filter(|late| late.length() > LATE).collect()
    }

    /// The long polls of tasks on each thread, in order. Polls of one thread do not overlap.
    fn long_polls_by_thread(&self) -> HashMap<ThreadId, Vec<(Interval, TaskId)>> {
        let mut by_thread: HashMap<_, Vec<_>> = HashMap::new();
        for life in self.of_kind(TaskKind::Task) {
            let long = polls(life.periods);
            for poll in long.filter(|poll| poll.length() > LONG_POLL) {
                let thread = self.trace.events[poll.begun_by].thread;
                let of_thread = by_thread.entry(thread).or_default();
                of_thread.push(((poll.from, poll.to), life.task));
            }
        }
        for polls in by_thread.values_mut() {
            polls.sort_unstable();
        }
        by_thread
    }

    /// Whether fewer polls were under way than there are workers, for all but a hundredth
    /// of `span`.
    fn a_worker_was_free(&self, span: Interval) -> bool {
        self.held
            .is_some_and(|held| held.within(span) * 100 <= span.1 - span.0)
    }
}

/// The task of `polls` that held its thread longest within `span`, and how long all of them
/// together did; `None` if none did.
fn held_by(polls: &[(Interval, TaskId)], span: Interval) -> Option<(TaskId, Duration)> {
    let first = polls.partition_point(|((_, to), _)| *to <= span.0);
    let mut shares: HashMap<TaskId, Duration> = HashMap::new();
    let mut all = Duration::ZERO;
    let meanwhile = polls[first..].iter();
    for (poll, task) in meanwhile.take_while(|((from, _), _)| *from < span.1) {
        let share = clip(*poll, span).map_or(Duration::ZERO, |(from, to)| to - from);
        *shares.entry(*task).or_default() += share;
        all += share;
    }
    // Of equally bad tasks, the one spawned first.
    let longest = shares
        .into_iter()
        .max_by_key(|(task, share)| (*share, std::cmp::Reverse(*task)));
    longest.map(|(task, _)| (task, all))
}

/// Each task once, in the order of tasks, with its longest delay.
fn each_once(overdue: &[Overdue]) -> Vec<Case> {
    let mut cases: Vec<Case> = Vec::new();
    for late in overdue {
        match cases.last_mut().filter(|(task, _)| *task == late.waiter) {
            Some((_, worst)) => *worst = late.length().max(*worst),
            None => cases.push((late.waiter, late.length())),
        }
    }
    cases
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace::analysis::diagnosis::diagnose;
    use crate::trace::data::Trace;
    use crate::trace::testing::{Drawing, secs};

    fn found(trace: &Trace) -> Option<Finding> {
        let mut findings = diagnose(trace).into_iter();
        findings.find(|finding| finding.complaint == Complaint::LateTimer)
    }

    /// On two workers: the timer of a heart was due at 1 and fires at 10, on `thread`, while a hog
    /// is polled on worker 0 from `from` to `to`.
    fn hog(from: u64, to: u64, thread: ThreadId) -> Trace {
        let mut drawing = Drawing::new(2);
        drawing.poll(0, 0, 0);
        let [heart, hog] = ["heart", "hog"].map(|name| drawing.spawn(0, name, Some(0)));
        drawing.suspend(0, 0);
        drawing.poll(0, 0, heart);
        drawing.suspend(0, heart);
        drawing.poll(from, 0, hog);
        drawing.end(to, hog);
        drawing.ring(10, thread, heart, 9);
        drawing.poll(10, thread, heart);
        drawing.end(10, heart);
        drawing.ring(12, 0, 0, 0);
        drawing.poll(12, 0, 0);
        drawing.end(12, 0);
        drawing.until(12)
    }

    #[test]
    fn a_timer_whose_thread_was_held_is_told_with_its_holder_and_the_free_worker() {
        let finding = found(&hog(0, 10, 0)).expect("it is late");
        assert_eq!(
            finding.text,
            "`heart` was woken 9 s after its timer was due: the thread that woke it was held by \
             `hog`, though another worker was free"
        );
        assert_eq!((finding.task, finding.others), (1, vec![]));
        assert_eq!(finding.length, Some(secs(9)));
        assert_eq!(finding.severity, Severity::Warning);
    }

    #[test]
    fn on_one_worker_nobody_else_was_free() {
        let mut trace = hog(0, 10, 0);
        trace.run.workers = Some(1);
        let finding = found(&trace).expect("it is late");
        assert!(finding.text.ends_with("held by `hog`"), "{}", finding.text);
        trace.run.workers = None;
        assert_eq!(found(&trace), None);
    }

    #[test]
    fn who_fires_late_and_was_not_held_is_not_blamed_on_the_program() {
        assert_eq!(found(&hog(0, 10, 1)), None);
    }

    #[test]
    fn a_poll_must_take_half_of_the_time() {
        // The timer is late from 1 to 10: 4 s are less than half of it, 5 s more.
        assert_eq!(found(&hog(0, 5, 0)), None);
        assert!(found(&hog(0, 6, 0)).is_some());
        assert_eq!(found(&hog(6, 10, 0)), None);
        assert!(found(&hog(5, 10, 0)).is_some());
    }

    #[test]
    fn what_a_busy_os_may_do_by_itself_is_not_told() {
        let faster = |times: u32| {
            let mut trace = hog(0, 10, 0);
            for event in &mut trace.events {
                event.at /= times;
                event.late = event.late.map(|late| late / times);
            }
            trace.run.until /= times;
            trace
        };
        // 100 ms late, and a little later.
        assert_eq!(found(&faster(90)), None);
        assert!(found(&faster(89)).is_some());
    }

    #[test]
    fn polls_in_a_row_hold_a_thread_together_and_the_longest_is_named() {
        let mut drawing = Drawing::new(1);
        drawing.poll(0, 0, 0);
        let cooks = ["Pasta", "Salad", "Chops"].map(|name| drawing.spawn(0, name, Some(0)));
        drawing.suspend(0, 0);
        for (cook, from, to) in [(cooks[0], 0, 3), (cooks[1], 3, 7), (cooks[2], 7, 10)] {
            drawing.poll(from, 0, cook);
            drawing.end(to, cook);
        }
        drawing.ring(10, 0, 0, 9);
        drawing.poll(10, 0, 0);
        drawing.end(10, 0);
        let finding = found(&drawing.until(10)).expect("it is late");
        assert!(
            finding.text.ends_with("held by `Salad`"),
            "{}",
            finding.text
        );
    }

    #[test]
    fn a_timer_that_is_due_in_its_own_tasks_poll_is_late_from_its_end_on() {
        let mut drawing = Drawing::new(2);
        drawing.poll(0, 0, 0);
        let hog = drawing.spawn(0, "hog", Some(0));
        drawing.poll(0, 1, hog);
        drawing.suspend(6, 0);
        drawing.end(10, hog);
        // Due at 2.
        drawing.ring(10, 1, 0, 8);
        drawing.poll(10, 0, 0);
        drawing.end(10, 0);
        let finding = found(&drawing.until(10)).expect("it is late");
        assert_eq!((finding.task, finding.length), (0, Some(secs(4))));
    }

    #[test]
    fn each_task_is_told_once_and_the_worst_of_all_in_words() {
        let mut drawing = Drawing::new(1);
        drawing.poll(0, 0, 0);
        let [hog, heart] = ["hog", "heart"].map(|name| drawing.spawn(0, name, Some(0)));
        drawing.suspend(0, 0);
        drawing.poll(0, 0, heart);
        drawing.suspend(0, heart);
        for (from, to) in [(0, 2), (2, 8), (8, 9)] {
            drawing.poll(from, 0, hog);
            drawing.suspend(to, hog);
            drawing.ring(to, 0, 0, to - from);
            drawing.poll(to, 0, 0);
            drawing.suspend(to, 0);
        }
        drawing.ring(9, 0, heart, 2);
        drawing.poll(9, 0, heart);
        drawing.end(9, heart);
        drawing.ring(9, 0, 0, 0);
        drawing.poll(9, 0, 0);
        drawing.end(9, 0);
        let finding = found(&drawing.until(9)).expect("it is late");
        assert_eq!((finding.task, finding.others), (0, vec![heart]));
        assert_eq!(finding.length, Some(secs(6)));
        assert_eq!(
            finding.text,
            "`main` was woken 6 s after its timer was due (also `heart`): the thread that woke it \
             was held by `hog`"
        );
    }
}
