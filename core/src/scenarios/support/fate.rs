//! The fate of a task that may outlive the root: polled, ended, dropped, or still going on.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Records how far a task came.
#[derive(Debug, Default)]
pub(crate) struct Fate {
    begun: AtomicBool,
    ended: AtomicBool,
    dropped: AtomicBool,
}

impl Fate {
    /// Wraps the future of a task to record its fate here.
    pub(crate) fn of<F: Future>(
        self: &Arc<Self>,
        future: F,
    ) -> impl Future<Output = F::Output> + use<F> {
        let on_drop = OnDrop(self.clone());
        async move {
            on_drop.0.begun.store(true, Ordering::SeqCst);
            let output = future.await;
            on_drop.0.ended.store(true, Ordering::SeqCst);
            output
        }
    }

    /// The fate so far in a word: `ended`, `never_polled`, `dropped_at_shutdown` or `went_on`.
    pub(crate) fn tell(&self) -> &'static str {
        let is = |flag: &AtomicBool| flag.load(Ordering::SeqCst);
        if is(&self.ended) {
            "ended"
        } else if !is(&self.begun) {
            "never_polled"
        } else if is(&self.dropped) {
            "dropped_at_shutdown"
        } else {
            "went_on"
        }
    }
}

/// Held by the task; records its drop.
struct OnDrop(Arc<Fate>);

impl Drop for OnDrop {
    fn drop(&mut self) {
        self.0.dropped.store(true, Ordering::SeqCst);
    }
}
