//! The recommended order of the lessons.

/// A few lessons on one subject.
pub(crate) struct Chapter {
    pub(crate) title: &'static str,
    /// A cell to run, and why.
    pub(crate) lessons: &'static [(&'static str, &'static str)],
}

/// The terms that the lessons take as known.
pub(crate) const WORDS: &[(&str, &str)] = &[
    (
        "future",
        "what the call of an async function makes; it does nothing until it is polled.",
    ),
    (
        "poll",
        "to run a future up to its next await that has to wait, or to its end.",
    ),
    (
        "task",
        "a future that was spawned: the runtime polls it, beside the others. The task of main is \
         also called the root.",
    ),
    (
        "worker",
        "a thread that polls tasks, one at a time; asyncio's event loop is one worker.",
    ),
    (
        "blocking pool",
        "threads beside the workers, for calls that block.",
    ),
    (
        "runner",
        "what the program runs on: tokio, async-std, smol, threads (an OS thread for each task), \
         or virtual (a simulated clock, which computes the ideal).",
    ),
    (
        "cx",
        "the runtime, as the programs see it: `cx.wait` is a sleep to be awaited, `cx.block` a \
         sleep that blocks its thread, `cx.compute` and `cx.spin` are work for the CPU, `cx.say` \
         writes a line, `cx.spawn` makes a task; `cx.named` and `cx.named_call` only give a name. \
         `R` is the runtime and `S` keeps the record: read past them.",
    ),
];

pub(crate) const COURSE: &[Chapter] = &[
    Chapter {
        title: "1. Waiting",
        lessons: &[
            ("done", "The smallest program: one future, one poll."),
            (
                "cafe/sync",
                "Without async: the thread stands still for each customer.",
            ),
            (
                "cafe/sequential",
                "With async, but awaited in turn: not a second is won.",
            ),
            (
                "cafe/concurrent",
                "Both orders first, then the coffees: half the time, one thread.",
            ),
            ("greeter", "Nothing happens before somebody polls."),
            (
                "waiter/never-awaited",
                "A future that nobody polls does nothing at all.",
            ),
        ],
    },
    Chapter {
        title: "2. Tasks",
        lessons: &[
            (
                "waiter/tasks",
                "Three tasks wait at the same time; the longest decides.",
            ),
            (
                "waiter/spawn-await",
                "A task awaited as soon as it is spawned gains nothing.",
            ),
            ("count", "Two ways to count to three, three times."),
            ("hello", "When a task starts, and when its value is there."),
            (
                "factorial",
                "Results stand in the order of the arguments, whoever ends first.",
            ),
            (
                "waiter/as-completed",
                "Results in the order in which they come.",
            ),
            ("jobs", "The same steps in turn, and round robin."),
            ("io", "Two waits at once, without a second task."),
        ],
    },
    Chapter {
        title: "3. What the scheduler does",
        lessons: &[
            (
                "schedule",
                "Step by step: which task is ready, which runs, which waits.",
            ),
            ("phases", "A future that is ready is polled once."),
            ("sums", "Two sums, one after the other and interleaved."),
            (
                "divisibles",
                "CPU work: a task that never waits holds its worker.",
            ),
        ],
    },
    Chapter {
        title: "4. Blocking",
        lessons: &[
            (
                "waiter/blocking-tasks --workers 1,2,3",
                "Tasks that block hold their workers.",
            ),
            (
                "waiter/offloaded",
                "The blocking pool keeps the workers free, for a thread each.",
            ),
            ("waiter/parallel", "Threads: parallelism, and its price."),
        ],
    },
    Chapter {
        title: "5. Streams, queues, deadlines",
        lessons: &[
            (
                "async-for",
                "A stream of orders, delivered in turn or while the next is made.",
            ),
            ("shops/fixed", "A queue that knows when its work is done."),
            (
                "shops/no-task-done",
                "The queue that is never done: join waits for ever.",
            ),
            ("slow-resource", "A deadline for what may never answer."),
        ],
    },
    Chapter {
        title: "6. Cancelling, and what is left behind",
        lessons: &[
            (
                "waiter/cancel-pending",
                "A waiting task is gone at once, a finished one has its value.",
            ),
            ("waiter/cancel-blocking", "A poll cannot be interrupted."),
            ("waiter/orphan", "What becomes of a task when main ends."),
        ],
    },
    Chapter {
        title: "7. Structured concurrency",
        lessons: &[
            (
                "gather",
                "One of three fails: who is told, and who goes on?",
            ),
            ("task-group/ok", "A group ends when its last child does."),
            (
                "task-group/failing-child",
                "The first error ends the group; nobody is left behind.",
            ),
            (
                "task-group/nested",
                "Groups within groups: no grandchild outlives them.",
            ),
        ],
    },
];
