//! A hog beside a heartbeat: one task keeps its thread for 1 s, another wants to run every 10 ms.
//!
//! The claim: a blocking call stalls everything, silently. From the asyncio tutorials; on one
//! machine the longest gap in such a heartbeat was 1010 ms with Python 3.11's asyncio, and 28 ms
//! with Python's threads. The heartbeat starts first, and the hog after its first beat. The figures
//! are the lateness of each beat against its intended time, and the longest gap between two beats;
//! both in scenario time, which is real time at the default speed of 1. In one variant the hog wakes
//! the heart itself, for a single beat.

use std::thread;
use std::time::Duration;

use futures::channel::oneshot;

use crate::program::context::Context;
use crate::program::sink::Sink;
use crate::runtime::Runtime;
use crate::runtime::config::Config;
use crate::runtime::runner_info::{Clock, RunnerInfo};
use crate::scenario::observed::Observed;
use crate::scenario::outcome::Outcome;
use crate::scenario::params::{ParamInfo, Params};
use crate::scenario::variant::{Measure, VariantInfo};
use crate::scenario::{Kind, Scenario, ScenarioInfo};
use crate::scenarios::support::heartbeat::{Pulse, Rhythm, beats_in, told};
use crate::scenarios::support::timetable::{secs, slices};
use crate::time::nanos;

/// The variants of the hog: the place in which it runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hog {
    /// In a task, computing without an await.
    Inline,
    /// In a task, in a call that blocks the thread.
    Blocking,
    /// In a task that wakes the heart, and then computes without an await.
    Waking,
    /// In a task that computes, and yields after each slice.
    Yielding,
    /// On the blocking pool.
    Offloaded,
    /// On a thread of its own, unknown to the runtime.
    OnThread,
}

/// The beats that the heart goes on for after the hog should have ended, so that its recovery is
/// seen too.
const AFTERWARDS: u32 = 20;

/// The factor by which a real clock's measures of CPU time and of time may differ.
const CLOCKS_AGREE: f64 = 0.99;

const LATENESS: &[Measure] = &[
    Measure::nanos("max lateness", "/lateness/max_ns"),
    Measure::nanos("longest gap", "/longest_gap_ns"),
    Measure::nanos("p99 lateness", "/lateness/p99_ns"),
    Measure::nanos("p50 lateness", "/lateness/p50_ns"),
];

impl Scenario for Hog {
    const INFO: ScenarioInfo = ScenarioInfo {
        id: "hog",
        kind: Kind::Experiment,
        summary: "a heartbeat of 10 ms beside a hog of 1 s: how late does it beat?",
        source: "the asyncio tutorials: a blocking call stalls everything, silently",
        text: include_str!("hog.rs"),
        prose: include_str!("hog.md"),
        params: &[
            ParamInfo::duration("hog", secs(1))
                .within(Duration::from_millis(1), secs(60))
                .help("how long the hog computes or blocks"),
            ParamInfo::duration("beat", Duration::from_millis(10))
                .within(Duration::from_millis(1), secs(1))
                .help("how far apart the beats of the heart are"),
            ParamInfo::duration("slice", Duration::from_millis(1))
                .within(Duration::from_micros(10), secs(1))
                .help("how long the hog computes between two yields (yielding)"),
        ],
    };

    const VARIANTS: &'static [Self] = &[
        Hog::Inline,
        Hog::Blocking,
        Hog::Waking,
        Hog::Yielding,
        Hog::Offloaded,
        Hog::OnThread,
    ];

    fn info(self) -> VariantInfo {
        let info = match self {
            Hog::Inline => VariantInfo::new(
                "inline",
                "the hog computes in a task, without an await",
                "Who computes without an await holds a worker: on one worker nobody else runs \
                 until it has ended, and no error says so.",
            )
            .program(&["inline"]),
            Hog::Blocking => VariantInfo::new(
                "blocking",
                "the hog blocks its thread in a task",
                "A call that blocks in a task holds a worker as computing does, though the CPU is \
                 idle. On tokio the heart may stand still beside an idle worker too: its timer \
                 does not fire until the block is over.",
            )
            .program(&["blocking"]),
            Hog::Waking => VariantInfo::new(
                "waking",
                "the hog wakes the heart, then computes in the same poll",
                "A task that is woken by a busy poll may wait for the end of that poll, though a \
                 worker is idle, if the runtime keeps it for the worker that woke it.",
            )
            .program(&["waking"]),
            Hog::Yielding => VariantInfo::new(
                "yielding",
                "the hog computes in a task, and yields every 1 ms",
                "Who yields lets others in: nobody waits much longer than a slice, and the hog \
                 takes hardly longer.",
            )
            .program(&["yielding", "eat"]),
            Hog::Offloaded => VariantInfo::new(
                "offloaded",
                "the hog computes on the blocking pool",
                "On the blocking pool the hog holds no worker: the heart beats on, as well as the \
                 OS shares the cores.",
            )
            .program(&["offloaded"]),
            Hog::OnThread => VariantInfo::new(
                "on-thread",
                "the hog computes on a thread of its own",
                "A plain thread serves as well as the blocking pool; a channel tells of its end.",
            )
            .program(&["on_thread"])
            .without_ideal(),
        };
        info.busy().measures(LATENESS)
    }

    async fn run<R: Runtime, S: Sink>(self, cx: Context<R, S>, params: Params) -> Outcome {
        let (hog, slice) = (params.duration("hog"), params.duration("slice"));
        if self == Hog::Waking {
            return waking(&cx, hog, params.duration("beat")).await;
        }
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
            Hog::Waking => unreachable!("it has no heart that beats by the clock"),
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
            Hog::Inline | Hog::Blocking | Hog::Waking | Hog::Offloaded | Hog::OnThread => 1,
        };
        seen.value("slices", slices);
        let beats = match self {
            Hog::Waking => 1,
            _ => beats(seen.params),
        };
        seen.value("beats", beats);
        seen.takes_at_least(beat * beats);
        let took = told(seen.outcome.value("hog_took_ns")).unwrap_or_default();
        seen.require(took >= hog.mul_f64(CLOCKS_AGREE), || {
            format!("the hog took {took:?}, and must take {hog:?}")
        });
        // On one worker no beat can come before the hog has ended, under any scheduler: the first
        // beat that came due during the hog is late by the whole hog except one beat at most.
        if matches!(self, Hog::Inline | Hog::Blocking | Hog::Waking) && seen.workers() == 1 {
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

/// The heart has one beat, when the hog wakes it.
async fn waking<R: Runtime, S: Sink>(cx: &Context<R, S>, hog: Duration, beat: Duration) -> Outcome {
    let (wake, woken) = oneshot::channel();
    let own = cx.clone();
    let heart = cx.spawn("heart", async move {
        let woken_at = woken.await.ok()?;
        Some(own.now().saturating_sub(woken_at))
    });
    // Until the heart waits.
    cx.wait(beat).await;
    let own = cx.clone();
    let task = cx.spawn("hog", async move {
        let begin = own.now();
        // The receiver is gone if the heart was lost.
        let _ = wake.send(begin);
        own.spin(hog);
        [begin, own.now() - begin]
    });
    let eaten = task.await.ok();
    let outcome = Outcome::new().with("slices", eaten.map(|_| 1));
    let [began, took] = eaten.unwrap_or_default();
    let outcome = outcome
        .with("hog_began_ns", nanos(began))
        .with("hog_took_ns", nanos(took));
    match heart.await {
        Ok(Some(late)) => Pulse::once(late).tell(outcome),
        _ => outcome,
    }
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
