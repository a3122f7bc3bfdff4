//! Two tasks and two channels: a number goes out, and the next one comes back.
//!
//! The oldest of all benchmarks of concurrency; tokio's benches and crossbeam's have it. A hop is a
//! message sent, a task woken and a task suspended. The channels are those of async-channel on
//! every runtime, not each runtime's own: tokio's make a task yield after some messages that were
//! ready, others do not, and the benchmark would then compare channels instead of runtimes.

use std::time::Duration;

use async_channel::{Receiver, Sender, bounded};

use crate::program::context::Context;
use crate::program::sink::Sink;
use crate::runtime::Runtime;
use crate::runtime::join_error::JoinError;
use crate::scenario::observed::Observed;
use crate::scenario::outcome::Outcome;
use crate::scenario::params::{ParamInfo, Params};
use crate::scenario::variant::{Measure, VariantInfo};
use crate::scenario::{Kind, Scenario, ScenarioInfo};
use crate::scenarios::support::tally::{Tally, costs_no_virtual_time, each_ns, sum_below};

/// The one variant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PingPong {
    /// Each channel has room for one message.
    Channels,
}

const PER_HOP: &[Measure] = &[Measure::nanos("per hop", "/hop_ns")];

impl Scenario for PingPong {
    const INFO: ScenarioInfo = ScenarioInfo {
        id: "ping-pong",
        kind: Kind::Benchmark,
        summary: "two tasks pass a number to and fro through two channels",
        source: "tokio's benches, and many before",
        text: include_str!("ping_pong.rs"),
        prose: "",
        params: &[ParamInfo::count("rounds", 50_000)
            .within(1, 100_000_000)
            .help("how many times the number goes there and back")],
    };

    const VARIANTS: &'static [Self] = &[PingPong::Channels];

    fn info(self) -> VariantInfo {
        VariantInfo::new(
            "channels",
            "two tasks, two channels with room for one message each",
            "A switch between tasks of one worker is a push and a pop; to another worker, or \
             another thread, it is the operating system's.",
        )
        .measures(PER_HOP)
        .without_ideal()
        .repeats()
    }

    async fn run<R: Runtime, S: Sink>(self, cx: Context<R, S>, params: Params) -> Outcome {
        let rounds = params.count("rounds");
        let (to_pong, from_ping) = bounded(1);
        let (to_ping, from_pong) = bounded(1);
        let pong = cx.spawn("pong", pong(from_ping, to_ping));
        let ping = cx.spawn("ping", ping(cx.clone(), rounds, to_pong, from_pong));

        let mut tally = Tally::default();
        let mut took = Duration::ZERO;
        let pinged: Result<(u64, Duration), JoinError> = ping.await;
        tally.add(pinged.map(|(sum, span)| {
            took = span;
            sum
        }));
        tally.add(pong.await);
        let outcome = Outcome::new().with("hop_ns", each_ns(took, 2 * rounds));
        tally.into(outcome).items(2 * rounds)
    }

    fn check(self, seen: &mut Observed<'_>) {
        let rounds = seen.params.count("rounds");
        // Pong adds up the numbers that went out; ping those that came back, each one greater.
        let sum = sum_below(rounds) + sum_below(rounds) + rounds as u64;
        Tally::check(seen, 2, sum);
        costs_no_virtual_time(seen);
    }
}

/// The sum of the numbers that came back, and the time that it took.
async fn ping<R: Runtime, S: Sink>(
    cx: Context<R, S>,
    rounds: usize,
    there: Sender<u64>,
    back: Receiver<u64>,
) -> (u64, Duration) {
    let mut sum = 0;
    let began = cx.rt().now();
    for number in 0..rounds as u64 {
        // The other side is gone only if it failed, and its handle says how.
        if there.send(number).await.is_err() {
            break;
        }
        let Ok(number) = back.recv().await else {
            break;
        };
        sum += number;
    }
    (sum, cx.rt().now() - began)
}

/// The sum of the numbers that came in; each is sent back plus one.
async fn pong(there: Receiver<u64>, back: Sender<u64>) -> u64 {
    let mut sum = 0;
    while let Ok(number) = there.recv().await {
        sum += number;
        if back.send(number + 1).await.is_err() {
            break;
        }
    }
    sum
}
