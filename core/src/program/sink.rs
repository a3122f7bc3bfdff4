//! The sink that a run's tasks tell their events to: nothing for a timed run.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use crate::runtime::name::Name;

/// Receives the events of the tasks of a run.
pub trait Sink: Clone + Send + Sync + 'static {
    /// Watches one task from its spawn to its end.
    type Watch: Watch;

    /// A task is about to be spawned.
    fn watch(&self, name: &Name) -> Self::Watch;

    /// A future is given a name, to be awaited in place.
    #[inline]
    #[track_caller]
    fn watch_named(&self, name: &Name) -> Self::Watch {
        self.watch(name)
    }

    /// The task that is being polled says something.
    fn note(&self, line: &dyn fmt::Display);
}

/// Watches one task. If it is dropped without [`finish`](Watch::finish), the task was cancelled or
/// panicked.
pub trait Watch: Send + 'static {
    /// Runs one poll of the task, or all of a blocking call.
    fn poll<T>(&mut self, poll: impl FnOnce() -> T) -> T;

    /// Runs one poll of the task's future; `judge` derives from its output how it ended.
    #[inline]
    fn poll_future<F: Future>(
        &mut self,
        future: Pin<&mut F>,
        cx: &mut Context<'_>,
        judge: impl FnOnce(&F::Output) -> Ending,
    ) -> Poll<F::Output> {
        let output = ready!(self.poll(|| future.poll(cx)));
        self.finish(judge(&output));
        Poll::Ready(output)
    }

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
