//! T tasks each yield N times: the scheduler's loop, and nothing else.
//!
//! The program is `yield_many` of tokio's benches. A yield is a wake-up of the task itself and
//! another poll; the scheduler chooses the tasks that are polled in between.

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
use crate::scenarios::support::barrier::Barrier;
use crate::scenarios::support::tally::{Tally, costs_no_virtual_time, each_ns};

/// The one variant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum YieldStorm {
    /// All tasks have arrived before the first yields.
    Together,
}

const PER_YIELD: &[Measure] = &[Measure::nanos("per yield", "/yield_ns")];

impl Scenario for YieldStorm {
    const INFO: ScenarioInfo = ScenarioInfo {
        id: "yield-storm",
        kind: Kind::Benchmark,
        summary: "T tasks each yield N times",
        source: "tokio's benches",
        text: include_str!("yield_storm.rs"),
        prose: "",
        params: &[
            ParamInfo::count("tasks", 100)
                .within(1, 100_000)
                .help("how many tasks yield"),
            ParamInfo::count("yields", 1_000)
                .within(1, 1_000_000)
                .help("how many times each yields"),
        ],
    };

    const VARIANTS: &'static [Self] = &[YieldStorm::Together];

    fn info(self) -> VariantInfo {
        VariantInfo::new(
            "together",
            "all tasks are there before the first yields",
            "A yield costs what the scheduler's queue costs; for threads it is a system call.",
        )
        .measures(PER_YIELD)
        .without_ideal()
        .repeats()
    }

    async fn run<R: Runtime, S: Sink>(self, cx: Context<R, S>, params: Params) -> Outcome {
        let (tasks, yields) = (params.count("tasks"), params.count("yields"));
        let barrier = Barrier::of(tasks);
        let mut spawned = Vec::with_capacity(tasks);
        for _ in 0..tasks {
            let (cx_there, mut guard) = (cx.clone(), barrier.guard());
            spawned.push(cx.spawn("yielder", async move {
                guard.wait().await;
                let mut done = 0;
                for _ in 0..yields {
                    cx_there.yield_now().await;
                    done += 1;
                }
                done
            }));
        }
        barrier.settled().await;
        let began = cx.rt().now();
        barrier.release();
        let tally = Tally::of(spawned).await;
        let took = cx.rt().now() - began;
        let outcome = Outcome::new().with("yield_ns", each_ns(took, tasks * yields));
        tally.into(outcome).items(tasks * yields)
    }

    fn check(self, seen: &mut Observed<'_>) {
        let (tasks, yields) = (seen.params.count("tasks"), seen.params.count("yields"));
        Tally::check(seen, tasks, (tasks * yields) as u64);
        costs_no_virtual_time(seen);
    }

    fn unsupported(self, runner: &RunnerInfo, _: &Config, params: &Params) -> Option<String> {
        runner.too_many_tasks(params.count("tasks") + 1)
    }
}
