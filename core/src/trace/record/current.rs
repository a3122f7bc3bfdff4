//! The cause of the events on the current thread, for a recorded run.

use std::cell::Cell;
use std::collections::HashMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::runtime::support::lock;

/// The cause to record for an event on this thread.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum WakeCause {
    /// No task: the runtime's own code, or a thread outside the runtime.
    Outside,
    /// The task that is being polled on this thread.
    Task(u32),
    /// The end of this task, which wakes the task that awaits its handle.
    EndOf(u32),
    /// A sleep that is over. Both times are nanoseconds of the runtime's clock.
    Timer {
        /// The sleep cannot be over before this: it began less than its duration earlier.
        earliest: u64,
        /// The sleep is late after this: it began at least its duration earlier.
        due: u64,
    },
    /// A pipe that can be read.
    Pipe,
}

/// A task, and the cause of the wake that it waits for.
pub(super) type Wait = (u32, WakeCause);

/// The futures of a run that were polled and have not been woken, by number. In several tables, so
/// that threads rarely meet.
#[derive(Default)]
pub(super) struct Waits {
    count: AtomicU64,
    tables: [Mutex<HashMap<u64, Wait>>; 16],
}

impl Waits {
    /// A number for a future that may wait.
    pub(super) fn number(&self) -> u64 {
        self.count.fetch_add(1, Ordering::Relaxed)
    }

    pub(super) fn begin(&self, number: u64, wait: Wait) {
        lock(self.table(number)).insert(number, wait);
    }

    pub(super) fn end(&self, number: u64) {
        lock(self.table(number)).remove(&number);
    }

    /// All waits, in the order of their numbers.
    pub(super) fn all(&self) -> Vec<Wait> {
        let tables = self.tables.iter().map(|table| lock(table).clone());
        let mut waits: Vec<(u64, Wait)> = tables.flatten().collect();
        waits.sort_unstable_by_key(|(number, _)| *number);
        waits.into_iter().map(|(_, wait)| wait).collect()
    }

    fn table(&self, number: u64) -> &Mutex<HashMap<u64, Wait>> {
        &self.tables[number as usize % self.tables.len()]
    }
}

#[derive(Clone, Copy)]
struct Current {
    /// The run that `cause` belongs to: another run ignores it.
    run: u64,
    cause: WakeCause,
    /// The number of watched futures that are being polled inside the task's poll.
    depth: u32,
    failed: bool,
}

thread_local! {
    static CURRENT: Cell<Current> = const {
        Cell::new(Current { run: 0, cause: WakeCause::Outside, depth: 0, failed: false })
    };
}

/// The cause of events on this thread, as `run` sees it.
#[inline]
pub(super) fn cause(run: u64) -> WakeCause {
    match CURRENT.get() {
        here if here.run == run => here.cause,
        _ => WakeCause::Outside,
    }
}

/// The task of `run` that is being polled on this thread, if there is one.
#[inline]
pub(super) fn task(run: u64) -> Option<u32> {
    match cause(run) {
        WakeCause::Task(task) => Some(task),
        WakeCause::Outside | WakeCause::EndOf(_) | WakeCause::Timer { .. } | WakeCause::Pipe => {
            None
        }
    }
}

/// Attributes every wake on this thread to `cause` until the guard is dropped.
#[inline]
pub(super) fn enter(run: u64, cause: WakeCause) -> Entered {
    Entered(CURRENT.replace(Current {
        run,
        cause,
        depth: 0,
        failed: false,
    }))
}

/// Restores the previous cause.
#[must_use = "dropped at once it enters nothing"]
pub(super) struct Entered(Current);

impl Entered {
    /// Whether the task reported that it failed; see [`fail`].
    #[inline]
    pub(super) fn failed(&self) -> bool {
        CURRENT.get().failed
    }
}

impl Drop for Entered {
    #[inline]
    fn drop(&mut self) {
        CURRENT.set(self.0);
    }
}

/// Runs one poll of a watched future: the task's own, or one inside it.
pub(super) fn nested<T>(poll: impl FnOnce() -> T) -> T {
    struct Up;
    impl Drop for Up {
        fn drop(&mut self) {
            change(|here| here.depth = here.depth.saturating_sub(1));
        }
    }
    change(|here| here.depth += 1);
    let _up = Up;
    poll()
}

/// Reports that the watched future that was just polled ended with an error. If no other watched
/// future is being polled around it, the failure is the task's own.
pub(super) fn fail() {
    change(|here| here.failed |= here.depth == 0);
}

fn change(with: impl FnOnce(&mut Current)) {
    let mut here = CURRENT.get();
    with(&mut here);
    CURRENT.set(here);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_outermost_failure_is_the_tasks_own() {
        let _task = enter(1, WakeCause::Task(0));
        let poll = enter(1, WakeCause::Task(1));
        nested(|| {
            nested(|| ());
            fail();
        });
        assert!(!poll.failed());
        fail();
        assert!(poll.failed());
        drop(poll);
        assert!(!CURRENT.get().failed, "a failure outlived its poll");
        assert_eq!((task(1), task(2)), (Some(0), None));
    }
}
