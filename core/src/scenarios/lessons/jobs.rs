//! Workers that only wait: milk, bread and eggs in five steps of 1 s each, and the milk (1 s) and
//! the bread (2 s) alone.
//!
//! From the lesson on IO-bound work of the asyncio tutorials; asyncio (Python 3.11)
//! measured 15.01 s, 5.01 s, 3.00 s and 2.00 s for the four variants.

use std::time::Duration;

use futures::future::join_all;

use crate::program::context::Context;
use crate::program::sink::Sink;
use crate::program::transcript::Event;
use crate::runtime::Runtime;
use crate::scenario::observed::{At, Line, Observed};
use crate::scenario::outcome::Outcome;
use crate::scenario::params::Params;
use crate::scenario::variant::VariantInfo;
use crate::scenario::{Kind, Scenario, ScenarioInfo};
use crate::scenarios::support::timetable::secs;

/// The variants of the jobs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Jobs {
    /// Milk, bread and eggs, one job after the other, blocking the thread.
    Sync,
    /// A task for each job, joined.
    Gather,
    /// The milk, and after it the bread.
    MilkBreadSequential,
    /// The milk and the bread together.
    MilkBreadGather,
}

/// The time that a step of a job takes.
const STEP: Duration = secs(1);

const JOBS: [&str; 3] = ["Milk", "Bread", "Eggs"];
const STEPS: [&str; 5] = ["step 1", "step 2", "step 3", "step 4", "step 5"];

/// The time that the milk takes if it is fetched in one go.
const MILK: Duration = secs(1);

/// The time that the bread takes.
const BREAD: Duration = secs(2);

impl Scenario for Jobs {
    const INFO: ScenarioInfo = ScenarioInfo {
        id: "jobs",
        kind: Kind::Lesson,
        summary: "milk, bread and eggs are fetched in steps of 1 s",
        source: "the lesson on IO-bound work of the asyncio tutorials",
        text: include_str!("jobs.rs"),
        prose: include_str!("jobs.md"),
        params: &[],
    };

    const VARIANTS: &'static [Self] = &[
        Jobs::Sync,
        Jobs::Gather,
        Jobs::MilkBreadSequential,
        Jobs::MilkBreadGather,
    ];

    fn info(self) -> VariantInfo {
        match self {
            Jobs::Sync => VariantInfo::new(
                "sync",
                "three jobs of five blocking steps, one job after the other",
                "Fifteen steps that block one thread take fifteen seconds, and the thread did \
                 nothing in them.",
            )
            .program(&["sync"])
            .asyncio(15.01),
            Jobs::Gather => VariantInfo::new(
                "gather",
                "a task for each of three jobs of five steps, joined",
                "Jobs that wait go on by turns, step by step, in the time of one of them.",
            )
            .program(&["gather", "work"])
            .asyncio(5.01),
            Jobs::MilkBreadSequential => VariantInfo::new(
                "milk-bread-sequential",
                "awaits the milk (1 s), then the bread (2 s)",
                "What is awaited in turn takes the sum, asynchronous or not.",
            )
            .program(&["milk_bread_sequential", "fetch"])
            .asyncio(3.00),
            Jobs::MilkBreadGather => VariantInfo::new(
                "milk-bread-gather",
                "awaits the milk (1 s) and the bread (2 s) together",
                "What is awaited together takes as long as the longest.",
            )
            .program(&["milk_bread_gather", "fetch"])
            .asyncio(2.00),
        }
    }

    async fn run<R: Runtime, S: Sink>(self, cx: Context<R, S>, _params: Params) -> Outcome {
        let done = match self {
            Jobs::Sync => sync(&cx),
            Jobs::Gather => gather(&cx).await,
            Jobs::MilkBreadSequential => milk_bread_sequential(&cx).await,
            Jobs::MilkBreadGather => milk_bread_gather(&cx).await,
        };
        Outcome::new().with("done", done)
    }

    fn check(self, seen: &mut Observed<'_>) {
        match self {
            Jobs::Sync => {
                five_steps_each(seen, STEP * 5);
                seen.takes(STEP * 15, 15);
            }
            Jobs::Gather => {
                five_steps_each(seen, Duration::ZERO);
                seen.takes(STEP * 5, 5);
            }
            Jobs::MilkBreadSequential => {
                milk_and_bread(seen, MILK);
                seen.in_order(&[("Milk", Event::Finished), ("Bread", Event::Started)]);
                seen.takes(MILK + BREAD, 2);
            }
            Jobs::MilkBreadGather => {
                milk_and_bread(seen, Duration::ZERO);
                seen.takes(BREAD, 1);
            }
        }
    }
}

fn sync<R: Runtime, S: Sink>(cx: &Context<R, S>) -> Vec<&'static str> {
    for job in JOBS {
        cx.named_call(job, || {
            for step in STEPS {
                cx.block(STEP);
                cx.say(step);
            }
        });
    }
    JOBS.to_vec()
}

async fn gather<R: Runtime, S: Sink>(cx: &Context<R, S>) -> Vec<&'static str> {
    let tasks = JOBS.map(|job| cx.spawn(job, work(cx.clone(), job)));
    let done = join_all(tasks).await;
    done.into_iter().flatten().collect()
}

async fn work<R: Runtime, S: Sink>(cx: Context<R, S>, job: &'static str) -> &'static str {
    for step in STEPS {
        cx.wait(STEP).await;
        cx.say(step);
    }
    job
}

async fn milk_bread_sequential<R: Runtime, S: Sink>(cx: &Context<R, S>) -> Vec<&'static str> {
    let milk = fetch(cx, "Milk", MILK).await;
    let bread = fetch(cx, "Bread", BREAD).await;
    vec![milk, bread]
}

async fn milk_bread_gather<R: Runtime, S: Sink>(cx: &Context<R, S>) -> Vec<&'static str> {
    let (milk, bread) = futures::join!(fetch(cx, "Milk", MILK), fetch(cx, "Bread", BREAD));
    vec![milk, bread]
}

async fn fetch<R: Runtime, S: Sink>(
    cx: &Context<R, S>,
    what: &'static str,
    time: Duration,
) -> &'static str {
    cx.named(what, cx.wait(time)).await;
    what
}

/// The jobs begin `spacing` apart, and each does one step per second.
fn five_steps_each(seen: &mut Observed<'_>, spacing: Duration) {
    seen.value("done", JOBS.to_vec());
    let mut lines: Vec<Line<'_>> = Vec::new();
    let mut events: Vec<At<'_>> = Vec::new();
    for (job, nth) in JOBS.into_iter().zip(0..) {
        let begin = spacing * nth;
        let done = STEPS.into_iter().zip(1..);
        lines.extend(done.map(|(step, second)| (begin + STEP * second, job, step)));
        events.push((begin, job, Event::Started));
        events.push((begin + STEP * 5, job, Event::Finished));
    }
    lines.sort_by_key(|&(at, ..)| at);
    events.sort_by_key(|&(at, ..)| at);
    seen.lines(&lines);
    seen.events(&events);
}

fn milk_and_bread(seen: &mut Observed<'_>, bread_begins: Duration) {
    seen.value("done", vec!["Milk", "Bread"]);
    let mut events = [
        (Duration::ZERO, "Milk", Event::Started),
        (MILK, "Milk", Event::Finished),
        (bread_begins, "Bread", Event::Started),
        (bread_begins + BREAD, "Bread", Event::Finished),
    ];
    events.sort_by_key(|&(at, ..)| at);
    seen.events(&events);
}
