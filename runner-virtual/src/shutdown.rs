//! The end: polls that rest are let out, futures dropped, threads ended.

use std::sync::Arc;
use std::task::Waker;
use std::time::{Duration, Instant};

use pollmark_core::ShutdownReport;

use crate::agenda::Event;
use crate::baton::Order;
use crate::sim::Sim;
use crate::state::Phase;
use crate::task::{Job, quietly};

/// What a shutdown finds: user code runs when it is dropped.
pub(crate) struct Remains {
    jobs: Vec<Arc<dyn Job>>,
    wakers: Vec<Waker>,
}

impl Remains {
    /// Drops the futures in the order of their spawning, then tells foreign
    /// threads that sleep on this clock that it has ended.
    pub(crate) fn sweep(self) {
        for job in self.jobs {
            job.bury();
        }
        for waker in self.wakers {
            quietly(|| waker.wake());
        }
    }
}

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
        for seat in resting {
            let idle = self.lock().idle.len();
            seat.give(Order::Resume);
            self.wait_while_not(left_of(limit / 2), |state| state.idle.len() > idle);
        }
        self.end_threads();
        if self.wait_while_not(left_of(limit), |state| state.threads == 0) {
            let handles = std::mem::take(&mut self.lock().handles);
            for handle in handles {
                // A thread that panicked has ended as well.
                let _ = handle.join();
            }
            return ShutdownReport::complete(started);
        }
        let threads = self.lock().threads;
        let what = format!("threads still inside a poll, a call or a drop: {threads}");
        ShutdownReport::left(started, what)
    }

    fn end_threads(self: &Arc<Self>) {
        let mut state = self.lock();
        state.phase = Phase::Closed;
        let queued = (
            std::mem::take(&mut state.ready),
            std::mem::take(&mut state.calls),
        );
        let remains = Remains {
            jobs: state.live.take_all(),
            wakers: std::mem::take(&mut state.agenda)
                .into_values()
                .filter_map(|event| match event {
                    Event::Wake(waker) => Some(waker),
                    Event::Unblock(_) | Event::EndSpin(_) => None,
                })
                .collect(),
        };
        let mut idle = std::mem::take(&mut state.idle);
        drop(state);
        drop(queued);
        // On a thread of the simulator's, because a drop may not come back.
        match idle.pop() {
            Some(seat) => seat.give(Order::Sweep(remains)),
            None => remains.sweep(),
        }
        for seat in idle {
            seat.give(Order::Exit);
        }
    }
}
