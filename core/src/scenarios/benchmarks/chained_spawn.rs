//! A chain: each task spawns the next and ends, N times.
//!
//! The program is `chained_spawn` of tokio's benches. Nothing runs in parallel, so it shows how
//! long a task waits in a queue that is otherwise empty: a worker that keeps the newest task for
//! itself need not wake another.

use futures::channel::oneshot;

use crate::program::context::Context;
use crate::program::sink::Sink;
use crate::runtime::Runtime;
use crate::scenario::observed::Observed;
use crate::scenario::outcome::Outcome;
use crate::scenario::params::{ParamInfo, Params};
use crate::scenario::variant::{Measure, VariantInfo};
use crate::scenario::{Kind, Scenario, ScenarioInfo};
use crate::scenarios::support::tally::{Tally, costs_no_virtual_time, each_ns};

/// The one variant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChainedSpawn {
    /// Each link is detached by the one before it.
    Detached,
}

const PER_TASK: &[Measure] = &[Measure::nanos("per task", "/task_ns")];

impl Scenario for ChainedSpawn {
    const INFO: ScenarioInfo = ScenarioInfo {
        id: "chained-spawn",
        kind: Kind::Benchmark,
        summary: "each of N tasks spawns the next and ends",
        source: "tokio's benches",
        text: include_str!("chained_spawn.rs"),
        prose: "",
        params: &[ParamInfo::count("tasks", 10_000)
            .within(1, 10_000_000)
            .help("how many tasks the chain has")],
    };

    const VARIANTS: &'static [Self] = &[ChainedSpawn::Detached];

    fn info(self) -> VariantInfo {
        VariantInfo::new(
            "detached",
            "nobody awaits a task but the last, which tells how many there were",
            "One task at a time is ready: what counts is how soon it is polled, and by whom.",
        )
        .measures(PER_TASK)
        .without_ideal()
        .repeats()
    }

    async fn run<R: Runtime, S: Sink>(self, cx: Context<R, S>, params: Params) -> Outcome {
        let tasks = params.count("tasks");
        let (done, last) = oneshot::channel();
        let began = cx.rt().now();
        link(&cx, tasks, 0, done);
        let counted = last.await;
        let took = cx.rt().now() - began;
        let mut tally = Tally::default();
        match counted {
            Ok(links) => tally.add(Ok(links)),
            Err(oneshot::Canceled) => tally.fail("the chain broke: a task never began".to_owned()),
        }
        let outcome = Outcome::new().with("task_ns", each_ns(took, tasks));
        tally.into(outcome).items(tasks)
    }

    fn check(self, seen: &mut Observed<'_>) {
        let tasks = seen.params.count("tasks");
        Tally::check(seen, 1, tasks as u64);
        costs_no_virtual_time(seen);
    }
}

/// Spawns the next of `left` tasks, after `links` before it. The sender goes along: if a task is
/// lost, so is the sender, and the root notices.
fn link<R: Runtime, S: Sink>(
    cx: &Context<R, S>,
    left: usize,
    links: u64,
    done: oneshot::Sender<u64>,
) {
    if left == 0 {
        // The receiver is gone if the root was given up.
        let _ = done.send(links);
        return;
    }
    let next = cx.clone();
    drop(cx.spawn("link", async move {
        link(&next, left - 1, links + 1, done);
    }));
}
