//! The result of a run, in the scenario's own terms.

use std::fmt;
use std::time::Duration;

use serde::{Serialize, Serializer};
use serde_json::{Map, Value};

use crate::time::nanos;

/// The values that a scenario's root task returns: counts of items served, lost or found, for
/// example.
///
/// Some values are known only after the runtime has ended, such as the fate of a task that was left
/// behind: see [`Outcome::after_shutdown`].
#[derive(Default)]
pub struct Outcome {
    values: Map<String, Value>,
    open: Vec<(String, Open)>,
    tells_life: bool,
}

/// The time that a run's runtime took besides: real time, and none on a virtual clock.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Life {
    /// To build it.
    pub(crate) build: Duration,
    /// From the call that runs the root task to its return.
    pub(crate) root: Duration,
    /// To end it.
    pub(crate) end: Duration,
}

type Open = Box<dyn FnOnce() -> Value + Send>;

impl Outcome {
    /// An outcome without values.
    pub fn new() -> Self {
        Outcome::default()
    }

    /// Adds a value.
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.values.insert(name.to_owned(), value.into());
        self
    }

    /// Sets the number of pieces of work that were done (tasks, messages or switches), by which a
    /// time or a size is divided. It is stored as `items`.
    pub fn items(self, count: usize) -> Self {
        self.with("items", count)
    }

    /// Adds a value that is computed once the runtime has shut down.
    pub fn after_shutdown<T: Into<Value>>(
        mut self,
        name: &str,
        value: impl FnOnce() -> T + Send + 'static,
    ) -> Self {
        let open: Open = Box::new(|| value().into());
        self.open.push((name.to_owned(), open));
        self
    }

    /// Adds the times of the runtime itself once it has ended: `build_ns`, `root_ns` (from the call
    /// that runs the root task to its return), `end_ns`, and the sum of the three as `life_ns`.
    pub(crate) fn with_life(mut self) -> Self {
        self.tells_life = true;
        self
    }

    /// The value of `name`; null if there is none.
    pub fn value(&self, name: &str) -> &Value {
        self.values.get(name).unwrap_or(&Value::Null)
    }

    /// All values by name.
    pub fn values(&self) -> &Map<String, Value> {
        &self.values
    }

    /// Whether some values still wait for the runtime's end.
    pub(crate) fn is_open(&self) -> bool {
        self.tells_life || !self.open.is_empty()
    }

    /// Computes the values that waited for the runtime's end.
    pub(crate) fn settle(&mut self, life: Life) {
        if std::mem::take(&mut self.tells_life) {
            let Life { build, root, end } = life;
            for (name, time) in [
                ("build_ns", build),
                ("root_ns", root),
                ("end_ns", end),
                ("life_ns", build + root + end),
            ] {
                self.values.insert(name.to_owned(), nanos(time).into());
            }
        }
        for (name, open) in self.open.drain(..) {
            self.values.insert(name, open());
        }
    }
}

impl fmt::Debug for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(&self.values).finish()
    }
}

impl Serialize for Outcome {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.values.serialize(serializer)
    }
}
