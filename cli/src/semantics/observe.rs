//! Tools for probes to observe with. They belong to no runtime.

use std::any::Any;
use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

use pollmark_core::JoinError;

use super::fate::Fate;

/// The output of tasks, if their value matters.
pub(crate) const VALUE: u32 = 9;

/// A one-time event that threads and tasks can wait for.
#[derive(Clone, Default)]
pub(crate) struct Flag(Arc<(Mutex<State>, Condvar)>);

#[derive(Default)]
struct State {
    raised: bool,
    wakers: Vec<Waker>,
}

impl Flag {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn raise(&self) {
        let wakers = {
            let mut state = self.state();
            state.raised = true;
            std::mem::take(&mut state.wakers)
        };
        self.0.1.notify_all();
        wakers.into_iter().for_each(Waker::wake);
    }

    pub(crate) fn is_raised(&self) -> bool {
        self.state().raised
    }

    /// Blocks the calling thread until the flag is raised: for ever, if it never is. The parent
    /// of this process ends it then, and that is an answer too.
    pub(crate) fn wait(&self) {
        let raised = |state: &mut State| !state.raised;
        drop(self.0.1.wait_while(self.state(), raised));
    }

    /// Blocks until the flag is raised, for `limit` at most. Returns whether it is raised.
    pub(crate) fn wait_for(&self, limit: Duration) -> bool {
        let raised = |state: &mut State| !state.raised;
        match self.0.1.wait_timeout_while(self.state(), limit, raised) {
            Ok((state, _)) => state.raised,
            Err(_) => self.is_raised(),
        }
    }

    /// Waits as a task, without blocking the thread.
    pub(crate) async fn raised(&self) {
        poll_fn(|cx| {
            let mut state = self.state();
            if state.raised {
                return Poll::Ready(());
            }
            state.wakers.push(cx.waker().clone());
            Poll::Pending
        })
        .await;
    }

    /// A value that raises the flag when it is dropped.
    pub(crate) fn on_drop(&self) -> RaiseOnDrop {
        RaiseOnDrop(self.clone())
    }
}

pub(crate) struct RaiseOnDrop(Flag);

impl Drop for RaiseOnDrop {
    fn drop(&mut self) {
        self.0.raise();
    }
}

/// A task that waits at a gate, and the flags that tell its fate.
///
/// Past the gate the task is pending once more before it finishes. So an end that was
/// requested before the gate opened always takes effect, and whether the task finishes does
/// not depend on a race.
#[derive(Default)]
pub(crate) struct Watched {
    pub(crate) begun: Flag,
    pub(crate) gate: Flag,
    finished: Flag,
    pub(crate) gone: Flag,
}

impl Watched {
    pub(crate) fn body(&self) -> impl Future<Output = u32> + Send + use<> {
        let guard = self.gone.on_drop();
        let (begun, gate) = (self.begun.clone(), self.gate.clone());
        let finished = self.finished.clone();
        async move {
            let _guard = guard;
            begun.raise();
            gate.raised().await;
            pending_once().await;
            finished.raise();
            VALUE
        }
    }

    /// Opens the gate, waits until the task's future is gone, and returns whether the task had
    /// come to its own end.
    pub(crate) fn finishes(&self) -> bool {
        self.gate.raise();
        self.gone.wait();
        self.finished.is_raised()
    }

    /// As [`finishes`](Watched::finishes); `None` if the future is still there after `limit`.
    pub(crate) fn finishes_within(&self, limit: Duration) -> Option<bool> {
        self.gate.raise();
        let gone = self.gone.wait_for(limit);
        gone.then(|| self.finished.is_raised())
    }
}

async fn pending_once() {
    let mut pended = false;
    poll_fn(|cx| {
        if std::mem::replace(&mut pended, true) {
            return Poll::Ready(());
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

/// Polls once, with a waker that wakes nothing.
pub(crate) fn poll_once<F: Future>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

/// The result of awaiting a handle.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Settled {
    Told(Fate),
    /// The await itself panicked, with this message.
    Unwound(String),
    /// Still pending when the wait for it was given up.
    Waiting,
}

/// Awaits `handle` on the calling thread, for `limit` at most if there is one.
pub(crate) fn settle<F: Future>(
    handle: F,
    limit: Option<Duration>,
    fate: impl FnOnce(F::Output) -> Fate,
) -> Settled {
    let mut handle = Box::pin(handle);
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut cx = Context::from_waker(&waker);
    let began = Instant::now();
    loop {
        match catch_unwind(AssertUnwindSafe(|| handle.as_mut().poll(&mut cx))) {
            Ok(Poll::Ready(output)) => return Settled::Told(fate(output)),
            Err(payload) => return Settled::Unwound(message(payload)),
            Ok(Poll::Pending) => {}
        }
        match limit {
            None => thread::park(),
            Some(limit) => match limit.checked_sub(began.elapsed()) {
                Some(left) => thread::park_timeout(left),
                None => return Settled::Waiting,
            },
        }
    }
}

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// The message of a panic.
pub(crate) fn message(payload: Box<dyn Any + Send>) -> String {
    match JoinError::panicked(payload) {
        JoinError::Panicked(panic) => panic.message(),
        other => other.to_string(),
    }
}
