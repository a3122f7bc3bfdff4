//! What each variant of the waiter is there to teach.

use super::Waiter;
use crate::scenario::variant::VariantInfo;

pub(super) fn info(variant: Waiter) -> VariantInfo {
    match variant {
        Waiter::Sync => VariantInfo::new(
            "sync",
            "a plain function blocks its thread for each dish",
            "Without async the thread stands still for each dish, and the times add up.",
        )
        .program(&["sync"])
        .asyncio(27.00)
        .predict("Pasta 8 s, salad 3 s, Chops 16 s, one thread. When is the last dish served?")
        .runners("27 s everywhere: one poll of the root task, and nobody else wants to run.")
        .mistake("To think that the thread is busy. It only waits, and no one may use it.")
        .next("waiter/sequential, the same with async and await."),
        Waiter::Sequential => VariantInfo::new(
            "sequential",
            "awaits each dish in turn",
            "Async alone changes nothing: futures awaited in turn run in turn.",
        )
        .program(&["sequential", "cook"])
        .asyncio(27.03)
        .predict("Every wait is an await now. Which number changes?")
        .runners("27 s everywhere, in the order of the menu: there is one task, and it waits.")
        .mistake("To write async before every function and expect concurrency of it.")
        .next("waiter/tasks, where each dish is a task."),
        Waiter::Blocking => VariantInfo::new(
            "blocking",
            "blocks the thread inside async functions, awaited in turn",
            "An async function that blocks is a plain function with a longer signature.",
        )
        .program(&["blocking", "cook_blocking"])
        .asyncio(27.00)
        .predict("The async functions block their thread instead of awaiting. Who notices?")
        .runners("27 s everywhere. Here nobody notices, for nobody else wants the worker.")
        .mistake("To test such a function alone, where it seems to work.")
        .next("waiter/blocking-tasks, where others want the worker."),
        Waiter::Tasks => VariantInfo::new(
            "tasks",
            "spawns three tasks, then awaits them",
            "Spawned tasks wait at the same time: the longest dish decides, on one worker as on \
             many.",
        )
        .program(&["tasks", "cook", "serve_in_turn"])
        .asyncio(16.01)
        .predict(
            "Three tasks that wait. How long on one worker? On two? In which order are they served?",
        )
        .runners(
            "16 s everywhere, the salad done at 3, Pasta at 8, Chops at 16: waiting takes no \
             worker. They are served in the order in which they are awaited, so the salad stands \
             there until 8. Which of the three is polled first differs by runtime, and does not \
             matter.",
        )
        .mistake("To think that this needs threads. tokio-current-thread has one.")
        .next("waiter/blocking-tasks, the same with cooks who block."),
        Waiter::BlockingTasks => VariantInfo::new(
            "blocking-tasks",
            "spawns three tasks, each of which blocks its worker",
            "Tasks do not help a blocked worker: only as many dishes cook at a time as there are \
             workers.",
        )
        .program(&["blocking_tasks", "cook_blocking", "serve_in_turn"])
        .asyncio(27.00)
        .predict("Three tasks that block. How long on one worker? On two? On three?")
        .runners(
            "27 s on one worker, 16 s on three and on threads. On two, 19 s if the Chops wait for \
             the salad (first in, first out), 16 s if they begin at once: tokio's worker keeps the \
             task spawned last in a slot of its own and runs it first, others may steal.",
        )
        .mistake("To call a blocking library inside a task, on a server with as many workers as CPUs.")
        .next("waiter/offloaded, which keeps the workers free."),
        Waiter::SpawnAwait => VariantInfo::new(
            "spawn-await",
            "spawns each task and awaits it at once",
            "A task awaited as soon as it is spawned has nothing to run beside.",
        )
        .program(&["spawn_await", "cook"])
        .asyncio(27.03)
        .predict("Each dish is a task, but awaited at once. 16 s or 27 s?")
        .runners("27 s everywhere, strictly in order: there is never more than one task to run.")
        .mistake("To join each task in the loop that spawns it.")
        .next("waiter/tasks: spawn all first, then await."),
        Waiter::Offloaded => VariantInfo::new(
            "offloaded",
            "each task hands its blocking part to the blocking pool",
            "The blocking pool keeps the workers free, at the price of a thread for each call.",
        )
        .program(&["offloaded"])
        .asyncio(16.00)
        .predict("The blocking parts run on the blocking pool. How many threads does it take?")
        .runners(
            "16 s everywhere, on one worker too. With `--blocking-threads 1` it is 27 s again: the \
             pool is made of threads, and a thread blocks. Which dish is cooked first is then a \
             matter of which call reaches the pool first.",
        )
        .mistake("To offload CPU-heavy work by the hundred: the pool has more threads than there are cores.")
        .next("waiter/offloaded --blocking-threads 1."),
        Waiter::AsCompleted => VariantInfo::new(
            "as-completed",
            "three tasks, served as they finish",
            "Dishes come as their timers fire, not as they were ordered.",
        )
        .program(&["as_completed", "cook"])
        .asyncio(16.01)
        .predict("Results are taken as they come. In which order?")
        .runners("Salad, Pasta, Chops, and 16 s: the order of the timers, on every runner.")
        .mistake("To await a list of tasks in its order where the first result is what is wanted.")
        .next("waiter/cancel-pending, which does not wait for the last."),
        Waiter::MissingAwait => VariantInfo::new(
            "missing-await",
            "the salad's future is made, never awaited, and dropped",
            "A future does nothing until it is polled: the salad was never begun. At a bare \
             call, only a compiler warning says so.",
        )
        .program(&["missing_await", "cook"])
        .asyncio(24.03)
        .predict(
            "One `.await` is missing, and Rust drops such a future where it stands: the program \
             writes that out as `drop`. Does the salad come late, or not at all?",
        )
        .runners("24 s and two dishes everywhere: 8 + 16. A future that is dropped unpolled did nothing.")
        .mistake("To silence the compiler's `unused_must_use` with `let _ =`.")
        .next("waiter/never-awaited, with all three forgotten."),
        Waiter::NeverAwaited => VariantInfo::new(
            "never-awaited",
            "all three futures are made, never awaited, and dropped",
            "Calling an async function cooks nothing.",
        )
        .program(&["never_awaited", "cook"])
        .asyncio(0.00)
        .predict("Three calls of an async function, no await. What happens, and when?")
        .runners(
            "Nothing, at once, everywhere. Of such a call asyncio warns when it runs, Rust when it \
             compiles; the `drop` here tells Rust that it is meant.",
        )
        .mistake("To take the call of an async function for the start of its work.")
        .next("waiter/orphan, where a task is started and nobody awaits it."),
        Waiter::Orphan => VariantInfo::new(
            "orphan",
            "spawns a task of 15 s and ends at once",
            "When the root returns, what becomes of the tasks that it leaves behind is the \
             runtime's choice.",
        )
        .program(&["orphan"])
        .asyncio(0.00)
        .predict("Main spawns a task of 15 s and returns. What becomes of the task?")
        .runners(
            "tokio, smol, threads and the virtual clock drop it when the runtime is ended; whether \
             it was polled before is a race on the real ones. On async-std, which has no end but \
             the process's, it goes on. A program of its own would wait for it on none of them: \
             the process ends when main returns.",
        )
        .mistake("To spawn a task for what must be done, and not to keep its handle.")
        .next("task-group/ok, where no task can be left behind."),
        Waiter::CancelPending => VariantInfo::new(
            "cancel-pending",
            "cancels the Chops at 4 s, and the finished salad too",
            "A waiting task is cancelled where it stands; cancelling a finished one only gives its \
             value.",
        )
        .program(&["cancel_pending", "cook"])
        .asyncio(8.00)
        .predict("At 4 s the Chops and the salad are cancelled. What is on the table, and when?")
        .runners("Salad and Pasta, 8 s, everywhere. The salad was finished at 3 s: its value is there.")
        .mistake("To expect that a cancel undoes what a task has done.")
        .next("waiter/cancel-blocking, a cook who cannot be interrupted."),
        Waiter::CancelBeforeStart => VariantInfo::new(
            "cancel-before-start",
            "cancels a task before its first poll",
            "With one worker the task cannot have begun; with more it is a race.",
        )
        .program(&["cancel_before_start", "cook"])
        .asyncio(0.00)
        .predict("A task is cancelled right after it was spawned. Has it begun?")
        .runners(
            "Never where one worker runs the root and the task; elsewhere another worker may be \
             faster than the cancel, and the outcome says so. Cancelled it is in any case.",
        )
        .mistake("To rely on a spawned task's first line being run.")
        .next("waiter/cancel-pending."),
        Waiter::CancelBlocking => VariantInfo::new(
            "cancel-blocking",
            "asks a task to end, 0.1 s into a block of 2 s",
            "Cancelling takes effect where a task suspends: nobody can interrupt a poll.",
        )
        .program(&["cancel_blocking", "cook_blocking"])
        .asyncio(2.00)
        .predict("A cook who blocks for 2 s is cancelled at 0.1 s. When is he gone?")
        .runners(
            "At 2 s everywhere: a poll runs to its end. tokio, threads and the virtual clock then \
             keep the value of the task that ended; smol and async-std throw it away.",
        )
        .mistake("To bound blocking work by a timeout: it comes when the block is over.")
        .next("waiter/cancel-pending, where the task waits instead."),
        Waiter::Parallel => VariantInfo::new(
            "parallel",
            "one OS thread for each order",
            "Threads overlap as tasks do, but each order costs a thread.",
        )
        .program(&["parallel"])
        .predict("Three OS threads that block. 16 s or 27 s?")
        .runners("16 s everywhere: threads are scheduled by the OS, whatever the runtime.")
        .mistake("To conclude that threads are as good. Try ten thousand.")
        .next("cafe/concurrent --param customers=10000, on tokio and on threads."),
    }
}
