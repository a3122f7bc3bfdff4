//! A task's status, its number and its name.

use std::sync::atomic::{AtomicU8, Ordering};

use pollmark_core::Name;

use crate::task::resource::Resource;

/// The task is queued, or will be as soon as its poll ends.
const SCHEDULED: u8 = 1;
const RUNNING: u8 = 2;
/// Its cancellation was requested: it is dropped in place of another poll.
const CANCELLED: u8 = 4;
const DONE: u8 = 8;
const POLLED: u8 = 16;

pub(crate) struct Header {
    /// The key in the registry.
    pub(crate) key: usize,
    /// The number of tasks and calls that were spawned before it.
    pub(crate) number: u64,
    /// The resource that it holds while it runs.
    pub(crate) resource: Resource,
    name: Option<Name>,
    status: AtomicU8,
}

impl Header {
    /// The header of a task that is about to be queued.
    pub(crate) fn queued(key: usize, number: u64, resource: Resource, name: Option<Name>) -> Self {
        Header {
            key,
            number,
            resource,
            name,
            status: AtomicU8::new(SCHEDULED),
        }
    }

    /// The header of a task that was spawned too late, and is not in the registry.
    pub(crate) fn ended(resource: Resource) -> Self {
        Header {
            key: usize::MAX,
            number: u64::MAX,
            resource,
            name: None,
            status: AtomicU8::new(DONE),
        }
    }

    /// The task's name, or else its kind and its number.
    pub(crate) fn label(&self) -> String {
        match (&self.name, self.resource) {
            (Some(name), _) => name.to_string(),
            (None, Resource::Pool) => format!("call {}", self.number),
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

    /// Notes a request for cancellation; whether the caller is to queue the task.
    pub(crate) fn mark_cancelled(&self) -> bool {
        self.mark_scheduled(SCHEDULED | CANCELLED)
    }

    fn mark_scheduled(&self, bits: u8) -> bool {
        let before = self.status.fetch_or(bits, Ordering::AcqRel);
        before & (SCHEDULED | RUNNING | DONE) == 0
    }

    /// Notes that the task has left the queue; whether it is to be polled, and not dropped.
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

    /// Notes that the poll was pending; whether the task was woken meanwhile.
    pub(crate) fn end_poll(&self) -> bool {
        let before = self.status.fetch_and(!RUNNING, Ordering::AcqRel);
        before & SCHEDULED != 0
    }

    /// Notes the task's end: wakes and requests no longer count.
    pub(crate) fn mark_done(&self) {
        self.status.fetch_or(DONE, Ordering::AcqRel);
    }
}
