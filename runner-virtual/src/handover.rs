//! Handing control over between OS threads.
//!
//! A poll that blocks keeps its stack, so the simulator goes on on another
//! thread. Exactly one thread is in control at any time: a thread that hands control
//! over waits on its [`SimThread`] until it gets an order. A thread from which control was
//! taken while it was inside a poll is away, and waits at the end of that poll.

use std::cell::RefCell;
use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, OnceLock, PoisonError};
use std::task::Waker;

use pollmark_core::support::{contain, lock};

use crate::foreign::threads::{self, Entered};
use crate::task::job::Job;
use crate::task::resource::Resource;

/// The next thing that a simulator thread is to do.
pub(crate) enum Order {
    /// Take control, run this first if there is something, and go on from there.
    Drive(Option<Arc<dyn Job>>),
    /// Take control back and go on inside the poll.
    Resume,
    /// Drop the things that a shutdown found, then end.
    Sweep(Remains),
    /// End.
    Exit,
}

/// The things that a shutdown finds: user code runs when they are dropped.
pub(crate) struct Remains {
    pub(crate) jobs: Vec<Arc<dyn Job>>,
    pub(crate) wakers: Vec<Waker>,
}

impl Remains {
    /// Drops the futures in the order of their spawning, then tells foreign
    /// threads that sleep on this clock that it has ended.
    pub(crate) fn sweep(self) {
        for job in self.jobs {
            job.bury();
        }
        for waker in self.wakers {
            contain(|| waker.wake());
        }
    }
}

/// Tells a simulator from all others that live: its address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SimId(usize);

impl SimId {
    pub(crate) fn of<T>(sim: &T) -> Self {
        SimId(std::ptr::from_ref(sim).addr())
    }
}

/// One thread of a simulator, which waits here for its orders.
pub(crate) struct SimThread {
    /// Its simulator, which lives as long as its threads.
    sim: SimId,
    /// Its number among the threads of the process, if that can be known.
    tid: OnceLock<u32>,
    resource: AtomicU32,
    /// The key of the task whose poll runs on it, or did last.
    pub(crate) job: AtomicUsize,
    /// Whether it waits for an order.
    is_waiting: AtomicBool,
    order: Mutex<Option<Order>>,
    given: Condvar,
}

thread_local! {
    static CURRENT: RefCell<Option<Arc<SimThread>>> = const { RefCell::new(None) };
}

impl SimThread {
    pub(crate) fn new(sim: SimId) -> Arc<Self> {
        Arc::new(SimThread {
            sim,
            tid: OnceLock::new(),
            resource: AtomicU32::new(Resource::Outside.number()),
            job: AtomicUsize::new(usize::MAX),
            is_waiting: AtomicBool::new(true),
            order: Mutex::new(None),
            given: Condvar::new(),
        })
    }

    /// Says that the calling thread is this one, until the end of its life.
    pub(crate) fn enter(self: &Arc<Self>) -> Entered {
        CURRENT.set(Some(Arc::clone(self)));
        let entered = Entered::begins();
        if let Some(tid) = entered.tid() {
            let _ = self.tid.set(tid);
        }
        entered
    }

    pub(crate) fn tid(&self) -> Option<u32> {
        self.tid.get().copied()
    }

    /// Whether the calling thread is one of `sim`, inside a poll or not.
    pub(crate) fn is_own(sim: SimId) -> bool {
        let is_own = |current: &RefCell<Option<Arc<Self>>>| {
            let current = current.borrow();
            current.as_ref().is_some_and(|thread| thread.sim == sim)
        };
        CURRENT.try_with(is_own).unwrap_or(false)
    }

    /// The call in which user code on this thread waits for another thread, without a limit,
    /// if that is what it does.
    pub(crate) fn parked(&self) -> Option<String> {
        let is_waiting = self.is_waiting.load(Ordering::Acquire);
        self.tid().filter(|_| !is_waiting).and_then(threads::parked)
    }

    /// The calling thread, if it is inside a poll or a call of `sim`.
    pub(crate) fn current(sim: SimId) -> Option<Arc<Self>> {
        let thread = CURRENT
            .try_with(|current| current.borrow().clone())
            .ok()??;
        let inside = thread.sim == sim && thread.resource() != Resource::Outside;
        inside.then_some(thread)
    }

    pub(crate) fn resource(&self) -> Resource {
        Resource::numbered(self.resource.load(Ordering::Relaxed))
    }

    /// Runs `work`, which holds `resource`, on this very thread.
    pub(crate) fn hold<T>(&self, resource: Resource, work: impl FnOnce() -> T) -> T {
        let former = self.resource.swap(resource.number(), Ordering::Relaxed);
        let output = work();
        self.resource.store(former, Ordering::Relaxed);
        output
    }

    /// Runs `work`, which is no part of a poll even if the calling thread is inside one.
    pub(crate) fn outside(work: impl FnOnce()) {
        match CURRENT.with_borrow(Clone::clone) {
            Some(thread) => thread.hold(Resource::Outside, work),
            None => work(),
        }
    }

    /// Gives an order to the thread that waits here, or is about to.
    pub(crate) fn give(&self, order: Order) {
        *lock(&self.order) = Some(order);
        self.given.notify_one();
    }

    pub(crate) fn wait(&self) -> Order {
        self.is_waiting.store(true, Ordering::Release);
        let mut order = lock(&self.order);
        loop {
            if let Some(order) = order.take() {
                self.is_waiting.store(false, Ordering::Release);
                return order;
            }
            order = self
                .given
                .wait(order)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }
}

impl fmt::Debug for SimThread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SimThread")
            .field("resource", &self.resource())
            .finish_non_exhaustive()
    }
}
