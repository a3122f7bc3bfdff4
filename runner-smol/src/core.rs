//! What a runner's threads share.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::Sender;

use smol::Executor;

/// The executor, and what tells that it is gone.
///
/// Only the runner and its workers own it: a task that owned the executor it
/// lives in would keep both for ever, so [`SmolHandle`](crate::SmolHandle)
/// holds it weakly.
#[derive(Debug)]
pub(crate) struct Core {
    pub(crate) executor: Executor<'static>,
    /// Set when the shutdown begins. A worker that is stuck in a poll keeps the
    /// executor, and what was spawned on it then would never run.
    closed: AtomicBool,
    /// Each thread that must end holds a clone, so its channel disconnects when
    /// all of them have. Declared after the executor, whose drop drops every
    /// future that is left.
    alive: Sender<()>,
}

impl Core {
    pub(crate) fn new(alive: Sender<()>) -> Self {
        Core {
            executor: Executor::new(),
            closed: AtomicBool::new(false),
            alive,
        }
    }

    pub(crate) fn close(&self) {
        self.closed.store(true, Ordering::Release);
    }

    #[inline]
    pub(crate) fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Acquire)
    }

    /// What a blocking call holds until it has returned.
    #[inline]
    pub(crate) fn alive(&self) -> Sender<()> {
        self.alive.clone()
    }
}
