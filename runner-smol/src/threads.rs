//! Asking the OS for threads before the runtime does.

use std::sync::Mutex;
use std::thread;

use pollmark_core::BuildError;

/// Asks the OS for `count` threads at a time, which end at once.
///
/// smol's timers have a thread of their own, which starts with the first worker;
/// where it is refused, that worker panics.
///
/// # Errors
///
/// [`BuildError::Os`] with the OS's error for the first thread that it refuses.
pub(crate) fn check(count: usize) -> Result<(), BuildError> {
    let gate = Mutex::new(());
    thread::scope(|scope| {
        let closed = gate.lock();
        let granted = (0..count).try_for_each(|_| {
            let thread = thread::Builder::new().spawn_scoped(scope, || drop(gate.lock()));
            thread.map(drop)
        });
        drop(closed);
        granted.map_err(BuildError::Os)
    })
}
