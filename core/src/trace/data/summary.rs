//! The summary of a task, as its events make it.

use std::time::Duration;

use super::{End, Task, TraceEvent, What};

/// What the events of a task say of it as a whole.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Summary {
    spawned: Option<Duration>,
    started: Option<Duration>,
    ended: Option<Duration>,
    end: Option<End>,
    polls: u64,
    wakes: u64,
}

impl Summary {
    /// Counts an event of the task.
    pub(crate) fn note(&mut self, event: &TraceEvent) {
        match event.what {
            What::Spawned => self.spawned = Some(event.at),
            What::PollStarted => {
                self.polls += 1;
                self.started.get_or_insert(event.at);
            }
            What::Woken { .. } => self.wakes += 1,
            What::Ended { end } => (self.ended, self.end) = (Some(event.at), Some(end)),
            What::Dropped => (self.ended, self.end) = (Some(event.at), Some(End::Dropped)),
            What::Suspended | What::Aborted { .. } | What::SpanStarted { .. } | What::SpanEnded => {
            }
        }
    }
}

impl Task {
    pub(crate) fn summary(&self) -> Summary {
        Summary {
            spawned: Some(self.spawned),
            started: self.started,
            ended: self.ended,
            end: self.end,
            polls: self.polls,
            wakes: self.wakes,
        }
    }

    /// Counts an event of this task in its summary.
    pub(crate) fn note(&mut self, event: &TraceEvent) {
        let mut told = self.summary();
        told.note(event);
        (self.started, self.polls, self.wakes) = (told.started, told.polls, told.wakes);
        (self.ended, self.end) = (told.ended, told.end);
    }
}
