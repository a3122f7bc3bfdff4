//! What each variant of the poll order is there to show.

use super::PollOrder;
use crate::scenario::variant::VariantInfo;

pub(super) fn info(variant: PollOrder) -> VariantInfo {
    match variant {
        PollOrder::Spawned => VariantInfo::new(
            "spawned",
            "spawns tasks that are ready, and notes who is polled first",
            "On one worker the order is the runtime's and repeats; with more workers, or a thread \
             for each, it may be a race. No program may rely on it.",
        )
        .program(&["spawned"])
        .predict("Fifty tasks are spawned, one after the other. Which is polled first?")
        .runners(
            "On one worker the first one first, on tokio-current-thread, async-std, smol and the \
             virtual clock. On tokio the last one, which its worker keeps in a slot of its own, then \
             the others in order. With two workers a thief may change that in some rounds. On \
             threads the OS chooses: another order in about every second round.",
        )
        .mistake("To write a test that passes in one of these orders.")
        .next("poll-order/woken: is it the same for tasks that go on?"),
        PollOrder::Woken => VariantInfo::new(
            "woken",
            "wakes tasks that wait, and notes who goes on first",
            "Where tasks resume is as deterministic as the ready queue: on one worker it repeats, on \
             more it need not.",
        )
        .program(&["woken"])
        .predict("The fifty wait, and are woken one after the other. Who goes on first?")
        .runners(
            "As poll-order/spawned: to the ready queue a task that is woken is like a new one. First \
             in, first out on one worker, on tokio the one that was woken last before all others; on \
             threads an order of its own in most rounds.",
        )
        .mistake("To think that a program which gave one order a thousand times cannot give another.")
        .next("waiter/blocking-tasks, where the order decides between 16 s and 19 s."),
    }
}
