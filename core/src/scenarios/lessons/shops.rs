//! Customers put items into a queue, shops take and process them.
//!
//! The shops never end by themselves, so the program has to know when the work is done (the queue's
//! `join`) and to send them home (cancel). The variants leave out one or the other. From the
//! customers-and-shops lesson on queues of the asyncio tutorials; the time that asyncio (Python
//! 3.11) measured stands beside each program below.

mod check;
mod variants;

use std::fmt;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use fastrand::Rng;
use futures::StreamExt;

pub use variants::Shops;

use crate::program::context::Context;
use crate::program::queue::Queue;
use crate::program::sink::Sink;
use crate::program::spawned::Spawned;
use crate::runtime::{JoinHandle, Runtime};
use crate::scenario::observed::Observed;
use crate::scenario::outcome::Outcome;
use crate::scenario::params::{ParamInfo, Params};
use crate::scenario::variant::VariantInfo;
use crate::scenario::{Kind, Scenario, ScenarioInfo};
use crate::scenarios::support::timetable::secs;

/// An item on its way from a customer through the queue to a shop. Written as `2.3`, it is the
/// third item of customer 2.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Item {
    customer: usize,
    number: usize,
    /// The time that the customer browses before the item is in the queue.
    browse: Duration,
    /// The time that a shop takes to process it.
    process: Duration,
}

impl fmt::Display for Item {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "item {}.{}", self.customer, self.number)
    }
}

/// The items that one customer is going to buy.
type Basket = Vec<Item>;

/// The number of items that each customer buys, unless it is random.
const ITEMS: [usize; 3] = [2, 3, 1];

/// Three baskets of 2, 3 and 1 items that take 1 s to browse and 2 s to process.
fn fixed() -> Vec<Basket> {
    baskets(ITEMS, || (secs(1), secs(2)))
}

/// Three baskets of 1 to 5 items that take 1 to 5 s each: the same for the same seed.
fn random(seed: u64) -> Vec<Basket> {
    let mut rng = Rng::with_seed(seed);
    let items = [(); 3].map(|()| rng.usize(1..=5));
    baskets(items, || (secs(rng.u64(1..=5)), secs(rng.u64(1..=5))))
}

fn baskets(items: [usize; 3], mut times: impl FnMut() -> (Duration, Duration)) -> Vec<Basket> {
    let basket = |(customer, items): (usize, usize)| {
        let item = |number| {
            let (browse, process) = times();
            Item {
                customer,
                number,
                browse,
                process,
            }
        };
        (1..=items).map(item).collect()
    };
    (1..).zip(items).map(basket).collect()
}

impl Shops {
    fn baskets(self, params: &Params) -> Vec<Basket> {
        match self {
            Shops::Random => random(seed(params)),
            _ => fixed(),
        }
    }

    fn shops(self) -> usize {
        match self {
            Shops::OneShop => 1,
            _ => 3,
        }
    }
}

fn seed(params: &Params) -> u64 {
    params.count("seed") as u64
}

impl Scenario for Shops {
    const INFO: ScenarioInfo = ScenarioInfo {
        id: "shops",
        kind: Kind::Lesson,
        summary: "three customers put items into a queue, shops take and process them",
        source: "the customers-and-shops lesson on queues of the asyncio tutorials",
        text: include_str!("shops.rs"),
        prose: include_str!("shops.md"),
        params: &[ParamInfo::count("seed", 1)
            .within(0, u32::MAX as u64)
            .help("which random items and times `random` draws")],
    };

    const VARIANTS: &'static [Self] = &[
        Shops::Fixed,
        Shops::OneShop,
        Shops::Random,
        Shops::NoCancel,
        Shops::NoJoin,
        Shops::AwaitShops,
        Shops::NoTaskDone,
    ];

    fn info(self) -> VariantInfo {
        variants::info(self)
    }

    async fn run<R: Runtime, S: Sink>(self, cx: Context<R, S>, params: Params) -> Outcome {
        let processed = Processed::default();
        let baskets = self.baskets(&params);
        let market = match self {
            Shops::NoTaskDone => open(&cx, baskets, self.shops(), |queue| {
                forgetful_shop(cx.clone(), queue, processed.clone())
            }),
            _ => open(&cx, baskets, self.shops(), |queue| {
                shop(cx.clone(), queue, processed.clone())
            }),
        };
        let placed = match self {
            Shops::Fixed | Shops::OneShop | Shops::Random | Shops::NoTaskDone => {
                drain_and_close(&cx, market).await
            }
            Shops::NoCancel => no_cancel(&cx, market).await,
            Shops::NoJoin => no_join(&cx, market).await,
            Shops::AwaitShops => await_shops(&cx, market).await,
        };
        let processed = processed.count();
        let outcome = Outcome::new()
            .with("placed", placed)
            .with("processed", processed)
            .with("lost", placed.saturating_sub(processed));
        match self {
            Shops::Random => outcome.with("seed", seed(&params)),
            _ => outcome,
        }
    }

    fn check(self, seen: &mut Observed<'_>) {
        check::check(self, seen);
    }
}

/// The number of items that the shops have processed, all together.
#[derive(Clone, Default)]
struct Processed(Arc<AtomicUsize>);

impl Processed {
    fn add_one(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    fn count(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }
}

/// A queue between customers and shops, all of which are running.
struct Market<R: Runtime> {
    queue: Queue<Item>,
    customers: Vec<Spawned<R::JoinHandle<usize>>>,
    shops: Vec<Spawned<R::JoinHandle<()>>>,
}

/// Puts the items of a basket into the queue; returns their number.
async fn customer<R: Runtime, S: Sink>(
    cx: Context<R, S>,
    basket: Basket,
    queue: Queue<Item>,
) -> usize {
    let mut placed = 0;
    for item in basket {
        cx.wait(item.browse).await;
        cx.say(format_args!("{item} goes into the queue"));
        if queue.put(item).await.is_ok() {
            placed += 1;
        }
    }
    placed
}

/// Takes items from the queue until it is stopped.
async fn shop<R: Runtime, S: Sink>(cx: Context<R, S>, queue: Queue<Item>, processed: Processed) {
    let mut items = pin!(queue.stream());
    while let Some(item) = items.next().await {
        process(&cx, item).await;
        processed.add_one();
        queue
            .task_done()
            .expect("the item was put, and is done once");
    }
}

/// The same, but without telling the queue that an item is done.
async fn forgetful_shop<R: Runtime, S: Sink>(
    cx: Context<R, S>,
    queue: Queue<Item>,
    processed: Processed,
) {
    let mut items = pin!(queue.stream());
    while let Some(item) = items.next().await {
        process(&cx, item).await;
        processed.add_one();
    }
}

async fn process<R: Runtime, S: Sink>(cx: &Context<R, S>, item: Item) {
    cx.say(format_args!("{item} is taken"));
    cx.wait(item.process).await;
    cx.say(format_args!("{item} is done"));
}

/// Sends the customers in and opens the shops; `shop` makes the future of each.
fn open<R: Runtime, S: Sink, F>(
    cx: &Context<R, S>,
    baskets: Vec<Basket>,
    shops: usize,
    shop: impl Fn(Queue<Item>) -> F,
) -> Market<R>
where
    F: Future<Output = ()> + Send + 'static,
{
    let queue = Queue::unbounded();
    let send_in = |(n, basket)| {
        let customer = customer(cx.clone(), basket, queue.clone());
        cx.spawn(("customer", n), customer)
    };
    let customers = (1..).zip(baskets).map(send_in).collect();
    let open = |n| cx.spawn(("shop", n), shop(queue.clone()));
    let shops = (1..=shops).map(open).collect();
    Market {
        queue,
        customers,
        shops,
    }
}

/// asyncio: 5.01 s with three shops, 13.01 s with one; never, if the shops are forgetful.
async fn drain_and_close<R: Runtime, S: Sink>(cx: &Context<R, S>, market: Market<R>) -> usize {
    let placed = all_placed(cx, market.customers).await;
    market.queue.join().await;
    cx.say("the queue is drained: the shops may close");
    close(market.shops).await;
    placed
}

/// asyncio: all six items are processed there too; the loop's end cancels the shops.
async fn no_cancel<R: Runtime, S: Sink>(cx: &Context<R, S>, market: Market<R>) -> usize {
    let placed = all_placed(cx, market.customers).await;
    market.queue.join().await;
    cx.say("the queue is drained: main ends, the shops wait on");
    placed
}

/// asyncio: 3.00 s, and half of the items are lost.
async fn no_join<R: Runtime, S: Sink>(cx: &Context<R, S>, market: Market<R>) -> usize {
    let placed = all_placed(cx, market.customers).await;
    cx.say("nobody asks whether the queue is drained: the shops close");
    close(market.shops).await;
    placed
}

/// asyncio: never.
async fn await_shops<R: Runtime, S: Sink>(cx: &Context<R, S>, market: Market<R>) -> usize {
    let placed = all_placed(cx, market.customers).await;
    market.queue.join().await;
    cx.say("the queue is drained: waiting for the shops to end");
    for shop in market.shops {
        let _ = shop.await;
    }
    placed
}

/// Waits until the customers have gone; returns the number of items that they placed.
async fn all_placed<R: Runtime, S: Sink>(
    cx: &Context<R, S>,
    customers: Vec<Spawned<R::JoinHandle<usize>>>,
) -> usize {
    let mut placed = 0;
    for customer in customers {
        placed += customer.await.unwrap_or(0);
    }
    cx.say(format_args!(
        "the customers have gone: {placed} items placed"
    ));
    placed
}

/// Cancels the shops, and waits until they are gone.
async fn close<H: JoinHandle<()>>(shops: Vec<H>) {
    for shop in shops {
        let _ = shop.cancel().await;
    }
}
