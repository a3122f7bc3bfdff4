//! Two sums, A = 1 + 2 and B = 1 + 2 + 3, with a pause of 1 s before each number.
//!
//! The work is in the waiting, and sharing the waits saves the time. From the lesson on sums of the
//! asyncio tutorials; asyncio (Python 3.11) measured 5.00 s, 5.00 s and 3.00 s for the three
//! variants.

use std::time::Duration;

use crate::program::context::Context;
use crate::program::sink::Sink;
use crate::program::transcript::Event;
use crate::runtime::Runtime;
use crate::scenario::observed::{At, Line, Observed};
use crate::scenario::outcome::Outcome;
use crate::scenario::params::Params;
use crate::scenario::variant::VariantInfo;
use crate::scenario::{Kind, Scenario, ScenarioInfo};
use crate::scenarios::support::timetable::{begins, ends, secs};

/// The variants of the sums.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sums {
    /// Plain functions that block their thread before each number.
    Sync,
    /// Two tasks that block their workers before each number.
    Blocking,
    /// Two tasks that wait before each number.
    Concurrent,
}

/// The pause before each number.
const PAUSE: Duration = secs(1);

/// The sums by name, and the last number of each.
const SUMS: [(&str, u32); 2] = [("A", 2), ("B", 3)];

impl Scenario for Sums {
    const INFO: ScenarioInfo = ScenarioInfo {
        id: "sums",
        kind: Kind::Lesson,
        summary: "two sums, A = 1 + 2 and B = 1 + 2 + 3, with 1 s before each number",
        source: "the lesson on sums of the asyncio tutorials",
        text: include_str!("sums.rs"),
        prose: include_str!("sums.md"),
        params: &[],
    };

    const VARIANTS: &'static [Self] = &[Sums::Sync, Sums::Blocking, Sums::Concurrent];

    fn info(self) -> VariantInfo {
        match self {
            Sums::Sync => VariantInfo::new(
                "sync",
                "plain functions block their thread before each number",
                "Without async, B is not begun before A is complete.",
            )
            .program(&["sync", "add_up_blocking"])
            .asyncio(5.00),
            Sums::Blocking => VariantInfo::new(
                "blocking",
                "two tasks block their workers before each number",
                "A task that blocks cannot be interleaved: on one worker it is the synchronous \
                 program over again.",
            )
            .program(&["blocking", "add_up_blocking"])
            .asyncio(5.00),
            Sums::Concurrent => VariantInfo::new(
                "concurrent",
                "two tasks wait before each number",
                "At each await a task lets the other go on: their numbers interleave, and the \
                 pauses overlap.",
            )
            .program(&["concurrent", "add_up"])
            .asyncio(3.00),
        }
    }

    async fn run<R: Runtime, S: Sink>(self, cx: Context<R, S>, _params: Params) -> Outcome {
        let [a, b] = match self {
            Sums::Sync => sync(&cx).map(Some),
            Sums::Blocking => blocking(&cx).await,
            Sums::Concurrent => concurrent(&cx).await,
        };
        Outcome::new().with("A", a).with("B", b)
    }

    fn check(self, seen: &mut Observed<'_>) {
        seen.value("A", 3);
        seen.value("B", 6);
        let lanes = match self {
            Sums::Sync => 1,
            Sums::Blocking => seen.workers(),
            Sums::Concurrent => usize::MAX,
        };
        let times = SUMS.map(|(_, last)| PAUSE * last);
        seen.takes(ends(&times, lanes), 5);
        if self == Sums::Sync || seen.is_fifo() {
            added_up(seen, &begins(&times, lanes));
        } else if !seen.is_exact() || lanes > 1 {
            // With one worker, the runtime chooses which sum comes first.
            added_up(seen, &[Duration::ZERO; 2]);
        }
    }
}

fn sync<R: Runtime, S: Sink>(cx: &Context<R, S>) -> [u32; 2] {
    SUMS.map(|(name, last)| cx.named_call(name, || add_up_blocking(cx, last)))
}

async fn blocking<R: Runtime, S: Sink>(cx: &Context<R, S>) -> [Option<u32>; 2] {
    let [a, b] = SUMS.map(|(name, last)| {
        let own = cx.clone();
        cx.spawn(name, async move { add_up_blocking(&own, last) })
    });
    [a.await.ok(), b.await.ok()]
}

async fn concurrent<R: Runtime, S: Sink>(cx: &Context<R, S>) -> [Option<u32>; 2] {
    let [a, b] = SUMS.map(|(name, last)| cx.spawn(name, add_up(cx.clone(), last)));
    [a.await.ok(), b.await.ok()]
}

fn add_up_blocking<R: Runtime, S: Sink>(cx: &Context<R, S>, last: u32) -> u32 {
    let mut sum = 0;
    for number in 1..=last {
        cx.block(PAUSE);
        sum += number;
        cx.say(format_args!("adds {number}: {sum}"));
    }
    sum
}

async fn add_up<R: Runtime, S: Sink>(cx: Context<R, S>, last: u32) -> u32 {
    let mut sum = 0;
    for number in 1..=last {
        cx.wait(PAUSE).await;
        sum += number;
        cx.say(format_args!("adds {number}: {sum}"));
    }
    sum
}

/// Each sum began at its time and added one number per second from then on.
fn added_up(seen: &mut Observed<'_>, begins: &[Duration]) {
    const ADDED: [&str; 3] = ["adds 1: 1", "adds 2: 3", "adds 3: 6"];
    let mut lines: Vec<Line<'_>> = Vec::new();
    let mut events: Vec<At<'_>> = Vec::new();
    for ((name, last), begin) in SUMS.into_iter().zip(begins) {
        let added = ADDED.into_iter().zip(1..=last);
        lines.extend(added.map(|(line, n)| (*begin + PAUSE * n, name, line)));
        events.push((*begin, name, Event::Started));
        events.push((*begin + PAUSE * last, name, Event::Finished));
    }
    lines.sort_by_key(|&(at, ..)| at);
    // At one instant, a worker is freed before it is taken again.
    events.sort_by_key(|&(at, _, event)| (at, event == Event::Started));
    seen.lines(&lines);
    seen.events(&events);
}
