//! The end of a task, as its handle tells it.

/// The end of a task.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Fate {
    Value(u32),
    /// Ended, and there is no value (`None`).
    Nothing,
    /// An error that says cancelled.
    Cancelled,
    /// An error that says panicked.
    Panicked,
    /// An error that says that the runtime shut down.
    Shutdown,
    /// An error that says that the task could not be started.
    Refused(String),
}
