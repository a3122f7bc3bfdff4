//! A runtime for tests: one thread, no time, and any order of polls.

use std::future::{Future, Ready, ready};
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

use futures::channel::oneshot;
use futures::future::{BoxFuture, FutureExt};
use pollmark_core::{JoinError, JoinHandle, Runtime};

/// A clone is another handle to the same tasks.
#[derive(Clone, Default)]
pub(crate) struct Tiny(Arc<Mutex<Vec<Arc<Task>>>>);

struct Task {
    /// `None` once it has ended or was dropped.
    future: Mutex<Option<BoxFuture<'static, ()>>>,
    cancelled: AtomicBool,
    queued: AtomicBool,
    tiny: Tiny,
}

impl Tiny {
    /// Polls one ready task, which `choose` picks, given the number of ready tasks. `false` if none
    /// is ready.
    pub(crate) fn step(&self, choose: impl FnOnce(usize) -> usize) -> bool {
        let task = {
            let mut ready = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            if ready.is_empty() {
                return false;
            }
            let chosen = choose(ready.len());
            ready.remove(chosen)
        };
        task.queued.store(false, Ordering::SeqCst);
        task.poll();
        true
    }
}

impl Task {
    fn poll(self: Arc<Self>) {
        let Some(mut future) = self.lock().take() else {
            return;
        };
        if self.cancelled.load(Ordering::SeqCst) {
            return;
        }
        let waker = Waker::from(self.clone());
        if future
            .poll_unpin(&mut Context::from_waker(&waker))
            .is_pending()
        {
            *self.lock() = Some(future);
        }
    }

    fn cancel(self: &Arc<Self>) {
        self.cancelled.store(true, Ordering::SeqCst);
        self.wake_by_ref();
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<BoxFuture<'static, ()>>> {
        self.future.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Wake for Task {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        if !self.queued.swap(true, Ordering::SeqCst) {
            let mut ready = self.tiny.0.lock().unwrap_or_else(PoisonError::into_inner);
            ready.push(self.clone());
        }
    }
}

impl Runtime for Tiny {
    type JoinHandle<T: Send + 'static> = Handle<T>;
    type BlockingHandle<T: Send + 'static> = Ready<Result<T, JoinError>>;
    type Sleep = Ready<()>;

    fn spawn<F>(&self, future: F) -> Handle<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        let (sender, outcome) = oneshot::channel();
        let future = async move {
            let outcome = AssertUnwindSafe(future).catch_unwind().await;
            // The receiver is gone if the task was detached.
            let _ = sender.send(outcome.map_err(JoinError::panicked));
        };
        let task = Arc::new(Task {
            future: Mutex::new(Some(future.boxed())),
            cancelled: AtomicBool::new(false),
            queued: AtomicBool::new(false),
            tiny: self.clone(),
        });
        task.wake_by_ref();
        Handle { task, outcome }
    }

    fn spawn_blocking<T, F>(&self, work: F) -> Ready<Result<T, JoinError>>
    where
        T: Send + 'static,
        F: FnOnce() -> T + Send + 'static,
    {
        ready(Ok(work()))
    }

    fn sleep(&self, _duration: Duration) -> Ready<()> {
        ready(())
    }

    async fn yield_now(&self) {
        let mut yielded = false;
        std::future::poll_fn(|cx| {
            if std::mem::replace(&mut yielded, true) {
                return Poll::Ready(());
            }
            cx.waker().wake_by_ref();
            Poll::Pending
        })
        .await;
    }

    fn now(&self) -> Duration {
        Duration::ZERO
    }
}

/// Awaits a task of [`Tiny`].
pub(crate) struct Handle<T> {
    task: Arc<Task>,
    outcome: oneshot::Receiver<Result<T, JoinError>>,
}

impl<T: Send + 'static> Future for Handle<T> {
    type Output = Result<T, JoinError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.outcome
            .poll_unpin(cx)
            .map(|outcome| outcome.unwrap_or(Err(JoinError::Cancelled)))
    }
}

impl<T: Send + 'static> JoinHandle<T> for Handle<T> {
    fn abort(self) {
        self.task.cancel();
    }

    fn cancel(self) -> impl Future<Output = Result<T, JoinError>> + Send {
        self.task.cancel();
        self
    }
}
