//! A hog beside a heartbeat: one task keeps its thread for 1 s, another wants to run every 10 ms.
//!
//! The claim: a blocking call stalls everything, silently. From the asyncio tutorials; on one
//! machine the longest gap in such a heartbeat was 1010 ms with Python 3.11's asyncio, and 28 ms
//! with Python's threads. The heartbeat starts first, and the hog after its first beat. The figures
//! are the lateness of each beat against its intended time, and the longest gap between two beats;
//! both in scenario time, which is real time at the default speed of 1.

mod lessons;

use std::thread;
use std::time::Duration;

use futures::channel::oneshot;

use crate::program::context::Context;
use crate::program::transcript::Sink;
use crate::runtime::Runtime;
use crate::runtime::config::Config;
use crate::runtime::runner::{Clock, RunnerInfo};
use crate::scenario::observed::Observed;
use crate::scenario::outcome::Outcome;
use crate::scenario::params::{ParamInfo, Params, Value};
use crate::scenario::variant::{Measure, Unit, VariantInfo};
use crate::scenario::{Kind, Scenario, ScenarioInfo};
use crate::scenarios::support::heartbeat::{Rhythm, beats_in, told};
use crate::scenarios::support::timetable::secs;
use crate::time::nanos;

/// The variants of the hog: the place in which it runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hog {
    /// In a task, computing without an await.
    Inline,
    /// In a task, in a call that blocks the thread.
    Blocking,
    /// In a task that computes, and yields after each slice.
    Yielding,
    /// On the blocking pool.
    Offloaded,
    /// On a thread of its own, unknown to the runtime.
    OnThread,
}

/// How long the heartbeat goes on after the hog should have ended, in beats, so that its recovery
/// is seen too.
const AFTERWARDS: u32 = 20;

/// The factor by which a real clock's measures of CPU time and of time may differ.
const CLOCKS_AGREE: f64 = 0.99;

const LATENESS: &[Measure] = &[
    Measure {
        name: "max lateness",
        path: "/lateness/max_ns",
        unit: Unit::Nanoseconds,
        ranked: true,
    },
    Measure {
        name: "longest gap",
        path: "/longest_gap_ns",
        unit: Unit::Nanoseconds,
        ranked: true,
    },
    Measure {
        name: "p99 lateness",
        path: "/lateness/p99_ns",
        unit: Unit::Nanoseconds,
        ranked: true,
    },
    Measure {
        name: "p50 lateness",
        path: "/lateness/p50_ns",
        unit: Unit::Nanoseconds,
        ranked: true,
    },
];

impl Scenario for Hog {
    const INFO: ScenarioInfo = ScenarioInfo {
        id: "hog",
        kind: Kind::Experiment,
        summary: "a heartbeat of 10 ms beside a hog of 1 s: how late does it beat?",
        source: "the asyncio tutorials: a blocking call stalls everything, silently",
        text: include_str!("hog.rs"),
        params: &[
            ParamInfo {
                name: "hog",
                default: Value::Duration(secs(1)),
                min: Value::Duration(Duration::from_millis(1)),
                max: Value::Duration(secs(60)),
                help: "how long the hog computes or blocks",
            },
            ParamInfo {
                name: "beat",
                default: Value::Duration(Duration::from_millis(10)),
                min: Value::Duration(Duration::from_millis(1)),
                max: Value::Duration(secs(1)),
                help: "how far apart the beats of the heart are",
            },
            ParamInfo {
                name: "slice",
                default: Value::Duration(Duration::from_millis(1)),
                min: Value::Duration(Duration::from_micros(10)),
                max: Value::Duration(secs(1)),
                help: "how long the hog computes between two yields (yielding)",
            },
        ],
    };

    const VARIANTS: &'static [Self] = &[
        Hog::Inline,
        Hog::Blocking,
        Hog::Yielding,
        Hog::Offloaded,
        Hog::OnThread,
    ];

    fn info(self) -> VariantInfo {
        lessons::info(self).busy().measures(LATENESS)
    }

    async fn run<R: Runtime, S: Sink>(self, cx: Context<R, S>, params: Params) -> Outcome {
        let (hog, slice) = (params.duration("hog"), params.duration("slice"));
        let rhythm = Rhythm {
            begin: cx.now(),
            period: params.duration("beat"),
            beats: beats(&params),
        };
        let (tell, first_beat) = oneshot::channel();
        let heart = rhythm.beat(cx.clone(), || _ = tell.send(()));
        let heart = cx.spawn("heart", heart);
        // The hog must not come first if a runtime starts the last task first.
        if first_beat.await.is_err() {
            return Outcome::new();
        }
        let begin = cx.now();
        let eaten = match self {
            Hog::Inline => inline(&cx, hog).await,
            Hog::Blocking => blocking(&cx, hog).await,
            Hog::Yielding => yielding(&cx, hog, slice).await,
            Hog::Offloaded => offloaded(&cx, hog).await,
            Hog::OnThread => on_thread(&cx, hog).await,
        };
        let took = cx.now() - begin;
        let outcome = Outcome::new()
            .with("slices", eaten)
            .with("hog_began_ns", nanos(begin))
            .with("hog_took_ns", nanos(took));
        match heart.await {
            Ok(pulse) => pulse.tell(outcome),
            Err(_) => outcome,
        }
    }

    fn check(self, seen: &mut Observed<'_>) {
        let (hog, beat) = (seen.params.duration("hog"), seen.params.duration("beat"));
        let slices = match self {
            Hog::Yielding => slices(hog, seen.params.duration("slice")),
            Hog::Inline | Hog::Blocking | Hog::Offloaded | Hog::OnThread => 1,
        };
        seen.value("slices", slices);
        let beats = beats(seen.params);
        seen.value("beats", beats);
        seen.takes_at_least(beat * beats);
        let took = told(seen.outcome.value("hog_took_ns")).unwrap_or_default();
        seen.require(took >= hog.mul_f64(CLOCKS_AGREE), || {
            format!("the hog took {took:?}, and must take {hog:?}")
        });
        // On one worker no beat can come before the hog has ended, under any scheduler: the first
        // beat that came due during the hog is late by the whole hog except one beat at most.
        if matches!(self, Hog::Inline | Hog::Blocking) && seen.workers() == 1 {
            let least = hog.mul_f64(CLOCKS_AGREE).saturating_sub(beat);
            let max = told(&seen.outcome.value("lateness")["max_ns"]).unwrap_or_default();
            let told = format!(
                "the heart was {max:?} late at the most, and the only worker was held for {hog:?}"
            );
            if max < least && !seen.is_exact() {
                seen.note(format!(
                    "{told}: the hog began so late that few beats were left"
                ));
            } else {
                seen.require(max >= least, || told);
            }
        }
    }

    fn unsupported(self, runner: &RunnerInfo, _: &Config, _: &Params) -> Option<String> {
        let unknown = self == Hog::OnThread && runner.clock == Clock::Virtual;
        unknown.then(|| "the virtual clock does not know threads that it has not made".to_owned())
    }
}

/// The number of beats from the beginning to a while after the hog.
fn beats(params: &Params) -> u32 {
    beats_in(params.duration("hog"), params.duration("beat")) + AFTERWARDS
}

/// The number of slices in which `whole` is computed; the last one may be shorter.
fn slices(whole: Duration, slice: Duration) -> usize {
    let slices = whole.as_nanos().div_ceil(slice.as_nanos().max(1));
    usize::try_from(slices).unwrap_or(usize::MAX)
}

// Each returns the number of slices that the hog did; `None` if the hog was lost.

async fn inline<R: Runtime, S: Sink>(cx: &Context<R, S>, hog: Duration) -> Option<usize> {
    let own = cx.clone();
    let task = cx.spawn("hog", async move { own.spin(hog) });
    task.await.map(|()| 1).ok()
}

async fn blocking<R: Runtime, S: Sink>(cx: &Context<R, S>, hog: Duration) -> Option<usize> {
    let own = cx.clone();
    let task = cx.spawn("hog", async move { own.block(hog) });
    task.await.map(|()| 1).ok()
}

async fn offloaded<R: Runtime, S: Sink>(cx: &Context<R, S>, hog: Duration) -> Option<usize> {
    let own = cx.clone();
    let call = cx.spawn_blocking("hog", move || own.spin(hog));
    call.await.map(|()| 1).ok()
}

async fn yielding<R: Runtime, S: Sink>(
    cx: &Context<R, S>,
    hog: Duration,
    slice: Duration,
) -> Option<usize> {
    cx.spawn("hog", eat(cx.clone(), hog, slice)).await.ok()
}

/// Computes for `whole`, a slice at a time; returns the number of slices.
async fn eat<R: Runtime, S: Sink>(cx: Context<R, S>, whole: Duration, slice: Duration) -> usize {
    let (mut left, mut slices) = (whole, 0);
    while !left.is_zero() {
        let bite = left.min(slice);
        cx.spin(bite);
        left -= bite;
        slices += 1;
        cx.yield_now().await;
    }
    slices
}

async fn on_thread<R: Runtime, S: Sink>(cx: &Context<R, S>, hog: Duration) -> Option<usize> {
    let (tell, ended) = oneshot::channel();
    let own = cx.clone();
    let thread = thread::Builder::new().spawn(move || {
        own.spin(hog);
        // The receiver is gone if the run was given up.
        let _ = tell.send(());
    });
    thread.ok()?;
    ended.await.ok().map(|()| 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_slice_may_be_shorter() {
        let millis = Duration::from_millis;
        assert_eq!(slices(millis(1000), millis(1)), 1000);
        assert_eq!(slices(millis(10), millis(3)), 4);
        assert_eq!(slices(millis(1), millis(3)), 1);
    }
}
