//! What each way to be cancelled is there to show.

use super::CancelLatency;
use crate::scenario::variant::VariantInfo;

pub(super) fn info(variant: CancelLatency) -> VariantInfo {
    match variant {
        CancelLatency::Wait => VariantInfo::new(
            "wait",
            "cancels a task that waits for an hour, and awaits its end",
            "A task that waits is dropped as soon as a worker comes to it, and its timer with it.",
        )
        .predict("A task waits for an hour and is cancelled. How long is its future still there?")
        .runners(
            "100 to 250 ns on the async runtimes, and twice that until the canceller knows: the task \
             is made ready, and the worker that the canceller gives back drops it. On threads the \
             task's own thread has to be woken to drop it: microseconds, and more where the cores are \
             busy.",
        )
        .mistake(
            "To call a cancel and not await it: natively async-std's does nothing then, and \
             smol's cancels only because it is dropped. `pollmark semantics` shows it.",
        )
        .next("cancel-latency/abort, which nobody awaits."),
        CancelLatency::Channel => VariantInfo::new(
            "channel",
            "cancels a task that receives from an empty channel",
            "What a task waits for makes little difference: it is dropped from outside.",
        )
        .runners(
            "As cancel-latency/wait, on tokio some 30 ns less: there is no timer to be taken out.",
        )
        .next("cancel-latency/yield-loop, where the task does not wait at all."),
        CancelLatency::YieldLoop => VariantInfo::new(
            "yield-loop",
            "cancels a task that does nothing but yield",
            "A task that is always ready is dropped at its next suspension.",
        )
        .predict("The task never waits, it only yields. Does that make a cancel slower?")
        .runners(
            "The least of all, on every async runtime: the task is in the queue already, and is \
             dropped where it would have been polled. On threads its thread is awake and notices \
             between two polls, a microsecond or two later.",
        )
        .mistake("To leave the yield out: a task that computes without one is not cancelled at all.")
        .next("waiter/cancel-blocking: a cancel that comes too late for a task that blocks."),
        CancelLatency::Join => VariantInfo::new(
            "join",
            "cancels a task that joins another",
            "The handle that the task held is dropped with it: the other task goes on.",
        )
        .predict("The cancelled task waits for the end of another. What becomes of the other?")
        .runners(
            "As cancel-latency/channel, and the other task goes on, on every runner. That is the \
             contract's doing: natively smol's handle cancels its task when it is dropped.",
        )
        .mistake("To cancel a task and think that those are cancelled too that it has spawned.")
        .next("task-group/failing-child: a group does cancel what it has spawned."),
        CancelLatency::NestedTimeout => VariantInfo::new(
            "nested-timeout",
            "cancels a task in a timeout within a timeout",
            "However deep a future is nested, it is dropped as one; two timers take a little longer.",
        )
        .runners(
            "As cancel-latency/wait and some 20 to 50 ns more, for the second timer that is taken out.",
        )
        .next("timer-storm: how late each of many timers fires."),
        CancelLatency::BeforeFirstPoll => VariantInfo::new(
            "before-first-poll",
            "cancels a task right after its spawn",
            "A task that was not polled yet is dropped where it is next in the queue.",
        )
        .predict("A task is spawned and cancelled in the next line. Does its body run at all?")
        .runners(
            "On one worker never: who cancels holds the worker from the spawn to the request. With two \
             another worker may come first, in a few rounds of a hundred (`began`). On threads the \
             thread must begin before it can be told to end: some 20 µs, and a few bodies begin.",
        )
        .mistake("To rely on cleanup inside of the body: where the body never began, none is reached.")
        .next("waiter/cancel-before-start: the same as a lesson."),
        CancelLatency::Abort => VariantInfo::new(
            "abort",
            "aborts a task that waits, and does not await its end",
            "An abort only asks: the future goes later, and nobody says when.",
        )
        .predict("Nobody awaits the end now. Is the future gone when the call returns?")
        .runners(
            "As late as in cancel-latency/wait, and only because the program waits for its guard here: \
             on one worker nothing is dropped before that is given back. On threads another thread does it, \
             microseconds later.",
        )
        .mistake("To use what the task has held right after the abort: it may hold it still.")
        .next("cancel-latency/wait: await the cancel, and know."),
    }
}
