//! Spawning: N tasks that do nothing, and the time it takes to create one.
//!
//! The programs are those of jimblandy/context-switch (`async-creation` and
//! `thread-creation`) and of tokio's benches (`spawn`, `remote_spawn`). The former
//! reports about 0.3 µs to create a task and 17 µs to create a thread, on its
//! author's machine of 2020.

use crate::program::context::Context;
use crate::program::sink::Sink;
use crate::program::spawned::Spawned;
use crate::runtime::Runtime;
use crate::runtime::config::Config;
use crate::runtime::runner_info::RunnerInfo;
use crate::scenario::distribution::Distribution;
use crate::scenario::observed::Observed;
use crate::scenario::outcome::Outcome;
use crate::scenario::params::{ParamInfo, Params};
use crate::scenario::variant::{Measure, VariantInfo};
use crate::scenario::{Kind, Scenario, ScenarioInfo};
use crate::scenarios::support::tally::{Tally, costs_no_virtual_time, each_ns, sum_below};

/// The variants: the place that spawns, and the times that are measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spawn {
    /// The calls to spawn alone, and the time from each call until its task begins.
    Creation,
    /// A task spawns; timed from the first call to the last result.
    Local,
    /// A thread that is not a worker spawns; timed from the first call to the last result.
    Remote,
}

const PER_TASK: Measure = Measure::nanos("per task", "/task_ns");

const CREATION: &[Measure] = &[
    Measure::nanos("creation", "/creation_ns"),
    Measure::nanos("until it begins", "/start/p50_ns"),
];

impl Scenario for Spawn {
    const INFO: ScenarioInfo = ScenarioInfo {
        id: "spawn",
        kind: Kind::Benchmark,
        summary: "N tasks that do nothing are spawned and awaited",
        source: "jimblandy/context-switch, and tokio's benches",
        text: include_str!("spawn.rs"),
        prose: "",
        params: &[ParamInfo::count("tasks", 10_000)
            .within(1, 1_000_000)
            .help("how many tasks are spawned")],
    };

    const VARIANTS: &'static [Self] = &[Spawn::Creation, Spawn::Local, Spawn::Remote];

    fn info(self) -> VariantInfo {
        let info = match self {
            Spawn::Creation => VariantInfo::new(
                "creation",
                "times the calls to spawn, and how long after its call each task begins",
                "A task is an allocation and a place in a queue; a thread is a system call and a \
                 stack.",
            )
            .measures(CREATION)
            .repeats(),
            Spawn::Local => VariantInfo::new(
                "local",
                "a task spawns; timed to the last result",
                "Spawned by a task, a task can go to its worker's own queue.",
            )
            .measures(&[PER_TASK])
            .repeats(),
            Spawn::Remote => VariantInfo::new(
                "remote",
                "a thread that is no worker spawns; timed to the last result",
                "From outside, every task passes through the queue that the workers share.",
            )
            .measures(&[PER_TASK]),
        };
        info.without_ideal()
    }

    async fn run<R: Runtime, S: Sink>(self, cx: Context<R, S>, params: Params) -> Outcome {
        let tasks = params.count("tasks");
        let outcome = match self {
            Spawn::Creation => creation(&cx, tasks).await,
            Spawn::Local => local(&cx, tasks).await,
            Spawn::Remote => remote(&cx, tasks).await,
        };
        outcome.items(tasks)
    }

    fn check(self, seen: &mut Observed<'_>) {
        let tasks = seen.params.count("tasks");
        Tally::check(seen, tasks, sum_below(tasks));
        if self == Spawn::Creation {
            let begun = &seen.outcome.value("start")["count"];
            let all = *begun == tasks;
            seen.require(all, || {
                format!("{begun} of {tasks} tasks said when they began")
            });
        }
        costs_no_virtual_time(seen);
    }

    fn unsupported(self, runner: &RunnerInfo, _: &Config, params: &Params) -> Option<String> {
        // In addition, there are the root and the thread that spawns.
        runner.too_many_tasks(params.count("tasks") + 2)
    }
}

async fn creation<R: Runtime, S: Sink>(cx: &Context<R, S>, tasks: usize) -> Outcome {
    let mut start = Distribution::new();
    let mut spawned = Vec::with_capacity(tasks);
    let began = cx.rt().now();
    for number in 0..tasks {
        let rt = cx.rt().clone();
        let called = rt.now();
        let task = cx.spawn("task", async move { (number as u64, rt.now() - called) });
        spawned.push(task);
    }
    let took = cx.rt().now() - began;

    let mut tally = Tally::default();
    for task in spawned {
        let ended = task.await.map(|(number, after)| {
            start.record(after);
            number
        });
        tally.add(ended);
    }
    tally.into(
        Outcome::new()
            .with("creation_ns", each_ns(took, tasks))
            .with("start", &start),
    )
}

async fn local<R: Runtime, S: Sink>(cx: &Context<R, S>, tasks: usize) -> Outcome {
    let began = cx.rt().now();
    let tally = Tally::of(spawn_all(cx, tasks)).await;
    let took = cx.rt().now() - began;
    tally.into(Outcome::new().with("task_ns", each_ns(took, tasks)))
}

async fn remote<R: Runtime, S: Sink>(cx: &Context<R, S>, tasks: usize) -> Outcome {
    let spawner = cx.clone();
    let spawned = cx.spawn_blocking("spawner", move || {
        let began = spawner.rt().now();
        (began, spawn_all(&spawner, tasks))
    });
    match spawned.await {
        Ok((began, spawned)) => {
            let tally = Tally::of(spawned).await;
            let took = cx.rt().now() - began;
            tally.into(Outcome::new().with("task_ns", each_ns(took, tasks)))
        }
        Err(error) => {
            let mut tally = Tally::default();
            tally.add(Err(error));
            tally.into(Outcome::new())
        }
    }
}

fn spawn_all<R: Runtime, S: Sink>(
    cx: &Context<R, S>,
    tasks: usize,
) -> Vec<Spawned<R::JoinHandle<u64>>> {
    let spawn = |number| cx.spawn("task", async move { number as u64 });
    (0..tasks).map(spawn).collect()
}
