//! What each variant of the hog is there to show.

use super::Hog;
use crate::scenario::variant::VariantInfo;

pub(super) fn info(variant: Hog) -> VariantInfo {
    match variant {
        Hog::Inline => VariantInfo::new(
            "inline",
            "the hog computes in a task, without an await",
            "Who computes without an await holds a worker: on one worker nobody else runs until it \
             has ended, and no error says so.",
        )
        .program(&["inline"])
        .predict(
            "A heart is to beat every 10 ms beside a task that computes for 1 s. How late is it at \
             the most on one worker? And on two, one of them idle?",
        )
        .runners(
            "On one worker almost the whole second, on every runtime. On two the heart beats on with \
             async-std and smol: another thread sees to the timers, and the idle worker polls the \
             heart. On tokio it is as late as on one: the worker that drove the timers woke the \
             heart and then ran the hog, and the other is parked where no timer reaches it. On \
             threads the OS divides the cores, and the heart is hardly late.",
        )
        .mistake(
            "To count on a second worker. It runs what is ready, but what waits for a timer is not \
             ready before somebody sees to the timers.",
        )
        .next(
            "hog/offloaded, which holds no worker. `pollmark trace hog/inline --runner tokio` tells \
             who held whom.",
        ),
        Hog::Blocking => VariantInfo::new(
            "blocking",
            "the hog blocks its thread in a task",
            "A call that blocks in a task holds a worker as computing does, though the CPU is idle. \
             On tokio the heart may stand still beside an idle worker too: its timer does not fire \
             until the block is over.",
        )
        .program(&["blocking"])
        .predict("The task sleeps in its thread instead, and no CPU is used. Is the heart in time?")
        .runners(
            "As hog/inline: late by almost the whole second on one worker, and on tokio with two; in \
             time on async-std and smol with two, and on threads. A worker is held by whoever does \
             not await, whether he uses the CPU or not.",
        )
        .mistake("To take an idle CPU for a sign that nobody is kept waiting.")
        .next("hog/offloaded, or waiter/blocking-tasks: the same with cooks."),
        Hog::Yielding => VariantInfo::new(
            "yielding",
            "the hog computes in a task, and yields every 1 ms",
            "Who yields lets others in: nobody waits much longer than a slice, and the hog takes \
             hardly longer.",
        )
        .program(&["yielding", "eat"])
        .predict("The hog yields after each millisecond. How late is the heart now, on one worker?")
        .runners(
            "A slice or two on every runtime: between two slices the timers are seen to, and the \
             heart has its turn. Tokio's timer counts in milliseconds, which adds up to one. On \
             threads a yield changes nothing: the OS takes turns anyway.",
        )
        .mistake(
            "To yield after so many rounds, and not after so much time: how long a slice takes is \
             what the others wait for.",
        )
        .next("fairness/yielding, where several tasks compute and yield."),
        Hog::Offloaded => VariantInfo::new(
            "offloaded",
            "the hog computes on the blocking pool",
            "On the blocking pool the hog holds no worker: the heart beats on, as well as the OS \
             shares the cores.",
        )
        .program(&["offloaded"])
        .predict("The hog has a thread of the blocking pool. Is the heart in time on one worker?")
        .runners(
            "In time on every runtime, on one worker too: some 2 ms late at the most on tokio, whose \
             timer counts in milliseconds, and less than one on the others, where a core is free for \
             the worker. Where none is, the OS shares what there is.",
        )
        .mistake(
            "To offload computations by the hundred: the pool has more threads than there are cores, \
             and the workers are among those who share them.",
        )
        .next("hog/on-thread, or crunch/blocking-pool: how fast the pool computes."),
        Hog::OnThread => VariantInfo::new(
            "on-thread",
            "the hog computes on a thread of its own",
            "A plain thread serves as well as the blocking pool; a channel tells of its end.",
        )
        .program(&["on_thread"])
        .predict("A plain thread computes instead. What does the runtime know of it?")
        .runners(
            "As hog/offloaded, on every runtime: no worker is held, and the runtime knows nothing but \
             the channel. The virtual clock says that it is not supported: it cannot tell what a \
             thread does that it has not made.",
        )
        .mistake("To join the thread inside a task: that blocks the worker until the thread ends.")
        .next("hog/offloaded, whose handle tells of the end by itself, and of a panic.")
        .without_ideal(),
    }
}
