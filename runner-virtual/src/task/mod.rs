//! A task: a future, its status, and the outcome that waits for its join handle.
//!
//! A blocking call is a task as well: its future runs the call in its first poll.

pub(crate) mod header;
pub(crate) mod job;
pub(crate) mod join;
pub(crate) mod registry;
pub(crate) mod resource;

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, TryLockError};
use std::task::{Context, Poll, Wake, Waker};

use pollmark_core::JoinError;
use pollmark_core::support::{JoinCell, contain, lock};

use header::Header;
use job::{After, Job, Schedule};
use join::Joinable;
use resource::Resource;

use crate::unwind::caught_or_shut_down;

/// A task of the scheduler `S`.
pub(crate) struct Task<F: Future, S> {
    scheduler: Arc<S>,
    header: Header,
    future: Mutex<Option<Pin<Box<F>>>>,
    join: JoinCell<F::Output>,
}

impl<F, S> Task<F, S>
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
    S: Schedule,
{
    /// A task that is about to be queued.
    pub(crate) fn queued(scheduler: &Arc<S>, header: Header, future: Pin<Box<F>>) -> Arc<Self> {
        Arc::new(Task {
            scheduler: Arc::clone(scheduler),
            header,
            future: Mutex::new(Some(future)),
            join: JoinCell::new(),
        })
    }

    /// A task that was spawned after the shutdown, and has ended at once.
    pub(crate) fn refused(scheduler: &Arc<S>, resource: Resource) -> Arc<Self> {
        Arc::new(Task {
            scheduler: Arc::clone(scheduler),
            header: Header::ended(resource),
            future: Mutex::new(None),
            join: JoinCell::ended(Err(JoinError::Shutdown)),
        })
    }

    /// The key in the registry.
    pub(crate) fn key(&self) -> usize {
        self.header.key
    }

    /// Takes the outcome, if the task has ended and its outcome was not taken.
    pub(crate) fn outcome(&self) -> Option<Result<F::Output, JoinError>> {
        self.join.take()
    }

    fn poll(self: &Arc<Self>) -> Poll<Result<F::Output, JoinError>> {
        let waker = Waker::from(Arc::clone(self));
        let mut future = lock(&self.future);
        let Some(future) = future.as_mut() else {
            return Poll::Ready(Err(JoinError::Shutdown));
        };
        let mut context = Context::from_waker(&waker);
        match caught_or_shut_down(|| future.as_mut().poll(&mut context)) {
            Ok(polled) => polled.map(Ok),
            Err(error) => Poll::Ready(Err(error)),
        }
    }

    fn end(&self, ending: Result<F::Output, JoinError>) {
        self.header.mark_done();
        let future = lock(&self.future).take();
        match caught_or_shut_down(|| drop(future)) {
            Ok(()) => self.join.resolve(ending),
            Err(error) => {
                contain(|| drop(ending));
                self.join.resolve(Err(error));
            }
        }
    }

    fn schedule(self: Arc<Self>) {
        let scheduler = Arc::clone(&self.scheduler);
        scheduler.schedule(self);
    }
}

impl<F, S> Job for Task<F, S>
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
    S: Schedule,
{
    fn header(&self) -> &Header {
        &self.header
    }

    fn run(self: Arc<Self>) -> After {
        if !self.header.begin_poll() {
            self.end(Err(JoinError::Cancelled));
            return After::Ended(self.header.key);
        }
        let ending = match self.poll() {
            Poll::Ready(ending) => ending,
            Poll::Pending if self.header.is_cancelled() => Err(JoinError::Cancelled),
            Poll::Pending if self.header.end_poll() => return After::Again(self),
            Poll::Pending => return After::Waiting,
        };
        self.end(ending);
        After::Ended(self.header.key)
    }

    fn bury(&self) {
        self.header.mark_done();
        let future = match self.future.try_lock() {
            Ok(mut future) => future.take(),
            Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner().take(),
            Err(TryLockError::WouldBlock) => None,
        };
        contain(|| drop(future));
        self.join.resolve(Err(JoinError::Shutdown));
    }
}

impl<F, S> Joinable<F::Output> for Task<F, S>
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
    S: Schedule,
{
    fn join(&self) -> &JoinCell<F::Output> {
        &self.join
    }

    fn abort(self: Arc<Self>) {
        if self.header.mark_cancelled() {
            self.schedule();
        }
    }
}

impl<F, S> Wake for Task<F, S>
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
    S: Schedule,
{
    fn wake(self: Arc<Self>) {
        match self.header.mark_woken() {
            true => self.schedule(),
            false => self.scheduler.wakes_in_vain(),
        }
    }

    fn wake_by_ref(self: &Arc<Self>) {
        match self.header.mark_woken() {
            true => Arc::clone(self).schedule(),
            false => self.scheduler.wakes_in_vain(),
        }
    }
}
