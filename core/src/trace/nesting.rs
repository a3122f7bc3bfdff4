//! The polls under way on each thread: a named future is polled inside of its task's poll.

use super::data::{TaskId, ThreadId, TraceEvent, What};

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
}
