//! The café: N customers order a coffee of 5 s each.
//!
//! One barista serves them one after the other, or takes all orders first and lets the machine work
//! on them together. From the asynchronous café of the asyncio tutorials; asyncio (Python 3.11)
//! measured 10.00 s, 10.01 s, 10.00 s and 5.00 s for the four variants with two customers, and
//! 5.01 s for a thousand at once.

use std::time::Duration;

use crate::program::context::Context;
use crate::program::sink::Sink;
use crate::program::spawned::Spawned;
use crate::program::transcript::Event;
use crate::runtime::Runtime;
use crate::scenario::observed::Observed;
use crate::scenario::outcome::Outcome;
use crate::scenario::params::{ParamInfo, Params};
use crate::scenario::variant::VariantInfo;
use crate::scenario::{Kind, Scenario, ScenarioInfo};
use crate::scenarios::support::timetable::{ends, secs};

/// The variants of the café.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cafe {
    /// A plain function that blocks its thread, customer after customer.
    Sync,
    /// Awaits each coffee before it takes the next order.
    Sequential,
    /// Tasks with coffees that block the thread that makes them.
    Blocking,
    /// Takes all orders, then serves them as they stand in the queue.
    Concurrent,
}

/// The time that a coffee takes.
const BREWING: Duration = secs(5);

const COFFEES: [&str; 4] = ["Latte", "Cappuccino", "Flat White", "Mocha"];
const FLAVOURS: [&str; 4] = ["Vanilla", "Chocolate", "Pistachio", "Caramel"];

/// The order of customer number `n`: a Vanilla Latte, a Caramel Mocha, and so on through the menu.
fn order(n: usize) -> (&'static str, &'static str) {
    let turn = 3 * n;
    (FLAVOURS[(turn + n / 4) % 4], COFFEES[turn % 4])
}

impl Scenario for Cafe {
    const INFO: ScenarioInfo = ScenarioInfo {
        id: "cafe",
        kind: Kind::Lesson,
        summary: "customers order coffees of 5 s each from one barista",
        source: "the asynchronous café of the asyncio tutorials",
        text: include_str!("cafe.rs"),
        prose: include_str!("cafe.md"),
        params: &[ParamInfo::count("customers", 2)
            .within(0, 1_000_000)
            .help("how many customers come")],
    };

    const VARIANTS: &'static [Self] = &[
        Cafe::Sync,
        Cafe::Sequential,
        Cafe::Blocking,
        Cafe::Concurrent,
    ];

    fn info(self) -> VariantInfo {
        match self {
            Cafe::Sync => VariantInfo::new(
                "sync",
                "a plain function blocks its thread for each coffee",
                "Without async, each customer waits for all before them: the times add up.",
            )
            .program(&["sync"])
            .asyncio(10.00),
            Cafe::Sequential => VariantInfo::new(
                "sequential",
                "awaits each coffee before it takes the next order",
                "An await alone makes nothing concurrent: awaited in turn, the times still add up.",
            )
            .program(&["sequential"])
            .asyncio(10.01)
            .repeats(),
            Cafe::Blocking => VariantInfo::new(
                "blocking",
                "a task a customer, but each coffee blocks its worker",
                "A task that blocks holds its worker: it takes a worker, or a thread, for each \
                 coffee to brew them together.",
            )
            .program(&["blocking", "serve_all"])
            .asyncio(10.00),
            Cafe::Concurrent => VariantInfo::new(
                "concurrent",
                "takes all orders first, then serves them in order",
                "Tasks that wait give their worker away: all coffees brew together, on one worker \
                 as on many.",
            )
            .program(&["concurrent", "serve_all"])
            .asyncio(5.00)
            .repeats(),
        }
    }

    async fn run<R: Runtime, S: Sink>(self, cx: Context<R, S>, params: Params) -> Outcome {
        let customers = params.count("customers");
        let served = match self {
            Cafe::Sync => sync(&cx, customers),
            Cafe::Sequential => sequential(&cx, customers).await,
            Cafe::Blocking => blocking(&cx, customers).await,
            Cafe::Concurrent => concurrent(&cx, customers).await,
        };
        let took = cx.now().as_secs_f64();
        cx.say(format_args!("serving {served} customers took {took:.2} s"));
        Outcome::new().with("served", served)
    }

    fn check(self, seen: &mut Observed<'_>) {
        let customers = seen.params.count("customers");
        seen.value("served", customers);
        let lanes = match self {
            Cafe::Sync | Cafe::Sequential => 1,
            Cafe::Blocking => seen.workers(),
            Cafe::Concurrent => usize::MAX,
        };
        let total = ends(&vec![BREWING; customers], lanes);
        let waits = total.as_secs() / BREWING.as_secs();
        seen.takes(total, u32::try_from(waits).unwrap_or(u32::MAX));
        served_in_order(seen, customers);
    }
}

fn sync<R: Runtime, S: Sink>(cx: &Context<R, S>, customers: usize) -> usize {
    for n in 0..customers {
        cx.named_call(("coffee", n + 1), || cx.block(BREWING));
        serve(cx, n);
    }
    customers
}

async fn sequential<R: Runtime, S: Sink>(cx: &Context<R, S>, customers: usize) -> usize {
    for n in 0..customers {
        cx.named(("coffee", n + 1), cx.wait(BREWING)).await;
        serve(cx, n);
    }
    customers
}

async fn blocking<R: Runtime, S: Sink>(cx: &Context<R, S>, customers: usize) -> usize {
    let mut orders = Vec::with_capacity(customers);
    for n in 0..customers {
        let barista = cx.clone();
        let brew = async move { barista.block(BREWING) };
        orders.push(cx.spawn(("coffee", n + 1), brew));
    }
    serve_all(cx, orders).await
}

async fn concurrent<R: Runtime, S: Sink>(cx: &Context<R, S>, customers: usize) -> usize {
    let mut orders = Vec::with_capacity(customers);
    for n in 0..customers {
        orders.push(cx.spawn(("coffee", n + 1), cx.wait(BREWING)));
    }
    serve_all(cx, orders).await
}

/// Hands out the coffees in the order in which they were ordered.
async fn serve_all<R: Runtime, S: Sink>(
    cx: &Context<R, S>,
    orders: Vec<Spawned<R::JoinHandle<()>>>,
) -> usize {
    let mut served = 0;
    for (n, coffee) in orders.into_iter().enumerate() {
        if coffee.await.is_ok() {
            serve(cx, n);
            served += 1;
        }
    }
    served
}

fn serve<R: Runtime, S: Sink>(cx: &Context<R, S>, n: usize) {
    let (flavour, coffee) = order(n);
    cx.say(format_args!(
        "customer {}: here is your {flavour} {coffee}",
        n + 1
    ));
}

/// Customers are served in the order in which they came, no matter when their coffee was ready.
fn served_in_order(seen: &mut Observed<'_>, customers: usize) {
    let expected = (0..customers).map(|n| format!("customer {}:", n + 1));
    let lines: Vec<&str> = seen.said().take(customers).collect();
    let in_order = lines.len() == customers
        && lines
            .iter()
            .zip(expected)
            .all(|(line, customer)| line.starts_with(&customer));
    let brewed = seen
        .transcript
        .iter()
        .filter(|entry| entry.event == Event::Finished && entry.task != *"main")
        .count();
    seen.require(in_order, || "customers were served out of order".to_owned());
    seen.require(brewed == customers, || {
        format!("{brewed} coffees brewed for {customers} customers")
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_two_order_as_in_the_tutorial_and_nobody_order_the_same_before_the_menu_is_through()
    {
        assert_eq!(order(0), ("Vanilla", "Latte"));
        assert_eq!(order(1), ("Caramel", "Mocha"));
        let orders: std::collections::HashSet<_> = (0..16).map(order).collect();
        assert_eq!(orders.len(), 16);
    }
}
