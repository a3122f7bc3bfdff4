//! One step of a task, as data and as a line.

use std::fmt;
use std::time::Duration;

use serde::Serialize;

use crate::runtime::name::Name;

/// One poll of one task, and the state of every task after it.
///
/// Each list has the tasks in the order in which they came to it.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Step {
    /// `T0`, `T1`, ... in the order in which the steps ended.
    pub(super) step: String,
    /// When it ended, in nanoseconds.
    #[serde(rename = "at_ns", serialize_with = "crate::time::as_nanos::serialize")]
    pub(super) at: Duration,
    /// The task that was polled.
    pub(super) task: Name,
    /// How it began.
    pub(super) event: StepStart,
    /// How it ended.
    pub(super) then: StepEnd,
    /// The tasks that can go on, and wait for a worker only.
    pub(super) ready: Vec<Name>,
    /// The tasks in the middle of a step, on another worker.
    pub(super) running: Vec<Name>,
    /// The tasks that wait for something to happen.
    pub(super) waiting: Vec<Name>,
}

/// How a step begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum StepStart {
    /// It is the task's first.
    Starts,
    /// The task goes on where it suspended.
    Resumes,
}

/// How a step ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum StepEnd {
    /// The task suspends until it is woken.
    Waits,
    /// The task suspends, but was woken already.
    Yields,
    /// The task has ended.
    Done,
}

/// `T1: starts, then waits | ready: bread | waiting: main, milk`
impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let event = match self.event {
            StepStart::Starts => "starts",
            StepStart::Resumes => "resumes",
        };
        let then = match self.then {
            StepEnd::Waits => "then waits",
            StepEnd::Yields => "is ready again",
            StepEnd::Done => "is done",
        };
        write!(f, "{}: {event}, {then}", self.step)?;
        let sets = [
            ("ready", &self.ready),
            ("running", &self.running),
            ("waiting", &self.waiting),
        ];
        for (title, tasks) in sets {
            for (index, task) in tasks.iter().enumerate() {
                match index {
                    0 => write!(f, " | {title}: {task}")?,
                    _ => write!(f, ", {task}")?,
                }
            }
        }
        if sets.iter().all(|(_, tasks)| tasks.is_empty()) {
            f.write_str(" | nobody is left")?;
        }
        Ok(())
    }
}
