//! Handing over between OS threads.
//!
//! A poll that blocks keeps its stack, so the simulator goes on on another
//! thread. Exactly one thread holds the baton at any time: whoever passes it on
//! waits on his [`Seat`] until an order comes.

use std::cell::RefCell;
use std::fmt;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};

use crate::shutdown::Remains;
use crate::sim::Sim;
use crate::task::Job;

/// What a simulator thread holds while user code runs on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Place {
    /// Nothing: it cannot block here.
    Outside,
    Worker,
    /// A thread of the blocking pool.
    Pool,
}

/// What a simulator thread is to do next.
pub(crate) enum Order {
    /// Take the baton, run this first if there is something, and go on from there.
    Drive(Option<Arc<dyn Job>>),
    /// Take the baton back and go on inside the poll.
    Resume,
    /// Drop what a shutdown found, then end.
    Sweep(Remains),
    /// End.
    Exit,
}

/// Where one simulator thread waits for the baton.
pub(crate) struct Seat {
    /// The address of its simulator, which lives as long as its threads.
    sim: usize,
    place: AtomicU8,
    order: Mutex<Option<Order>>,
    given: Condvar,
}

thread_local! {
    static HERE: RefCell<Option<Arc<Seat>>> = const { RefCell::new(None) };
}

impl Seat {
    pub(crate) fn new(sim: &Arc<Sim>) -> Arc<Self> {
        Arc::new(Seat {
            sim: Arc::as_ptr(sim).addr(),
            place: AtomicU8::new(Place::Outside as u8),
            order: Mutex::new(None),
            given: Condvar::new(),
        })
    }

    /// Makes the calling thread this seat's.
    pub(crate) fn sit(self: &Arc<Self>) {
        HERE.set(Some(Arc::clone(self)));
    }

    /// The seat of the calling thread, where it is inside a poll or a call of `sim`.
    pub(crate) fn here(sim: &Arc<Sim>) -> Option<Arc<Self>> {
        let seat = HERE.try_with(|here| here.borrow().clone()).ok()??;
        let inside = seat.sim == Arc::as_ptr(sim).addr() && seat.place() != Place::Outside;
        inside.then_some(seat)
    }

    pub(crate) fn place(&self) -> Place {
        match self.place.load(Ordering::Relaxed) {
            1 => Place::Worker,
            2 => Place::Pool,
            _ => Place::Outside,
        }
    }

    /// Runs `work`, which holds `place`, on this seat's own thread.
    pub(crate) fn hold<T>(&self, place: Place, work: impl FnOnce() -> T) -> T {
        let former = self.place.swap(place as u8, Ordering::Relaxed);
        let output = work();
        self.place.store(former, Ordering::Relaxed);
        output
    }

    /// Runs `work`, which is no part of a poll even where the calling thread is inside one.
    pub(crate) fn outside(work: impl FnOnce()) {
        match HERE.with_borrow(Clone::clone) {
            Some(seat) => seat.hold(Place::Outside, work),
            None => work(),
        }
    }

    /// Gives an order to the thread that waits here, or is about to.
    pub(crate) fn give(&self, order: Order) {
        *self.order.lock().unwrap_or_else(PoisonError::into_inner) = Some(order);
        self.given.notify_one();
    }

    pub(crate) fn wait(&self) -> Order {
        let mut order = self.order.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if let Some(order) = order.take() {
                return order;
            }
            order = self
                .given
                .wait(order)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }
}

impl fmt::Debug for Seat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Seat")
            .field("place", &self.place())
            .finish_non_exhaustive()
    }
}

/// The payload of the unwinding that takes a poll out of a simulator that has shut down.
pub(crate) struct Unwound;

/// Leaves the poll that blocks again after the shutdown let it out of a block:
/// without this a loop around a block would never end.
pub(crate) fn leave_poll() {
    if !std::thread::panicking() {
        std::panic::resume_unwind(Box::new(Unwound));
    }
}
