//! A runtime that records the events of the tasks spawned through it.

use std::fmt;
use std::future::Future;
use std::io::{self, PipeReader};
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use super::current::WakeCause;
use super::log::Kind;
use super::polled::{Polled, TaskRecorder};
use super::tracer::Tracer;
use super::waker::{Linked, TracedPipe};
use crate::runtime::join_error::JoinError;
use crate::runtime::name::{Name, ROOT};
use crate::runtime::pipe::ReadByte;
use crate::runtime::{JoinHandle, Runtime};
use crate::time::nanos;
use crate::trace::data::TaskKind;

/// The runtime `R`, with all events of its tasks recorded by a [`Tracer`].
///
/// Keeps the contract that `R` keeps. Tasks spawned directly through `R` are not recorded.
#[derive(Debug, Clone)]
pub struct Traced<R> {
    runtime: R,
    tracer: Tracer,
}

impl<R: Runtime> Traced<R> {
    /// Records, with `tracer`, the tasks spawned through the returned value.
    pub fn new(runtime: R, tracer: Tracer) -> Self {
        tracer.anchor(|| runtime.now());
        Traced { runtime, tracer }
    }
}

impl<R> Traced<R> {
    /// The wrapped runtime.
    pub fn runtime(&self) -> &R {
        &self.runtime
    }

    /// The recorder.
    pub fn tracer(&self) -> &Tracer {
        &self.tracer
    }
}

impl<R: Runtime> Traced<R> {
    /// Wraps a future that a runner is to run as its root task; recorded as `main`.
    #[track_caller]
    pub fn root<F: Future>(&self, root: F) -> impl Future<Output = F::Output> + use<F, R> {
        let name = Some(Name::from(ROOT));
        let task = self.spawned(TaskKind::Task, name);
        self.tracer.mark_root(task);
        Polled::new(root, self.recorder(task))
    }

    /// Records a named future inside of the task that is being polled, if there is one.
    pub(super) fn future(
        &self,
        name: &Name,
        place: &'static Location<'static>,
    ) -> Option<TaskRecorder<R>> {
        self.tracer.current()?;
        let (stamp, name) = (self.tracer.stamp(&self.runtime), Some(name.clone()));
        let future = self.tracer.spawn(stamp, TaskKind::Future, name, place);
        Some(self.recorder(future))
    }

    pub(super) fn recorder(&self, task: u32) -> TaskRecorder<R> {
        TaskRecorder::new(self.runtime.clone(), self.tracer.clone(), task)
    }

    #[inline]
    fn record(&self, kind: Kind, task: u32) {
        self.tracer
            .record(self.tracer.stamp(&self.runtime), kind, task);
    }

    #[track_caller]
    pub(super) fn spawned(&self, kind: TaskKind, name: Option<Name>) -> u32 {
        let place = Location::caller();
        let stamp = self.tracer.stamp(&self.runtime);
        self.tracer.spawn(stamp, kind, name, place)
    }

    #[track_caller]
    fn polled<F>(&self, name: Option<Name>, future: F) -> (u32, Polled<F, R>) {
        let task = self.spawned(TaskKind::Task, name);
        (task, Polled::new(future, self.recorder(task)))
    }

    fn joined<T: Send + 'static>(
        &self,
        task: u32,
        handle: R::JoinHandle<T>,
    ) -> TracedJoinHandle<T, R> {
        TracedJoinHandle {
            handle: Linked::new(handle, &self.tracer, WakeCause::EndOf(task)),
            traced: self.clone(),
            task,
        }
    }

    #[track_caller]
    fn called<T, F>(&self, name: Option<Name>, work: F) -> (u32, impl FnOnce() -> T + use<T, F, R>)
    where
        F: FnOnce() -> T,
    {
        let task = self.spawned(TaskKind::Call, name);
        let mut recorder = self.recorder(task);
        let work = move || {
            let turn = recorder.begin();
            let output = work();
            turn.end(true);
            output
        };
        (task, work)
    }

    fn call_joined<T: Send + 'static>(
        &self,
        task: u32,
        handle: R::BlockingHandle<T>,
    ) -> TracedBlockingHandle<T, R> {
        TracedBlockingHandle(Linked::new(handle, &self.tracer, WakeCause::EndOf(task)))
    }

    /// Records a span that holds the thread of the task being polled.
    fn span<T>(&self, kind: Kind, work: impl FnOnce() -> T) -> T {
        struct End<'a, R: Runtime>(&'a Traced<R>, u32);
        impl<R: Runtime> Drop for End<'_, R> {
            fn drop(&mut self) {
                self.0.record(Kind::SpanEnded, self.1);
            }
        }

        let Some(task) = self.tracer.current() else {
            return work();
        };
        self.record(kind, task);
        // Recorded on drop, because a virtual clock may unwind a poll out of a block.
        let _end = End(self, task);
        work()
    }
}

impl<R: Runtime> Runtime for Traced<R> {
    type JoinHandle<T: Send + 'static> = TracedJoinHandle<T, R>;
    type BlockingHandle<T: Send + 'static> = TracedBlockingHandle<T, R>;
    type Sleep = TracedSleep<R>;

    #[track_caller]
    fn spawn<F>(&self, future: F) -> TracedJoinHandle<F::Output, R>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        let (task, future) = self.polled(None, future);
        self.joined(task, self.runtime.spawn(future))
    }

    #[track_caller]
    fn spawn_named<F>(&self, name: Name, future: F) -> TracedJoinHandle<F::Output, R>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        let (task, future) = self.polled(Some(name.clone()), future);
        self.joined(task, self.runtime.spawn_named(name, future))
    }

    #[track_caller]
    fn spawn_blocking<T, F>(&self, work: F) -> TracedBlockingHandle<T, R>
    where
        T: Send + 'static,
        F: FnOnce() -> T + Send + 'static,
    {
        let (task, work) = self.called(None, work);
        self.call_joined(task, self.runtime.spawn_blocking(work))
    }

    #[track_caller]
    fn spawn_blocking_named<T, F>(&self, name: Name, work: F) -> TracedBlockingHandle<T, R>
    where
        T: Send + 'static,
        F: FnOnce() -> T + Send + 'static,
    {
        let (task, work) = self.called(Some(name.clone()), work);
        self.call_joined(task, self.runtime.spawn_blocking_named(name, work))
    }

    fn sleep(&self, duration: Duration) -> TracedSleep<R> {
        let due = || nanos(self.runtime.now().saturating_add(duration));
        let earliest = due();
        let sleep = self.runtime.sleep(duration);
        // Computed again afterwards, so that no timer seems later than it is.
        let due = due();
        TracedSleep {
            sleep: Linked::new(sleep, &self.tracer, WakeCause::Timer { earliest, due }),
        }
    }

    fn yield_now(&self) -> impl Future<Output = ()> + Send {
        self.runtime.yield_now()
    }

    fn pipe_reader(&self, pipe: PipeReader) -> io::Result<impl ReadByte + use<R>> {
        let reader = self.runtime.pipe_reader(pipe)?;
        Ok(TracedPipe::new(reader, &self.tracer))
    }

    fn now(&self) -> Duration {
        self.runtime.now()
    }

    fn block(&self, duration: Duration) {
        self.span(Kind::BlockStarted, || self.runtime.block(duration));
    }

    fn spin(&self, duration: Duration) {
        self.span(Kind::SpinStarted, || self.runtime.spin(duration));
    }

    fn compute<T>(&self, cost: Duration, work: impl FnOnce() -> T) -> T {
        self.span(Kind::ComputeStarted, || self.runtime.compute(cost, work))
    }
}

/// Awaits a task of a [`Traced`] runtime.
pub struct TracedJoinHandle<T: Send + 'static, R: Runtime> {
    handle: Linked<R::JoinHandle<T>>,
    traced: Traced<R>,
    task: u32,
}

// The runtime's handle in it is never pinned.
impl<T: Send + 'static, R: Runtime> Unpin for TracedJoinHandle<T, R> {}

impl<T: Send + 'static, R: Runtime> Future for TracedJoinHandle<T, R> {
    type Output = Result<T, JoinError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.handle).poll(cx)
    }
}

impl<T: Send + 'static, R: Runtime> TracedJoinHandle<T, R> {
    fn record_abort(&self) {
        let tracer = &self.traced.tracer;
        tracer.record_abort(tracer.stamp(&self.traced.runtime), self.task);
    }
}

impl<T: Send + 'static, R: Runtime> JoinHandle<T> for TracedJoinHandle<T, R> {
    fn abort(self) {
        self.record_abort();
        let (handle, _) = self.handle.into_parts();
        handle.abort();
    }

    fn cancel(self) -> impl Future<Output = Result<T, JoinError>> + Send {
        self.record_abort();
        let (handle, link) = self.handle.into_parts();
        Linked::from_parts(handle.cancel(), link)
    }
}

impl<T: Send + 'static, R: Runtime> fmt::Debug for TracedJoinHandle<T, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TracedJoinHandle").finish_non_exhaustive()
    }
}

/// Awaits a blocking call of a [`Traced`] runtime.
pub struct TracedBlockingHandle<T: Send + 'static, R: Runtime>(Linked<R::BlockingHandle<T>>);

impl<T: Send + 'static, R: Runtime> Future for TracedBlockingHandle<T, R> {
    type Output = Result<T, JoinError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.0).poll(cx)
    }
}

impl<T: Send + 'static, R: Runtime> fmt::Debug for TracedBlockingHandle<T, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TracedBlockingHandle")
            .finish_non_exhaustive()
    }
}

pin_project_lite::pin_project! {
    /// A wait of a [`Traced`] runtime.
    #[must_use = "futures do nothing unless polled"]
    pub struct TracedSleep<R>
    where
        R: Runtime,
    {
        #[pin]
        sleep: Linked<R::Sleep>,
    }
}

impl<R: Runtime> Future for TracedSleep<R> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        self.project().sleep.poll(cx)
    }
}

impl<R: Runtime> fmt::Debug for TracedSleep<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TracedSleep").finish_non_exhaustive()
    }
}
