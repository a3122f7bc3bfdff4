//! The order in which the lessons are best taken.

/// A few lessons on one subject.
pub(crate) struct Chapter {
    pub(crate) title: &'static str,
    /// A cell to run, and why.
    pub(crate) lessons: &'static [(&'static str, &'static str)],
}

pub(crate) const COURSE: &[Chapter] = &[
    Chapter {
        title: "1. Waiting",
        lessons: &[
            ("cafe/sync", "Without async: the thread stands still for each customer."),
            ("cafe/sequential", "With async, but awaited in turn: not a second is won."),
            ("cafe/concurrent", "Both orders first, then the coffees: half the time, one thread."),
            ("waiter/never-awaited", "A future that nobody polls does nothing at all."),
        ],
    },
    Chapter {
        title: "2. Tasks",
        lessons: &[
            ("waiter/tasks", "Three tasks wait at the same time; the longest decides."),
            ("waiter/spawn-await", "A task awaited as soon as it is spawned gains nothing."),
            ("waiter/as-completed", "Results in the order in which they come."),
        ],
    },
    Chapter {
        title: "3. Blocking",
        lessons: &[
            ("waiter/blocking-tasks --workers 1,2,3", "Tasks that block hold their workers."),
            ("waiter/offloaded", "The blocking pool keeps the workers free, for a thread each."),
            ("waiter/parallel", "Threads: parallelism, and its price."),
        ],
    },
    Chapter {
        title: "4. Cancelling, and what is left behind",
        lessons: &[
            ("waiter/cancel-pending", "A waiting task is gone at once, a finished one has its value."),
            ("waiter/cancel-blocking", "A poll cannot be interrupted."),
            ("waiter/orphan", "What becomes of a task when main ends: four runtimes, three answers."),
        ],
    },
];
