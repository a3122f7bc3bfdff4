//! The critical path: the chain of polls and waits that determined the length of a run.

use std::ops::Range;
use std::time::Duration;

use serde::Serialize;

use super::timeline::{Lives, Period, State, during, lives};
use crate::time::as_nanos;
use crate::trace::data::{By, TaskId, TaskKind, Trace, What};

/// A stretch of the critical path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Segment {
    /// The task that the time is attributed to.
    pub task: TaskId,
    /// The task's activity.
    pub kind: SegmentKind,
    /// If the task was ready: the task whose poll held the thread that later polled the ready one,
    /// until it did. Null if that thread was free, and for every other kind.
    pub behind: Option<TaskId>,
    /// When it began.
    #[serde(rename = "from_ns", with = "as_nanos")]
    pub from: Duration,
    /// When it ended.
    #[serde(rename = "to_ns", with = "as_nanos")]
    pub to: Duration,
}

impl Segment {
    /// The time from its beginning to its end.
    pub fn length(&self) -> Duration {
        self.to - self.from
    }
}

/// How the time on the critical path was spent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SegmentKind {
    /// A poll: computing faster makes the run shorter.
    Poll,
    /// A poll that blocked its thread.
    Block,
    /// A blocking call.
    Call,
    /// Ready but not polled yet; of a blocking call, not begun yet. More workers, or shorter polls
    /// of other tasks, make it shorter.
    Ready,
    /// A wait that no task of the run ended: for a timer, or for something outside.
    Wait,
}

/// The chain of polls and waits that made the run as long as it is: its segments follow one another
/// without a gap, from the root's first poll to its end. The run gets shorter only if one of them
/// does.
///
/// The path is found by walking back from the end of the root. A poll happened because the task was
/// woken, and the wake came from another task's poll, from another task's end or from a timer. A
/// wait for another task is attributed to that task, and all that a named future does to its own
/// task. Segments that take no time are left out. The result is empty if the trace has no root or
/// the root was never polled.
pub fn critical_path(trace: &Trace) -> Vec<Segment> {
    path_through(trace, &lives(trace))
}

pub(super) fn path_through(trace: &Trace, lives: &Lives) -> Vec<Segment> {
    let (Some(window), Some(root)) = (trace.window(), trace.run.root) else {
        return Vec::new();
    };
    let mut walk = Walk {
        trace,
        lives,
        begin: window.0,
        at: window.1,
        segments: Vec::new(),
    };
    let of_the_run = trace.events_of_the_run().len();
    let begun = walk.lives[root].partition_point(|period| period.begun_by < of_the_run);
    let mut place = before(root, begun);
    while let Some((task, period)) = place.filter(|_| walk.at > window.0) {
        place = walk.step(task, period);
    }
    // The time before the first known cause is due to something outside.
    walk.spend(root, SegmentKind::Wait, window.0);
    walk.segments.reverse();
    walk.segments
}

struct Walk<'a> {
    trace: &'a Trace,
    lives: &'a Lives,
    begin: Duration,
    /// The time from here on is explained.
    at: Duration,
    /// In reverse order.
    segments: Vec<Segment>,
}

/// A task, and the index of one of its periods.
type EventRef = (TaskId, usize);

impl Walk<'_> {
    /// Explains the time back to the beginning of a period, and returns the period before it, if
    /// any. Each step goes to a period that an earlier event began.
    fn step(&mut self, task: TaskId, index: usize) -> Option<EventRef> {
        let period = self.lives[task][index];
        let is_call = self.trace.tasks[task].kind == TaskKind::Call;
        let kind = match period.state {
            State::Running => SegmentKind::Poll,
            State::Blocking if is_call => SegmentKind::Call,
            State::Blocking => SegmentKind::Block,
            State::Ready => SegmentKind::Ready,
            State::Waiting => SegmentKind::Wait,
        };
        let behind = (kind == SegmentKind::Ready)
            .then(|| self.behind(&period))
            .flatten();
        self.explain(task, kind, behind, period.from);
        if period.state != State::Ready {
            return before(task, index);
        }
        let cause = period.begun_by;
        match self.trace.events[cause].what {
            What::Spawned => self.in_poll(self.trace.tasks[task].parent?, cause),
            What::Woken {
                by: By::Task(other),
            } if other != task => {
                let waker = self.in_poll(other, cause);
                waker.or_else(|| before(task, index))
            }
            What::Woken {
                by: By::EndOf(other),
            } => {
                let waited_from =
                    before(task, index).map_or(0, |(_, wait)| self.lives[task][wait].begun_by);
                let end = self.at_end(task, other, waited_from..cause);
                end.or_else(|| before(task, index))
            }
            _ => before(task, index),
        }
    }

    /// The poll of `task` during which an event happened, if there is one.
    fn in_poll(&self, task: TaskId, event: usize) -> Option<EventRef> {
        let index = during(&self.lives[task], event)?;
        let period = self.lives[task][index];
        let during = period.ended_by.is_none_or(|end| event < end);
        (period.is_polled() && during).then_some((task, index))
    }

    /// The cause of the end of `other`, which woke `task` after it had `waited`. If `other` had
    /// ended before the wait began, `task` only had to learn of it: the time went to what `task`
    /// itself did until then, and the result is `None`.
    fn at_end(&mut self, task: TaskId, other: TaskId, waited: Range<usize>) -> Option<EventRef> {
        let last = self.lives[other].len().checked_sub(1)?;
        let period = self.lives[other][last];
        let end = period.ended_by.filter(|end| waited.contains(end))?;
        // From the end until the task was woken.
        self.spend(task, SegmentKind::Wait, period.to);
        if self.trace.events[end].what != What::Dropped {
            return Some((other, last));
        }
        let of_its_end = self.abort_of(other, end).and_then(|(by, abort)| {
            let asking = self.in_poll(by, abort)?;
            Some((asking, self.trace.events[abort].at))
        });
        match of_its_end {
            // From the request to the drop.
            Some((asking, asked)) => {
                self.spend(other, SegmentKind::Wait, asked);
                Some(asking)
            }
            None => Some((other, last)),
        }
    }

    /// The task that asked for the end of `task`, and the event by which it did; `None` if no task
    /// asked.
    fn abort_of(&self, task: TaskId, before: usize) -> Option<(TaskId, usize)> {
        let events = self.trace.events[..before].iter().enumerate().rev();
        let mut of_task = events.filter(|(_, event)| event.task == task);
        of_task.find_map(|(index, event)| match event.what {
            What::Aborted { by: By::Task(by) } => Some((by, index)),
            _ => None,
        })
    }

    /// The task whose poll ended last on the thread that then polled the ready task, if that task
    /// had to wait for it.
    fn behind(&self, ready: &Period) -> Option<TaskId> {
        let poll = ready.ended_by?;
        let thread = self.trace.events[poll].thread;
        let earlier = self.trace.events[ready.begun_by..poll].iter().rev();
        let mut ends = earlier.filter(|event| {
            let ends = matches!(event.what, What::Suspended | What::Ended { .. });
            let of_task = self.trace.tasks[event.task].kind != TaskKind::Future;
            ends && of_task && event.thread == thread && event.at > ready.from
        });
        ends.next().map(|event| event.task)
    }

    fn spend(&mut self, task: TaskId, kind: SegmentKind, from: Duration) {
        self.explain(task, kind, None, from);
    }

    /// Puts the time from `from` up to the walk's position on the path.
    fn explain(&mut self, task: TaskId, kind: SegmentKind, behind: Option<TaskId>, from: Duration) {
        let from = from.max(self.begin);
        if from >= self.at {
            return;
        }
        match self.segments.last_mut() {
            Some(next) if (next.task, next.kind, next.behind) == (task, kind, behind) => {
                next.from = from;
            }
            _ => self.segments.push(Segment {
                task,
                kind,
                behind,
                from,
                to: self.at,
            }),
        }
        self.at = from;
    }
}

fn before(task: TaskId, index: usize) -> Option<EventRef> {
    Some((task, index.checked_sub(1)?))
}

#[cfg(test)]
mod tests;
