//! Tells the tracer which tasks failed: their outputs alone do not show it.

use std::fmt;

use super::current;
use crate::program::sink::{Ending, Sink, Watch};
use crate::runtime::name::Name;

/// The sink `S`, for a recorded run.
#[derive(Debug, Clone)]
pub(crate) struct Failures<S>(pub(crate) S);

impl<S: Sink> Sink for Failures<S> {
    type Watch = Failures<S::Watch>;

    fn watch(&self, name: &Name) -> Self::Watch {
        Failures(self.0.watch(name))
    }

    fn note(&self, line: &dyn fmt::Display) {
        self.0.note(line);
    }
}

impl<W: Watch> Watch for Failures<W> {
    fn poll<T>(&mut self, poll: impl FnOnce() -> T) -> T {
        current::nested(|| self.0.poll(poll))
    }

    fn finish(&mut self, ending: Ending) {
        if ending == Ending::Failed {
            current::fail();
        }
        self.0.finish(ending);
    }
}
