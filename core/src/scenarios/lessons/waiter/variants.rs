//! The variants of the waiter, and the point that each makes.

use crate::scenario::variant::VariantInfo;

/// The variants of the waiter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Waiter {
    /// A plain function that blocks its thread.
    Sync,
    /// Awaits each dish in turn.
    Sequential,
    /// Blocks the thread inside async functions.
    Blocking,
    /// Three spawned tasks.
    Tasks,
    /// Three spawned tasks that block their workers.
    BlockingTasks,
    /// Spawns and awaits at once, in turn.
    SpawnAwait,
    /// Three tasks that hand their blocking part to the blocking pool.
    Offloaded,
    /// Three tasks, with results taken as they come.
    AsCompleted,
    /// The salad's future is created and forgotten.
    MissingAwait,
    /// All three futures are created and forgotten.
    NeverAwaited,
    /// The waiter goes home and leaves a task behind.
    Orphan,
    /// The Chops are cancelled while they wait.
    CancelPending,
    /// The Pasta is cancelled before it is begun.
    CancelBeforeStart,
    /// The cook is asked to stop while blocking the thread.
    CancelBlocking,
    /// One OS thread per order.
    Parallel,
}

pub(super) fn info(variant: Waiter) -> VariantInfo {
    match variant {
        Waiter::Sync => VariantInfo::new(
            "sync",
            "a plain function blocks its thread for each dish",
            "Without async the thread stands still for each dish, and the times add up.",
        )
        .program(&["sync"])
        .asyncio(27.00),
        Waiter::Sequential => VariantInfo::new(
            "sequential",
            "awaits each dish in turn",
            "Async alone changes nothing: futures awaited in turn run in turn.",
        )
        .program(&["sequential", "cook"])
        .asyncio(27.03),
        Waiter::Blocking => VariantInfo::new(
            "blocking",
            "blocks the thread inside async functions, awaited in turn",
            "An async function that blocks is a plain function with a longer signature.",
        )
        .program(&["blocking", "cook_blocking"])
        .asyncio(27.00),
        Waiter::Tasks => VariantInfo::new(
            "tasks",
            "spawns three tasks, then awaits them",
            "Spawned tasks wait at the same time: the longest dish decides, on one worker as on \
             many.",
        )
        .program(&["tasks", "cook", "serve_in_turn"])
        .asyncio(16.01),
        Waiter::BlockingTasks => VariantInfo::new(
            "blocking-tasks",
            "spawns three tasks, each of which blocks its worker",
            "Tasks do not help a blocked worker: only as many dishes cook at a time as there are \
             workers.",
        )
        .program(&["blocking_tasks", "cook_blocking", "serve_in_turn"])
        .asyncio(27.00),
        Waiter::SpawnAwait => VariantInfo::new(
            "spawn-await",
            "spawns each task and awaits it at once",
            "A task awaited as soon as it is spawned has nothing to run beside.",
        )
        .program(&["spawn_await", "cook"])
        .asyncio(27.03),
        Waiter::Offloaded => VariantInfo::new(
            "offloaded",
            "each task hands its blocking part to the blocking pool",
            "The blocking pool keeps the workers free, at the price of a thread for each call.",
        )
        .program(&["offloaded"])
        .asyncio(16.00),
        Waiter::AsCompleted => VariantInfo::new(
            "as-completed",
            "three tasks, served as they finish",
            "Dishes come as their timers fire, not as they were ordered.",
        )
        .program(&["as_completed", "cook"])
        .asyncio(16.01),
        Waiter::MissingAwait => VariantInfo::new(
            "missing-await",
            "the salad's future is made, never awaited, and dropped",
            "A future does nothing until it is polled: the salad was never begun. At a bare \
             call, only a compiler warning says so.",
        )
        .program(&["missing_await", "cook"])
        .asyncio(24.03),
        Waiter::NeverAwaited => VariantInfo::new(
            "never-awaited",
            "all three futures are made, never awaited, and dropped",
            "Calling an async function cooks nothing.",
        )
        .program(&["never_awaited", "cook"])
        .asyncio(0.00),
        Waiter::Orphan => VariantInfo::new(
            "orphan",
            "spawns a task of 15 s and ends at once",
            "When the root returns, what becomes of the tasks that it leaves behind is the \
             runtime's choice.",
        )
        .program(&["orphan"])
        .asyncio(0.00),
        Waiter::CancelPending => VariantInfo::new(
            "cancel-pending",
            "cancels the Chops at 4 s, and the finished salad too",
            "A waiting task is cancelled where it stands; cancelling a finished one only gives its \
             value.",
        )
        .program(&["cancel_pending", "cook"])
        .asyncio(8.00),
        Waiter::CancelBeforeStart => VariantInfo::new(
            "cancel-before-start",
            "cancels a task before its first poll",
            "With one worker the task cannot have begun; with more it is a race.",
        )
        .program(&["cancel_before_start", "cook"])
        .asyncio(0.00),
        Waiter::CancelBlocking => VariantInfo::new(
            "cancel-blocking",
            "asks a task to end, 0.1 s into a block of 2 s",
            "Cancelling takes effect where a task suspends: nobody can interrupt a poll.",
        )
        .program(&["cancel_blocking", "cook_blocking"])
        .asyncio(2.00),
        Waiter::Parallel => VariantInfo::new(
            "parallel",
            "one OS thread for each order",
            "Threads overlap as tasks do, but each order costs a thread.",
        )
        .program(&["parallel"]),
    }
}
