//! Which runtime the current thread belongs to.
//!
//! Tokio keeps the same for itself, but shows it only to code that enters a runtime.

use std::cell::Cell;
use std::sync::atomic::{AtomicU64, Ordering};

thread_local! {
    /// Zero is no runtime's number.
    static ENTERED: Cell<u64> = const { Cell::new(0) };
}

/// Tells a runtime from all others that the process has built.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RuntimeNumber(u64);

impl RuntimeNumber {
    pub(crate) fn next() -> Self {
        static LAST: AtomicU64 = AtomicU64::new(0);
        RuntimeNumber(1 + LAST.fetch_add(1, Ordering::Relaxed))
    }

    /// Whether tokio's calls on the current thread go to this runtime. It may say no
    /// although they do; it says yes although they do not only if a program has entered
    /// another runtime by tokio's own means.
    #[inline]
    pub(crate) fn is_entered(self) -> bool {
        ENTERED.get() == self.0
    }

    /// For a thread that tokio has started for this runtime.
    pub(crate) fn enter_for_good(self) {
        ENTERED.set(self.0);
    }

    /// For a thread that drives this runtime until the guard is dropped.
    pub(crate) fn enter(self) -> Entered {
        Entered {
            before: ENTERED.replace(self.0),
        }
    }
}

/// Restores the runtime that the thread had entered before.
#[derive(Debug)]
pub(crate) struct Entered {
    before: u64,
}

impl Drop for Entered {
    fn drop(&mut self) {
        ENTERED.set(self.before);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_guard_restores_what_was_entered_before() {
        let (outer, inner) = (RuntimeNumber::next(), RuntimeNumber::next());
        assert!(!outer.is_entered());
        let outer_guard = outer.enter();
        let inner_guard = inner.enter();
        assert!(inner.is_entered() && !outer.is_entered());
        drop(inner_guard);
        assert!(outer.is_entered());
        drop(outer_guard);
        assert!(!outer.is_entered());
    }
}
