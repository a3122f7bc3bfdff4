//! The variants of the search, and the point that each makes.

use crate::scenario::variant::VariantInfo;

/// The variants of the search for divisible numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Divisibles {
    /// Plain function calls.
    Sync,
    /// Tasks that never suspend.
    NoYield,
    /// Tasks that wait for a moment at every number that 500,000 divides.
    Yield500000,
    /// Tasks that wait for a moment at every number that 50,000 divides.
    Yield50000,
    /// The numbers found, from the tasks' handles.
    Results,
    /// Main ends while searches are under way.
    NotWaiting,
    /// Polls that take too long are reported.
    SlowPoll,
    /// A search fails, and the others clean up.
    Cleanup,
    /// Big inputs, each on a thread of the blocking pool.
    Parallel,
    /// Big inputs, each in a task that never suspends.
    ConcurrentBig,
}

pub(super) fn info(variant: Divisibles) -> VariantInfo {
    match variant {
        Divisibles::Sync => VariantInfo::new(
            "sync",
            "plain function calls, one search after the other",
            "Plain calls run in the order in which they stand, each to its end.",
        )
        .program(&["sync", "find"])
        .without_ideal(),
        Divisibles::NoYield => VariantInfo::new(
            "no-yield",
            "three tasks that never suspend",
            "An async function without an await that suspends runs to its end like a plain one: \
             nobody takes turns.",
        )
        .program(&["no_yield", "find_async", "find"])
        .without_ideal(),
        Divisibles::Yield500000 => VariantInfo::new(
            "yield-500000",
            "tasks that wait 0.1 ms at every number that 500,000 divides",
            "A task gives way only where it waits: the first input waits twice, the others only \
             at 0.",
        )
        .program(&["yielding", "find_yielding"])
        .without_ideal(),
        Divisibles::Yield50000 => VariantInfo::new(
            "yield-50000",
            "tasks that wait 0.1 ms at every number that 50,000 divides",
            "More awaits, more turns: the smallest search ends first, because it meets the fewest \
             of them.",
        )
        .program(&["yielding", "find_yielding"])
        .without_ideal(),
        Divisibles::Results => VariantInfo::new(
            "results",
            "takes the numbers that were found from the tasks' handles",
            "A handle gives its task's value: no shared list, no lock, and the order of asking.",
        )
        .program(&["results", "find_yielding"])
        .without_ideal(),
        Divisibles::NotWaiting => VariantInfo::new(
            "not-waiting",
            "main yields once and ends; two searches suspend, one does not",
            "When main does not wait, a search that suspends is lost; one that never suspends is \
             done, if only it was begun.",
        )
        .program(&["not_waiting", "find_yielding", "find_async"])
        .without_ideal(),
        Divisibles::SlowPoll => VariantInfo::new(
            "slow-poll",
            "times each poll, and reports those over a threshold",
            "What stalls a runtime is a long poll, and a long poll can be measured.",
        )
        .program(&["slow_poll", "find_async", "find"])
        .without_ideal(),
        Divisibles::Cleanup => VariantInfo::new(
            "cleanup",
            "a search fails, the group cancels the others, every file is closed",
            "However a task ends, what it owns is dropped, once; and the group hands the error on.",
        )
        .program(&["cleanup", "find_in_file"])
        .without_ideal()
        .fails(),
        Divisibles::Parallel => VariantInfo::new(
            "parallel",
            "three big searches, each on a thread of the blocking pool",
            "Computing is made faster by cores, and a pool of threads uses them, whatever the \
             number of workers.",
        )
        .program(&["parallel", "find"])
        .without_ideal(),
        Divisibles::ConcurrentBig => VariantInfo::new(
            "concurrent-big",
            "three big searches, each in a task that never suspends",
            "Concurrency alone gains nothing for computing: on one worker three searches take the \
             time of three.",
        )
        .program(&["no_yield", "find_async", "find"])
        .without_ideal(),
    }
}
