//! Why a task or a blocking call gave no output.

use std::any::Any;
use std::fmt;
use std::io;
use std::sync::{Mutex, PoisonError};

/// The reason why a task or a blocking call gave no output.
#[derive(Debug, thiserror::Error)]
pub enum JoinError {
    /// The task was cancelled before it ended.
    #[error("the task was cancelled")]
    Cancelled,
    /// The task panicked; the panic's payload is kept.
    #[error("the task panicked: {0}")]
    Panicked(Panic),
    /// The runtime had shut down, or shut down before the task ended. Runtimes that cannot
    /// distinguish this from a cancel may return [`JoinError::Cancelled`].
    #[error("the runtime shut down before the task ended")]
    Shutdown,
    /// The task could not be started: a thread was refused.
    ///
    /// Not every runtime reports this. The blocking pool of smol and async-std tries again without
    /// end; tokio's reports it only if it has no thread at all, and may still run the call later.
    #[error("the task could not be started")]
    Spawn(#[source] io::Error),
}

impl JoinError {
    /// Wraps the payload that `catch_unwind` or a join returned.
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

    /// The message, if the payload is a string, as that of `panic!` is.
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
