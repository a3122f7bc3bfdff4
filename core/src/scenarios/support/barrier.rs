//! A barrier for a benchmark's tasks: all of them have arrived before anything is timed.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use event_listener::Event;

use crate::program::until::until;

/// Tasks arrive and wait; the task that called them learns when all have arrived, and releases
/// them.
#[derive(Clone)]
pub(crate) struct Barrier(Arc<State>);

struct State {
    expected: usize,
    /// Guards with a task that has arrived, or never will.
    settled: AtomicUsize,
    /// Tasks that have arrived and are still there.
    present: AtomicUsize,
    all_settled: Event,
    released: AtomicBool,
    let_go: Event,
}

impl Barrier {
    /// A barrier for `expected` tasks.
    pub(crate) fn of(expected: usize) -> Self {
        Barrier(Arc::new(State {
            expected,
            settled: AtomicUsize::new(0),
            present: AtomicUsize::new(0),
            all_settled: Event::new(),
            released: AtomicBool::new(false),
            let_go: Event::new(),
        }))
    }

    /// A task's guard. Move it into the task: if the task is refused or dropped, the barrier does
    /// not wait for it.
    pub(crate) fn guard(&self) -> BarrierGuard {
        BarrierGuard {
            barrier: self.clone(),
            arrived: false,
        }
    }

    /// Waits until each guard's task has arrived or is gone; returns the number of those present.
    pub(crate) async fn settled(&self) -> usize {
        let State {
            expected, settled, ..
        } = &*self.0;
        let all = || settled.load(Ordering::SeqCst) >= *expected;
        until(&self.0.all_settled, all).await;
        self.0.present.load(Ordering::SeqCst)
    }

    /// Releases all tasks.
    pub(crate) fn release(&self) {
        self.0.released.store(true, Ordering::SeqCst);
        self.0.let_go.notify(usize::MAX);
    }
}

/// One task's guard in a [`Barrier`].
pub(crate) struct BarrierGuard {
    barrier: Barrier,
    arrived: bool,
}

impl BarrierGuard {
    /// Marks the task as present.
    pub(crate) fn arrive(&mut self) {
        self.arrived = true;
        self.barrier.0.present.fetch_add(1, Ordering::SeqCst);
        self.settle();
    }

    /// Arrives, and waits for the release.
    pub(crate) async fn wait(&mut self) {
        self.arrive();
        let state = &*self.barrier.0;
        let released = || state.released.load(Ordering::SeqCst);
        until(&state.let_go, released).await;
    }

    fn settle(&self) {
        let state = &*self.barrier.0;
        if state.settled.fetch_add(1, Ordering::SeqCst) + 1 == state.expected {
            state.all_settled.notify(usize::MAX);
        }
    }
}

impl Drop for BarrierGuard {
    fn drop(&mut self) {
        match self.arrived {
            true => _ = self.barrier.0.present.fetch_sub(1, Ordering::SeqCst),
            false => self.settle(),
        }
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt;

    use super::*;

    #[test]
    fn everybody_waits_until_all_are_there_and_the_lost_are_not_waited_for() {
        let barrier = Barrier::of(3);
        let [mut first, mut second, lost] = [(); 3].map(|()| barrier.guard());
        first.arrive();
        assert_eq!(barrier.settled().now_or_never(), None);
        drop(lost);
        let mut waiting = Box::pin(second.wait());
        assert!((&mut waiting).now_or_never().is_none());
        assert_eq!(barrier.settled().now_or_never(), Some(2));
        barrier.release();
        assert!(waiting.now_or_never().is_some());
        drop(second);
        assert_eq!(barrier.settled().now_or_never(), Some(1));
    }
}
