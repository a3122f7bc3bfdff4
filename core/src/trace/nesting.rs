//! The polls under way on each thread: a named future is polled inside of its task's poll.

use super::data::{TaskId, TaskKind, ThreadId, Trace, TraceEvent, What};

/// The tasks that are being polled on each thread, the innermost last.
#[derive(Debug, Default)]
pub(crate) struct Nesting(Vec<Vec<TaskId>>);

impl Nesting {
    /// Takes in the next event of a trace.
    pub(crate) fn tell(&mut self, event: &TraceEvent) {
        match event.what {
            What::PollStarted => {
                if event.thread >= self.0.len() {
                    self.0.resize_with(event.thread + 1, Vec::new);
                }
                self.0[event.thread].push(event.task);
            }
            What::Suspended | What::Ended { .. } => {
                self.0.get_mut(event.thread).and_then(Vec::pop);
            }
            _ => {}
        }
    }

    /// The tasks that are being polled on `thread`, the innermost last.
    pub(crate) fn on(&self, thread: ThreadId) -> &[TaskId] {
        self.0.get(thread).map_or(&[], Vec::as_slice)
    }

    /// The futures that are being polled inside of the task of an event, on its thread.
    pub(crate) fn inside(&self, event: &TraceEvent) -> &[TaskId] {
        let polled = self.on(event.thread);
        let task = polled.iter().rposition(|task| *task == event.task);
        task.map_or(&[], |task| &polled[task + 1..])
    }
}

impl Trace {
    /// The task or named future inside of which a named future is; `None` for anything else.
    pub fn outer(&self, task: TaskId) -> Option<TaskId> {
        let is_inside = self.tasks[task].kind == TaskKind::Future;
        let parent = self.tasks[task].parent.filter(|_| is_inside);
        // A list that was not recorded may be in any order.
        parent.filter(|parent| *parent < task)
    }

    /// The task that a named future is part of, then what it is inside of, one by one, and last the
    /// future; for anything else, just that.
    pub fn path(&self, task: TaskId) -> Vec<TaskId> {
        let outwards = std::iter::successors(Some(task), |inner| self.outer(*inner));
        let mut path: Vec<TaskId> = outwards.collect();
        path.reverse();
        path
    }
}
