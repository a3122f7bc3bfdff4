//! The questions, as data.

use std::num::NonZeroUsize;

use serde::{Deserialize, Serialize};

/// The questions asked of every runtime, in the order in which they are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Question {
    HandleDrop,
    Panic,
    DetachedPanic,
    CancelRequest,
    CancelBeforeFirstPoll,
    CancelBusy,
    CancelWaits,
    DropPanic,
    MainEnds,
    ShutdownDrops,
    ShutdownJoin,
    ShutdownSpawn,
    ZeroSleep,
    SleepDeadline,
    TimerGranularity,
    TimerBesideWork,
    ForcedYields,
    PollOrder,
    BlockingThreads,
    BlockingDrop,
}

/// The text of a question.
#[derive(Debug)]
pub(crate) struct Info {
    pub(crate) id: &'static str,
    pub(crate) title: &'static str,
    /// Why it matters when a program moves from one runtime to another.
    pub(crate) why: &'static str,
    /// How it is measured.
    pub(crate) how: &'static str,
    /// The rule of the conformance suite that makes the answers through pollmark alike; `None`
    /// if the contract leaves them as they are.
    pub(crate) rule: Option<&'static str>,
    /// The unit of the figure, if the answer is one.
    pub(crate) unit: Option<&'static str>,
}

impl Question {
    pub(crate) const ALL: [Question; 20] = [
        Question::HandleDrop,
        Question::Panic,
        Question::DetachedPanic,
        Question::CancelRequest,
        Question::CancelBeforeFirstPoll,
        Question::CancelBusy,
        Question::CancelWaits,
        Question::DropPanic,
        Question::MainEnds,
        Question::ShutdownDrops,
        Question::ShutdownJoin,
        Question::ShutdownSpawn,
        Question::ZeroSleep,
        Question::SleepDeadline,
        Question::TimerGranularity,
        Question::TimerBesideWork,
        Question::ForcedYields,
        Question::PollOrder,
        Question::BlockingThreads,
        Question::BlockingDrop,
    ];

    /// Whether a neighbour that uses the CPU spoils the answer.
    pub(crate) fn needs_quiet(self) -> bool {
        matches!(self, Question::TimerGranularity | Question::TimerBesideWork)
    }

    /// The workers that the probe needs, if the runtime has any to set.
    pub(crate) fn workers(self) -> usize {
        match self {
            // One worker computes, and one is idle.
            Question::TimerBesideWork => 2,
            _ => 1,
        }
    }

    /// The blocking threads that the probe needs; `None` leaves them as they are.
    pub(crate) fn blocking_threads(self) -> Option<NonZeroUsize> {
        match self {
            // One thread, so that the second call is queued.
            Question::BlockingDrop => NonZeroUsize::new(1),
            _ => None,
        }
    }

    pub(crate) fn info(self) -> &'static Info {
        match self {
            Question::HandleDrop => &Info {
                id: "handle-drop",
                title: "What does dropping a task's handle do?",
                why: "Code that drops handles and relies on its tasks loses them where a \
                      drop cancels, and leaks them where it was to cancel.",
                how: "A task waits at a gate; its handle is dropped, then the gate opens. \
                      It either finishes or its future is dropped unfinished.",
                rule: Some("drop_detaches"),
                unit: None,
            },
            Question::Panic => &Info {
                id: "panic",
                title: "What does awaiting a task that panicked give?",
                why: "Where the awaiter panics too, one bad request takes down whoever \
                      waits for it, unless that catches panics.",
                how: "A task panics, and its handle is polled under `catch_unwind`.",
                rule: Some("panic_is_an_error"),
                unit: None,
            },
            Question::DetachedPanic => &Info {
                id: "detached-panic",
                title: "What does the panic of a detached task do to the others?",
                why: "Nobody is told of such a panic: a service that seems well may have \
                      lost the task that did its work.",
                how: "A detached task panics on the only worker; another is spawned and \
                      awaited.",
                rule: Some("panic_of_a_detached_task_is_survived"),
                unit: None,
            },
            Question::CancelRequest => &Info {
                id: "cancel-request",
                title: "When is a cancel asked for?",
                why: "A lazy cancel that is called and not awaited, as in `drop(task.cancel())`, \
                      may do nothing at all.",
                how: "A cancel is called on a task that waits at a gate; its future is held \
                      unpolled, and for another task dropped unpolled. The gate opens: does \
                      the task finish?",
                rule: Some("cancel_requests_at_the_call"),
                unit: None,
            },
            Question::CancelBeforeFirstPoll => &Info {
                id: "cancel-before-first-poll",
                title: "A task is cancelled before its first poll: does its body run?",
                why: "Cleanup inside the body is not reached then; only what the future \
                      already owns is dropped.",
                how: "On one worker a task spawns another and cancels it at once, 50 times; \
                      the body tells whether it ran.",
                rule: None,
                unit: None,
            },
            Question::CancelBusy => &Info {
                id: "cancel-busy",
                title: "A busy task is cancelled and then returns 9: what is given?",
                why: "Work that was done, and perhaps paid for, is thrown away where the \
                      value is lost.",
                how: "A task blocks its worker; the cancel is asked for, then the task \
                      returns in that same poll, then the cancel is awaited.",
                rule: None,
                unit: None,
            },
            Question::CancelWaits => &Info {
                id: "cancel-waits",
                title: "Does awaiting a cancel wait until the future has been dropped?",
                why: "What the task held, a lock or a file, is only free once its future has \
                      been dropped.",
                how: "The future's drop is held up; meanwhile the cancel is polled.",
                rule: Some("cancel_waits_for_the_drop"),
                unit: None,
            },
            Question::DropPanic => &Info {
                id: "drop-panic",
                title: "A cancelled future panics in its drop: what does its canceller get?",
                why: "A destructor that panics, as one that unwraps does, may take down the \
                      process and everything in it.",
                how: "A task waits; it is cancelled, and its future's drop panics. Then the \
                      cancel is awaited.",
                rule: None,
                unit: None,
            },
            Question::MainEnds => &Info {
                id: "main-ends",
                title: "What do tasks do after the main future has ended?",
                why: "Work left in the background goes on in one runtime and stands still in \
                      another, with what it holds.",
                how: "`block_on` returns while a task waits at a gate; the gate opens.",
                rule: None,
                unit: None,
            },
            Question::ShutdownDrops => &Info {
                id: "shutdown-drops",
                title: "The runtime is shut down: what becomes of a task that waits?",
                why: "Where the future is not dropped, its destructors never run and what it \
                      holds is never let go.",
                how: "A task waits; the runtime is dropped, or its workers are ended and then \
                      the executor is dropped.",
                rule: Some("shutdown_drops_pending_tasks"),
                unit: None,
            },
            Question::ShutdownJoin => &Info {
                id: "shutdown-join",
                title: "What does the handle of such a task give afterwards?",
                why: "A handle that outlives its runtime is an error to handle, a panic, or a \
                      wait without end.",
                how: "As before; then the handle is awaited from outside, for 250 ms.",
                rule: Some("shutdown_resolves_kept_handles"),
                unit: None,
            },
            Question::ShutdownSpawn => &Info {
                id: "shutdown-spawn",
                title: "What does a task give that is spawned after the shutdown?",
                why: "Shutdowns race with spawns: a late spawn that silently never runs hangs \
                      whoever awaits it.",
                how: "The runtime is shut down while something that can spawn is kept; a task \
                      is spawned and awaited for 250 ms.",
                rule: Some("spawn_after_shutdown"),
                unit: None,
            },
            Question::ZeroSleep => &Info {
                id: "zero-sleep",
                title: "Does a sleep of zero yield to other tasks?",
                why: "`sleep(0)` as a way to yield, known from asyncio, does nothing where it \
                      is ready at once.",
                how: "A task polls twenty sleeps of zero: is the first poll pending?",
                rule: None,
                unit: None,
            },
            Question::SleepDeadline => &Info {
                id: "sleep-deadline",
                title: "When does a sleep begin?",
                why: "A sleep that is made early and awaited late ends later than meant where \
                      it begins at the first poll.",
                how: "A sleep of 40 ms is left unpolled for 40 ms. One that then takes less \
                      than 40 ms more had begun before; the least of three.",
                rule: Some("deadline_is_fixed_by_the_call"),
                unit: None,
            },
            Question::TimerGranularity => &Info {
                id: "timer-granularity",
                title: "How long does a sleep of 100 µs take?",
                why: "Short sleeps, as for pacing and retries, take a timer's step at the \
                      least, whatever was asked for.",
                how: "The median of 31 sleeps of 100 µs in one task, one after the other, \
                      with no other probe beside it.",
                rule: None,
                unit: Some("ns"),
            },
            Question::TimerBesideWork => &Info {
                id: "timer-beside-work",
                title: "Do timers fire while a task computes and another worker is idle?",
                why: "A heartbeat or a timeout that stands still while one task computes does \
                      not guard against that task; a second worker need not help it.",
                how: "On two workers two tasks sleep. The first to be woken computes until the \
                      sleep of the other, of 80 ms, is seen to have ended, for 200 ms of CPU \
                      time at the most. What two rounds agree in is the answer; one in which \
                      that takes more than 1 s says nothing. No other probe runs beside it.",
                rule: None,
                unit: None,
            },
            Question::ForcedYields => &Info {
                id: "forced-yields",
                title: "How often is a task made to yield that awaits 10,000 finished ones?",
                why: "A budget for each turn keeps one task from starving the others, and \
                      makes `select!` and tight loops behave otherwise.",
                how: "The polls, less one, that a task needs to await the handles of 10,000 \
                      finished tasks one by one (1,000 on threads).",
                rule: None,
                unit: Some("yields"),
            },
            Question::PollOrder => &Info {
                id: "poll-order",
                title: "In which order are tasks polled that a task spawns?",
                why: "A program that works because of the order of its tasks breaks where the \
                      order is another.",
                how: "A task spawns five tasks on one worker and waits; each tells when it is \
                      first polled. Ten times over.",
                rule: None,
                unit: None,
            },
            Question::BlockingThreads => &Info {
                id: "blocking-threads",
                title: "How many of 700 blocking calls run at a time?",
                why: "Calls beyond the cap wait: where they wait for each other, they wait \
                      for ever.",
                how: "700 calls begin and wait until no thread has been added for 150 ms. \
                      Through pollmark with the cap that `pollmark run` sets, 512.",
                rule: Some("blocking_cap_is_obeyed"),
                unit: Some("threads"),
            },
            Question::BlockingDrop => &Info {
                id: "blocking-drop",
                title: "Does dropping the handle of a queued blocking call stop it?",
                why: "A write that was handed to the pool and let go of is lost where the \
                      drop takes it out of the queue.",
                how: "A pool of one thread is busy; another call is queued and its handle \
                      dropped; then the thread is let go.",
                rule: Some("blocking_drop_detaches"),
                unit: None,
            },
        }
    }
}
