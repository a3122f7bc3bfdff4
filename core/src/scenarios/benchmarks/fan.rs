//! One channel and many tasks at one end of it.
//!
//! Fan-in: T tasks each send N/T messages to one receiver. Fan-out: one sender, and T tasks that
//! take its N messages. The formulas are those of crossbeam-channel's benchmarks (`mpsc` and its
//! mirror). The channel is async-channel's on every runtime, so that the difference is in the order
//! of wake-ups and not in the channel; tokio's own would also make tasks yield after some messages
//! that were ready.

use std::time::Duration;

use async_channel::{Receiver, Sender, bounded, unbounded};

use crate::program::context::Context;
use crate::program::sink::Sink;
use crate::runtime::Runtime;
use crate::runtime::config::Config;
use crate::runtime::runner_info::RunnerInfo;
use crate::scenario::observed::Observed;
use crate::scenario::outcome::Outcome;
use crate::scenario::params::{ParamInfo, Params};
use crate::scenario::variant::{Measure, VariantInfo};
use crate::scenario::{Kind, Scenario, ScenarioInfo};
use crate::scenarios::support::tally::{Tally, costs_no_virtual_time, each_ns, sum_below};

/// Many senders, one receiver.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FanIn {
    /// A channel with room for 100 messages: senders wait.
    Bounded,
    /// A channel with room for all: senders never wait.
    Unbounded,
}

/// One sender, many receivers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FanOut {
    /// A channel with room for 100 messages: the sender waits.
    Bounded,
    /// A channel with room for all: the sender never waits.
    Unbounded,
}

/// The number of messages that a bounded channel holds.
const ROOM: usize = 100;

const PARAMS: &[ParamInfo] = &[
    ParamInfo::count("tasks", 8)
        .within(1, 10_000)
        .help("how many tasks are at the end with the many"),
    ParamInfo::count("messages", 100_000)
        .within(1, 100_000_000)
        .help("how many messages go through the channel"),
];

const MEASURES: &[Measure] = &[Measure::nanos("per message", "/message_ns")];

const BOUNDED: &str = "the channel has room for 100 messages";
const UNBOUNDED: &str = "the channel has room for all messages";

impl Scenario for FanIn {
    const INFO: ScenarioInfo = ScenarioInfo {
        id: "fan-in",
        kind: Kind::Benchmark,
        summary: "T tasks each send N/T messages to one receiver",
        source: "crossbeam-channel's benchmarks",
        text: include_str!("fan.rs"),
        prose: "",
        params: PARAMS,
    };

    const VARIANTS: &'static [Self] = &[FanIn::Bounded, FanIn::Unbounded];

    fn info(self) -> VariantInfo {
        let info = match self {
            FanIn::Bounded => VariantInfo::new(
                "bounded",
                BOUNDED,
                "Senders that outrun the receiver are suspended and woken: each message may cost \
                 two switches.",
            ),
            FanIn::Unbounded => VariantInfo::new(
                "unbounded",
                UNBOUNDED,
                "Senders are never suspended, so what counts is the receiver and its wake-ups.",
            ),
        };
        info.measures(MEASURES).without_ideal().repeats()
    }

    async fn run<R: Runtime, S: Sink>(self, cx: Context<R, S>, params: Params) -> Outcome {
        let (tasks, messages) = (params.count("tasks"), params.count("messages"));
        let (sender, receiver) = match self {
            FanIn::Bounded => bounded(ROOM),
            FanIn::Unbounded => unbounded(),
        };
        let began = cx.rt().now();
        let mut senders = Vec::with_capacity(tasks);
        for task in 0..tasks {
            // Every T-th number, so that the shares differ by one at most.
            let numbers = (task..messages).step_by(tasks);
            senders.push(cx.spawn("sender", send(sender.clone(), numbers)));
        }
        drop(sender);
        let (received, sum) = receive(receiver).await;
        let took = cx.rt().now() - began;
        let tally = Tally::of(senders).await;
        finish(tally, messages, took)
            .with("received", received)
            .with("received_sum", sum)
    }

    fn check(self, seen: &mut Observed<'_>) {
        let (tasks, messages) = (seen.params.count("tasks"), seen.params.count("messages"));
        Tally::check(seen, tasks, messages as u64);
        seen.value("received", messages);
        seen.value("received_sum", sum_below(messages));
        costs_no_virtual_time(seen);
    }

    fn unsupported(self, runner: &RunnerInfo, _: &Config, params: &Params) -> Option<String> {
        runner.too_many_tasks(params.count("tasks") + 1)
    }
}

impl Scenario for FanOut {
    const INFO: ScenarioInfo = ScenarioInfo {
        id: "fan-out",
        kind: Kind::Benchmark,
        summary: "T tasks take N messages from one sender",
        source: "crossbeam-channel's benchmarks",
        text: include_str!("fan.rs"),
        prose: "",
        params: PARAMS,
    };

    const VARIANTS: &'static [Self] = &[FanOut::Bounded, FanOut::Unbounded];

    fn info(self) -> VariantInfo {
        let info = match self {
            FanOut::Bounded => VariantInfo::new(
                "bounded",
                BOUNDED,
                "Receivers that wait are woken one for each message; how evenly they share is \
                 the scheduler's.",
            ),
            FanOut::Unbounded => VariantInfo::new(
                "unbounded",
                UNBOUNDED,
                "The sender may be done before the receivers begin: then the first takes all.",
            ),
        };
        info.measures(MEASURES).without_ideal().repeats()
    }

    async fn run<R: Runtime, S: Sink>(self, cx: Context<R, S>, params: Params) -> Outcome {
        let (tasks, messages) = (params.count("tasks"), params.count("messages"));
        let (sender, receiver) = match self {
            FanOut::Bounded => bounded(ROOM),
            FanOut::Unbounded => unbounded(),
        };
        let began = cx.rt().now();
        let mut receivers = Vec::with_capacity(tasks);
        for _ in 0..tasks {
            receivers.push(cx.spawn("receiver", receive(receiver.clone())));
        }
        drop(receiver);
        let sent = send(sender, 0..messages).await;

        let mut tally = Tally::default();
        let mut shares = Vec::with_capacity(tasks);
        for receiver in receivers {
            let ended = receiver.await.map(|(received, sum)| {
                shares.push(received);
                sum
            });
            tally.add(ended);
        }
        let took = cx.rt().now() - began;
        finish(tally, messages, took)
            .with("sent", sent)
            .with("received", shares.iter().sum::<u64>())
            .with("least_share", shares.iter().min().copied())
            .with("largest_share", shares.iter().max().copied())
    }

    fn check(self, seen: &mut Observed<'_>) {
        let (tasks, messages) = (seen.params.count("tasks"), seen.params.count("messages"));
        Tally::check(seen, tasks, sum_below(messages));
        seen.value("sent", messages);
        seen.value("received", messages);
        costs_no_virtual_time(seen);
    }

    fn unsupported(self, runner: &RunnerInfo, _: &Config, params: &Params) -> Option<String> {
        runner.too_many_tasks(params.count("tasks") + 1)
    }
}

fn finish(tally: Tally, messages: usize, took: Duration) -> Outcome {
    let outcome = Outcome::new().with("message_ns", each_ns(took, messages));
    tally.into(outcome).items(messages)
}

/// Sends `numbers`; returns the number of those sent, which is all unless the receivers are gone.
async fn send(sender: Sender<u64>, numbers: impl Iterator<Item = usize>) -> u64 {
    let mut sent = 0;
    for number in numbers {
        if sender.send(number as u64).await.is_err() {
            break;
        }
        sent += 1;
    }
    sent
}

/// Receives until the last sender is gone; returns the count of the numbers and their sum.
async fn receive(receiver: Receiver<u64>) -> (u64, u64) {
    let (mut received, mut sum) = (0, 0);
    while let Ok(number) = receiver.recv().await {
        received += 1;
        sum += number;
    }
    (received, sum)
}
