//! A task as the scheduler sees it, and the scheduler as a task sees it.

use std::sync::Arc;

use crate::task::header::Header;

/// A task without the type of its future.
pub(crate) trait Job: Send + Sync {
    fn header(&self) -> &Header;

    /// Polls the future once, or drops it if its cancellation was requested.
    fn run(self: Arc<Self>) -> After;

    /// Drops the future for good, unless a thread is still inside it, and ends
    /// the task as [`JoinError::Shutdown`](pollmark_core::JoinError::Shutdown).
    fn bury(&self);
}

/// The result of a poll.
pub(crate) enum After {
    /// The task waits for a wake.
    Waiting,
    /// The task was woken by its own poll.
    Again(Arc<dyn Job>),
    /// The task has ended; its key in the registry.
    Ended(usize),
}

/// The scheduler to which a task belongs.
///
/// A type parameter of the task, so that a wake makes no virtual call.
pub(crate) trait Schedule: Send + Sync + 'static {
    /// Queues a task that was woken or is to be cancelled.
    fn schedule(&self, job: Arc<dyn Job>);

    /// Notes a wake of a task that is running, queued or done.
    fn wakes_in_vain(&self);
}
