//! Three counters say 1, 2, 3, with a pause of 1 s after each number.
//!
//! One after the other they say 123123123, together 111222333. From the lesson on
//! counting of the asyncio tutorials; asyncio (Python 3.11) measured 9.00 s and
//! 3.00 s.

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

/// The variants of the counters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Count {
    /// Plain functions that block their thread after each number.
    Sync,
    /// Three tasks that wait after each number.
    Concurrent,
}

/// The pause after each number.
const PAUSE: Duration = secs(1);

const COUNTERS: [&str; 3] = ["first", "second", "third"];
const NUMBERS: [&str; 3] = ["1", "2", "3"];

impl Scenario for Count {
    const INFO: ScenarioInfo = ScenarioInfo {
        id: "count",
        kind: Kind::Lesson,
        summary: "three counters say 1, 2, 3, with 1 s after each number",
        source: "the lesson on counting of the asyncio tutorials",
        text: include_str!("count.rs"),
        prose: include_str!("count.md"),
        params: &[],
    };

    const VARIANTS: &'static [Self] = &[Count::Sync, Count::Concurrent];

    fn info(self) -> VariantInfo {
        match self {
            Count::Sync => VariantInfo::new(
                "sync",
                "plain functions block their thread after each number",
                "Without async one counter is done before the next begins: 123123123.",
            )
            .program(&["sync"])
            .asyncio(9.00),
            Count::Concurrent => VariantInfo::new(
                "concurrent",
                "three tasks wait after each number",
                "Each await is a place where others get their turn: 111222333, in a third of the \
                 time.",
            )
            .program(&["concurrent", "count"])
            .asyncio(3.00),
        }
    }

    async fn run<R: Runtime, S: Sink>(self, cx: Context<R, S>, _params: Params) -> Outcome {
        let counted = match self {
            Count::Sync => sync(&cx),
            Count::Concurrent => concurrent(&cx).await,
        };
        Outcome::new().with("counted", counted)
    }

    fn check(self, seen: &mut Observed<'_>) {
        seen.value("counted", 9);
        let (digits, spacing) = match self {
            Count::Sync => ("123123123", PAUSE * 3),
            Count::Concurrent => ("111222333", Duration::ZERO),
        };
        counted(seen, spacing);
        let total = spacing * 2 + PAUSE * 3;
        seen.takes(total, if self == Count::Sync { 9 } else { 3 });
        let said: String = seen.said().collect();
        if self == Count::Sync || seen.is_exact() {
            seen.require(said == digits, || format!("{said} instead of {digits}"));
        } else if said != digits {
            seen.note(format!(
                "{said} instead of {digits}: a counter was woken so late that another was a \
                 number ahead"
            ));
        }
    }
}

fn sync<R: Runtime, S: Sink>(cx: &Context<R, S>) -> usize {
    let counters = COUNTERS.map(|name| {
        cx.named_call(name, || {
            for number in NUMBERS {
                cx.say(number);
                cx.block(PAUSE);
            }
            NUMBERS.len()
        })
    });
    counters.into_iter().sum()
}

async fn concurrent<R: Runtime, S: Sink>(cx: &Context<R, S>) -> usize {
    let counters = COUNTERS.map(|name| cx.spawn(name, count(cx.clone())));
    let counted = join_all(counters).await;
    counted.into_iter().flatten().sum()
}

async fn count<R: Runtime, S: Sink>(cx: Context<R, S>) -> usize {
    for number in NUMBERS {
        cx.say(number);
        cx.wait(PAUSE).await;
    }
    NUMBERS.len()
}

/// The counters begin `spacing` apart, and each says a number a second.
fn counted(seen: &mut Observed<'_>, spacing: Duration) {
    let mut lines: Vec<Line<'_>> = Vec::new();
    let mut events: Vec<At<'_>> = Vec::new();
    for (name, nth) in COUNTERS.into_iter().zip(0..) {
        let begin = spacing * nth;
        let said = NUMBERS.into_iter().zip(0..);
        lines.extend(said.map(|(number, second)| (begin + PAUSE * second, name, number)));
        events.push((begin, name, Event::Started));
        events.push((begin + PAUSE * 3, name, Event::Finished));
    }
    lines.sort_by_key(|&(at, ..)| at);
    events.sort_by_key(|&(at, ..)| at);
    seen.lines(&lines);
    seen.events(&events);
}
