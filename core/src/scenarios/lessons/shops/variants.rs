//! The variants of the shops, and the point that each makes.

use crate::scenario::variant::VariantInfo;

/// The variants of the shops.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shops {
    /// Three shops; the queue is drained, then they are cancelled.
    Fixed,
    /// The same with one shop.
    OneShop,
    /// The same with random items and times.
    Random,
    /// The shops are left to the end of the runtime.
    NoCancel,
    /// The shops are cancelled when the customers are done, even if items are left in the queue.
    NoJoin,
    /// The shops are awaited, and they wait for items for ever.
    AwaitShops,
    /// The shops do not declare their items done, so the queue's join waits for ever.
    NoTaskDone,
}

pub(super) fn info(variant: Shops) -> VariantInfo {
    match variant {
        Shops::Fixed => VariantInfo::new(
            "fixed",
            "three shops; the queue is drained, then the shops are cancelled",
            "A queue parts those who make work from those who do it; its join knows when all of \
             it is done, which the shops themselves never know.",
        )
        .program(&["drain_and_close", "customer", "shop", "process", "close"])
        .asyncio(5.01),
        Shops::OneShop => VariantInfo::new(
            "one-shop",
            "the same with one shop",
            "With one consumer the work adds up, however many producers there are.",
        )
        .program(&["drain_and_close", "customer", "shop", "process", "close"])
        .asyncio(13.01),
        Shops::Random => VariantInfo::new(
            "random",
            "1 to 5 items each, 1 to 5 s to browse and to process, from a seed",
            "Whatever the times, what was placed is processed: join and cancel in this order lose \
             nothing.",
        )
        .program(&["random", "drain_and_close", "customer", "shop"]),
        Shops::NoCancel => VariantInfo::new(
            "no-cancel",
            "the queue is drained and main ends; the shops are left behind",
            "When main returns the work is done, but the shops still wait for items: what ends \
             them is the runtime's end.",
        )
        .program(&["no_cancel", "customer", "shop"]),
        Shops::NoJoin => VariantInfo::new(
            "no-join",
            "the shops are cancelled as soon as the customers have gone",
            "Placed is not processed: whoever cancels without asking the queue loses what is in \
             it, and what is in work.",
        )
        .program(&["no_join", "customer", "shop", "close"])
        .asyncio(3.00),
        Shops::AwaitShops => VariantInfo::new(
            "await-shops",
            "the shops are awaited instead of cancelled",
            "A task that loops for ever cannot be waited for: it must be cancelled, or its queue \
             closed.",
        )
        .program(&["await_shops", "customer", "shop"])
        .never_ends(),
        Shops::NoTaskDone => VariantInfo::new(
            "no-task-done",
            "the shops do not tell the queue that an item is done",
            "A join believes what it is told: work that is done, but not declared done, is waited \
             for for ever.",
        )
        .program(&["drain_and_close", "customer", "forgetful_shop"])
        .never_ends(),
    }
}
