//! Tells the tracer which tasks failed: their outputs alone do not show it.

use std::fmt;

use super::here;
use crate::program::transcript::{Ending, Sink, Watch};
use crate::runtime::name::Name;

/// The sink `S`, for a recorded run.
#[derive(Debug, Clone)]
pub(crate) struct Judging<S>(pub(crate) S);

impl<S: Sink> Sink for Judging<S> {
    type Watch = Judging<S::Watch>;

    fn watch(&self, name: &Name) -> Self::Watch {
        Judging(self.0.watch(name))
    }

    fn note(&self, line: &dyn fmt::Display) {
        self.0.note(line);
    }
}

impl<W: Watch> Watch for Judging<W> {
    fn poll<T>(&mut self, poll: impl FnOnce() -> T) -> T {
        here::nested(|| self.0.poll(poll))
    }

    fn finish(&mut self, ending: Ending) {
        if ending == Ending::Failed {
            here::fail();
        }
        self.0.finish(ending);
    }
}
