//! Structured concurrency: a group of tasks that ends before the code after it runs.
//!
//! The idea is Trio's nursery (Nathaniel J. Smith, "Notes on structured
//! concurrency", 2018) and Python's `asyncio.TaskGroup`.

use std::collections::VecDeque;
use std::fmt;
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context as TaskContext, Poll};

use event_listener::Event;
use futures::channel::oneshot;

use crate::scope::{InScope, Scope, until};
use crate::task::watched;
use crate::transcript::{Ending, Sink};
use crate::{Context, JoinError, JoinHandle, Name, Runtime};

impl<R: Runtime, S: Sink> Context<R, S> {
    /// Runs `body`, which may spawn tasks into the group it is handed, and waits
    /// for all of them.
    ///
    /// The first child that fails or panics, or the body's own error, ends the
    /// group: the body is dropped, the other children are cancelled, and the
    /// group waits until every one of them is gone, and every descendant in
    /// groups of theirs. Children keep running when the body ends well.
    ///
    /// # Errors
    ///
    /// [`GroupError`] with *every* failure, in the order in which the children
    /// were spawned, not only that of the first to fail. A child that was merely
    /// cancelled is not among them.
    ///
    /// # Cancellation
    ///
    /// Dropping the future asks for the end of every child and does not wait.
    /// An enclosing group that is awaited waits for them all the same.
    pub fn group<T, E, B, F>(
        &self,
        body: B,
    ) -> impl Future<Output = Result<T, GroupError<E>>> + Send
    where
        T: Send,
        E: Send + 'static,
        B: FnOnce(TaskGroup<R, S, E>) -> F + Send,
        F: Future<Output = Result<T, E>> + Send,
    {
        let context = self.clone();
        async move {
            let scope = Scope::within_current();
            let group = TaskGroup(Arc::new(Shared {
                context,
                scope: scope.clone(),
                members: Mutex::new(Some(Vec::new())),
                failed: Flag::default(),
            }));
            let cancel_on_drop = CancelOnDrop(&group.0);

            let body = group.run_body(body(group.clone())).await;
            let failures = match &body {
                Some(Ok(_)) => group.join().await,
                Some(Err(_)) | None => group.cancel().await,
            };
            drop(cancel_on_drop);
            scope.emptied().await;

            match body {
                Some(Ok(value)) if failures.is_empty() => Ok(value),
                Some(Err(error)) => Err(GroupError::with_body(error, failures)),
                _ => Err(GroupError { failures }),
            }
        }
    }
}

/// Spawns tasks into a group; handed to the body of [`Context::group`].
///
/// A clone is another handle to the same group, so children may spawn siblings.
pub struct TaskGroup<R: Runtime, S: Sink, E: Send + 'static>(Arc<Shared<R, S, E>>);

struct Shared<R: Runtime, S: Sink, E: Send + 'static> {
    context: Context<R, S>,
    scope: Arc<Scope>,
    /// `None` once the group is ending and takes no more children.
    members: Mutex<Option<Vec<Member<R, E>>>>,
    failed: Flag,
}

struct Member<R: Runtime, E: Send + 'static> {
    name: Name,
    handle: R::JoinHandle<Result<(), E>>,
}

impl<R: Runtime, S: Sink, E: Send + 'static> TaskGroup<R, S, E> {
    /// Spawns a child. Its error ends the group; its value goes to the returned
    /// future, which may be dropped.
    ///
    /// In a group that is already ending the future is dropped at once.
    pub fn spawn<T, F>(&self, name: impl Into<Name>, future: F) -> Child<T>
    where
        T: Send + 'static,
        F: Future<Output = Result<T, E>> + Send + 'static,
    {
        let (sender, receiver) = oneshot::channel();
        let mut members = self.members();
        // A lock held over the spawn: no child can slip past the group's end.
        if let Some(members) = members.as_mut() {
            let name = name.into();
            let watch = self.0.context.sink().watch(&name);
            let future = InScope::new(&self.0.scope, future);
            let mut alarm = Alarm(Some(self.0.clone()));
            let child = async move {
                let value = future.await?;
                alarm.disarm();
                // The value may be unwanted.
                let _ = sender.send(value);
                Ok(())
            };
            let task = watched(child, watch, Ending::of);
            let handle = self.0.context.rt().spawn_named(name.clone(), task);
            members.push(Member { name, handle });
        }
        Child(receiver)
    }

    /// The body's output, or `None` if a child failed first; the body is gone then.
    async fn run_body<F: Future>(&self, body: F) -> Option<F::Output> {
        let mut body = pin!(InScope::new(&self.0.scope, body));
        let mut failed = pin!(self.0.failed.raised());
        poll_fn(|cx| {
            // The failure first: a body that awaits the child that failed is
            // dropped before it sees that there will be no value.
            if failed.as_mut().poll(cx).is_ready() {
                return Poll::Ready(None);
            }
            body.as_mut().poll(cx).map(Some)
        })
        .await
    }

    /// Waits for all children, also those spawned meanwhile by others.
    async fn join(&self) -> Vec<Failure<E>> {
        let mut failures = Vec::new();
        let mut failed = pin!(self.0.failed.raised());
        loop {
            let batch = match self.members().as_mut() {
                Some(members) => std::mem::take(members),
                None => Vec::new(),
            };
            if batch.is_empty() {
                break;
            }
            let mut batch = Batch(batch.into());
            let ended = poll_fn(|cx| {
                if failed.as_mut().poll(cx).is_ready() {
                    return Poll::Ready(false);
                }
                batch.poll_all(cx, &mut failures).map(|()| true)
            });
            if !ended.await {
                // Children spawned meanwhile stand behind those of the batch.
                if let Some(members) = self.members().as_mut() {
                    members.splice(0..0, std::mem::take(&mut batch.0));
                }
                failures.extend(self.cancel().await);
                break;
            }
        }
        failures
    }

    /// Asks all children to end, takes no more of them, and waits until they are gone.
    async fn cancel(&self) -> Vec<Failure<E>> {
        let members = self.members().take().unwrap_or_default();
        let request = |member: Member<R, E>| (member.name, member.handle.cancel());
        let requested: Vec<_> = members.into_iter().map(request).collect();
        let mut failures = Vec::new();
        for (task, ended) in requested {
            failures.extend(Failure::of(task, ended.await));
        }
        failures
    }

    fn members(&self) -> MutexGuard<'_, Option<Vec<Member<R, E>>>> {
        self.0.members()
    }
}

impl<R: Runtime, S: Sink, E: Send + 'static> Shared<R, S, E> {
    fn members(&self) -> MutexGuard<'_, Option<Vec<Member<R, E>>>> {
        self.members.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<R: Runtime, S: Sink, E: Send + 'static> Clone for TaskGroup<R, S, E> {
    fn clone(&self) -> Self {
        TaskGroup(self.0.clone())
    }
}

impl<R: Runtime, S: Sink, E: Send + 'static> fmt::Debug for TaskGroup<R, S, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TaskGroup").finish_non_exhaustive()
    }
}

/// Children that are being awaited together.
struct Batch<R: Runtime, E: Send + 'static>(VecDeque<Member<R, E>>);

impl<R: Runtime, E: Send + 'static> Batch<R, E> {
    /// Ready once all have ended. Awaits them one after the other: which of them
    /// ends first matters to nobody, and a failure raises the group's flag.
    fn poll_all(&mut self, cx: &mut TaskContext<'_>, failures: &mut Vec<Failure<E>>) -> Poll<()> {
        while let Some(member) = self.0.front_mut() {
            let Poll::Ready(ended) = Pin::new(&mut member.handle).poll(cx) else {
                return Poll::Pending;
            };
            let Some(member) = self.0.pop_front() else {
                break;
            };
            failures.extend(Failure::of(member.name, ended));
        }
        Poll::Ready(())
    }
}

/// A group that is dropped while it awaits its children asks for their end too.
impl<R: Runtime, E: Send + 'static> Drop for Batch<R, E> {
    fn drop(&mut self) {
        for member in self.0.drain(..) {
            member.handle.abort();
        }
    }
}

/// Ends the group when a child goes without a value: by an error, a panic, a
/// refused spawn or the end of the runtime.
struct Alarm<R: Runtime, S: Sink, E: Send + 'static>(Option<Arc<Shared<R, S, E>>>);

impl<R: Runtime, S: Sink, E: Send + 'static> Alarm<R, S, E> {
    fn disarm(&mut self) {
        self.0 = None;
    }
}

impl<R: Runtime, S: Sink, E: Send + 'static> Drop for Alarm<R, S, E> {
    fn drop(&mut self) {
        if let Some(group) = self.0.take() {
            group.failed.raise();
        }
    }
}

/// Asks the children to end if the group's future is dropped before they did.
struct CancelOnDrop<'a, R: Runtime, S: Sink, E: Send + 'static>(&'a Arc<Shared<R, S, E>>);

impl<R: Runtime, S: Sink, E: Send + 'static> Drop for CancelOnDrop<'_, R, S, E> {
    fn drop(&mut self) {
        let members = self.0.members().take();
        for member in members.into_iter().flatten() {
            member.handle.abort();
        }
    }
}

/// A flag that is raised once, and can be awaited.
#[derive(Default)]
struct Flag {
    raised: AtomicBool,
    event: Event,
}

impl Flag {
    fn raise(&self) {
        self.raised.store(true, Ordering::SeqCst);
        self.event.notify(usize::MAX);
    }

    async fn raised(&self) {
        until(&self.event, || self.raised.load(Ordering::SeqCst)).await;
    }
}

/// The value of a child of a [`TaskGroup`].
#[derive(Debug)]
pub struct Child<T>(oneshot::Receiver<T>);

impl<T> Future for Child<T> {
    type Output = Result<T, NoValue>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut TaskContext<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.0).poll(cx).map_err(|_| NoValue)
    }
}

/// The child failed or was cancelled; why is in its group's [`GroupError`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the child gave no value")]
pub struct NoValue;

/// Every failure of a group's children and body.
#[derive(Debug)]
pub struct GroupError<E> {
    /// The failures, in the order of spawning, the body's first. Never empty.
    pub failures: Vec<Failure<E>>,
}

impl<E> GroupError<E> {
    fn with_body(error: E, children: Vec<Failure<E>>) -> Self {
        let body = Failure {
            task: "the group's body".into(),
            cause: Cause::Failed(error),
        };
        let failures = std::iter::once(body).chain(children).collect();
        GroupError { failures }
    }
}

impl<E: fmt::Display> fmt::Display for GroupError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, Failure { task, cause }) in self.failures.iter().enumerate() {
            let separator = if index == 0 { "" } else { "; " };
            match cause {
                Cause::Failed(error) => write!(f, "{separator}{task}: {error}")?,
                Cause::Lost(error) => write!(f, "{separator}{task}: {error}")?,
            }
        }
        Ok(())
    }
}

impl<E: fmt::Debug + fmt::Display> std::error::Error for GroupError<E> {}

/// One failure in a group.
#[derive(Debug)]
pub struct Failure<E> {
    /// The child's name.
    pub task: Name,
    /// What happened to it.
    pub cause: Cause<E>,
}

/// Why a child of a group gave no value.
#[derive(Debug)]
pub enum Cause<E> {
    /// It returned this error.
    Failed(E),
    /// It panicked, could not be started, or the runtime went away.
    Lost(JoinError),
}

impl<E> Failure<E> {
    fn of(task: Name, ended: Result<Result<(), E>, JoinError>) -> Option<Self> {
        let cause = match ended {
            Ok(Ok(())) | Err(JoinError::Cancelled) => return None,
            Ok(Err(error)) => Cause::Failed(error),
            Err(error) => Cause::Lost(error),
        };
        Some(Failure { task, cause })
    }
}
