//! The contract between a scenario and a runtime.
//!
//! Scenarios are generic over [`Runtime`] and name nothing else, so the same
//! source runs on every runtime and what differs is the runtime. The contract
//! levels what programs rely on (what a dropped handle means, where a panic
//! goes, when a cancelled future is gone) and leaves natural what a runtime is
//! chosen for (poll order, timer granularity, forced yields, pool growth).
//!
//! The suite in `conformance` holds every runner to what is stated here; one that
//! cannot meet a rule declares the [`Exception`](crate::Exception) with its reason.
//! One thing the suite leaves out: what becomes of a task or a call whose thread the
//! OS refuses ([`JoinError::Spawn`]), because no rule can have that refused and go on
//! itself. The runners' crates say what happens there.

use std::any::Any;
use std::fmt;
use std::future::Future;
use std::io::{self, PipeReader};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::pipe::NoPipe;
use crate::{Name, ReadByte};

/// A cheap, cloneable handle to a running runtime: all that a scenario sees of it.
///
/// The threads belong to a [`Runner`](crate::Runner). A handle keeps nothing
/// alive: once the runner has shut down, whatever is spawned through a handle
/// resolves to [`JoinError::Shutdown`].
pub trait Runtime: Clone + Send + Sync + 'static {
    /// Awaits the outcome of a task. Dropping it detaches the task.
    type JoinHandle<T: Send + 'static>: JoinHandle<T>;

    /// Awaits the outcome of a blocking call. Dropping it detaches the call,
    /// which still runs.
    type BlockingHandle<T: Send + 'static>: Future<Output = Result<T, JoinError>>
        + Send
        + Unpin
        + 'static;

    /// What [`sleep`](Runtime::sleep) returns.
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

    /// As [`spawn`](Runtime::spawn), for a task with a name.
    ///
    /// Runtimes on which a name costs something ignore it, which is the
    /// default; the virtual clock uses it to say who waits in a deadlock.
    fn spawn_named<F>(&self, name: Name, future: F) -> Self::JoinHandle<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        // At once, so that a literal is never written anywhere.
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

    /// As [`spawn_blocking`](Runtime::spawn_blocking), for a call with a name.
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
    /// The deadline is fixed by this call, not by the first poll. It never
    /// resolves early; how late is the runtime's nature. Dropping the future
    /// ends the wait.
    ///
    /// Polled after the shutdown it ends too: when its time has come, or at once
    /// where time stands still then. Tokio has no timers left and panics, which its
    /// runners declare.
    fn sleep(&self, duration: Duration) -> Self::Sleep;

    /// Gives the other ready tasks a turn: pending once, then ready.
    fn yield_now(&self) -> impl Future<Output = ()> + Send;

    /// Makes the reading end of a pipe one that tasks await.
    ///
    /// Call it in a task, in a runtime built with [`Config::io`](crate::Config::io).
    /// The wait for a byte holds no worker; where each task has a thread of its own,
    /// that thread.
    ///
    /// # Errors
    ///
    /// What the operating system says, and [`io::ErrorKind::Unsupported`] from a
    /// runtime that offers no pipes, which is the default.
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
    /// Blocks the thread: called inside a task it is the mistake that the
    /// scenarios show.
    fn block(&self, duration: Duration) {
        std::thread::sleep(duration);
    }

    /// Burns CPU on the calling thread until it has used `duration` of CPU time.
    ///
    /// # Blocking
    ///
    /// Blocks the thread, for longer than `duration` where the OS gives the
    /// thread less than a whole core.
    fn spin(&self, duration: Duration) {
        crate::cpu::spin(duration);
    }

    /// Runs `work`, which is expected to use about `cost` of CPU.
    ///
    /// Real clocks run `work` and ignore `cost`; a virtual clock runs `work`
    /// and charges `cost` as a [`spin`](Runtime::spin).
    fn compute<T>(&self, cost: Duration, work: impl FnOnce() -> T) -> T {
        let _ = cost;
        work()
    }
}

/// The right to await a task, and to ask for its end.
///
/// As a future it resolves to the task's output, or to why there is none.
/// Dropping it detaches the task.
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
    /// Gives the output where the task had ended before the request, otherwise
    /// [`JoinError::Cancelled`] or [`JoinError::Panicked`]. A task that ends in the
    /// poll that is under way at the request gives either: tokio keeps its output,
    /// smol and async-std drop it and say `Cancelled`.
    ///
    /// # Cancellation
    ///
    /// The request is made by this call, also when the returned future is never
    /// polled.
    fn cancel(self) -> impl Future<Output = Result<T, JoinError>> + Send;
}

/// Why a task or a blocking call gave no output.
#[derive(Debug, thiserror::Error)]
pub enum JoinError {
    /// The task was cancelled before it ended.
    #[error("the task was cancelled")]
    Cancelled,
    /// The task panicked; the panic's payload is kept.
    #[error("the task panicked: {0}")]
    Panicked(Panic),
    /// The runtime had shut down, or shut down before the task ended. Runtimes
    /// that cannot tell this from a cancel may say [`JoinError::Cancelled`].
    #[error("the runtime shut down before the task ended")]
    Shutdown,
    /// The task could not be started: a thread was refused.
    ///
    /// Not every runtime says so. The blocking pool of smol and async-std asks again
    /// without end; tokio's says so only where it has no thread at all, and may run the
    /// call later nevertheless.
    #[error("the task could not be started")]
    Spawn(#[source] io::Error),
}

impl JoinError {
    /// Wraps the payload that `catch_unwind` or a join gave.
    pub fn panicked(payload: Box<dyn Any + Send>) -> Self {
        JoinError::Panicked(Panic::new(payload))
    }

    /// Whether the task panicked.
    pub fn is_panic(&self) -> bool {
        matches!(self, JoinError::Panicked(_))
    }

    /// Whether the task was ended from outside: by a cancel, or by the runtime's end.
    pub fn is_stopped(&self) -> bool {
        matches!(self, JoinError::Cancelled | JoinError::Shutdown)
    }
}

/// The payload of a panic, behind a mutex so that [`JoinError`] is `Sync`.
pub struct Panic(Mutex<Box<dyn Any + Send>>);

impl Panic {
    pub(crate) fn new(payload: Box<dyn Any + Send>) -> Self {
        Panic(Mutex::new(payload))
    }

    /// The message, where the payload is a string, as those of `panic!` are.
    pub fn message(&self) -> String {
        let payload = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let text = payload
            .downcast_ref::<&'static str>()
            .copied()
            .or_else(|| payload.downcast_ref::<String>().map(String::as_str));
        text.unwrap_or("a payload that is not a string").to_owned()
    }

    /// The payload, for `std::panic::resume_unwind`.
    pub fn into_payload(self) -> Box<dyn Any + Send> {
        self.0.into_inner().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Panic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Panic").field(&self.message()).finish()
    }
}

impl fmt::Display for Panic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message())
    }
}

pub mod support;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn join_error_crosses_threads_as_an_error() {
        fn assert_error<E: std::error::Error + Send + Sync + 'static>() {}
        assert_error::<JoinError>();
    }

    #[test]
    fn a_panic_keeps_its_message() {
        let payload = std::panic::catch_unwind(|| {
            std::panic::resume_unwind(Box::new(String::from("kitchen fire")))
        });
        let error = JoinError::panicked(payload.unwrap_err());
        assert_eq!(error.to_string(), "the task panicked: kitchen fire");
        let JoinError::Panicked(panic) = error else {
            panic!("not a panic")
        };
        assert!(panic.into_payload().is::<String>());
    }
}
