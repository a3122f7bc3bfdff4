//! Visitors: N of them come at once, and each waits for `wait`.
//!
//! The claim: an asynchronous server serves hundreds of thousands, a synchronous one a couple of
//! dozen. From the asyncio tutorials, where Python 3.11 took 1.01 s for a thousand visitors of 1 s
//! each, 3.65 s for 100,000, and 8.73 s and 508 MiB for 300,000. The visitors do not compute: all
//! time beyond `wait` is the runtime's, to start, time, wake and join N tasks.

use std::time::Duration;

use crate::program::context::Context;
use crate::program::sink::Sink;
use crate::runtime::Runtime;
use crate::runtime::config::Config;
use crate::runtime::runner_info::{Clock, RunnerInfo, Workers};
use crate::scenario::observed::Observed;
use crate::scenario::outcome::Outcome;
use crate::scenario::params::{ParamInfo, Params};
use crate::scenario::variant::VariantInfo;
use crate::scenario::{Kind, Scenario, ScenarioInfo};
use crate::scenarios::support::timetable::secs;

/// The variants of the visitors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Visitors {
    /// A task for each visitor, all of which wait together.
    AtOnce,
    /// The thread is blocked for each visitor in turn.
    OneAtATime,
}

/// The most tasks beside the root for a runner with one OS thread per task: the runner `threads`
/// stops at 12,000 threads, including those that are just ending.
const MOST_THREADS: usize = 11_900;

impl Scenario for Visitors {
    const INFO: ScenarioInfo = ScenarioInfo {
        id: "visitors",
        kind: Kind::Experiment,
        summary: "N visitors wait 1 s each: how many can be served at once?",
        source: "the asyncio tutorials: hundreds of thousands at once, or a couple of dozen",
        text: include_str!("visitors.rs"),
        prose: include_str!("visitors.md"),
        params: &[
            ParamInfo::count("visitors", 10_000)
                .within(1, 1_000_000)
                .help("how many visitors come at once (at-once)"),
            ParamInfo::count("queue", 5)
                .within(1, 100)
                .help("how many visitors stand in the queue (one-at-a-time); each adds a wait"),
            ParamInfo::duration("wait", secs(1))
                .within(Duration::ZERO, secs(60))
                .help("how long each visitor waits"),
        ],
    };

    const VARIANTS: &'static [Self] = &[Visitors::AtOnce, Visitors::OneAtATime];

    fn info(self) -> VariantInfo {
        match self {
            // Not idle: so many tasks keep the CPU busy while they are started and joined.
            Visitors::AtOnce => VariantInfo::new(
                "at-once",
                "a task for each visitor, all of which wait together",
                "Waiting takes no worker: what is over the wait is the cost of starting, waking \
                 and joining the tasks.",
            )
            .program(&["at_once"])
            .busy(),
            Visitors::OneAtATime => VariantInfo::new(
                "one-at-a-time",
                "the thread is blocked for each visitor in turn",
                "A thread that blocks serves one visitor at a time: a couple of dozen threads \
                 serve a couple of dozen.",
            )
            .program(&["one_at_a_time"]),
        }
    }

    async fn run<R: Runtime, S: Sink>(self, cx: Context<R, S>, params: Params) -> Outcome {
        let wait = params.duration("wait");
        let served = match self {
            Visitors::AtOnce => at_once(&cx, params.count("visitors"), wait).await,
            Visitors::OneAtATime => one_at_a_time(&cx, params.count("queue"), wait),
        };
        Outcome::new().with("served", served).items(served)
    }

    fn check(self, seen: &mut Observed<'_>) {
        let wait = seen.params.duration("wait");
        match self {
            Visitors::AtOnce => {
                seen.value("served", seen.params.count("visitors"));
                // The time on top of `wait` on a real clock is the result, not a fault.
                if seen.is_exact() {
                    seen.takes(wait, 1);
                } else {
                    seen.takes_at_least(wait);
                }
            }
            Visitors::OneAtATime => {
                let queue = seen.params.count("queue");
                let waits = u32::try_from(queue).unwrap_or(u32::MAX);
                seen.value("served", queue);
                seen.takes(wait * waits, waits);
            }
        }
    }

    fn unsupported(self, runner: &RunnerInfo, _: &Config, params: &Params) -> Option<String> {
        let is_threads = runner.workers == Workers::PerTask && runner.clock == Clock::Real;
        let visitors = params.count("visitors");
        (self == Visitors::AtOnce && is_threads && visitors > MOST_THREADS).then(|| {
            format!(
                "{visitors} visitors take as many threads here, and one process cannot have more \
                 than some {MOST_THREADS}"
            )
        })
    }
}

async fn at_once<R: Runtime, S: Sink>(
    cx: &Context<R, S>,
    visitors: usize,
    wait: Duration,
) -> usize {
    let mut waiting = Vec::with_capacity(visitors);
    for n in 0..visitors {
        waiting.push(cx.spawn(("visitor", n + 1), cx.wait(wait)));
    }
    let mut served = 0;
    // One by one: `join_all` over a hundred thousand handles is slower than the tasks it waits for.
    for visitor in waiting {
        served += usize::from(visitor.await.is_ok());
    }
    served
}

fn one_at_a_time<R: Runtime, S: Sink>(
    cx: &Context<R, S>,
    visitors: usize,
    wait: Duration,
) -> usize {
    let mut served = 0;
    for _ in 0..visitors {
        cx.block(wait);
        served += 1;
    }
    served
}
