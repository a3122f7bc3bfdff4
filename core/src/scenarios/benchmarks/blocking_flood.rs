//! N blocking calls of 100 ms each, all at once.
//!
//! A pool that runs at most C calls at a time takes N / C steps of 100 ms, rounded up. By default
//! tokio's pool grows to 512 threads, and that of smol and async-std to 500: with
//! `--blocking-threads native`, 505 calls are one step on tokio and two on the others, and 1,010
//! calls are two and three. With equal caps all take the same number of steps.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

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
use crate::scenarios::support::tally::{Tally, sum_below};

/// The one variant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BlockingFlood {
    /// On the runtime's blocking pool.
    Pool,
}

/// The time that each call blocks.
const JOB: Duration = Duration::from_millis(100);

impl Scenario for BlockingFlood {
    const INFO: ScenarioInfo = ScenarioInfo {
        id: "blocking-flood",
        kind: Kind::Benchmark,
        summary: "N blocking calls of 100 ms each, all at once",
        source: "the caps of the runtimes' blocking pools",
        text: include_str!("blocking_flood.rs"),
        prose: "",
        params: &[ParamInfo::count("jobs", 505)
            .within(1, 10_000)
            .help("how many calls are made; 400, 505, 600, 1010 and 1100 tell 500 from 512")],
    };

    const VARIANTS: &'static [Self] = &[BlockingFlood::Pool];

    fn info(self) -> VariantInfo {
        VariantInfo::new(
            "pool",
            "every call goes to the blocking pool at once",
            "A pool has a cap: past it calls queue, and the time goes up in steps.",
        )
        .busy()
    }

    async fn run<R: Runtime, S: Sink>(self, cx: Context<R, S>, params: Params) -> Outcome {
        let jobs = params.count("jobs");
        let now = Arc::new(AtomicUsize::new(0));
        let peak = Arc::new(AtomicUsize::new(0));
        let mut called = Vec::with_capacity(jobs);
        for number in 0..jobs {
            let (cx_there, now, peak) = (cx.clone(), now.clone(), peak.clone());
            called.push(cx.spawn_blocking("job", move || {
                peak.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                cx_there.block(JOB);
                now.fetch_sub(1, Ordering::SeqCst);
                number as u64
            }));
        }
        let tally = Tally::of(called).await;
        let outcome = Outcome::new()
            .with("peak", peak.load(Ordering::SeqCst))
            .with("steps", steps(cx.now()));
        tally.into(outcome).items(jobs)
    }

    fn check(self, seen: &mut Observed<'_>) {
        let jobs = seen.params.count("jobs");
        Tally::check(seen, jobs, sum_below(jobs));
        let peak = seen.outcome.value("peak").as_u64();
        let peak = usize::try_from(peak.unwrap_or(0)).unwrap_or(usize::MAX);
        let cap = seen.blocking_threads();
        seen.require((1..=jobs.min(cap)).contains(&peak), || {
            format!("{peak} of {jobs} calls ran at a time, where {cap} may")
        });
        // This many calls ran one after the other, on any of the threads.
        let turns = u32::try_from(jobs.div_ceil(peak.max(1))).unwrap_or(u32::MAX);
        if seen.is_exact() {
            seen.takes(JOB * turns, turns);
        } else {
            seen.takes_at_least(JOB * turns);
        }
        let steps = seen.outcome.value("steps").clone();
        seen.note(format!(
            "{jobs} calls of 100 ms, {peak} at a time at the most: steps by that {turns}, by the \
             clock {steps}"
        ));
    }

    fn unsupported(self, runner: &RunnerInfo, config: &Config, params: &Params) -> Option<String> {
        let jobs = params.count("jobs");
        let threads = config
            .blocking_threads
            .map_or(jobs, |cap| cap.get().min(jobs));
        runner.too_many_tasks(threads + 1)
    }
}

/// Rounded down: the time beyond the steps goes to starting threads and to late wake-ups, which
/// take less than a step unless the machine is very busy.
fn steps(took: Duration) -> u64 {
    let steps = took.as_nanos() / JOB.as_nanos();
    u64::try_from(steps).unwrap_or(u64::MAX)
}
