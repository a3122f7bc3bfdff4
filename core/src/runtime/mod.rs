//! The contract between a scenario and a runtime.
//!
//! Scenarios are generic over [`Runtime`] and name nothing else, so the same source runs on every
//! runtime and only the runtime differs. The contract levels the behaviour that programs rely on
//! (the meaning of a dropped handle, where a panic goes, when a cancelled future is gone) and
//! leaves natural the properties that a runtime is chosen for (poll order, timer granularity,
//! forced yields, pool growth).
//!
//! The suite in `conformance` holds every runner to the contract; a runner that cannot meet a rule
//! declares the [`Exception`](crate::Exception) with its reason. The suite leaves one thing out:
//! the fate of a task or a call if the OS refuses it a thread ([`JoinError::Spawn`]), because no
//! rule can provoke that refusal and go on itself. The runners' crates document that case.

pub(crate) mod config;
pub(crate) mod cpu;
pub(crate) mod erased;
pub(crate) mod futures_spawn;
pub(crate) mod join_error;
pub(crate) mod name;
pub(crate) mod pipe;
pub(crate) mod runner;
pub(crate) mod runner_info;
pub(crate) mod settings;
pub mod support;

use std::future::Future;
use std::io::{self, PipeReader};
use std::time::Duration;

use self::join_error::JoinError;
use self::name::Name;
use self::pipe::{NoPipe, ReadByte};

/// A cheap, cloneable handle to a running runtime: the only part of it that a scenario sees.
///
/// The threads belong to a [`Runner`](crate::Runner). A handle keeps nothing alive: once the runner
/// has shut down, tasks and calls spawned through a handle resolve to [`JoinError::Shutdown`].
pub trait Runtime: Clone + Send + Sync + 'static {
    /// Awaits the outcome of a task. Dropping it detaches the task.
    type JoinHandle<T: Send + 'static>: JoinHandle<T>;

    /// Awaits the outcome of a blocking call. Dropping it detaches the call, which still runs.
    type BlockingHandle<T: Send + 'static>: Future<Output = Result<T, JoinError>>
        + Send
        + Unpin
        + 'static;

    /// The future that [`sleep`](Runtime::sleep) returns.
    type Sleep: Future<Output = ()> + Send + 'static;

    /// Starts a task and returns at once; the task runs without being awaited.
    ///
    /// May be called from any thread, inside the runtime or out.
    ///
    /// # Errors
    ///
    /// The handle resolves to [`JoinError::Panicked`] if the task panics,
    /// [`JoinError::Shutdown`] if the runtime is gone or goes away first, and
    /// [`JoinError::Spawn`] if the OS or the runtime's own cap refuses it.
    fn spawn<F>(&self, future: F) -> Self::JoinHandle<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static;

    /// Like [`spawn`](Runtime::spawn), for a task with a name.
    ///
    /// The default ignores the name, for runtimes on which a name costs something; the virtual
    /// clock uses it to name the tasks that wait in a deadlock.
    fn spawn_named<F>(&self, name: Name, future: F) -> Self::JoinHandle<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        // Dropped at once, so that a literal is never written anywhere.
        drop(name);
        self.spawn(future)
    }

    /// Runs `work` on a thread that may block, and returns at once.
    ///
    /// A call that waits for a free blocking thread is queued, never refused
    /// for the cap alone. A call that has begun cannot be interrupted.
    ///
    /// # Errors
    ///
    /// As for [`spawn`](Runtime::spawn).
    fn spawn_blocking<T, F>(&self, work: F) -> Self::BlockingHandle<T>
    where
        T: Send + 'static,
        F: FnOnce() -> T + Send + 'static;

    /// Like [`spawn_blocking`](Runtime::spawn_blocking), for a call with a name.
    fn spawn_blocking_named<T, F>(&self, name: Name, work: F) -> Self::BlockingHandle<T>
    where
        T: Send + 'static,
        F: FnOnce() -> T + Send + 'static,
    {
        drop(name);
        self.spawn_blocking(work)
    }

    /// Waits for `duration` of the runtime's time.
    ///
    /// The deadline is fixed by this call, not by the first poll. The future never resolves early;
    /// how late it resolves is left to the runtime. Dropping the future ends the wait.
    ///
    /// A sleep that is polled after the shutdown ends too: when its deadline has come, or at once
    /// if time stands still by then. Tokio has no timers left at that point and panics, and its
    /// runners declare this.
    fn sleep(&self, duration: Duration) -> Self::Sleep;

    /// Gives the other ready tasks a turn: pending once, then ready.
    fn yield_now(&self) -> impl Future<Output = ()> + Send;

    /// Turns the reading end of a pipe into one that tasks can await.
    ///
    /// Call it in a task, in a runtime built with [`Config::io`](crate::Config::io). The wait for a
    /// byte holds no worker; if each task has a thread of its own, it holds that thread.
    ///
    /// # Errors
    ///
    /// The error of the operating system, or [`io::ErrorKind::Unsupported`] from a runtime that
    /// offers no pipes, which is the default.
    fn pipe_reader(&self, pipe: PipeReader) -> io::Result<impl ReadByte + use<Self>> {
        drop(pipe);
        Err::<NoPipe, _>(io::Error::new(
            io::ErrorKind::Unsupported,
            "this runtime offers no pipes",
        ))
    }

    /// Time since the runtime was built, on the runtime's own clock.
    fn now(&self) -> Duration;

    /// Occupies the calling thread, and with it a worker, without using CPU.
    ///
    /// # Blocking
    ///
    /// Blocks the thread. Inside a task this is the mistake that the scenarios demonstrate.
    fn block(&self, duration: Duration) {
        std::thread::sleep(duration);
    }

    /// Burns CPU on the calling thread until it has used `duration` of CPU time.
    ///
    /// # Blocking
    ///
    /// Blocks the thread, for longer than `duration` if the OS gives the thread less than a whole
    /// core.
    fn spin(&self, duration: Duration) {
        cpu::spin(duration);
    }

    /// Runs `work`, which is expected to use about `cost` of CPU.
    ///
    /// With a real clock, `work` runs and `cost` is ignored; a virtual clock runs `work` and
    /// charges `cost` like a [`spin`](Runtime::spin).
    fn compute<T>(&self, cost: Duration, work: impl FnOnce() -> T) -> T {
        let _ = cost;
        work()
    }
}

/// The right to await a task, and to ask for its end.
///
/// As a future it resolves to the task's output, or to the reason why there is none. Dropping it
/// detaches the task.
pub trait JoinHandle<T>: Future<Output = Result<T, JoinError>> + Send + Unpin + 'static {
    /// Asks for the task's end and does not wait for it.
    ///
    /// # Cancellation
    ///
    /// The request is made by this call. A task that waits is dropped without
    /// another poll; one that is being polled ends at its next suspension, or
    /// runs to its end if it never suspends. A finished task is left as it is.
    fn abort(self);

    /// Asks for the task's end; the future resolves once the task's own future
    /// has been dropped or had ended.
    ///
    /// Resolves to the output if the task had ended before the request, otherwise to
    /// [`JoinError::Cancelled`] or [`JoinError::Panicked`]. A task that ends in the poll that is
    /// under way at the request may resolve to either: tokio keeps its output, smol and async-std
    /// drop it and return `Cancelled`.
    ///
    /// # Cancellation
    ///
    /// The request is made by this call, even if the returned future is never polled.
    fn cancel(self) -> impl Future<Output = Result<T, JoinError>> + Send;
}
