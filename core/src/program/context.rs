//! The context that a scenario is given.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context as TaskContext, Poll};
use std::time::Duration;

use pin_project_lite::pin_project;

use crate::program::sink::{Ending, Null, Sink, Watch};
use crate::program::spawned::Spawned;
use crate::program::speed::Speed;
use crate::program::watched::watched;
use crate::runtime::Runtime;
use crate::runtime::name::Name;

/// A scenario's access to the outside: a runtime, a scale of time and a sink.
///
/// All durations are *scenario time*: `Speed` divides each of them on its way
/// to the runtime, so a lesson of 27 s may take 1.35 s and still print 27.
/// Clone it for each task that needs it; a clone costs what a clone of the
/// runtime's handle costs.
#[derive(Debug, Clone)]
pub struct Context<R, S = Null> {
    runtime: R,
    sink: S,
    speed: Speed,
    epoch: Duration,
}

impl<R: Runtime, S: Sink> Context<R, S> {
    /// A context with scenario time that begins at `epoch` of the runtime's clock.
    pub fn new(runtime: R, sink: S, speed: Speed, epoch: Duration) -> Self {
        Context {
            runtime,
            sink,
            speed,
            epoch,
        }
    }

    /// The runtime itself, for everything that the context does not offer.
    pub fn rt(&self) -> &R {
        &self.runtime
    }

    /// How many times faster than scenario time this run goes.
    pub fn speed(&self) -> Speed {
        self.speed
    }

    /// Scenario time since the root task began.
    pub fn now(&self) -> Duration {
        let passed = self.runtime.now().saturating_sub(self.epoch);
        self.speed.to_scenario(passed)
    }

    /// Waits asynchronously: other tasks run in the meantime.
    ///
    /// The deadline is fixed by the call. Dropping the future ends the wait.
    #[inline]
    pub fn wait(&self, duration: Duration) -> R::Sleep {
        self.runtime.sleep(self.speed.to_runtime(duration))
    }

    /// Occupies the thread without using CPU, like a synchronous call that waits for a disk or a
    /// server.
    ///
    /// # Blocking
    ///
    /// Blocks the worker: nothing else runs on it in the meantime.
    #[inline]
    pub fn block(&self, duration: Duration) {
        self.runtime.block(self.speed.to_runtime(duration));
    }

    /// Burns CPU.
    ///
    /// # Blocking
    ///
    /// Blocks the worker, and takes a core from other threads that want one.
    #[inline]
    pub fn spin(&self, duration: Duration) {
        self.runtime.spin(self.speed.to_runtime(duration));
    }

    /// Runs `work`, which uses about `cost` of CPU. The virtual clock charges `cost`; a real clock
    /// only runs `work`. CPU time is real and not scaled by the speed.
    #[inline]
    pub fn compute<T>(&self, cost: Duration, work: impl FnOnce() -> T) -> T {
        self.runtime.compute(cost, work)
    }

    /// Spawns a named task; see [`Runtime::spawn`].
    #[inline]
    #[track_caller]
    pub fn spawn<F>(&self, name: impl Into<Name>, future: F) -> Spawned<R::JoinHandle<F::Output>>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        let name = name.into();
        let watch = self.sink.watch(&name);
        let task = watched(future, watch, |_| Ending::Finished);
        Spawned::new(self.runtime.spawn_named(name, task))
    }

    /// Like [`spawn`](Context::spawn), for a task that may fail: an error is recorded as its
    /// failure in the transcript.
    #[inline]
    #[track_caller]
    pub fn spawn_fallible<T, E, F>(
        &self,
        name: impl Into<Name>,
        future: F,
    ) -> Spawned<R::JoinHandle<Result<T, E>>>
    where
        T: Send + 'static,
        E: Send + 'static,
        F: Future<Output = Result<T, E>> + Send + 'static,
    {
        let name = name.into();
        let watch = self.sink.watch(&name);
        let task = watched(future, watch, Ending::of);
        Spawned::new(self.runtime.spawn_named(name, task))
    }

    /// Gives a future that is awaited in place a name of its own in the transcript, as if it were a
    /// task. It does not become a task: it runs where it is polled. A trace shows it under its task.
    #[inline]
    #[track_caller]
    pub fn named<N: Into<Name>, F: Future>(
        &self,
        name: N,
        future: F,
    ) -> impl Future<Output = F::Output> + use<N, F, R, S> {
        let watch = self.sink.watch_named(&name.into());
        watched(future, watch, |_| Ending::Finished)
    }

    /// Like [`named`](Context::named), for a future that may fail.
    #[inline]
    #[track_caller]
    pub fn named_fallible<T, E, N, F>(
        &self,
        name: N,
        future: F,
    ) -> impl Future<Output = Result<T, E>> + use<T, E, N, F, R, S>
    where
        N: Into<Name>,
        F: Future<Output = Result<T, E>>,
    {
        let watch = self.sink.watch_named(&name.into());
        watched(future, watch, Ending::of)
    }

    /// Gives a synchronous call a name of its own in the transcript.
    #[inline]
    pub fn named_call<T>(&self, name: impl Into<Name>, work: impl FnOnce() -> T) -> T {
        let mut watch = self.sink.watch(&name.into());
        let output = watch.poll(work);
        watch.finish(Ending::Finished);
        output
    }

    /// Runs a named call on the blocking pool; see [`Runtime::spawn_blocking`].
    #[inline]
    #[track_caller]
    pub fn spawn_blocking<T, F>(
        &self,
        name: impl Into<Name>,
        work: F,
    ) -> Spawned<R::BlockingHandle<T>>
    where
        T: Send + 'static,
        F: FnOnce() -> T + Send + 'static,
    {
        let name = name.into();
        let mut watch = self.sink.watch(&name);
        let call = move || {
            let output = watch.poll(work);
            watch.finish(Ending::Finished);
            output
        };
        Spawned::new(self.runtime.spawn_blocking_named(name, call))
    }

    /// Awaits `future` for `duration` at most.
    ///
    /// The deadline is fixed by the call. The future is polled before the clock is read, so a
    /// future that is ready in time is never lost.
    ///
    /// # Errors
    ///
    /// [`Elapsed`] if the deadline came first; the future is dropped with the returned one.
    pub fn timeout<F: Future>(&self, duration: Duration, future: F) -> Timeout<F, R::Sleep> {
        Timeout {
            future,
            deadline: self.wait(duration),
        }
    }

    /// Gives the other ready tasks a turn.
    pub fn yield_now(&self) -> impl Future<Output = ()> + Send {
        self.runtime.yield_now()
    }

    /// Writes a line to the transcript, attributed to the task that is being polled.
    ///
    /// Pass `format_args!` for text with figures in it: it is formatted only if a transcript is
    /// kept.
    #[inline]
    pub fn say(&self, line: impl fmt::Display) {
        self.sink.note(&line);
    }

    pub(crate) fn sink(&self) -> &S {
        &self.sink
    }
}

/// The allowed time is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the time allowed is over")]
pub struct Elapsed;

pin_project! {
    /// The future of [`Context::timeout`].
    #[derive(Debug)]
    #[must_use = "futures do nothing unless polled"]
    pub struct Timeout<F, D> {
        #[pin]
        future: F,
        #[pin]
        deadline: D,
    }
}

impl<F: Future, D: Future<Output = ()>> Future for Timeout<F, D> {
    type Output = Result<F::Output, Elapsed>;

    fn poll(self: Pin<&mut Self>, cx: &mut TaskContext<'_>) -> Poll<Self::Output> {
        let this = self.project();
        if let Poll::Ready(output) = this.future.poll(cx) {
            return Poll::Ready(Ok(output));
        }
        this.deadline.poll(cx).map(|()| Err(Elapsed))
    }
}
