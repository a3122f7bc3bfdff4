//! N tasks that wait, all alive at once.
//!
//! One process does not show the size of a task: the process has the size of the program, the
//! runtime and the tasks together. Run the scenario for several N; the slope of the peak resident
//! size over N is the size of a task. jimblandy/context-switch reports some 0.4 KiB for an async
//! task and 20 KiB for a thread, half of them in the kernel, which the resident size of a process
//! does not show.

use crate::program::context::Context;
use crate::program::sink::Sink;
use crate::runtime::Runtime;
use crate::runtime::config::Config;
use crate::runtime::runner_info::RunnerInfo;
use crate::scenario::observed::Observed;
use crate::scenario::outcome::Outcome;
use crate::scenario::params::{ParamInfo, Params};
use crate::scenario::variant::VariantInfo;
use crate::scenario::{Kind, Scenario, ScenarioInfo};
use crate::scenarios::support::barrier::Barrier;
use crate::scenarios::support::tally::{Tally, costs_no_virtual_time};

/// The one variant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Memory {
    /// Every task waits for one event.
    Waiting,
}

impl Scenario for Memory {
    const INFO: ScenarioInfo = ScenarioInfo {
        id: "memory",
        kind: Kind::Benchmark,
        summary: "N tasks wait for one event, all alive at once",
        source: "jimblandy/context-switch",
        text: include_str!("memory.rs"),
        prose: "",
        params: &[
            ParamInfo::count("tasks", 10_000)
                .within(1, 10_000_000)
                .help("how many tasks wait"),
            ParamInfo::count("bytes", 0)
                .within(0, 1_000_000)
                .help("what each keeps on the heap beside, written to"),
        ],
    };

    const VARIANTS: &'static [Self] = &[Memory::Waiting];

    fn info(self) -> VariantInfo {
        VariantInfo::new(
            "waiting",
            "every task waits for one event until all are there",
            "A task that waits is as large as what it needs after the wait; a thread keeps a \
             stack.",
        )
        .without_ideal()
        .compared_by("memory")
    }

    async fn run<R: Runtime, S: Sink>(self, cx: Context<R, S>, params: Params) -> Outcome {
        let (tasks, bytes) = (params.count("tasks"), params.count("bytes"));
        let barrier = Barrier::of(tasks);
        let mut spawned = Vec::with_capacity(tasks);
        for _ in 0..tasks {
            let mut guard = barrier.guard();
            spawned.push(cx.spawn("waiter", async move {
                // The memory is written to, since an untouched page costs nothing.
                let kept = vec![1_u8; bytes];
                guard.wait().await;
                kept.iter().map(|byte| u64::from(*byte)).sum()
            }));
        }
        let alive = barrier.settled().await;
        barrier.release();
        let tally = Tally::of(spawned).await;
        tally.into(Outcome::new().with("alive", alive)).items(tasks)
    }

    fn check(self, seen: &mut Observed<'_>) {
        let (tasks, bytes) = (seen.params.count("tasks"), seen.params.count("bytes"));
        Tally::check(seen, tasks, (tasks * bytes) as u64);
        seen.value("alive", tasks);
        costs_no_virtual_time(seen);
    }

    fn unsupported(self, runner: &RunnerInfo, _: &Config, params: &Params) -> Option<String> {
        runner.too_many_tasks(params.count("tasks") + 1)
    }
}
