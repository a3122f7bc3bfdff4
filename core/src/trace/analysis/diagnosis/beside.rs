//! Tasks that are ready beside a free worker.

use std::collections::HashMap;
use std::time::Duration;

use super::super::timeline::polls;
use super::super::timeline::{Period, State};
use super::Look;
use super::finding::{Case, Complaint, Finding, Severity, finding, worst};
use super::kept::{Kept, LONG_DELAY};
use crate::trace::data::{By, TaskId, TaskKind, ThreadId, What};

/// A poll follows another soon if it does within the time for which its task was kept, divided by
/// this.
const SOON: u32 = 4;

/// The polls of the tasks that made others ready.
type Polls = HashMap<TaskId, Vec<Period>>;

impl Look<'_> {
    /// The longest case of each task.
    pub(super) fn kept(&self) -> Vec<Kept> {
        let Some(held) = self.held else {
            return Vec::new();
        };
        let mut polls_of = HashMap::new();
        let longest = |task: TaskId| {
            let ready = self.lives[task].iter();
            let ready = ready.filter(|period| period.state == State::Ready);
            let mut kept: Vec<Kept> = ready
                .filter_map(|period| self.kept_in(task, period, &mut polls_of))
                .collect();
            for case in &mut kept {
                case.free = case.length().saturating_sub(held.within(case.span));
            }
            kept.into_iter().max_by_key(Kept::length)
        };
        let tasks = self.of_kind(TaskKind::Task).map(|life| life.task);
        tasks.filter_map(longest).collect()
    }

    fn kept_in(&self, task: TaskId, ready: &Period, polls_of: &mut Polls) -> Option<Kept> {
        let until = ready.to.min(self.window.1);
        if until.saturating_sub(ready.from) <= LONG_DELAY {
            return None;
        }
        let begin = &self.trace.events[ready.begun_by];
        let (by, spawned) = match begin.what {
            What::Woken { by: By::Task(by) } => (by, false),
            What::Spawned => (self.trace.tasks[task].parent?, true),
            _ => return None,
        };
        let polls = polls_of
            .entry(by)
            .or_insert_with(|| polls(&self.lives[by]).collect());
        let (to, ended_by) = end_of_poll(polls, ready.begun_by)?;
        if to.min(self.window.1).saturating_sub(ready.from) <= LONG_DELAY {
            return None;
        }
        let of_the_run = self.trace.events_of_the_run().len();
        let in_the_run = |event: &usize| *event < of_the_run;
        let polled = ready.ended_by.filter(in_the_run);
        let kept = match (ended_by.filter(in_the_run), polled) {
            (Some(end), Some(poll)) => self.is_next(poll, begin.thread, (ready.from, end)),
            // If events are missing, the end of the recording is not that of the run.
            (None, None) => self.trace.run.dropped == 0,
            // The run ended with the root's poll.
            (Some(_), None) => to >= self.window.1 && self.trace.run.dropped == 0,
            (None, Some(_)) => false,
        };
        kept.then_some(Kept {
            task,
            by,
            spawned,
            span: (ready.from, until),
            polled: polled.is_some(),
            free: Duration::ZERO,
        })
    }

    /// Whether `poll` is the first poll that begins on `thread` after the poll that ended with the
    /// event `end`; or follows soon, and the thread made another task ready first. Such a task takes
    /// the place of the one that was ready before, which any worker may have then: the end of a long
    /// poll often wakes the task that awaits it.
    fn is_next(&self, poll: usize, thread: ThreadId, (ready, end): (Duration, usize)) -> bool {
        let events = &self.trace.events;
        let between = events.get(end + 1..poll).unwrap_or_default();
        let mut there = between.iter().filter(|event| event.thread == thread);
        let first = there.find_map(|event| match event.what {
            What::PollStarted => Some(false),
            What::Woken { .. } | What::Spawned => Some(true),
            _ => None,
        });
        let (at, over) = (events[poll].at, events[end].at);
        match first {
            None => events[poll].thread == thread,
            Some(displaces) => displaces && (at - over) * SOON <= over - ready,
        }
    }

    pub(super) fn ready_beside_free_worker(&self) -> Option<Finding> {
        let beside = || self.kept.iter().filter(|kept| kept.is_beside_free_worker());
        let cases: Vec<Case> = beside().map(|kept| (kept.task, kept.length())).collect();
        let (worst, length) = worst(&cases)?;
        let kept = beside().find(|kept| kept.task == worst)?;
        let free = match kept.free * 100 >= length * 99 {
            true => "all that time".to_owned(),
            false => format!("for {} of that time", self.told(kept.free)),
        };
        let text = format!(
            "`{}` was ready and not polled for {}{}, though a worker was free {free}: it waited \
             for the end of the poll of `{}`, which had {} it and went on",
            self.name(worst),
            self.told(length),
            self.same(worst, &cases),
            self.name(kept.by),
            kept.verb(),
        );
        let advice = "give way after the wake (yield_now), or hand the long part to \
                      spawn_blocking: a runtime may put the task that a poll wakes or spawns last \
                      into a slot of that worker (tokio's LIFO slot), from which no other worker \
                      takes it";
        Some(finding(
            Complaint::ReadyBesideFreeWorker,
            Severity::Warning,
            &cases,
            text,
            advice,
        ))
    }
}

/// When the poll in which `event` falls ended, and the event that ended it; `None` if it falls in
/// none of them.
fn end_of_poll(polls: &[Period], event: usize) -> Option<(Duration, Option<usize>)> {
    let begun = polls.partition_point(|poll| poll.begun_by <= event);
    let poll = &polls[begun.checked_sub(1)?];
    let during = poll.ended_by.is_none_or(|end| event < end);
    during.then_some((poll.to, poll.ended_by))
}

#[cfg(test)]
mod tests {
    use nix::time::{ClockId, clock_gettime};

    use super::*;
    use crate::trace::analysis::diagnosis::diagnose;
    use crate::trace::data::Trace;
    use crate::trace::testing::{Drawing, secs};

    fn found(trace: &Trace, complaint: Complaint) -> Option<Finding> {
        assert_eq!(trace.validate(), Ok(()));
        let mut findings = diagnose(trace).into_iter();
        findings.find(|finding| finding.complaint == complaint)
    }

    fn beside(trace: &Trace) -> Option<Finding> {
        found(trace, Complaint::ReadyBesideFreeWorker)
    }

    /// The task that is polled on the thread of `hog` between its poll and that of `listener`.
    #[derive(PartialEq)]
    enum Between {
        None,
        /// It was ready before.
        Earlier,
        /// The end of `hog` woke it.
        Later,
    }
    use Between::{Earlier, Later};

    /// `hog` wakes `listener` at 1 and blocks until 9; then `next` is polled on its thread, before
    /// `listener` is polled on `thread`. `busy` is polled beside it for so long.
    fn hog(workers: usize, thread: ThreadId, next: Between, busy: u64) -> Trace {
        let mut drawing = Drawing::new(workers);
        drawing.poll(0, 0, 0);
        let tasks = ["listener", "hog", "next", "busy"];
        let [listener, hog, other, beside] = tasks.map(|name| drawing.spawn(0, name, Some(0)));
        drawing.suspend(0, 0);
        drawing.poll(0, 0, listener);
        drawing.suspend(0, listener);
        if next == Later {
            drawing.poll(0, 0, other);
            drawing.suspend(0, other);
        }
        if busy > 0 {
            drawing.poll(0, 1, beside);
        }
        drawing.poll(1, 0, hog);
        drawing.wake(1, listener, By::Task(hog));
        drawing.block_begins(1, hog);
        if busy > 0 {
            drawing.end(busy, beside);
        }
        drawing.block_ends(9, hog);
        drawing.end(9, hog);
        if next == Later {
            drawing.wake(9, other, By::EndOf(hog));
        }
        if next != Between::None {
            drawing.poll(9, 0, other);
            drawing.end(9, other);
        }
        drawing.poll(9, thread, listener);
        drawing.end(9, listener);
        drawing.wake(9, 0, By::EndOf(listener));
        drawing.poll(9, 0, 0);
        drawing.end(9, 0);
        drawing.until(9)
    }

    #[test]
    fn a_task_that_waits_in_the_slot_of_a_busy_worker_is_told_with_all_who_are_involved() {
        let finding = beside(&hog(2, 0, Between::None, 0)).expect("it is late");
        assert_eq!(
            finding.text,
            "`listener` was ready and not polled for 8 s, though a worker was free all that time: \
             it waited for the end of the poll of `hog`, which had woken it and went on"
        );
        assert_eq!((finding.task, finding.length), (1, Some(secs(8))));
        let text = beside(&hog(2, 0, Between::None, 4))
            .expect("it is late")
            .text;
        assert!(
            text.contains("though a worker was free for 5 s of"),
            "{text}"
        );
    }

    #[test]
    fn a_task_that_the_end_of_the_poll_wakes_may_come_before() {
        assert!(beside(&hog(2, 0, Later, 0)).is_some());
        assert!(beside(&hog(2, 1, Later, 0)).is_some());
    }

    #[test]
    fn nothing_is_told_where_no_worker_was_free_or_another_order_is_seen() {
        // The only worker was held; of two, the other one for most of the time.
        assert_eq!(beside(&hog(1, 0, Between::None, 0)), None);
        assert_eq!(beside(&hog(2, 0, Between::None, 6)), None);
        // Another worker takes it, or the thread has another task first.
        assert_eq!(beside(&hog(2, 1, Between::None, 0)), None);
        assert_eq!(beside(&hog(2, 0, Earlier, 0)), None);
    }

    #[test]
    fn a_delay_that_a_scheduler_may_cause_is_not_told() {
        let faster = |times: u32| {
            let mut trace = hog(2, 0, Between::None, 0);
            trace.events.iter_mut().for_each(|event| event.at /= times);
            for task in &mut trace.tasks {
                task.spawned /= times;
                (task.started, task.ended) = (
                    task.started.map(|at| at / times),
                    task.ended.map(|at| at / times),
                );
            }
            trace
        };
        assert_eq!(beside(&faster(800)), None);
        assert!(beside(&faster(799)).is_some());
    }

    #[test]
    fn a_wake_is_not_lost_if_the_run_ends_in_the_poll_that_gave_it() {
        let mut drawing = Drawing::new(2);
        drawing.poll(0, 0, 0);
        let listener = drawing.spawn(0, "listener", Some(0));
        drawing.suspend(0, 0);
        drawing.poll(0, 0, listener);
        drawing.suspend(0, listener);
        drawing.wake(1, 0, By::Timer);
        drawing.poll(1, 0, 0);
        drawing.wake(1, listener, By::Task(0));
        drawing.end(9, 0);
        drawing.shutdown();
        drawing.dropped(9, listener);
        let trace = drawing.until(9);
        assert_eq!(found(&trace, Complaint::LostWake), None);
        assert!(beside(&trace).is_some());
    }

    #[test]
    fn the_cost_is_one_of_the_events_however_many_tasks_one_poll_spawns() {
        // Of this thread alone: others may keep it from the CPU for longer than it takes.
        let cpu = || {
            let cpu = clock_gettime(ClockId::CLOCK_THREAD_CPUTIME_ID);
            Duration::from(cpu.expect("every thread has one"))
        };
        let took = |tasks: u64| {
            let mut drawing = Drawing::new(2);
            drawing.poll(0, 0, 0);
            for at in 0..tasks {
                drawing.spawn(at, "task", Some(0));
                drawing.block(at, at + 1, 0);
            }
            drawing.end(tasks, 0);
            for task in 1..=tasks {
                drawing.poll(tasks, 0, task as TaskId);
                drawing.end(tasks, task as TaskId);
            }
            let trace = drawing.until(tasks);
            let once = |_| {
                let began = cpu();
                assert!(beside(&trace).is_some());
                cpu() - began
            };
            (0..3).map(once).min().expect("three times")
        };
        let (few, many) = (took(300), took(2_400));
        // Eight times as long, or far longer if each task meant a look at the whole poll.
        assert!(many < few * 14, "{few:?}, {many:?}");
    }
}
