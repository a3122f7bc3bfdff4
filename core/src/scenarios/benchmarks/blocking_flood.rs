//! N blocking calls of 100 ms each, all at once.
//!
//! A pool that runs at most C calls at a time takes N / C steps of 100 ms, rounded up. By default
//! tokio's pool grows to 512 threads, and that of smol and async-std to 500: with
//! `--blocking-threads native`, 505 calls are one step on tokio and two on the others, and 1,010
//! calls are two and three. With equal caps all take the same number of steps.
//!
//! A pool must also start as many of them as its cap allows. In one variant two calls wait for each
//! other, after a call that has left an idle thread behind: one of them must not wait for the thread
//! that the other holds.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
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

/// The variants: what the calls do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BlockingFlood {
    /// They block, all at once.
    Pool,
    /// One returns at once, and later two wait for each other.
    Meeting,
}

/// The time that each call blocks.
const JOB: Duration = Duration::from_millis(100);

/// The time in which the first call's thread becomes idle in [`BlockingFlood::Meeting`].
const IDLE: Duration = Duration::from_millis(20);

/// The time from one look for the other call to the next.
const LOOK: Duration = Duration::from_millis(1);

/// The number of looks after which a call gives the other up: 2 s.
const LOOKS: u32 = 2_000;

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

    const VARIANTS: &'static [Self] = &[BlockingFlood::Pool, BlockingFlood::Meeting];

    fn info(self) -> VariantInfo {
        let info = match self {
            BlockingFlood::Pool => VariantInfo::new(
                "pool",
                "every call goes to the blocking pool at once",
                "A pool has a cap: past it calls queue, and the time goes up in steps.",
            ),
            BlockingFlood::Meeting => VariantInfo::new(
                "meeting",
                "one call, 20 ms later two that wait for each other",
                "Two calls may wait for each other if the pool has threads for both: it must not \
                 keep one of them for the thread that the other holds.",
            ),
        };
        info.busy()
    }

    async fn run<R: Runtime, S: Sink>(self, cx: Context<R, S>, params: Params) -> Outcome {
        if self == BlockingFlood::Meeting {
            return meeting(&cx).await;
        }
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
        if self == BlockingFlood::Meeting {
            let met = seen.outcome.value("met").clone();
            seen.require(met == 2, || {
                format!(
                    "two blocking calls were to meet: {met} of them met the other within {:?}, so \
                     the pool kept one waiting while it had room for it",
                    LOOK * LOOKS
                )
            });
            if seen.is_exact() {
                seen.takes(IDLE + LOOK, 2);
            } else {
                seen.takes_at_least(IDLE);
            }
            return;
        }
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
        let cap = config.blocking_threads.map_or(usize::MAX, |cap| cap.get());
        let jobs = match self {
            BlockingFlood::Pool => params.count("jobs"),
            BlockingFlood::Meeting if cap < 2 => {
                return Some("two calls cannot meet on one blocking thread".to_owned());
            }
            BlockingFlood::Meeting => 2,
        };
        let threads = cap.min(jobs);
        runner.too_many_tasks(threads + 1)
    }
}

/// Counts the calls that meet the other one.
async fn meeting<R: Runtime, S: Sink>(cx: &Context<R, S>) -> Outcome {
    let mut calls = 1;
    if cx.spawn_blocking("first", || ()).await.is_err() {
        calls = 0;
    }
    cx.wait(IDLE).await;
    let here = Arc::new([AtomicBool::new(false), AtomicBool::new(false)]);
    let called = [("one", 0), ("other", 1)].map(|(name, own)| {
        let (cx_there, here) = (cx.clone(), here.clone());
        cx.spawn_blocking(name, move || {
            here[own].store(true, Ordering::SeqCst);
            // No lock or barrier: the virtual clock does not know those.
            let mut looks = (0..LOOKS).map(|_| cx_there.block(LOOK));
            let is_there = || here[1 - own].load(Ordering::SeqCst);
            is_there() || looks.any(|()| is_there())
        })
    });
    let mut met = 0;
    for call in called {
        let ended = call.await;
        calls += usize::from(ended.is_ok());
        met += u64::from(ended.unwrap_or(false));
    }
    Outcome::new().with("met", met).items(calls)
}

/// Rounded down: the time beyond the steps goes to starting threads and to late wake-ups, which
/// take less than a step unless the machine is very busy.
fn steps(took: Duration) -> u64 {
    let steps = took.as_nanos() / JOB.as_nanos();
    u64::try_from(steps).unwrap_or(u64::MAX)
}
