//! What each variant of the schedule is there to teach.

use super::Schedule;
use crate::scenario::variant::VariantInfo;

pub(super) fn info(variant: Schedule) -> VariantInfo {
    match variant {
        Schedule::Steps => VariantInfo::new(
            "steps",
            "milk takes 1 s, bread 2 s; every step shows who is ready and who waits",
            "A worker only ever takes the next ready task and runs it to its next await.",
        )
        .program(&["shop", "spawn"])
        .predict(
            "Main spawns milk (1 s) and bread (2 s), then awaits milk, then bread. How many times \
             is each of the three run for a moment, and in which order?",
        )
        .runners(
            "Seven steps on the virtual clock, T0 to T6: main, milk, bread, milk, main, bread, \
             main; the same on one worker of tokio-current-thread, smol and async-std. One \
             worker of tokio's multi-thread scheduler begins with the task spawned last. With more \
             workers, and on threads, steps overlap: then somebody stands under `running`, and \
             main may be told of the bread, and end, before the bread's own step is over.",
        )
        .mistake("To think that spawn runs the task. It makes it ready; it runs when main waits.")
        .next("schedule/long-first, where the task awaited first is the last to end."),
        Schedule::LongFirst => VariantInfo::new(
            "long-first",
            "milk takes 120 s and is awaited first, bread takes 60 s",
            "Awaiting the long task first delays nothing: the short one ends meanwhile, and main \
             is not even woken for it.",
        )
        .program(&["shop", "spawn"])
        .predict("Main awaits the milk (120 s) before the bread (60 s). Is main woken at 60 s?")
        .runners(
            "120 s on every runner: bread is done at 60, milk at 120. Main is run twice only, at \
             the beginning and at 120, when it finds the bread there already.",
        )
        .mistake(
            "To sort the awaits by which task will end first: the last one decides in any order.",
        )
        .next("waiter/as-completed, which wants each result as soon as it is there."),
        Schedule::ZeroFirst => VariantInfo::new(
            "zero-first",
            "milk takes 0 s, bread 120 s",
            "Whether a wait of zero gives others a turn is decided by the runtime's timer.",
        )
        .program(&["shop", "spawn"])
        .predict("The milk waits for 0 s. Does its task let the bread start before it is done?")
        .runners(
            "With tokio's timer, of both flavours, a wait of zero suspends until the timer's next \
             tick, up to 1 ms of real time later: the milk takes two steps. On async-std, smol, \
             threads and the virtual clock it is over when it is first polled: one step, and the \
             bread does not get a turn between.",
        )
        .mistake("To yield by a sleep of zero. The call that yields everywhere is `yield_now`.")
        .next("divisibles/yield-50000, where yielding decides who ends first."),
    }
}
