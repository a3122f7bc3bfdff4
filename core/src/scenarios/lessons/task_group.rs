//! Structured concurrency: a group of tasks that ends before the code after it runs.
//!
//! Main fetches milk (1 s), bread (2 s) and eggs (0.5 s) in a group. When one child fails, the
//! others are cancelled, and the group ends with the failure once the last of them is gone. From
//! the `asyncio.TaskGroup` tutorial; the time that asyncio (Python 3.11) measured stands beside
//! each program below. Every child holds a mark from its spawn until its future is dropped, so that
//! `outlived` proves that no child outlived its group.

mod check;

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use crate::program::context::Context;
use crate::program::sink::Sink;
use crate::program::task_group::error::{Cause, Failure, GroupError};
use crate::runtime::Runtime;
use crate::scenario::observed::Observed;
use crate::scenario::outcome::Outcome;
use crate::scenario::params::Params;
use crate::scenario::variant::VariantInfo;
use crate::scenario::{Kind, Scenario, ScenarioInfo};
use crate::scenarios::support::timetable::secs;

/// The variants of the task group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Groups {
    /// All children end well.
    Ok,
    /// The milk is sold out.
    FailingChild,
    /// A child of the group has a group of its own.
    Nested,
    /// The milk and the eggs are sold out, at the same instant.
    TwoFailures,
    /// The milk is sold out while another child blocks its worker.
    BlockingSibling,
}

const MILK: Duration = secs(1);
const BREAD: Duration = secs(2);
const EGGS: Duration = Duration::from_millis(500);
const OVEN: Duration = secs(2);

/// The length of a task that would outlast the group by far, if it were not cancelled.
const PARTY: Duration = secs(60);

impl Scenario for Groups {
    const INFO: ScenarioInfo = ScenarioInfo {
        id: "task-group",
        kind: Kind::Lesson,
        summary: "structured concurrency: a group ends when its last task is gone",
        source: "the TaskGroup tutorial for asyncio; Trio's nurseries",
        text: include_str!("task_group.rs"),
        prose: include_str!("task_group.md"),
        params: &[],
    };

    const VARIANTS: &'static [Self] = &[
        Groups::Ok,
        Groups::FailingChild,
        Groups::Nested,
        Groups::TwoFailures,
        Groups::BlockingSibling,
    ];

    fn info(self) -> VariantInfo {
        match self {
            Groups::Ok => VariantInfo::new(
                "ok",
                "spawns two tasks into a group, which waits for both",
                "The code after a group runs when the last task of the group has ended: nobody has \
                 to remember to await them.",
            )
            .program(&["ok"])
            .asyncio(2.01),
            Groups::FailingChild => VariantInfo::new(
                "failing-child",
                "one of three tasks fails after 1 s; the group cancels the others and fails",
                "One failure ends the group: what has not finished by then is cancelled, and the \
                 error comes out where the group was awaited.",
            )
            .fails()
            .program(&["failing_child"])
            .asyncio(1.01),
            Groups::Nested => VariantInfo::new(
                "nested",
                "a failure cancels the group's body, a child, and the children of that child",
                "Cancellation goes down the whole tree, and the group waits for the last \
                 grandchild.",
            )
            .fails()
            .program(&["nested", "friends"])
            .asyncio(1.0),
            Groups::TwoFailures => VariantInfo::new(
                "two-failures",
                "two of three tasks fail at the same instant",
                "A group reports every failure that it has seen, not only the first: how many that \
                 are may depend on who is faster.",
            )
            .fails()
            .program(&["two_failures"]),
            Groups::BlockingSibling => VariantInfo::new(
                "blocking-sibling",
                "one task fails after 1 s while another blocks its worker for 2 s",
                "A task that blocks cannot be cancelled, and a group cannot end before it: an \
                 error at 1 s is reported at 2 s.",
            )
            .fails()
            .program(&["blocking_sibling"])
            .asyncio(2.06),
        }
    }

    async fn run<R: Runtime, S: Sink>(self, cx: Context<R, S>, _params: Params) -> Outcome {
        let shop = Shop::new(cx);
        let ended = match self {
            Groups::Ok => ok(&shop).await,
            Groups::FailingChild => failing_child(&shop).await,
            Groups::Nested => nested(&shop).await,
            Groups::TwoFailures => two_failures(&shop).await,
            Groups::BlockingSibling => blocking_sibling(&shop).await,
        };
        let outlived = shop.present();
        let errors = match ended {
            Ok(()) => Vec::new(),
            Err(error) => failures(&error),
        };
        for error in &errors {
            shop.cx.say(format_args!("the group failed: {error}"));
        }
        Outcome::new()
            .with("errors", errors)
            .with("outlived", outlived)
    }

    fn check(self, seen: &mut Observed<'_>) {
        check::check(self, seen);
    }
}

/// The error of a child: its goods are sold out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("sold out")]
struct SoldOut;

type Ended = Result<(), GroupError<SoldOut>>;

/// asyncio: 2.01 s.
async fn ok<R: Runtime, S: Sink>(shop: &Shop<R, S>) -> Ended {
    let group = shop.cx.group(|group| async move {
        group.spawn("milk", shop.buy(MILK));
        group.spawn("bread", shop.buy(BREAD));
        shop.cx.say("scheduling done");
        Ok(())
    });
    group.await?;
    shop.cx.say("done");
    Ok(())
}

/// asyncio: 1.01 s.
async fn failing_child<R: Runtime, S: Sink>(shop: &Shop<R, S>) -> Ended {
    let group = shop.cx.group(|group| async move {
        group.spawn("milk", shop.sold_out(MILK));
        group.spawn("bread", shop.buy(BREAD));
        group.spawn("eggs", shop.buy(EGGS));
        Ok(())
    });
    group.await?;
    shop.cx.say("never said: the group has failed");
    Ok(())
}

/// asyncio: 1.0 s.
async fn nested<R: Runtime, S: Sink>(shop: &Shop<R, S>) -> Ended {
    let group = shop.cx.group(|group| async move {
        group.spawn("milk", shop.sold_out(MILK));
        group.spawn("friends", friends(shop.clone()));
        let cooking = shop.buy(PARTY);
        shop.cx.named("body", cooking).await
    });
    group.await
}

/// A child that has children: the grandchildren of the group.
async fn friends<R: Runtime, S: Sink>(shop: Shop<R, S>) -> Result<(), SoldOut> {
    let shop = &shop;
    let group = shop.cx.group(|group| async move {
        group.spawn("Ann", shop.buy(PARTY));
        group.spawn("Ben", shop.buy(PARTY));
        Ok(())
    });
    group.await.map_err(|_: GroupError<SoldOut>| SoldOut)
}

/// Two children fail at the same instant.
async fn two_failures<R: Runtime, S: Sink>(shop: &Shop<R, S>) -> Ended {
    let group = shop.cx.group(|group| async move {
        group.spawn("milk", shop.sold_out(MILK));
        group.spawn("eggs", shop.sold_out(MILK));
        group.spawn("bread", shop.buy(BREAD));
        Ok(())
    });
    group.await
}

/// asyncio: 2.06 s.
async fn blocking_sibling<R: Runtime, S: Sink>(shop: &Shop<R, S>) -> Ended {
    let group = shop.cx.group(|group| async move {
        group.spawn("milk", shop.sold_out(MILK));
        group.spawn("oven", shop.watch_the_oven());
        Ok(())
    });
    group.await
}

/// Hands out the futures of the children, and counts those that exist at present.
#[derive(Clone)]
struct Shop<R, S> {
    cx: Context<R, S>,
    present: Arc<AtomicUsize>,
}

impl<R: Runtime, S: Sink> Shop<R, S> {
    fn new(cx: Context<R, S>) -> Self {
        Shop {
            cx,
            present: Arc::default(),
        }
    }

    fn present(&self) -> usize {
        self.present.load(Ordering::SeqCst)
    }

    fn mark(&self) -> Mark {
        self.present.fetch_add(1, Ordering::SeqCst);
        Mark(self.present.clone())
    }

    fn buy(&self, time: Duration) -> impl Future<Output = Result<(), SoldOut>> + Send + use<R, S> {
        let (cx, mark) = (self.cx.clone(), self.mark());
        async move {
            let _mark = mark;
            cx.wait(time).await;
            Ok(())
        }
    }

    fn sold_out(
        &self,
        time: Duration,
    ) -> impl Future<Output = Result<(), SoldOut>> + Send + use<R, S> {
        let (cx, mark) = (self.cx.clone(), self.mark());
        async move {
            let _mark = mark;
            cx.wait(time).await;
            Err(SoldOut)
        }
    }

    /// Blocks its worker, so that it cannot be cancelled during that time.
    fn watch_the_oven(&self) -> impl Future<Output = Result<(), SoldOut>> + Send + use<R, S> {
        let (cx, mark) = (self.cx.clone(), self.mark());
        async move {
            let _mark = mark;
            cx.block(OVEN);
            Ok(())
        }
    }
}

/// Held by a child's future as long as the future exists, polled or not.
struct Mark(Arc<AtomicUsize>);

impl Drop for Mark {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

/// Each failure of the group as a text, in the order of spawning.
fn failures(error: &GroupError<SoldOut>) -> Vec<String> {
    let text = |failure: &Failure<SoldOut>| match &failure.cause {
        Cause::Failed(error) => format!("{}: {error}", failure.task),
        Cause::Lost(error) => format!("{}: {error}", failure.task),
    };
    error.failures.iter().map(text).collect()
}
