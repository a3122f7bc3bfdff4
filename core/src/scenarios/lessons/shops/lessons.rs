//! What each variant of the shops is there to teach.

use super::Shops;
use crate::scenario::variant::VariantInfo;

pub(super) fn info(variant: Shops) -> VariantInfo {
    match variant {
        Shops::Fixed => VariantInfo::new(
            "fixed",
            "three shops; the queue is drained, then the shops are cancelled",
            "A queue parts those who make work from those who do it; its join knows when all of \
             it is done, which the shops themselves never know.",
        )
        .program(&["drain_and_close", "customer", "shop", "process", "close"])
        .asyncio(5.01)
        .predict(
            "Customers put 2, 3 and 1 items into a queue, 1 s for each; three shops take 2 s an \
             item. When is the last item done?",
        )
        .runners(
            "5 s and 6 of 6 on every runner: three items are placed at 1 s and done at 3 s, the \
             other three are done at 5 s. Which shop takes which item differs by runtime.",
        )
        .mistake("To end the shops by waiting for long enough. The queue knows when it is drained.")
        .next("shops/no-join, which does not ask the queue."),
        Shops::OneShop => VariantInfo::new(
            "one-shop",
            "the same with one shop",
            "With one consumer the work adds up, however many producers there are.",
        )
        .program(&["drain_and_close", "customer", "shop", "process", "close"])
        .asyncio(13.01)
        .predict("The same six items, but one shop. 5 s, 12 s, 13 s?")
        .runners(
            "13 s on every runner: the first item is there at 1 s, then six of 2 s each, one \
             after the other. More workers change nothing: there is one task to do the work.",
        )
        .mistake("To look for the bottleneck in the runtime's workers where it is the number of consumers.")
        .next("shops/fixed, with three shops."),
        Shops::Random => VariantInfo::new(
            "random",
            "1 to 5 items each, 1 to 5 s to browse and to process, from a seed",
            "Whatever the times, what was placed is processed: join and cancel in this order lose \
             nothing.",
        )
        .program(&["random", "drain_and_close", "customer", "shop"])
        .predict("Items and times are drawn from a seed. Can an item be lost?")
        .runners(
            "No item is lost on any runner. On the virtual clock a seed gives the same run to the \
             nanosecond; on a real one, items that come close together may change places, and \
             the time with them.",
        )
        .mistake("To draw random numbers inside the tasks: the order of the draws is then the runtime's.")
        .next("shops/random --param seed=2, another day in the same shops."),
        Shops::NoCancel => VariantInfo::new(
            "no-cancel",
            "the queue is drained and main ends; the shops are left behind",
            "When main returns the work is done, but the shops still wait for items: what ends \
             them is the runtime's end.",
        )
        .program(&["no_cancel", "customer", "shop"])
        .predict("Nobody cancels the shops. Does the program end? With how many items?")
        .runners(
            "5 s and 6 of 6 on every runner. tokio, smol, threads and the virtual clock drop the \
             shops when the runtime is ended; on async-std, which has no end but the process's, \
             they wait on.",
        )
        .mistake("To leave tasks behind on a runtime that lives on: each keeps its queue and its memory.")
        .next("waiter/orphan, a task left behind with its work undone."),
        Shops::NoJoin => VariantInfo::new(
            "no-join",
            "the shops are cancelled as soon as the customers have gone",
            "Placed is not processed: whoever cancels without asking the queue loses what is in \
             it, and what is in work.",
        )
        .program(&["no_join", "customer", "shop", "close"])
        .asyncio(3.00)
        .predict("The customers go at 3 s and the shops are cancelled. How many of six items are done?")
        .runners(
            "3 of 6 on the virtual clock: those placed at 1 s are done at 3 s, and the shops, \
             which began earlier, come before main. On real runners the shops race with main at \
             3 s: 3 as a rule; fewer or more where a thread was late.",
        )
        .mistake("To take the end of the producers for the end of the work.")
        .next("shops/fixed, which waits for the queue."),
        Shops::AwaitShops => VariantInfo::new(
            "await-shops",
            "the shops are awaited instead of cancelled",
            "A task that loops for ever cannot be waited for: it must be cancelled, or its queue \
             closed.",
        )
        .program(&["await_shops", "customer", "shop"])
        .never_ends()
        .predict("All is processed, and main awaits the shops. When do they end?")
        .runners(
            "Never, on any runner. Real runners only show silence, and are stopped after 20 s. \
             The virtual clock sees at 5 s that nobody can ever run again, and says who waits.",
        )
        .mistake("To await every handle that one has, whatever its task does.")
        .next("shops/fixed, which cancels them."),
        Shops::NoTaskDone => VariantInfo::new(
            "no-task-done",
            "the shops do not tell the queue that an item is done",
            "A join believes what it is told: work that is done, but not declared done, is waited \
             for for ever.",
        )
        .program(&["drain_and_close", "customer", "forgetful_shop"])
        .never_ends()
        .predict("The shops process all items but never call `task_done`. Does main end?")
        .runners(
            "Never, on any runner: six items are done at 5 s, and the queue still counts six. \
             The virtual clock names main and the three shops as those who wait.",
        )
        .mistake("To leave the loop's body early, by `?` or `continue`, before `task_done`.")
        .next("shops/fixed, the same with one line more."),
    }
}
