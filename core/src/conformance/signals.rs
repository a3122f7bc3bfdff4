//! Tools with which the rules observe a runtime.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::task::Wake;
use std::time::Duration;

use event_listener::Event;

use crate::program::until::until;
use crate::runtime::Runtime;

/// The time for which a rule waits for an event that is bound to happen, on the runtime's clock.
pub(crate) const PATIENCE: Duration = Duration::from_secs(10);

/// An hour: far beyond any test's end.
pub(crate) const HOUR: Duration = Duration::from_secs(3600);

/// A step of time that every runtime's timers distinguish from zero.
pub(crate) const STEP: Duration = Duration::from_millis(1);

/// Records that an event has happened.
#[derive(Clone, Default)]
pub(crate) struct Flag(Arc<AtomicBool>);

impl Flag {
    pub(crate) fn raise(&self) {
        self.0.store(true, Ordering::SeqCst);
    }

    pub(crate) fn is_raised(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }

    /// A value that raises the flag when it is dropped.
    pub(crate) fn on_drop(&self) -> RaiseOnDrop {
        RaiseOnDrop(self.clone())
    }
}

/// As a waker, the flag is raised by the wake.
impl Wake for Flag {
    fn wake(self: Arc<Self>) {
        self.raise();
    }
}

/// Held by a future to show that it was dropped.
pub(crate) struct RaiseOnDrop(Flag);

impl Drop for RaiseOnDrop {
    fn drop(&mut self) {
        self.0.raise();
    }
}

/// Counts values: those alive now, the most alive at a time, and all so far.
#[derive(Clone, Default)]
pub(crate) struct Census(Arc<Counts>);

#[derive(Default)]
struct Counts {
    alive: AtomicUsize,
    most: AtomicUsize,
    ever: AtomicUsize,
}

impl Census {
    /// Counts the returned value until it is dropped.
    pub(crate) fn enter(&self) -> Member {
        let alive = self.0.alive.fetch_add(1, Ordering::SeqCst) + 1;
        self.0.most.fetch_max(alive, Ordering::SeqCst);
        self.0.ever.fetch_add(1, Ordering::SeqCst);
        Member(self.clone())
    }

    pub(crate) fn alive(&self) -> usize {
        self.0.alive.load(Ordering::SeqCst)
    }

    pub(crate) fn most(&self) -> usize {
        self.0.most.load(Ordering::SeqCst)
    }

    pub(crate) fn ever(&self) -> usize {
        self.0.ever.load(Ordering::SeqCst)
    }
}

/// Is counted in its [`Census`] until it is dropped.
pub(crate) struct Member(Census);

impl Drop for Member {
    fn drop(&mut self) {
        self.0.0.alive.fetch_sub(1, Ordering::SeqCst);
    }
}

/// Holds tasks back until it is opened, for good.
#[derive(Clone, Default)]
pub(crate) struct Gate(Arc<(Flag, Event)>);

impl Gate {
    pub(crate) fn open(&self) {
        self.0.0.raise();
        self.0.1.notify(usize::MAX);
    }

    pub(crate) fn opened(&self) -> impl Future<Output = ()> + Send + use<> {
        let gate = self.0.clone();
        async move { until(&gate.1, || gate.0.is_raised()).await }
    }
}

/// Waits until `condition` holds. The condition may become true without a wake.
///
/// # Panics
///
/// Panics with `what` if it does not hold after [`PATIENCE`].
pub(crate) async fn eventually<R: Runtime>(rt: &R, what: &str, condition: impl Fn() -> bool) {
    let deadline = rt.now() + PATIENCE;
    while !condition() {
        assert!(rt.now() < deadline, "after {PATIENCE:?}, not yet: {what}");
        rt.sleep(STEP).await;
    }
}

/// Like [`eventually`], on a thread that may block.
///
/// # Panics
///
/// As for [`eventually`].
pub(crate) fn block_until<R: Runtime>(rt: &R, what: &str, condition: impl Fn() -> bool) {
    let deadline = rt.now() + PATIENCE;
    while !condition() {
        assert!(rt.now() < deadline, "after {PATIENCE:?}, not yet: {what}");
        rt.block(STEP);
    }
}
