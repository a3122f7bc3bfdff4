//! Cancel latency: the time from the request until the task's future is dropped, for a task that is
//! suspended in one way or another.
//!
//! The claim: a task can be cancelled while it is pending. From the asyncio tutorials. A runtime
//! can drop a future only between two polls, and only when it has a thread for it, so a cancel is a
//! request and has a latency. Each round measures two times, in the runtime's own time, which no
//! speed scales: until a guard in the future is dropped, after everything else that the future
//! holds (`dropped`), and until the caller of the cancel knows of it (`confirmed`).

mod held;

use std::future::pending;
use std::time::Duration;

use futures::StreamExt;
use futures::channel::{mpsc, oneshot};

use held::{Guard, held};

use crate::program::context::Context;
use crate::program::sink::Sink;
use crate::runtime::join_error::JoinError;
use crate::runtime::{JoinHandle, Runtime};
use crate::scenario::distribution::Distribution;
use crate::scenario::observed::Observed;
use crate::scenario::outcome::Outcome;
use crate::scenario::params::{ParamInfo, Params};
use crate::scenario::variant::{Measure, VariantInfo};
use crate::scenario::{Kind, Scenario, ScenarioInfo};
use crate::scenarios::support::timetable::secs;

/// The variants: how the task is suspended, and how it is asked to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CancelLatency {
    /// In a wait.
    Wait,
    /// In receiving from a channel.
    Channel,
    /// In yields, so that it is always ready.
    YieldLoop,
    /// In joining another task.
    Join,
    /// In a timeout within a timeout.
    NestedTimeout,
    /// Spawned, and most likely not polled yet.
    BeforeFirstPoll,
    /// In a wait, by an `abort`, which returns nothing to await.
    Abort,
}

/// Longer than any run.
const LONG: Duration = secs(3600);

const LATENCY: &[Measure] = &[
    Measure::nanos("p50 to dropped", "/dropped/p50_ns"),
    Measure::nanos("p99 to dropped", "/dropped/p99_ns"),
    Measure::nanos("p50 to confirmed", "/confirmed/p50_ns"),
];

impl Scenario for CancelLatency {
    const INFO: ScenarioInfo = ScenarioInfo {
        id: "cancel-latency",
        kind: Kind::Experiment,
        summary: "how long after a cancel the task's future is gone, by what it waits for",
        source: "the asyncio tutorials: a task can be cancelled while it is pending",
        text: include_str!("cancel_latency.rs"),
        prose: include_str!("cancel_latency.md"),
        params: &[ParamInfo::count("rounds", 1_000)
            .within(1, 1_000_000)
            .help("how many tasks are cancelled, one after the other")],
    };

    const VARIANTS: &'static [Self] = &[
        CancelLatency::Wait,
        CancelLatency::Channel,
        CancelLatency::YieldLoop,
        CancelLatency::Join,
        CancelLatency::NestedTimeout,
        CancelLatency::BeforeFirstPoll,
        CancelLatency::Abort,
    ];

    fn info(self) -> VariantInfo {
        match self {
            CancelLatency::Wait => VariantInfo::new(
                "wait",
                "cancels a task that waits for an hour, and awaits its end",
                "A task that waits is dropped as soon as a worker comes to it, and its timer with \
                 it.",
            ),
            CancelLatency::Channel => VariantInfo::new(
                "channel",
                "cancels a task that receives from an empty channel",
                "What a task waits for makes little difference: it is dropped from outside.",
            ),
            CancelLatency::YieldLoop => VariantInfo::new(
                "yield-loop",
                "cancels a task that does nothing but yield",
                "A task that is always ready is dropped at its next suspension.",
            ),
            CancelLatency::Join => VariantInfo::new(
                "join",
                "cancels a task that joins another",
                "The handle that the task held is dropped with it: the other task goes on.",
            ),
            CancelLatency::NestedTimeout => VariantInfo::new(
                "nested-timeout",
                "cancels a task in a timeout within a timeout",
                "However deep a future is nested, it is dropped as one; two timers take a little \
                 longer.",
            ),
            CancelLatency::BeforeFirstPoll => VariantInfo::new(
                "before-first-poll",
                "cancels a task right after its spawn",
                "A task that was not polled yet is dropped where it is next in the queue.",
            ),
            CancelLatency::Abort => VariantInfo::new(
                "abort",
                "aborts a task that waits, and does not await its end",
                "An abort only asks: the future goes later, and nobody says when.",
            ),
        }
        .program(&["round"])
        .busy()
        .measures(LATENCY)
    }

    async fn run<R: Runtime, S: Sink>(self, cx: Context<R, S>, params: Params) -> Outcome {
        let rounds = params.count("rounds");
        let (mut dropped, mut confirmed) = (Distribution::new(), Distribution::new());
        let (mut cancelled, mut began) = (0, 0);
        for _ in 0..rounds {
            let Some(latency) = round(self, &cx).await else {
                continue;
            };
            cancelled += 1;
            began += usize::from(latency.began);
            dropped.record(latency.dropped);
            confirmed.record(latency.confirmed);
        }
        Outcome::new()
            .with("cancelled", cancelled)
            .with("began", began)
            .with("dropped", dropped)
            .with("confirmed", confirmed)
            .items(rounds)
    }

    fn check(self, seen: &mut Observed<'_>) {
        let rounds = seen.params.count("rounds");
        seen.value("cancelled", rounds);
        // On the virtual clock nothing comes between a spawn and a cancel in one poll;
        // elsewhere another worker may poll the task first.
        if self == CancelLatency::BeforeFirstPoll && seen.is_exact() {
            seen.value("began", 0);
        }
        for what in ["dropped", "confirmed"] {
            let latency = seen.outcome.value(what).clone();
            seen.require(latency["count"] == rounds, || {
                format!(
                    "{what} was seen {} times in {rounds} rounds",
                    latency["count"]
                )
            });
            // A worker is always free to drop it there, and takes no time.
            let late = seen.is_exact() && latency["max_ns"] != 0;
            seen.require(!late, || {
                format!(
                    "{what} after {} ns on an ideal scheduler",
                    latency["max_ns"]
                )
            });
        }
    }
}

/// The fate of one task; times count from the request.
struct Latency {
    /// Whether it had been polled.
    began: bool,
    dropped: Duration,
    confirmed: Duration,
}

/// One task; `None` if it was not cancelled, or dropped too late.
async fn round<R: Runtime, S: Sink>(variant: CancelLatency, cx: &Context<R, S>) -> Option<Latency> {
    let (guard, mut gone) = Guard::new(cx.rt().clone());
    let (tell, mut suspended) = oneshot::channel();
    // Kept until the end of the round: the channel stays open, and empty.
    let (_open, mut inbox) = mpsc::channel::<()>(1);
    let own = cx.clone();
    let task = match variant {
        CancelLatency::Wait | CancelLatency::Abort | CancelLatency::BeforeFirstPoll => {
            cx.spawn("waits", held(guard, tell, own.wait(LONG)))
        }
        CancelLatency::Channel => cx.spawn(
            "receives",
            held(guard, tell, async move { _ = inbox.next().await }),
        ),
        CancelLatency::YieldLoop => {
            let forever = async move {
                loop {
                    own.yield_now().await;
                }
            };
            cx.spawn("yields", held(guard, tell, forever))
        }
        CancelLatency::Join => {
            // This task goes on when the task that joins it is dropped, until the round is over.
            let other = cx.spawn("other", async move { _ = inbox.next().await });
            cx.spawn("joins", held(guard, tell, async move { _ = other.await }))
        }
        CancelLatency::NestedTimeout => {
            let nested = async move {
                let inner = own.timeout(LONG / 2, pending::<()>());
                let _ = own.timeout(LONG, inner).await;
            };
            cx.spawn("waits", held(guard, tell, nested))
        }
    };
    let waits_for_it = variant != CancelLatency::BeforeFirstPoll;
    if waits_for_it {
        (&mut suspended).await.ok()?;
    }
    let request = cx.rt().now();
    let gone_at = if variant == CancelLatency::Abort {
        task.abort();
        gone.await.ok()?
    } else {
        let Err(JoinError::Cancelled) = task.cancel().await else {
            return None;
        };
        // The contract: when a cancel resolves, the future has been dropped.
        gone.try_recv().ok()??
    };
    let confirmed = cx.rt().now() - request;
    let began = waits_for_it || suspended.try_recv() == Ok(Some(()));
    Some(Latency {
        began,
        dropped: gone_at.saturating_sub(request),
        confirmed,
    })
}
