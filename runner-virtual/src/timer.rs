//! Waiting without holding a worker.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use pollmark_core::time::nanos;

use crate::clock::Due;
use crate::sim::Sim;

/// A wait on the virtual clock: ready once the clock has reached its deadline,
/// even if the first poll comes only then.
///
/// Sleeps that end at the same instant end in the order of their creation. One
/// that would end later than the clock can tell (584 years) never ends.
///
/// It may be polled on any thread, but the clock moves only during a run. After
/// the shutdown it is ready at once.
#[must_use = "futures do nothing unless polled"]
pub struct Sleep {
    sim: Arc<Sim>,
    due: Due,
    registered: bool,
}

impl Sleep {
    pub(crate) fn new(sim: &Arc<Sim>, duration: Duration) -> Self {
        Sleep {
            due: sim.clock.due_in(nanos(duration)),
            sim: Arc::clone(sim),
            registered: false,
        }
    }

    fn is_over(&self) -> bool {
        self.due.0 <= self.sim.clock.now()
    }

    /// Removes its event: a clock that goes with real time passes its deadline before the
    /// event fires.
    fn cancel(&mut self) {
        if self.registered {
            self.registered = false;
            let event = self.sim.lock().events.cancel_sleep(&self.due);
            drop(event);
        }
    }
}

impl Future for Sleep {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if self.is_over() {
            self.cancel();
            return Poll::Ready(());
        }
        let waker = cx.waker().clone();
        let mut state = self.sim.lock();
        // A foreign thread may have come here while the clock moved.
        if self.is_over() {
            drop(state);
            self.cancel();
            return Poll::Ready(());
        }
        if !state.is_open() {
            drop(state);
            // A poll that shutdown lets out must come to its end, not go on.
            return match self.sim.current_thread() {
                Some(_) => Poll::Pending,
                None => Poll::Ready(()),
            };
        }
        let former = state.events.sleep(self.due, waker);
        drop(state);
        drop(former);
        self.registered = true;
        Poll::Pending
    }
}

impl Drop for Sleep {
    fn drop(&mut self) {
        self.cancel();
    }
}

impl fmt::Debug for Sleep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sleep")
            .field("deadline", &Duration::from_nanos(self.due.0))
            .finish_non_exhaustive()
    }
}

/// Pending once: the task goes to the back of the ready queue.
#[derive(Debug, Default)]
pub(crate) struct Yield {
    yielded: bool,
}

impl Future for Yield {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if self.yielded {
            return Poll::Ready(());
        }
        self.yielded = true;
        cx.waker().wake_by_ref();
        Poll::Pending
    }
}

#[cfg(test)]
mod tests {
    use std::task::Waker;

    use pollmark_core::Config;

    use super::*;

    /// A sleep that was polled once and is over, though its event has not fired.
    fn passed() -> Sleep {
        let sim = Sim::new(&Config::with_workers(1));
        let mut sleep = Sleep::new(&sim, Duration::from_secs(1));
        assert!(poll(&mut sleep).is_pending());
        sim.clock.move_to(sleep.due.0);
        sleep
    }

    fn poll(sleep: &mut Sleep) -> Poll<()> {
        Pin::new(sleep).poll(&mut Context::from_waker(Waker::noop()))
    }

    #[test]
    fn a_sleep_that_the_clock_has_passed_leaves_no_event() {
        let mut polled = passed();
        assert!(polled.sim.lock().events.next_instant().is_some());
        assert!(poll(&mut polled).is_ready());
        assert_eq!(polled.sim.lock().events.next_instant(), None);
        let dropped = passed();
        let sim = Arc::clone(&dropped.sim);
        drop(dropped);
        assert_eq!(sim.lock().events.next_instant(), None);
    }
}
