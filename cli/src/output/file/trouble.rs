//! Files that could not be read or written, as the exit code tells them.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::Context;
use signal_hook::consts::SIGXFSZ;

/// Set once something could not be saved where it should.
static LOST: AtomicBool = AtomicBool::new(false);

/// The context of an error on a file, which says what could not be done.
#[derive(Debug)]
pub(crate) struct FileTrouble(pub(crate) String);

impl fmt::Display for FileTrouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Remembers that something could not be saved where it should.
pub(in crate::output) fn remember() {
    LOST.store(true, Ordering::Relaxed);
}

/// Whether something could not be saved where it should.
pub(crate) fn was_any() -> bool {
    LOST.load(Ordering::Relaxed)
}

/// From now on a write beyond the limit of `ulimit -f` is an error and does not end this
/// process.
///
/// # Errors
///
/// The system would not take a handler of the signal.
pub(crate) fn survive_limit() -> anyhow::Result<()> {
    // The flag is not read: a handler that returns is enough.
    signal_hook::flag::register(SIGXFSZ, Arc::new(AtomicBool::new(false)))
        .map(drop)
        .context("cannot listen for SIGXFSZ")
}
