//! N timers, and the lateness of each.
//!
//! The deadlines lie closely and evenly in one second, in an order that suits neither a heap nor a
//! timer wheel. Lateness is the time from a timer's deadline to the moment at which its task goes
//! on: the granularity of the timer, plus the time that the task waits in the queue. Known
//! granularities are tokio's wheel of 1 ms and, for threads, the kernel's slack of 50 µs.
//!
//! Most timers of real programs never end: they limit the time of something that is done long
//! before. One variant sets such timers one after the other, and its figure is the cost of each.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use futures::StreamExt;
use futures::stream::FuturesUnordered;

use crate::program::context::Context;
use crate::program::sink::Sink;
use crate::runtime::Runtime;
use crate::runtime::config::Config;
use crate::runtime::runner_info::RunnerInfo;
use crate::scenario::distribution::Distribution;
use crate::scenario::observed::Observed;
use crate::scenario::outcome::Outcome;
use crate::scenario::params::{ParamInfo, Params};
use crate::scenario::variant::{Measure, VariantInfo};
use crate::scenario::{Kind, Scenario, ScenarioInfo};
use crate::scenarios::support::barrier::Barrier;
use crate::scenarios::support::tally::{Tally, costs_no_virtual_time, each_ns};

/// The variants: the tasks that hold the timers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TimerStorm {
    /// A task for each timer.
    Tasks,
    /// A hundred tasks, each of which awaits its share of the timers at once.
    Shared,
    /// Eight tasks, each of which sets its share of the timers in turn, and drops each after a yield.
    Cancelled,
}

/// The number of tasks that share the timers in [`TimerStorm::Shared`].
const HOLDERS: usize = 100;

/// The number of tasks that set the timers in [`TimerStorm::Cancelled`].
const CANCELLING: usize = 8;

/// The time after which a timer that is cancelled would end.
const LIMIT: Duration = Duration::from_secs(10);

/// No timer is due before this, so that all are set before the first ends.
const LEAD: Duration = Duration::from_millis(250);

/// The deadlines lie within this span after the lead.
const SPAN: Duration = Duration::from_secs(1);

/// The value of a slot with a timer that has not ended; no lateness is as long.
const OPEN: u64 = u64::MAX;

/// The value of a slot with a timer that ended before its deadline.
const EARLY: u64 = u64::MAX - 1;

const MEASURES: &[Measure] = &[
    Measure::nanos("lateness p50", "/lateness/p50_ns"),
    Measure::nanos("lateness p99", "/lateness/p99_ns"),
    Measure::nanos("longest lateness", "/lateness/max_ns"),
];

const PER_TIMER: &[Measure] = &[Measure::nanos("per timer", "/timer_ns")];

impl Scenario for TimerStorm {
    const INFO: ScenarioInfo = ScenarioInfo {
        id: "timer-storm",
        kind: Kind::Benchmark,
        summary: "N timers whose deadlines lie in one second; how late is each?",
        source: "the timer tests of every runtime",
        text: include_str!("timer_storm.rs"),
        prose: "",
        params: &[ParamInfo::count("timers", 100_000)
            .within(1, 1_000_000)
            .help("how many timers are set")],
    };

    const VARIANTS: &'static [Self] =
        &[TimerStorm::Tasks, TimerStorm::Shared, TimerStorm::Cancelled];

    fn info(self) -> VariantInfo {
        let info = match self {
            TimerStorm::Tasks => VariantInfo::new(
                "tasks",
                "a task for each timer",
                "How late a timer is depends on the runtime's timer, and on how many tasks are \
                 due with it.",
            ),
            TimerStorm::Shared => VariantInfo::new(
                "shared",
                "100 tasks, each of which awaits its share of the timers at once",
                "A task may hold any number of timers; so may a thread: not every timer \
                 needs a thread of its own.",
            ),
            TimerStorm::Cancelled => {
                return VariantInfo::new(
                    "cancelled",
                    "8 tasks, each of which sets timers of 10 s around yields, one after the other",
                    "A timeout that is not reached costs its timer all the same: it is set, and \
                     taken back.",
                )
                .measures(PER_TIMER)
                .without_ideal();
            }
        };
        info.measures(MEASURES).busy()
    }

    async fn run<R: Runtime, S: Sink>(self, cx: Context<R, S>, params: Params) -> Outcome {
        let timers = params.count("timers");
        let tasks = self.tasks(timers);
        if self == TimerStorm::Cancelled {
            return cancelled(&cx, timers, tasks).await;
        }
        let slots: Arc<[AtomicU64]> = (0..timers).map(|_| AtomicU64::new(OPEN)).collect();
        let barrier = Barrier::of(tasks);
        let mut spawned = Vec::with_capacity(tasks);
        for task in 0..tasks {
            let (cx_there, slots, mut guard) = (cx.clone(), slots.clone(), barrier.guard());
            let mut own = (task..timers).step_by(tasks);
            spawned.push(match self {
                TimerStorm::Tasks => cx.spawn("timer", async move {
                    timer(&cx_there, task, &slots).await;
                    guard.arrive();
                    1
                }),
                TimerStorm::Shared | TimerStorm::Cancelled => cx.spawn("timers", async move {
                    let all = own.by_ref().map(|number| timer(&cx_there, number, &slots));
                    let ended = all.collect::<FuturesUnordered<_>>().count().await as u64;
                    guard.arrive();
                    ended
                }),
            });
        }
        // Awaited one by one while timers still run, the handles would wake the root for each of
        // them.
        barrier.settled().await;
        let tally = Tally::of(spawned).await;

        let mut lateness = Distribution::new();
        let mut early = 0;
        for slot in slots.iter() {
            match slot.load(Ordering::Relaxed) {
                OPEN => {}
                EARLY => early += 1,
                late => lateness.record(Duration::from_nanos(late)),
            }
        }
        let outcome = Outcome::new()
            .with("lateness", &lateness)
            .with("early", early);
        tally.into(outcome).items(timers)
    }

    fn check(self, seen: &mut Observed<'_>) {
        let timers = seen.params.count("timers");
        Tally::check(seen, self.tasks(timers), timers as u64);
        if self == TimerStorm::Cancelled {
            costs_no_virtual_time(seen);
            return;
        }
        seen.value("early", 0);
        let lateness = seen.outcome.value("lateness");
        let (ended, most) = (&lateness["count"], &lateness["max_ns"]);
        let all = *ended == timers;
        seen.require(all, || format!("{ended} of {timers} timers ended"));
        if seen.is_exact() {
            // The least value in the histogram is 1 ns.
            let punctual = most.as_u64().is_some_and(|most| most <= 1);
            seen.require(punctual, || {
                format!("on an exact clock a timer was {most} ns late")
            });
            seen.takes(longest(timers), 1);
        } else {
            seen.takes_at_least(longest(timers));
        }
    }

    fn unsupported(self, runner: &RunnerInfo, _: &Config, params: &Params) -> Option<String> {
        let reason = runner.too_many_tasks(self.tasks(params.count("timers")) + 1)?;
        Some(format!(
            "{reason}; timer-storm/shared sets as many timers in 100 tasks"
        ))
    }
}

impl TimerStorm {
    fn tasks(self, timers: usize) -> usize {
        match self {
            TimerStorm::Tasks => timers,
            TimerStorm::Shared => timers.min(HOLDERS),
            TimerStorm::Cancelled => timers.min(CANCELLING),
        }
    }
}

/// Sets and cancels the timers; each task returns the number of its own.
async fn cancelled<R: Runtime, S: Sink>(
    cx: &Context<R, S>,
    timers: usize,
    tasks: usize,
) -> Outcome {
    let barrier = Barrier::of(tasks);
    let mut spawned = Vec::with_capacity(tasks);
    for task in 0..tasks {
        let (cx_there, mut guard) = (cx.clone(), barrier.guard());
        spawned.push(cx.spawn("timers", async move {
            guard.wait().await;
            let mut cancelled = 0;
            for _ in (task..timers).step_by(tasks) {
                let yielded = cx_there.timeout(LIMIT, cx_there.yield_now()).await;
                cancelled += u64::from(yielded.is_ok());
            }
            cancelled
        }));
    }
    barrier.settled().await;
    let began = cx.rt().now();
    barrier.release();
    let tally = Tally::of(spawned).await;
    let took = cx.rt().now() - began;
    let outcome = Outcome::new().with("timer_ns", each_ns(took, timers));
    tally.into(outcome).items(timers)
}

/// The time from setting a timer to its deadline.
fn length(number: usize, timers: usize) -> Duration {
    // A prime, so that neighbours lie far apart and no two of fewer timers coincide.
    let place = (number as u64).wrapping_mul(1_000_003) % timers as u64;
    LEAD + SPAN.mul_f64(place as f64 / timers as f64)
}

/// The longest of these times.
fn longest(timers: usize) -> Duration {
    let lengths = (0..timers).map(|number| length(number, timers));
    lengths.max().unwrap_or_default()
}

/// Sets a timer and stores its lateness in its slot, in real time.
async fn timer<R: Runtime, S: Sink>(cx: &Context<R, S>, number: usize, slots: &[AtomicU64]) {
    let length = length(number, slots.len());
    let due = cx.rt().now() + cx.speed().to_runtime(length);
    cx.wait(length).await;
    let late = cx.rt().now().checked_sub(due);
    let late = late.map_or(EARLY, |late| {
        u64::try_from(late.as_nanos()).unwrap_or(EARLY - 1)
    });
    slots[number].store(late, Ordering::Relaxed);
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn deadlines_are_spread_over_the_span_and_no_two_coincide() {
        let lengths: HashSet<_> = (0..1_000).map(|number| length(number, 1_000)).collect();
        assert_eq!(lengths.len(), 1_000);
        assert_eq!(lengths.iter().min(), Some(&LEAD));
        assert_eq!(longest(1_000), LEAD + SPAN * 999 / 1_000);
    }
}
