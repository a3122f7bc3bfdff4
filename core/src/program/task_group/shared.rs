//! The state that the handles, the children and the future of one group share.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use event_listener::Event;

use super::error::{Cause, Failure};
use super::members::Members;
use super::scope::Scope;
use crate::program::context::Context;
use crate::program::sink::Sink;
use crate::program::until::until;
use crate::runtime::Runtime;

pub(super) struct Shared<R: Runtime, S: Sink, E: Send + 'static> {
    pub(super) context: Context<R, S>,
    pub(super) scope: Arc<Scope>,
    pub(super) members: Members<R>,
    /// The children that ended without a value, by number, with their own error or panic if they
    /// had one. It is kept here and not in the task's handle, because a runtime may lose the ending
    /// of a task that is cancelled at the same time.
    pub(super) alarms: Mutex<BTreeMap<usize, Option<Cause<E>>>>,
    /// The failures found so far, by the number of the child.
    pub(super) failures: Mutex<BTreeMap<usize, Failure<E>>>,
    pub(super) failed: Flag,
}

impl<R: Runtime, S: Sink, E: Send + 'static> Shared<R, S, E> {
    pub(super) fn alarms(&self) -> MutexGuard<'_, BTreeMap<usize, Option<Cause<E>>>> {
        self.alarms.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn failures(&self) -> MutexGuard<'_, BTreeMap<usize, Failure<E>>> {
        self.failures.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn is_alarmed(&self, child: usize) -> bool {
        self.alarms().contains_key(&child)
    }

    /// Takes the error or the panic of a child that ended with one.
    pub(super) fn cause_of(&self, child: usize) -> Option<Cause<E>> {
        if !self.failed.is_raised() {
            return None;
        }
        self.alarms().get_mut(&child)?.take()
    }
}

/// A flag that is raised once and can be awaited.
#[derive(Default)]
pub(super) struct Flag {
    raised: AtomicBool,
    event: Event,
}

impl Flag {
    pub(super) fn raise(&self) {
        self.raised.store(true, Ordering::SeqCst);
        self.event.notify(usize::MAX);
    }

    pub(super) fn is_raised(&self) -> bool {
        self.raised.load(Ordering::SeqCst)
    }

    pub(super) async fn raised(&self) {
        until(&self.event, || self.is_raised()).await;
    }
}
