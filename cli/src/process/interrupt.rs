//! Ctrl-C while cells run: cells under way are ended, those that are done are shown.

use std::fmt;
use std::fs;
use std::sync::Arc;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Context, Result};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::flag;

/// The exit code after Ctrl-C: 128 and the number of the signal, as shells have it.
pub(crate) const INTERRUPTED: u8 = 130;

/// Set by the first SIGINT, once somebody listens.
static ASKED: OnceLock<Arc<AtomicBool>> = OnceLock::new();

/// From now on the first SIGINT only makes [`asked`] true; a second one ends this
/// process at once. If SIGINT was ignored, as for a command that a script starts with
/// `&`, it still is.
///
/// The caller must end soon once [`asked`] is true.
pub(crate) fn listen() -> Result<()> {
    if ASKED.get().is_some() || is_ignored(SIGINT) {
        return Ok(());
    }
    let asked = Arc::new(AtomicBool::new(false));
    // In this order: at the first signal the shutdown finds the flag not set yet.
    flag::register_conditional_shutdown(SIGINT, i32::from(INTERRUPTED), Arc::clone(&asked))
        .and_then(|_| flag::register(SIGINT, Arc::clone(&asked)))
        .context("cannot listen for Ctrl-C")?;
    // Only the one thread that begins the cells listens.
    let _ = ASKED.set(asked);
    Ok(())
}

/// From now on [`asked`] is true after any signal that asks this process to end, however often it
/// does: for a command whose children would outlive it.
pub(crate) fn listen_to_all() -> Result<()> {
    let asked = ASKED.get_or_init(Arc::default);
    let signals = [SIGINT, SIGTERM, SIGHUP].into_iter();
    for signal in signals.filter(|signal| !is_ignored(*signal)) {
        flag::register(signal, Arc::clone(asked)).context("cannot listen for signals")?;
    }
    Ok(())
}

/// Whether to end.
pub(crate) fn asked() -> bool {
    ASKED
        .get()
        .is_some_and(|asked| asked.load(Ordering::Relaxed))
}

/// The command was not carried out, or not wholly: Ctrl-C was pressed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Interrupted;

impl fmt::Display for Interrupted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("interrupted")
    }
}

impl std::error::Error for Interrupted {}

/// Whether this process was started with `signal` ignored; `false` where it cannot be
/// known.
fn is_ignored(signal: i32) -> bool {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    ignores(&status, signal)
}

/// Whether the process with this status file ignores `signal`.
fn ignores(status: &str, signal: i32) -> bool {
    let mut lines = status.lines();
    let mask = lines.find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    // Signals are counted from 1.
    mask.is_some_and(|mask| mask >> (signal - 1) & 1 == 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ignored_signal_is_told_from_the_status_file() {
        let status = "SigBlk:\t0000000000000002\nSigIgn:\t0000000000001002\n";
        assert!(ignores(status, SIGINT));
        assert!(ignores(status, 13));
        assert!(!ignores(status, 15));
        assert!(!ignores("Name:\tpollmark\n", SIGINT));
    }
}
