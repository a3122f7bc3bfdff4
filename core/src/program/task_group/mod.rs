//! Structured concurrency: a group of tasks that ends before the code after it runs.
//!
//! The idea is Trio's nursery (Nathaniel J. Smith, "Notes on structured
//! concurrency", 2018) and Python's `asyncio.TaskGroup`.

pub(crate) mod child;
pub(crate) mod error;
pub(crate) mod members;
pub(crate) mod scope;
mod shared;

use std::collections::VecDeque;
use std::fmt;
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex};
use std::task::{Context as TaskContext, Poll, Waker};

use futures::channel::oneshot;
use futures::future::Either;

use self::child::{Child, Task};
use self::error::{Cause, Failure, GroupError};
use self::members::{Member, Members, is_crowded};
use self::scope::{InScope, Scope};
use self::shared::{Flag, Shared};
use crate::program::context::Context;
use crate::program::sink::{Ending, Sink};
use crate::program::watched::watched;
use crate::runtime::join_error::JoinError;
use crate::runtime::name::Name;
use crate::runtime::{JoinHandle, Runtime};

impl<R: Runtime, S: Sink> Context<R, S> {
    /// Runs `body`, which may spawn tasks into the group it is given, and waits for all of them.
    ///
    /// The first child that fails or panics, or the body's own error, ends the group: the body is
    /// dropped, the other children are cancelled, and the group waits until every one of them is
    /// gone, including every descendant in their own groups. If the body succeeds, the children
    /// keep running.
    ///
    /// # Errors
    ///
    /// [`GroupError`] with *every* failure, in the order in which the children were spawned, not
    /// only the first. A child that was merely cancelled is not included.
    ///
    /// # Cancellation
    ///
    /// Dropping the future asks every child to end and does not wait. An enclosing group that is
    /// awaited still waits for them.
    pub fn group<T, E, B, F>(
        &self,
        body: B,
    ) -> impl Future<Output = Result<T, GroupError<E>>> + Send + use<T, E, B, F, R, S>
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
                members: Members::default(),
                alarms: Mutex::default(),
                failures: Mutex::default(),
                failed: Flag::default(),
            }));
            let cancel_on_drop = CancelOnDrop(&group.0);

            let body = group.run_body(body(group.clone())).await;
            match &body {
                Some(Ok(_)) => group.join().await,
                Some(Err(_)) | None => group.cancel(VecDeque::new()).await,
            }
            drop(cancel_on_drop);
            scope.emptied().await;

            let failures = std::mem::take(&mut *group.0.failures());
            let failures: Vec<_> = failures.into_values().collect();
            match body {
                Some(Ok(value)) if failures.is_empty() => Ok(value),
                Some(Err(error)) => Err(GroupError::with_body(error, failures)),
                _ => Err(GroupError { failures }),
            }
        }
    }
}

/// Spawns tasks into a group; the body of [`Context::group`] is given one.
///
/// A clone is another handle to the same group, so children may spawn siblings.
///
/// A group with a body that spawns without end, such as a server's, keeps at most about twice as
/// many children as are alive, plus a few: past that, each spawn checks a few children and releases
/// those that have ended.
pub struct TaskGroup<R: Runtime, S: Sink, E: Send + 'static>(Arc<Shared<R, S, E>>);

impl<R: Runtime, S: Sink, E: Send + 'static> TaskGroup<R, S, E> {
    /// Spawns a child. Its error ends the group; its value goes to the returned future, which may
    /// be dropped.
    ///
    /// In a group that is already ending, the future is dropped at once.
    #[track_caller]
    pub fn spawn<T, F>(&self, name: impl Into<Name>, future: F) -> Child<T>
    where
        T: Send + 'static,
        F: Future<Output = Result<T, E>> + Send + 'static,
    {
        let (sender, receiver) = oneshot::channel();
        // The child is announced before it starts, so that it cannot slip past the group's end.
        if let Some(announced) = self.0.members.announce() {
            let name = name.into();
            let watch = self.0.context.sink().watch(&name);
            let future = watched(InScope::new(&self.0.scope, future), watch, Ending::of);
            let task = Task::new(future, self.0.clone(), announced.number(), sender);
            let handle = self.0.context.rt().spawn_named(name.clone(), task);
            let waiting = announced.arrive(name, handle);
            if is_crowded(waiting, self.0.scope.alive()) {
                self.let_go();
            }
        }
        Child(receiver)
    }

    /// Releases some children that have ended, so that a body that spawns for ever does not keep
    /// every child it ever spawned. It releases more at a time than are spawned.
    fn let_go(&self) {
        for _ in 0..3 {
            let Some((announced, mut member)) = self.0.members.lend(self.0.scope.alive()) else {
                return;
            };
            // No task waits here: a later poll sets the waker to notify.
            let mut cx = TaskContext::from_waker(Waker::noop());
            match Pin::new(&mut member.handle).poll(&mut cx) {
                Poll::Ready(ended) => self.ended((member.number, member.name), ended),
                Poll::Pending => _ = announced.arrive(member.name, member.handle),
            }
        }
    }

    /// The body's output, or `None` if a child failed first; the body has been dropped then.
    async fn run_body<F: Future>(&self, body: F) -> Option<F::Output> {
        let mut body = pin!(InScope::new(&self.0.scope, body));
        let mut failed = pin!(self.0.failed.raised());
        poll_fn(|cx| {
            // The failure is polled first: a body that awaits the failed child is dropped before it
            // sees that there will be no value.
            if failed.as_mut().poll(cx).is_ready() {
                return Poll::Ready(None);
            }
            body.as_mut().poll(cx).map(Some)
        })
        .await
    }

    /// Waits for all children, including those that other children spawn in the meantime.
    async fn join(&self) {
        let mut failed = pin!(self.0.failed.raised());
        loop {
            let mut batch = Batch::<R>(self.0.members.batch().await);
            if batch.0.is_empty() {
                return;
            }
            let ended = poll_fn(|cx| {
                if failed.as_mut().poll(cx).is_ready() {
                    return Poll::Ready(false);
                }
                batch
                    .poll_all(cx, |child, ended| self.ended(child, ended))
                    .map(|()| true)
            });
            if !ended.await {
                return self.cancel(std::mem::take(&mut batch.0)).await;
            }
        }
    }

    /// Asks all children to end, `members` first, accepts no more, and waits until they are gone.
    async fn cancel(&self, members: VecDeque<Member<R>>) {
        self.0.members.close();
        let request = |member: Member<R>| {
            // A child that is about to end is not cancelled: that might lose its ending.
            let (ended, asked) = match self.0.is_alarmed(member.number) {
                true => (Either::Left(member.handle), false),
                false => (Either::Right(member.handle.cancel()), true),
            };
            ((member.number, member.name), asked, ended)
        };
        let mut requested: Vec<_> = members.into_iter().map(request).collect();
        loop {
            // This includes children that another thread is just spawning.
            let members = self.0.members.batch().await;
            if members.is_empty() {
                break;
            }
            requested.extend(members.into_iter().map(request));
        }
        for (child, asked, ended) in requested {
            let ended = match ended.await {
                Err(JoinError::Cancelled) if asked => Ok(()),
                ended => ended,
            };
            self.ended(child, ended);
        }
    }

    /// Records the failure of a child that has ended, if it failed.
    fn ended(&self, (number, task): (usize, Name), ended: Result<(), JoinError>) {
        let cause = match (self.0.cause_of(number), ended) {
            (Some(cause), _) => cause,
            (None, Err(error)) => Cause::Lost(error),
            (None, Ok(())) => return,
        };
        self.0.failures().insert(number, Failure { task, cause });
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

/// Children that are awaited together.
struct Batch<R: Runtime>(VecDeque<Member<R>>);

impl<R: Runtime> Batch<R> {
    /// Ready once all have ended. Awaits them one after the other: the order in which they end does
    /// not matter, and a failure raises the group's flag.
    fn poll_all(
        &mut self,
        cx: &mut TaskContext<'_>,
        mut ended: impl FnMut((usize, Name), Result<(), JoinError>),
    ) -> Poll<()> {
        while let Some(member) = self.0.front_mut() {
            let Poll::Ready(end) = Pin::new(&mut member.handle).poll(cx) else {
                return Poll::Pending;
            };
            let Some(member) = self.0.pop_front() else {
                break;
            };
            ended((member.number, member.name), end);
        }
        Poll::Ready(())
    }
}

/// A group that is dropped while it awaits its children asks them to end too.
impl<R: Runtime> Drop for Batch<R> {
    fn drop(&mut self) {
        for member in self.0.drain(..) {
            member.handle.abort();
        }
    }
}

/// Asks the children to end if the group's future is dropped before they have ended.
struct CancelOnDrop<'a, R: Runtime, S: Sink, E: Send + 'static>(&'a Arc<Shared<R, S, E>>);

impl<R: Runtime, S: Sink, E: Send + 'static> Drop for CancelOnDrop<'_, R, S, E> {
    fn drop(&mut self) {
        self.0.members.abandon();
    }
}
