//! The waiter and the cook: three orders, Pasta 8 s, Caesar salad 3 s, Chops 16 s.
//!
//! The same three dishes are cooked in every way that the tutorial shows, including its mistakes:
//! 27 s if the times add up, 16 s if they overlap. From the waiter-and-cook tutorial for asyncio;
//! the time that asyncio (Python 3.11) measured stands beside each program below.

mod check;
mod variants;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures::StreamExt;
use futures::stream::FuturesUnordered;

pub use variants::Waiter;

use crate::program::context::Context;
use crate::program::sink::Sink;
use crate::program::spawned::Spawned;
use crate::runtime::{JoinHandle, Runtime};
use crate::scenario::observed::Observed;
use crate::scenario::outcome::Outcome;
use crate::scenario::params::Params;
use crate::scenario::variant::VariantInfo;
use crate::scenario::{Kind, Scenario, ScenarioInfo};
use crate::scenarios::support::fate::Fate;
use crate::scenarios::support::timetable::secs;

/// A dish and the time that it takes.
#[derive(Debug, Clone, Copy)]
struct Dish {
    name: &'static str,
    time: Duration,
}

const fn dish(name: &'static str, time: u64) -> Dish {
    Dish {
        name,
        time: secs(time),
    }
}

const PASTA: Dish = dish("Pasta", 8);
const SALAD: Dish = dish("Caesar salad", 3);
const CHOPS: Dish = dish("Chops", 16);
const ORDERS: [Dish; 3] = [PASTA, SALAD, CHOPS];

/// The dishes that reached the table, in order.
type Served = Vec<&'static str>;

impl Scenario for Waiter {
    const INFO: ScenarioInfo = ScenarioInfo {
        id: "waiter",
        kind: Kind::Lesson,
        summary: "a waiter passes three orders of 8, 3 and 16 s to the cook",
        source: "the waiter-and-cook tutorial for asyncio",
        text: include_str!("waiter.rs"),
        prose: include_str!("waiter.md"),
        params: &[],
    };

    const VARIANTS: &'static [Self] = &[
        Waiter::Sync,
        Waiter::Sequential,
        Waiter::Blocking,
        Waiter::Tasks,
        Waiter::BlockingTasks,
        Waiter::SpawnAwait,
        Waiter::Offloaded,
        Waiter::AsCompleted,
        Waiter::MissingAwait,
        Waiter::NeverAwaited,
        Waiter::Orphan,
        Waiter::CancelPending,
        Waiter::CancelBeforeStart,
        Waiter::CancelBlocking,
        Waiter::Parallel,
    ];

    fn info(self) -> VariantInfo {
        variants::info(self)
    }

    async fn run<R: Runtime, S: Sink>(self, cx: Context<R, S>, _params: Params) -> Outcome {
        match self {
            Waiter::Sync => report(sync(&cx)),
            Waiter::Sequential => report(sequential(&cx).await),
            Waiter::Blocking => report(blocking(&cx).await),
            Waiter::Tasks => report(tasks(&cx).await),
            Waiter::BlockingTasks => report(blocking_tasks(&cx).await),
            Waiter::SpawnAwait => report(spawn_await(&cx).await),
            Waiter::Offloaded => report(offloaded(&cx).await),
            Waiter::AsCompleted => report(as_completed(&cx).await),
            Waiter::MissingAwait => report(missing_await(&cx).await),
            Waiter::NeverAwaited => report(never_awaited(&cx)),
            Waiter::Orphan => orphan(&cx),
            Waiter::CancelPending => cancel_pending(&cx).await,
            Waiter::CancelBeforeStart => cancel_before_start(&cx).await,
            Waiter::CancelBlocking => cancel_blocking(&cx).await,
            Waiter::Parallel => parallel(&cx).await,
        }
    }

    fn check(self, seen: &mut Observed<'_>) {
        check::check(self, seen);
    }
}

fn report(served: Served) -> Outcome {
    Outcome::new()
        .with("of", ORDERS.len())
        .with("served", served.len())
        .with("dishes", served)
}

/// Cooks a dish that can be left alone in the meantime.
async fn cook<R: Runtime, S: Sink>(cx: Context<R, S>, dish: Dish) -> Dish {
    cx.wait(dish.time).await;
    dish
}

/// Cooks a dish while standing in front of it: async in name only.
async fn cook_blocking<R: Runtime, S: Sink>(cx: Context<R, S>, dish: Dish) -> Dish {
    cx.block(dish.time);
    dish
}

fn serve<R: Runtime, S: Sink>(cx: &Context<R, S>, dish: Dish, served: &mut Served) {
    cx.say(format_args!("serves the {}", dish.name));
    served.push(dish.name);
}

/// asyncio's tutorial: 27.00 s.
fn sync<R: Runtime, S: Sink>(cx: &Context<R, S>) -> Served {
    let mut served = Served::new();
    for dish in ORDERS {
        cx.named_call(dish.name, || cx.block(dish.time));
        serve(cx, dish, &mut served);
    }
    served
}

/// asyncio: 27.03 s.
async fn sequential<R: Runtime, S: Sink>(cx: &Context<R, S>) -> Served {
    let mut served = Served::new();
    for dish in ORDERS {
        let dish = cx.named(dish.name, cook(cx.clone(), dish)).await;
        serve(cx, dish, &mut served);
    }
    served
}

/// asyncio: 27.00 s.
async fn blocking<R: Runtime, S: Sink>(cx: &Context<R, S>) -> Served {
    let mut served = Served::new();
    for dish in ORDERS {
        let dish = cx.named(dish.name, cook_blocking(cx.clone(), dish)).await;
        serve(cx, dish, &mut served);
    }
    served
}

/// asyncio: 16.01 s.
async fn tasks<R: Runtime, S: Sink>(cx: &Context<R, S>) -> Served {
    let cooks = ORDERS.map(|dish| cx.spawn(dish.name, cook(cx.clone(), dish)));
    serve_in_turn(cx, cooks).await
}

/// asyncio, which has one worker: 27.00 s.
async fn blocking_tasks<R: Runtime, S: Sink>(cx: &Context<R, S>) -> Served {
    let cooks = ORDERS.map(|dish| cx.spawn(dish.name, cook_blocking(cx.clone(), dish)));
    serve_in_turn(cx, cooks).await
}

/// asyncio: 27.03 s.
async fn spawn_await<R: Runtime, S: Sink>(cx: &Context<R, S>) -> Served {
    let mut served = Served::new();
    for dish in ORDERS {
        if let Ok(dish) = cx.spawn(dish.name, cook(cx.clone(), dish)).await {
            serve(cx, dish, &mut served);
        }
    }
    served
}

/// asyncio: 16.00 s.
async fn offloaded<R: Runtime, S: Sink>(cx: &Context<R, S>) -> Served {
    let cooks = ORDERS.map(|dish| {
        let kitchen = cx.clone();
        let stove = cx.clone();
        cx.spawn(dish.name, async move {
            let call = kitchen.rt().spawn_blocking(move || stove.block(dish.time));
            call.await.map(|()| dish)
        })
    });
    let mut served = Served::new();
    for cook in cooks {
        if let Ok(Ok(dish)) = cook.await {
            serve(cx, dish, &mut served);
        }
    }
    served
}

/// asyncio: 16.01 s.
async fn as_completed<R: Runtime, S: Sink>(cx: &Context<R, S>) -> Served {
    let cooks = ORDERS.map(|dish| cx.spawn(dish.name, cook(cx.clone(), dish)));
    let mut cooks: FuturesUnordered<_> = cooks.into_iter().collect();
    let mut served = Served::new();
    while let Some(cooked) = cooks.next().await {
        if let Ok(dish) = cooked {
            serve(cx, dish, &mut served);
        }
    }
    served
}

/// asyncio: 24.03 s, and a warning that a coroutine was never awaited.
async fn missing_await<R: Runtime, S: Sink>(cx: &Context<R, S>) -> Served {
    let mut served = Served::new();
    let dish = cx.named(PASTA.name, cook(cx.clone(), PASTA)).await;
    serve(cx, dish, &mut served);
    drop(cook(cx.clone(), SALAD));
    let dish = cx.named(CHOPS.name, cook(cx.clone(), CHOPS)).await;
    serve(cx, dish, &mut served);
    served
}

/// asyncio: nothing happens, three warnings.
fn never_awaited<R: Runtime, S: Sink>(cx: &Context<R, S>) -> Served {
    for dish in ORDERS {
        drop(cook(cx.clone(), dish));
    }
    Served::new()
}

/// asyncio: 0 s; the loop's end cancels the task.
fn orphan<R: Runtime, S: Sink>(cx: &Context<R, S>) -> Outcome {
    let fate = Arc::new(Fate::default());
    let kitchen = cx.clone();
    let stew = async move { kitchen.wait(secs(15)).await };
    cx.spawn("Stew", fate.of(stew));
    Outcome::new().after_shutdown("fate", move || fate.tell())
}

/// asyncio: 8.00 s (there the Chops were cancelled at 3 s).
async fn cancel_pending<R: Runtime, S: Sink>(cx: &Context<R, S>) -> Outcome {
    let [pasta, salad, chops] = ORDERS.map(|dish| cx.spawn(dish.name, cook(cx.clone(), dish)));
    cx.wait(secs(4)).await;
    let cancelled = chops.cancel().await.is_err();
    let finished = salad.cancel().await;
    cx.say(match &finished {
        Ok(_) => "the salad was finished before it could be cancelled",
        Err(_) => "the salad was cancelled",
    });
    let mut served = Served::new();
    if let Ok(dish) = finished {
        serve(cx, dish, &mut served);
    }
    if let Ok(dish) = pasta.await {
        serve(cx, dish, &mut served);
    }
    report(served).with("chops_cancelled", cancelled)
}

/// asyncio: 0 s, and the task never begins.
async fn cancel_before_start<R: Runtime, S: Sink>(cx: &Context<R, S>) -> Outcome {
    let began = Arc::new(AtomicBool::new(false));
    let pasta = {
        let (began, kitchen) = (began.clone(), cx.clone());
        cx.spawn(PASTA.name, async move {
            began.store(true, Ordering::SeqCst);
            cook(kitchen, PASTA).await
        })
    };
    let cancelled = pasta.cancel().await.is_err();
    Outcome::new()
        .with("cancelled", cancelled)
        .with("began", began.load(Ordering::SeqCst))
}

/// asyncio: 2.00 s.
async fn cancel_blocking<R: Runtime, S: Sink>(cx: &Context<R, S>) -> Outcome {
    let dish = dish("Chops", 2);
    let chops = cx.spawn(dish.name, cook_blocking(cx.clone(), dish));
    cx.wait(Duration::from_millis(100)).await;
    cx.say("stop the Chops!");
    let ended = match chops.cancel().await {
        Ok(_) => "with_its_value",
        Err(_) => "cancelled",
    };
    Outcome::new().with("ended", ended)
}

/// No asyncio figure: the tutorial only names threads.
async fn parallel<R: Runtime, S: Sink>(cx: &Context<R, S>) -> Outcome {
    let cooks = ORDERS.map(|dish| {
        let stove = cx.clone();
        cx.spawn_blocking(dish.name, move || {
            stove.block(dish.time);
            (dish, std::thread::current().id())
        })
    });
    let mut served = Served::new();
    let mut threads = std::collections::HashSet::new();
    for cook in cooks {
        if let Ok((dish, thread)) = cook.await {
            serve(cx, dish, &mut served);
            threads.insert(thread);
        }
    }
    report(served).with("threads", threads.len())
}

/// Serves the dishes in the order in which they were ordered.
async fn serve_in_turn<R: Runtime, S: Sink>(
    cx: &Context<R, S>,
    cooks: [Spawned<R::JoinHandle<Dish>>; 3],
) -> Served {
    let mut served = Served::new();
    for cook in cooks {
        if let Ok(dish) = cook.await {
            serve(cx, dish, &mut served);
        }
    }
    served
}
