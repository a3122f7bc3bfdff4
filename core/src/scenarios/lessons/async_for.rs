//! A stream of five orders that come in 1 s apart, and a delivery of 1 s for each.
//!
//! Python's `async for` is a `while let` over a stream here. From the lesson on asynchronous
//! iteration of the asyncio tutorials; asyncio (Python 3.11) measured 5.00 s, 6.01 s and 10.01 s
//! for the three variants.

use std::pin::pin;
use std::time::Duration;

use futures::stream::{self, Stream, StreamExt};

use crate::program::context::Context;
use crate::program::sink::Sink;
use crate::program::transcript::Event;
use crate::runtime::Runtime;
use crate::scenario::observed::Observed;
use crate::scenario::outcome::Outcome;
use crate::scenario::params::Params;
use crate::scenario::variant::VariantInfo;
use crate::scenario::{Kind, Scenario, ScenarioInfo};
use crate::scenarios::support::timetable::secs;

/// The variants of the lesson on streams.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AsyncFor {
    /// Takes the orders as they come.
    Iterate,
    /// Spawns a delivery for each order and takes the next order in the meantime.
    DeliverConcurrently,
    /// Delivers each order before it asks for the next.
    DeliverSequentially,
}

const ORDERS: [&str; 5] = ["Margherita", "Funghi", "Capricciosa", "Marinara", "Diavola"];

/// The time from asking for an order to having it.
const GAP: Duration = secs(1);

/// The time that a delivery takes.
const DELIVERY: Duration = secs(1);

impl Scenario for AsyncFor {
    const INFO: ScenarioInfo = ScenarioInfo {
        id: "async-for",
        kind: Kind::Lesson,
        summary: "a stream of five orders, 1 s apart, each delivered in 1 s",
        source: "the lesson on asynchronous iteration of the asyncio tutorials",
        text: include_str!("async_for.rs"),
        prose: include_str!("async_for.md"),
        params: &[],
    };

    const VARIANTS: &'static [Self] = &[
        AsyncFor::Iterate,
        AsyncFor::DeliverConcurrently,
        AsyncFor::DeliverSequentially,
    ];

    fn info(self) -> VariantInfo {
        match self {
            AsyncFor::Iterate => VariantInfo::new(
                "iterate",
                "takes the orders as they come",
                "A stream is a series of awaits: between two orders the task waits and its worker \
                 is free.",
            )
            .program(&["iterate", "orders"])
            .asyncio(5.00),
            AsyncFor::DeliverConcurrently => VariantInfo::new(
                "deliver-concurrently",
                "spawns a delivery for each order and takes the next one meanwhile",
                "While one order is on its way the next is taken: only the last delivery is \
                 waited for.",
            )
            .program(&["deliver_concurrently", "orders", "deliver"])
            .asyncio(6.01),
            AsyncFor::DeliverSequentially => VariantInfo::new(
                "deliver-sequentially",
                "delivers each order before it asks for the next",
                "A stream stands still while nobody asks it: the waits for orders and the \
                 deliveries add up.",
            )
            .program(&["deliver_sequentially", "orders", "deliver"])
            .asyncio(10.01),
        }
    }

    async fn run<R: Runtime, S: Sink>(self, cx: Context<R, S>, _params: Params) -> Outcome {
        let done = match self {
            AsyncFor::Iterate => iterate(&cx).await,
            AsyncFor::DeliverConcurrently => deliver_concurrently(&cx).await,
            AsyncFor::DeliverSequentially => deliver_sequentially(&cx).await,
        };
        Outcome::new()
            .with("count", done.len())
            .with("orders", done)
    }

    fn check(self, seen: &mut Observed<'_>) {
        seen.value("orders", ORDERS.as_slice());
        seen.value("count", ORDERS.len());
        let between = match self {
            AsyncFor::Iterate | AsyncFor::DeliverConcurrently => GAP,
            AsyncFor::DeliverSequentially => GAP + DELIVERY,
        };
        let orders: Vec<Placed> = (ORDERS.iter().zip(0..))
            .map(|(order, n)| (GAP + between * n, *order))
            .collect();
        came_in(seen, &orders);
        match self {
            AsyncFor::Iterate => {
                seen.events(&[]);
                seen.takes(GAP * 5, 5);
            }
            AsyncFor::DeliverConcurrently => {
                delivered(seen, &orders);
                seen.takes(GAP * 5 + DELIVERY, 6);
            }
            AsyncFor::DeliverSequentially => {
                delivered(seen, &orders);
                seen.takes((GAP + DELIVERY) * 5, 10);
            }
        }
    }
}

/// The orders as they come in: each takes a second from the moment it is asked for.
fn orders<R: Runtime, S: Sink>(cx: &Context<R, S>) -> impl Stream<Item = &'static str> + Send {
    let cx = cx.clone();
    stream::iter(ORDERS).then(move |order| {
        let cx = cx.clone();
        async move {
            cx.wait(GAP).await;
            cx.say(format_args!("order: {order}"));
            order
        }
    })
}

async fn deliver<R: Runtime, S: Sink>(cx: Context<R, S>, order: &'static str) -> &'static str {
    cx.wait(DELIVERY).await;
    order
}

/// asyncio: 5.00 s.
async fn iterate<R: Runtime, S: Sink>(cx: &Context<R, S>) -> Vec<&'static str> {
    let mut orders = pin!(orders(cx));
    let mut taken = Vec::new();
    while let Some(order) = orders.next().await {
        taken.push(order);
    }
    taken
}

/// asyncio: 6.01 s.
async fn deliver_concurrently<R: Runtime, S: Sink>(cx: &Context<R, S>) -> Vec<&'static str> {
    let mut orders = pin!(orders(cx));
    let mut deliveries = Vec::new();
    while let Some(order) = orders.next().await {
        deliveries.push(cx.spawn(order, deliver(cx.clone(), order)));
    }
    let mut delivered = Vec::new();
    for delivery in deliveries {
        delivered.extend(delivery.await);
    }
    delivered
}

/// asyncio: 10.01 s.
async fn deliver_sequentially<R: Runtime, S: Sink>(cx: &Context<R, S>) -> Vec<&'static str> {
    let mut orders = pin!(orders(cx));
    let mut delivered = Vec::new();
    while let Some(order) = orders.next().await {
        delivered.push(cx.named(order, deliver(cx.clone(), order)).await);
    }
    delivered
}

/// The time at which an order is placed, and the item.
type Placed = (Duration, &'static str);

/// The orders came in this order, at these times: never earlier if time is real.
fn came_in(seen: &mut Observed<'_>, orders: &[Placed]) {
    let said = seen.transcript.iter().filter_map(|entry| {
        let order = entry.text.as_deref()?.strip_prefix("order: ")?;
        Some((entry.at, order))
    });
    let said: Vec<_> = said.collect();
    let as_expected = said.len() == orders.len()
        && said
            .iter()
            .zip(orders)
            .all(|((at, order), (due, expected))| order == expected && seen.is_due(*at, *due));
    seen.require(as_expected, || {
        format!("orders came in as {said:?}, expected {orders:?}")
    });
}

/// Each order's delivery began when the order had come in, and took its time.
fn delivered(seen: &mut Observed<'_>, orders: &[Placed]) {
    let mut events: Vec<_> = orders
        .iter()
        .flat_map(|&(at, order)| {
            [
                (at, order, Event::Started),
                (at + DELIVERY, order, Event::Finished),
            ]
        })
        .collect();
    // At one instant the delivery that ends comes before the one that begins.
    events.sort_by_key(|(at, _, event)| (*at, *event == Event::Started));
    seen.events(&events);
    for order in ORDERS {
        seen.in_order(&[(order, Event::Started), (order, Event::Finished)]);
    }
}
