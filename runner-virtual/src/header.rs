//! Where a task stands, and what it is called.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use pollmark_core::Name;

use crate::baton::Place;
use crate::sim::Sim;

/// It is queued, or will be as soon as its poll ends.
const SCHEDULED: u8 = 1;
const RUNNING: u8 = 2;
/// Its end was asked for: it is dropped in place of another poll.
const CANCELLED: u8 = 4;
const DONE: u8 = 8;
const POLLED: u8 = 16;

pub(crate) struct Header {
    pub(crate) sim: Arc<Sim>,
    /// The key among the live.
    pub(crate) key: usize,
    /// How many were spawned before it.
    pub(crate) number: u64,
    /// What it holds while it runs.
    pub(crate) place: Place,
    name: Option<Name>,
    status: AtomicU8,
}

impl Header {
    /// Of a task that is about to be queued.
    pub(crate) fn queued(
        sim: &Arc<Sim>,
        key: usize,
        number: u64,
        place: Place,
        name: Option<Name>,
    ) -> Self {
        Header {
            sim: Arc::clone(sim),
            key,
            number,
            place,
            name,
            status: AtomicU8::new(SCHEDULED),
        }
    }

    /// Of a task that was spawned too late, and is not among the live.
    pub(crate) fn ended(sim: &Arc<Sim>, place: Place) -> Self {
        Header {
            sim: Arc::clone(sim),
            key: usize::MAX,
            number: u64::MAX,
            place,
            name: None,
            status: AtomicU8::new(DONE),
        }
    }

    /// Its name, or what it is and its number.
    pub(crate) fn label(&self) -> String {
        match (&self.name, self.place) {
            (Some(name), _) => name.to_string(),
            (None, Place::Pool) => format!("call {}", self.number),
            (None, _) => format!("task {}", self.number),
        }
    }

    pub(crate) fn was_polled(&self) -> bool {
        self.status.load(Ordering::Acquire) & POLLED != 0
    }

    pub(crate) fn is_cancelled(&self) -> bool {
        self.status.load(Ordering::Acquire) & CANCELLED != 0
    }

    /// Notes a wake; whether the caller is to queue the task.
    pub(crate) fn mark_woken(&self) -> bool {
        self.mark_scheduled(SCHEDULED)
    }

    /// Notes a request for its end; whether the caller is to queue the task.
    pub(crate) fn mark_cancelled(&self) -> bool {
        self.mark_scheduled(SCHEDULED | CANCELLED)
    }

    fn mark_scheduled(&self, bits: u8) -> bool {
        let before = self.status.fetch_or(bits, Ordering::AcqRel);
        before & (SCHEDULED | RUNNING | DONE) == 0
    }

    /// Notes that it has left the queue; whether it is to be polled, and not dropped.
    pub(crate) fn begin_poll(&self) -> bool {
        let before = self.status.fetch_xor(SCHEDULED | RUNNING, Ordering::AcqRel);
        if before & CANCELLED != 0 {
            return false;
        }
        if before & POLLED == 0 {
            self.status.fetch_or(POLLED, Ordering::AcqRel);
        }
        true
    }

    /// Notes that its poll was pending; whether it was woken meanwhile.
    pub(crate) fn end_poll(&self) -> bool {
        let before = self.status.fetch_and(!RUNNING, Ordering::AcqRel);
        before & SCHEDULED != 0
    }

    /// Notes its end: wakes and requests no longer count.
    pub(crate) fn mark_done(&self) {
        self.status.fetch_or(DONE, Ordering::AcqRel);
    }
}
