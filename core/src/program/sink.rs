//! The sink that a run's tasks tell their events to: nothing for a timed run.

use std::fmt;

use crate::runtime::name::Name;

/// Receives the events of the tasks of a run.
pub trait Sink: Clone + Send + Sync + 'static {
    /// Watches one task from its spawn to its end.
    type Watch: Watch;

    /// A task is about to be spawned.
    fn watch(&self, name: &Name) -> Self::Watch;

    /// The task that is being polled says something.
    fn note(&self, line: &dyn fmt::Display);
}

/// Watches one task. If it is dropped without [`finish`](Watch::finish), the task was cancelled or
/// panicked.
pub trait Watch: Send + 'static {
    /// Runs one poll of the task, or all of a blocking call.
    fn poll<T>(&mut self, poll: impl FnOnce() -> T) -> T;

    /// The task ended by itself.
    fn finish(&mut self, ending: Ending);
}

/// How a task ended by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// With its intended result.
    Finished,
    /// With an error.
    Failed,
}

impl Ending {
    /// The ending of a task with `output`.
    pub(crate) fn of<T, E>(output: &Result<T, E>) -> Self {
        match output {
            Ok(_) => Ending::Finished,
            Err(_) => Ending::Failed,
        }
    }
}

/// The sink of timed runs: records nothing, costs nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct Null;

impl Sink for Null {
    type Watch = Null;

    #[inline]
    fn watch(&self, _name: &Name) -> Null {
        Null
    }

    #[inline]
    fn note(&self, _line: &dyn fmt::Display) {}
}

impl Watch for Null {
    #[inline]
    fn poll<T>(&mut self, poll: impl FnOnce() -> T) -> T {
        poll()
    }

    #[inline]
    fn finish(&mut self, _ending: Ending) {}
}
