//! What each step is there to show.

use super::AwaitCost;
use crate::scenario::variant::VariantInfo;

pub(super) fn info(variant: AwaitCost) -> VariantInfo {
    match variant {
        AwaitCost::Call => VariantInfo::new(
            "call",
            "calls a plain function, which is not inlined",
            "The measure of the others: a call costs a nanosecond or two.",
        )
        .program(&["calls", "next"])
        .runners("The same on all: no runtime takes part in a call.")
        .next("await-cost/ready-await, the same call in an async function."),
        AwaitCost::Ready => VariantInfo::new(
            "ready-await",
            "awaits an async function that makes the same call",
            "An await of what is ready adds next to nothing to the call within it: no runtime takes \
             part.",
        )
        .program(&["ready_awaits", "next_ready", "next"])
        .predict("The call is in an async function now, and awaited. How much does that add?")
        .runners(
            "As await-cost/call, on all: the future is ready in the poll that it is made in, and \
             nobody is asked. A figure that is another is noise.",
        )
        .mistake("To leave out async for speed: what costs is to suspend, and this does not.")
        .next("await-cost/yield, which suspends."),
        AwaitCost::Yield => VariantInfo::new(
            "yield",
            "yields, with no other task ready",
            "A yield is a way through the ready queue and a poll.",
        )
        .program(&["yields"])
        .predict("Nobody else is ready. How much does it cost to give way to nobody?")
        .runners(
            "Some 100 to 200 ns on async-std and smol. On tokio two to five times that: a task that \
             yields goes on only after the worker has looked for timers and events, and here it does \
             so for each. On threads a yield is a call to the OS, a microsecond.",
        )
        .mistake("To take this for the price of a yield where others are ready: see yield-storm.")
        .next("yield-storm, where many tasks yield to each other: cheaper for each."),
        AwaitCost::Spawn => VariantInfo::new(
            "spawn-join",
            "spawns a task that is ready at once, and joins it",
            "A task costs an allocation and two ways through the queue: some hundred nanoseconds. A \
             thread costs a hundred times as much, or more.",
        )
        .program(&["spawns", "next_ready"])
        .predict("A task for each call. How many nanoseconds is that? And a thread for each?")
        .runners(
            "Some 300 to 700 ns on the async runtimes; more workers make it no cheaper, since here \
             there is one task at a time. On threads 50 µs or more: each is a thread that begins and \
             ends.",
        )
        .mistake("To spawn a task for each small step: an await of the step itself is free.")
        .next("spawn/creation, where many are made before one is joined."),
        AwaitCost::Hop => VariantInfo::new(
            "channel-hop",
            "sends a value to another task and awaits it back: two hops",
            "A hop wakes a task: cheap on one worker, dearer where it may cross to another thread.",
        )
        .program(&["hops", "next_ready"])
        .predict("Two tasks hand a number to and fro. Are two workers faster than one?")
        .runners(
            "100 to 200 ns a hop on one worker, on every async runtime. On two it is no faster and may \
             be several times slower, since only one of the tasks has something to do, and each wake \
             may bring it to another thread. On threads each hop wakes a thread through the OS: \
             microseconds.",
        )
        .mistake("To give two tasks that wait for each other a worker each.")
        .next("ping-pong, the same as a benchmark: `pollmark compare ping-pong`."),
    }
}
