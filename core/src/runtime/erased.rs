//! A type-erased `Runtime`, for code that is compiled once instead of once per runtime.
//!
//! Each task, sleep and handle costs an allocation and each call a virtual call, so no measurement
//! uses it. The order in which a runtime acts, and on which thread, stays the same.

use std::any::Any;
use std::fmt;
use std::future::Future;
use std::io::{self, PipeReader};
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use futures::future::{BoxFuture, FutureExt};

use crate::runtime::config::{BuildError, Config};
use crate::runtime::join_error::JoinError;
use crate::runtime::name::Name;
use crate::runtime::pipe::ReadByte;
use crate::runtime::runner::{RunError, Runner, ShutdownReport, Work};
use crate::runtime::runner_info::RunnerInfo;
use crate::runtime::{JoinHandle, Runtime};

/// Any [`Runtime`], behind a pointer.
#[derive(Clone)]
pub struct Erased(Arc<dyn AnyRuntime>);

impl Erased {
    /// Erases the type of `runtime`.
    pub fn new<R: Runtime>(runtime: R) -> Self {
        Erased(Arc::new(runtime))
    }
}

impl fmt::Debug for Erased {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Erased").finish_non_exhaustive()
    }
}

/// The output of a task; only its two ends know the type.
type Output = Box<dyn Any + Send>;

type ErasedOutcome = Result<Output, JoinError>;

type Call = Box<dyn FnOnce() -> Output + Send>;

/// An object-safe [`Runtime`]: every generic argument is boxed.
trait AnyRuntime: Send + Sync {
    fn spawn(&self, name: Option<Name>, task: BoxFuture<'static, Output>) -> Box<dyn AnyHandle>;
    fn call(&self, name: Option<Name>, work: Call) -> BoxFuture<'static, ErasedOutcome>;
    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()>;
    fn yield_now(&self) -> BoxFuture<'_, ()>;
    fn pipe_reader(&self, pipe: PipeReader) -> io::Result<ErasedPipe>;
    fn now(&self) -> Duration;
    fn block(&self, duration: Duration);
    fn spin(&self, duration: Duration);
    fn charge(&self, cost: Duration);
}

impl<R: Runtime> AnyRuntime for R {
    fn spawn(&self, name: Option<Name>, task: BoxFuture<'static, Output>) -> Box<dyn AnyHandle> {
        Box::new(match name {
            Some(name) => self.spawn_named(name, task),
            None => Runtime::spawn(self, task),
        })
    }

    fn call(&self, name: Option<Name>, work: Call) -> BoxFuture<'static, ErasedOutcome> {
        let handle = match name {
            Some(name) => self.spawn_blocking_named(name, work),
            None => self.spawn_blocking(work),
        };
        handle.boxed()
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        Runtime::sleep(self, duration).boxed()
    }

    fn pipe_reader(&self, pipe: PipeReader) -> io::Result<ErasedPipe> {
        let pipe = Runtime::pipe_reader(self, pipe)?;
        Ok(ErasedPipe(Box::new(pipe)))
    }

    fn yield_now(&self) -> BoxFuture<'_, ()> {
        Runtime::yield_now(self).boxed()
    }

    fn now(&self) -> Duration {
        Runtime::now(self)
    }

    fn block(&self, duration: Duration) {
        Runtime::block(self, duration);
    }

    fn spin(&self, duration: Duration) {
        Runtime::spin(self, duration);
    }

    fn charge(&self, cost: Duration) {
        self.compute(cost, || ());
    }
}

/// An object-safe [`JoinHandle`].
trait AnyHandle: Future<Output = ErasedOutcome> + Send + Unpin {
    fn abort(self: Box<Self>);
    fn cancel(self: Box<Self>) -> BoxFuture<'static, ErasedOutcome>;
}

impl<H: JoinHandle<Output>> AnyHandle for H {
    fn abort(self: Box<Self>) {
        JoinHandle::abort(*self);
    }

    fn cancel(self: Box<Self>) -> BoxFuture<'static, ErasedOutcome> {
        JoinHandle::cancel(*self).boxed()
    }
}

impl Runtime for Erased {
    type JoinHandle<T: Send + 'static> = ErasedJoinHandle<T>;
    type BlockingHandle<T: Send + 'static> = ErasedBlockingHandle<T>;
    type Sleep = BoxFuture<'static, ()>;

    fn spawn<F>(&self, future: F) -> ErasedJoinHandle<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        ErasedJoinHandle::new(self.0.spawn(None, erased(future)))
    }

    fn spawn_named<F>(&self, name: Name, future: F) -> ErasedJoinHandle<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        ErasedJoinHandle::new(self.0.spawn(Some(name), erased(future)))
    }

    fn spawn_blocking<T, F>(&self, work: F) -> ErasedBlockingHandle<T>
    where
        T: Send + 'static,
        F: FnOnce() -> T + Send + 'static,
    {
        ErasedBlockingHandle::new(self.0.call(None, Box::new(|| Box::new(work()))))
    }

    fn spawn_blocking_named<T, F>(&self, name: Name, work: F) -> ErasedBlockingHandle<T>
    where
        T: Send + 'static,
        F: FnOnce() -> T + Send + 'static,
    {
        ErasedBlockingHandle::new(self.0.call(Some(name), Box::new(|| Box::new(work()))))
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        self.0.sleep(duration)
    }

    fn yield_now(&self) -> impl Future<Output = ()> + Send {
        self.0.yield_now()
    }

    fn pipe_reader(&self, pipe: PipeReader) -> io::Result<impl ReadByte + use<>> {
        self.0.pipe_reader(pipe)
    }

    fn now(&self) -> Duration {
        self.0.now()
    }

    fn block(&self, duration: Duration) {
        self.0.block(duration);
    }

    fn spin(&self, duration: Duration) {
        self.0.spin(duration);
    }

    /// Runs `work` here, then lets the runtime charge `cost` for an empty computation: a real clock
    /// charges nothing, and a virtual one charges after the work in any case.
    fn compute<T>(&self, cost: Duration, work: impl FnOnce() -> T) -> T {
        let output = work();
        self.0.charge(cost);
        output
    }
}

/// A pipe of any runtime.
struct ErasedPipe(Box<dyn AnyPipe>);

trait AnyPipe: Send {
    fn read_byte(&mut self) -> BoxFuture<'_, io::Result<Option<u8>>>;
}

impl<P: ReadByte> AnyPipe for P {
    fn read_byte(&mut self) -> BoxFuture<'_, io::Result<Option<u8>>> {
        ReadByte::read_byte(self).boxed()
    }
}

impl ReadByte for ErasedPipe {
    fn read_byte(&mut self) -> impl Future<Output = io::Result<Option<u8>>> + Send {
        AnyPipe::read_byte(&mut *self.0)
    }
}

fn erased<F>(future: F) -> BoxFuture<'static, Output>
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    future.map(|output| Box::new(output) as Output).boxed()
}

fn recovered<T: 'static>(ended: ErasedOutcome) -> Result<T, JoinError> {
    let output = ended?.downcast();
    Ok(*output.expect("a handle is made with the type of its task's output"))
}

/// Awaits a task of an [`Erased`] runtime.
pub struct ErasedJoinHandle<T> {
    handle: Box<dyn AnyHandle>,
    output: PhantomData<fn() -> T>,
}

impl<T> ErasedJoinHandle<T> {
    fn new(handle: Box<dyn AnyHandle>) -> Self {
        ErasedJoinHandle {
            handle,
            output: PhantomData,
        }
    }
}

impl<T: Send + 'static> Future for ErasedJoinHandle<T> {
    type Output = Result<T, JoinError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.handle.poll_unpin(cx).map(recovered)
    }
}

impl<T: Send + 'static> JoinHandle<T> for ErasedJoinHandle<T> {
    fn abort(self) {
        self.handle.abort();
    }

    fn cancel(self) -> impl Future<Output = Result<T, JoinError>> + Send {
        self.handle.cancel().map(recovered)
    }
}

impl<T> fmt::Debug for ErasedJoinHandle<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ErasedJoinHandle").finish_non_exhaustive()
    }
}

/// Awaits a blocking call of an [`Erased`] runtime.
pub struct ErasedBlockingHandle<T> {
    handle: BoxFuture<'static, ErasedOutcome>,
    output: PhantomData<fn() -> T>,
}

impl<T> ErasedBlockingHandle<T> {
    fn new(handle: BoxFuture<'static, ErasedOutcome>) -> Self {
        ErasedBlockingHandle {
            handle,
            output: PhantomData,
        }
    }
}

impl<T: Send + 'static> Future for ErasedBlockingHandle<T> {
    type Output = Result<T, JoinError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.handle.poll_unpin(cx).map(recovered)
    }
}

impl<T> fmt::Debug for ErasedBlockingHandle<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ErasedBlockingHandle")
            .finish_non_exhaustive()
    }
}

/// The runner `Q`, with an [`Erased`] handle.
#[derive(Debug)]
pub struct ErasedRunner<Q>(Q);

impl<Q: Runner> Runner for ErasedRunner<Q> {
    type Runtime = Erased;

    const INFO: RunnerInfo = Q::INFO;

    fn build(config: &Config) -> Result<Self, BuildError> {
        Q::build(config).map(ErasedRunner)
    }

    fn handle(&self) -> Erased {
        Erased::new(self.0.handle())
    }

    fn run_or_stop<F>(
        &self,
        root: F,
        limit: Option<Duration>,
        on_stop: impl FnOnce(),
    ) -> Result<F::Output, RunError>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        self.0.run_or_stop(root, limit, on_stop)
    }

    fn work(&self) -> Option<Work> {
        self.0.work()
    }

    fn shutdown(self, limit: Duration) -> ShutdownReport {
        self.0.shutdown(limit)
    }
}
