//! What each variant of gather is there to teach.

use super::Gather;
use crate::scenario::variant::VariantInfo;

pub(super) fn info(variant: Gather) -> VariantInfo {
    match variant {
        Gather::FailFastFutures => VariantInfo::new(
            "fail-fast-futures",
            "joins three futures until the first fails",
            "Futures that are joined belong to whoever joins them: with the first error the others \
             are dropped where they stand.",
        )
        .fails()
        .program(&["fail_fast_futures", "buy", "sold_out"])
        .predict(
            "Milk is sold out after 1 s, bread takes 2 s, eggs 0.5 s. `try_join!` has all three. \
             What becomes of the bread?",
        )
        .runners(
            "Eggs at 0.5 s, the error at 1 s, the bread dropped at that instant, everywhere. The \
             three are futures of one task, so the runtime has no say in it.",
        )
        .mistake("To join futures that must not be dropped halfway, such as a transfer of money.")
        .next("gather/fail-fast-tasks, the same with tasks."),
        Gather::FailFastTasks => VariantInfo::new(
            "fail-fast-tasks",
            "joins the handles of three tasks until the first fails, then waits for the rest",
            "An error ends the join, not the tasks that were joined: they go on, and nobody hears \
             of them unless somebody asks.",
        )
        .fails()
        .program(&["fail_fast_tasks", "joined", "buy", "sold_out"])
        .predict(
            "The same three, but each is a task and `try_join!` has their handles. The error comes \
             at 1 s. Is the bread bought?",
        )
        .runners(
            "The error at 1 s and the bread at 2 s, everywhere. A dropped handle detaches its \
             task, on smol too, where our runner sees to it: smol's own `Task` would have been \
             cancelled.",
        )
        .mistake("To return on the error and forget that the other tasks go on, with all that they hold.")
        .next("task-group/failing-child, where the group cancels the others."),
        Gather::Collect => VariantInfo::new(
            "collect",
            "takes the result of every task, errors included",
            "Who wants every result waits for the slowest, and finds the errors among the results \
             in the order of the arguments.",
        )
        .program(&["collect", "joined", "buy", "sold_out"])
        .asyncio(2.00)
        .predict("All three results are wanted, the error too. When are they there, in which order?")
        .runners(
            "2 s everywhere: milk sold out, bread, eggs, as they were given, and not as they \
             ended.",
        )
        .mistake("To overlook that an error is only one value among others here: look at each.")
        .next("waiter/as-completed, which takes the results as they come."),
        Gather::MainEnds => VariantInfo::new(
            "main-ends",
            "main ends with the first failure and leaves a task behind",
            "When main ends, what becomes of the tasks that it left behind is the runtime's affair.",
        )
        .fails()
        .program(&["main_ends", "joined", "buy", "sold_out"])
        .asyncio(1.01)
        .predict("Main ends with the error at 1 s. The bread's task would need one second more.")
        .runners(
            "tokio, smol, threads and the virtual clock drop the bread's task when the runtime is \
             ended, which is right after main. On async-std, which cannot be ended, it goes on for \
             as long as the process lives.",
        )
        .mistake("To rely on a task that nobody awaits. The program ends when main does.")
        .next("waiter/orphan, which leaves a task behind that may not have begun."),
    }
}
