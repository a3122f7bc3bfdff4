//! The shutdown: lets out the polls that rest, drops the futures, ends the threads.

use std::sync::Arc;
use std::time::{Duration, Instant};

use pollmark_core::ShutdownReport;

use crate::handover::{Order, Remains};
use crate::sim::Sim;
use crate::state::Phase;

impl Sim {
    /// Ends the simulator; see [`Runner::shutdown`](pollmark_core::Runner::shutdown).
    pub(crate) fn close(self: &Arc<Self>, limit: Duration) -> ShutdownReport {
        let started = Instant::now();
        let left_of = |limit: Duration| Some(limit.saturating_sub(started.elapsed()));
        let mut state = self.lock();
        if !state.is_open() {
            return ShutdownReport::complete(started);
        }
        state.phase = Phase::Closing;
        let resting = state.take_resting();
        drop(state);
        // One after the other, so that still only one thread at a time runs user code.
        // One that does not come out takes half the time at most: the rest is for the drops.
        for thread in resting {
            let idle = self.lock().threads.idle.len();
            thread.give(Order::Resume);
            self.wait_while_not(left_of(limit / 2), |state| state.threads.idle.len() > idle);
        }
        self.end_threads();
        if self.wait_while_not(left_of(limit), |state| state.threads.living == 0) {
            let handles = std::mem::take(&mut self.lock().threads.handles);
            for handle in handles {
                // A thread that panicked has ended as well.
                let _ = handle.join();
            }
            return ShutdownReport::complete(started);
        }
        let threads = self.lock().threads.living;
        let left = format!("threads still inside a poll, a call or a drop: {threads}");
        ShutdownReport::left(started, left)
    }

    fn end_threads(self: &Arc<Self>) {
        let mut state = self.lock();
        state.phase = Phase::Closed;
        let queued = state.take_queued();
        let remains = Remains {
            jobs: state.registry.take_all(),
            wakers: state.events.take_wakers(),
        };
        let mut idle = std::mem::take(&mut state.threads.idle);
        drop(state);
        drop(queued);
        // On a thread of the simulator's, because a drop may not come back.
        match idle.pop() {
            Some(thread) => thread.give(Order::Sweep(remains)),
            None => remains.sweep(),
        }
        for thread in idle {
            thread.give(Order::Exit);
        }
    }
}
