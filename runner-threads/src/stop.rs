//! Requests for the end of a task.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU8, Ordering};
use std::task::Waker;

use pollmark_core::JoinError;
use pollmark_core::support::lock;

/// The side that requests the end of a task.
#[derive(Debug, Clone, Copy)]
#[repr(u8)]
pub(crate) enum Stop {
    Cancelled = 1,
    Shutdown = 2,
}

impl From<Stop> for JoinError {
    fn from(stop: Stop) -> Self {
        match stop {
            Stop::Cancelled => JoinError::Cancelled,
            Stop::Shutdown => JoinError::Shutdown,
        }
    }
}

/// The shutdown's view of a task, without the type of its output.
pub(crate) trait Unfinished: Send + Sync {
    /// Requests its end.
    fn shut_down(&self);

    /// Resolves its handle now, even if the task goes on.
    fn abandon(&self);
}

/// Carries a request to the thread of one task.
#[derive(Debug, Default)]
pub(crate) struct StopRequest {
    /// The [`Stop`], or zero before a request.
    stop: AtomicU8,
    /// Wakes the task, once it has waited.
    task: Mutex<Option<Waker>>,
}

impl StopRequest {
    /// Requests the task's end and wakes it. The first request counts.
    pub(crate) fn request(&self, stop: Stop) {
        let _ = self
            .stop
            .compare_exchange(0, stop as u8, Ordering::AcqRel, Ordering::Acquire);
        let task = lock(&self.task).clone();
        if let Some(task) = task {
            task.wake();
        }
    }

    /// The request, if there is one. The task asks before each poll and after each pending one.
    pub(crate) fn requested(&self) -> Option<Stop> {
        match self.stop.load(Ordering::Acquire) {
            0 => None,
            1 => Some(Stop::Cancelled),
            _ => Some(Stop::Shutdown),
        }
    }

    /// Wakes `task` at a request from now on.
    ///
    /// A request that was made before finds no waker: the task asks once more after this
    /// call, and sees it. The lock orders the two.
    pub(crate) fn register(&self, task: &Waker) {
        *lock(&self.task) = Some(task.clone());
    }

    /// Drops the waker: the task has ended.
    pub(crate) fn unregister(&self) {
        let task = lock(&self.task).take();
        drop(task);
    }
}
