//! The cost of an await: a loop of one kind of step, and its time divided by the number of steps.
//!
//! The claim: async is not faster. From the asyncio tutorials. It is no slower either if nothing
//! suspends: awaiting a future that is ready adds nothing to the call within it, since the compiler
//! sees through the future. The costs are in giving way, in starting a task, and in handing a value
//! to another task. The time is the runtime's, taken around the loop alone; a virtual clock stands
//! still during the loop, and has no figure.

use std::hint::black_box;
use std::time::Duration;

use futures::channel::mpsc;
use futures::{SinkExt, StreamExt};

use crate::program::context::Context;
use crate::program::sink::Sink;
use crate::runtime::Runtime;
use crate::scenario::observed::Observed;
use crate::scenario::outcome::Outcome;
use crate::scenario::params::{ParamInfo, Params};
use crate::scenario::variant::{Measure, VariantInfo};
use crate::scenario::{Kind, Scenario, ScenarioInfo};

/// The variants: one for each kind of step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AwaitCost {
    /// A plain function.
    Call,
    /// An async function that is ready at once.
    Ready,
    /// A yield.
    Yield,
    /// A task, spawned and joined.
    Spawn,
    /// A value sent to another task and back: two hops.
    Hop,
}

const COST: &[Measure] = &[Measure::nanos("each", "/ns_per_item")];

impl Scenario for AwaitCost {
    const INFO: ScenarioInfo = ScenarioInfo {
        id: "await-cost",
        kind: Kind::Experiment,
        summary: "nanoseconds for a call, a ready await, a yield, a spawn, a channel hop",
        source: "the asyncio tutorials: async is not faster",
        text: include_str!("await_cost.rs"),
        prose: include_str!("await_cost.md"),
        params: &[ParamInfo::count("iterations", 20_000)
            .within(1, 100_000_000)
            .help("how many times the step is taken")],
    };

    const VARIANTS: &'static [Self] = &[
        AwaitCost::Call,
        AwaitCost::Ready,
        AwaitCost::Yield,
        AwaitCost::Spawn,
        AwaitCost::Hop,
    ];

    fn info(self) -> VariantInfo {
        let info = match self {
            AwaitCost::Call => VariantInfo::new(
                "call",
                "calls a plain function, which is not inlined",
                "The measure of the others: a call costs a nanosecond or two.",
            )
            .program(&["calls", "next"]),
            AwaitCost::Ready => VariantInfo::new(
                "ready-await",
                "awaits an async function that makes the same call",
                "An await of what is ready adds next to nothing to the call within it: no runtime \
                 takes part.",
            )
            .program(&["ready_awaits", "next_ready", "next"]),
            AwaitCost::Yield => VariantInfo::new(
                "yield",
                "yields, with no other task ready",
                "A yield is a way through the ready queue and a poll.",
            )
            .program(&["yields"]),
            AwaitCost::Spawn => VariantInfo::new(
                "spawn-join",
                "spawns a task that is ready at once, and joins it",
                "A task costs an allocation and two ways through the queue: some hundred \
                 nanoseconds. A thread costs a hundred times as much, or more.",
            )
            .program(&["spawns", "next_ready"]),
            AwaitCost::Hop => VariantInfo::new(
                "channel-hop",
                "sends a value to another task and awaits it back: two hops",
                "A hop wakes a task: cheap on one worker, dearer where it may cross to another \
                 thread.",
            )
            .program(&["hops", "next_ready"]),
        };
        // An ideal scheduler costs nothing: there is no ideal other than 0.
        info.without_ideal().measures(COST).repeats()
    }

    async fn run<R: Runtime, S: Sink>(self, cx: Context<R, S>, params: Params) -> Outcome {
        let iterations = params.count("iterations");
        match self {
            AwaitCost::Call => {
                let begin = cx.rt().now();
                let done = calls(iterations);
                told(done, iterations, cx.rt().now() - begin)
            }
            AwaitCost::Ready => {
                let begin = cx.rt().now();
                let done = ready_awaits(iterations).await;
                told(done, iterations, cx.rt().now() - begin)
            }
            AwaitCost::Yield => {
                let begin = cx.rt().now();
                let done = yields(&cx, iterations).await;
                told(done, iterations, cx.rt().now() - begin)
            }
            AwaitCost::Spawn => {
                let begin = cx.rt().now();
                let done = spawns(&cx, iterations).await;
                told(done, iterations, cx.rt().now() - begin)
            }
            AwaitCost::Hop => hops(&cx, iterations).await,
        }
    }

    fn check(self, seen: &mut Observed<'_>) {
        let iterations = seen.params.count("iterations");
        seen.value("done", iterations);
        let items = match self {
            AwaitCost::Hop => 2 * iterations,
            AwaitCost::Call | AwaitCost::Ready | AwaitCost::Yield | AwaitCost::Spawn => iterations,
        };
        seen.value("items", items);
        let cost = seen.outcome.value("ns_per_item").as_f64();
        if seen.is_exact() {
            seen.require(cost.is_none(), || {
                "a figure for what takes no time on the virtual clock".to_owned()
            });
        } else {
            seen.require(cost.is_some_and(|cost| cost > 0.0), || {
                "no time was measured".to_owned()
            });
        }
    }
}

/// `took` is in the runtime's own time, which no speed scales.
fn told(done: usize, items: usize, took: Duration) -> Outcome {
    let each = took.as_secs_f64() * 1e9 / items as f64;
    Outcome::new()
        .with("done", done)
        .with("ns_per_item", (!took.is_zero()).then_some(each))
        .items(items)
}

#[inline(never)]
fn next(count: usize) -> usize {
    count + 1
}

async fn next_ready(count: usize) -> usize {
    next(count)
}

fn calls(iterations: usize) -> usize {
    let mut count = 0;
    for _ in 0..iterations {
        count = next(black_box(count));
    }
    count
}

async fn ready_awaits(iterations: usize) -> usize {
    let mut count = 0;
    for _ in 0..iterations {
        count = next_ready(black_box(count)).await;
    }
    count
}

async fn yields<R: Runtime, S: Sink>(cx: &Context<R, S>, iterations: usize) -> usize {
    let mut count = 0;
    for _ in 0..iterations {
        cx.yield_now().await;
        count = black_box(count) + 1;
    }
    count
}

async fn spawns<R: Runtime, S: Sink>(cx: &Context<R, S>, iterations: usize) -> usize {
    let mut count = 0;
    for _ in 0..iterations {
        let Ok(next) = cx.spawn("next", next_ready(black_box(count))).await else {
            return count;
        };
        count = next;
    }
    count
}

/// Sends a count to a task that adds one and sends it back.
async fn hops<R: Runtime, S: Sink>(cx: &Context<R, S>, iterations: usize) -> Outcome {
    let (mut there, mut from_here) = mpsc::channel(1);
    let (mut back, mut from_there) = mpsc::channel(1);
    let echo = cx.spawn("echo", async move {
        while let Some(count) = from_here.next().await {
            if back.send(next_ready(count).await).await.is_err() {
                return;
            }
        }
    });
    let begin = cx.rt().now();
    let mut count = 0;
    for _ in 0..iterations {
        if there.send(black_box(count)).await.is_err() {
            break;
        }
        let Some(next) = from_there.next().await else {
            break;
        };
        count = next;
    }
    let took = cx.rt().now() - begin;
    drop(there);
    // The task ends with its channel; a panic in it would show in the count.
    let _ = echo.await;
    told(count, 2 * iterations, took)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_stood_still_gives_no_figure() {
        let still = told(10, 10, Duration::ZERO);
        assert!(still.value("ns_per_item").is_null());
        let moved = told(10, 10, Duration::from_nanos(25));
        assert_eq!(moved.value("ns_per_item"), 2.5);
    }
}
