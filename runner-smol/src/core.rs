//! The state that a runner's threads share.

use std::num::NonZeroU64;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::Sender;
use std::sync::{Arc, PoisonError, RwLock, Weak};

use smol::Executor;

/// All cores that there are, by number.
static CORES: RwLock<Vec<(NonZeroU64, Weak<Core>)>> = RwLock::new(Vec::new());

/// The executor, and the signs that it is gone.
///
/// Only the runner and its workers own it: a task that owned the executor it
/// lives in would keep both for ever, so [`SmolHandle`](crate::SmolHandle)
/// holds it weakly.
#[derive(Debug)]
pub(crate) struct Core {
    pub(crate) executor: Executor<'static>,
    /// Set when the shutdown begins. A worker that is stuck in a poll keeps the
    /// executor, and a task that was spawned on it then would never run.
    closed: AtomicBool,
    /// The number by which a task's handle finds the core. A reference in each handle would
    /// cost every spawn two more atomic operations, and only a cancel needs it.
    pub(crate) number: NonZeroU64,
    /// Each thread that must end holds a clone, so its channel disconnects when
    /// all of them have. Declared after the executor: the executor's drop drops
    /// every future that is left.
    alive: Sender<()>,
}

impl Core {
    pub(crate) fn new(alive: Sender<()>) -> Arc<Self> {
        static LAST: AtomicU64 = AtomicU64::new(0);
        let before = LAST.fetch_add(1, Ordering::Relaxed);
        let core = Arc::new(Core {
            executor: Executor::new(),
            closed: AtomicBool::new(false),
            number: NonZeroU64::MIN.saturating_add(before),
            alive,
        });
        let mut cores = CORES.write().unwrap_or_else(PoisonError::into_inner);
        cores.push((core.number, Arc::downgrade(&core)));
        core
    }

    /// The core of that number, unless its executor is gone or being dropped.
    pub(crate) fn numbered(number: NonZeroU64) -> Option<Arc<Self>> {
        let cores = CORES.read().unwrap_or_else(PoisonError::into_inner);
        let (_, core) = cores.iter().find(|(known, _)| *known == number)?;
        core.upgrade()
    }

    pub(crate) fn close(&self) {
        self.closed.store(true, Ordering::Release);
    }

    #[inline]
    pub(crate) fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Acquire)
    }

    /// The sign of life that a blocking call holds until it has returned.
    #[inline]
    pub(crate) fn alive(&self) -> Sender<()> {
        self.alive.clone()
    }
}

impl Drop for Core {
    fn drop(&mut self) {
        let mut cores = CORES.write().unwrap_or_else(PoisonError::into_inner);
        cores.retain(|(number, _)| *number != self.number);
    }
}
