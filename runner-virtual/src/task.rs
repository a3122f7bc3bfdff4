//! A task: a future, where it stands, and what becomes of its output.
//!
//! A blocking call is a task as well, whose future runs the call in its first poll.

use std::any::Any;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError, TryLockError};
use std::task::{Context, Poll, Wake, Waker};

use pollmark_core::{JoinError, Name};

use crate::baton::{Place, Unwound};
use crate::header::Header;
use crate::join::{Join, Joinable};
use crate::sim::Sim;

/// What the scheduler sees of a task, whatever its future is.
pub(crate) trait Job: Send + Sync {
    fn header(&self) -> &Header;

    /// Polls the future once, or drops it where its end was asked for.
    fn run(self: Arc<Self>) -> After;

    /// Drops the future for good, unless a thread is still inside it, and ends
    /// the task as [`JoinError::Shutdown`].
    fn bury(&self);
}

/// What a poll came to.
pub(crate) enum After {
    /// The task waits to be woken.
    Waiting,
    /// The task was woken by its own poll.
    Again(Arc<dyn Job>),
    /// The task has ended; its key among the live.
    Ended(usize),
}

pub(crate) struct Task<F: Future> {
    header: Header,
    future: Mutex<Option<Pin<Box<F>>>>,
    join: Join<F::Output>,
}

impl<F> Task<F>
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    /// Spawns a task, or a call where `place` is the pool. After the shutdown it
    /// has ended at once.
    pub(crate) fn spawn(sim: &Arc<Sim>, place: Place, name: Option<Name>, future: F) -> Arc<Self> {
        let future = Box::pin(future);
        let mut state = sim.lock();
        if !state.is_open() {
            drop(state);
            drop(future);
            return Arc::new(Task {
                header: Header::ended(sim, place),
                future: Mutex::new(None),
                join: Join::ended(Err(JoinError::Shutdown)),
            });
        }
        let task = state.live.enter(|key, number| {
            Arc::new(Task {
                header: Header::queued(sim, key, number, place, name),
                future: Mutex::new(Some(future)),
                join: Join::waiting(),
            })
        });
        let refused = state.stir(Arc::<Self>::clone(&task));
        drop(state);
        drop(refused);
        task
    }

    /// The key among the live.
    pub(crate) fn key(&self) -> usize {
        self.header.key
    }

    /// Takes the outcome, where it has ended and nobody took it.
    pub(crate) fn outcome(&self) -> Option<Result<F::Output, JoinError>> {
        self.join.take()
    }

    fn poll(self: &Arc<Self>) -> Poll<Result<F::Output, JoinError>> {
        let waker = Waker::from(Arc::clone(self));
        let mut future = self.future.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(future) = future.as_mut() else {
            return Poll::Ready(Err(JoinError::Shutdown));
        };
        let mut context = Context::from_waker(&waker);
        match catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(&mut context))) {
            Ok(polled) => polled.map(Ok),
            Err(payload) => Poll::Ready(Err(thrown(payload))),
        }
    }

    fn end(&self, ending: Result<F::Output, JoinError>) {
        self.header.mark_done();
        let future = self
            .future
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        match catch_unwind(AssertUnwindSafe(|| drop(future))) {
            Ok(()) => self.join.resolve(ending),
            Err(payload) => {
                quietly(|| drop(ending));
                self.join.resolve(Err(thrown(payload)));
            }
        }
    }
}

impl<F> Job for Task<F>
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
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
        quietly(|| drop(future));
        self.join.resolve(Err(JoinError::Shutdown));
    }
}

impl<F> Joinable<F::Output> for Task<F>
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    fn join(&self) -> &Join<F::Output> {
        &self.join
    }

    fn abort(self: Arc<Self>) {
        if self.header.mark_cancelled() {
            Sim::schedule(self);
        }
    }
}

impl<F> Wake for Task<F>
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    fn wake(self: Arc<Self>) {
        if self.header.mark_woken() {
            Sim::schedule(self);
        }
    }

    fn wake_by_ref(self: &Arc<Self>) {
        if self.header.mark_woken() {
            Sim::schedule(Arc::<Self>::clone(self));
        }
    }
}

/// Runs what a user wrote where its panic has nobody to go to.
pub(crate) fn quietly(work: impl FnOnce()) {
    // The payload may panic again when it is dropped: it is left to leak.
    if let Err(payload) = catch_unwind(AssertUnwindSafe(work)) {
        std::mem::forget(payload);
    }
}

fn thrown(payload: Box<dyn Any + Send>) -> JoinError {
    if payload.is::<Unwound>() {
        JoinError::Shutdown
    } else {
        JoinError::panicked(payload)
    }
}
