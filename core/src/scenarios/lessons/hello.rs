//! Two greetings that take 4 s each, the second 3 s after the first.
//!
//! The first greeting begins when it is called if it is a task, but not if it is a bare future.
//! From the lesson on tasks of the asyncio tutorials; asyncio (Python 3.11) measured 7.00 s with
//! tasks and 11.07 s without.

use std::time::Duration;

use crate::program::context::Context;
use crate::program::sink::Sink;
use crate::program::transcript::Event;
use crate::runtime::Runtime;
use crate::scenario::observed::Observed;
use crate::scenario::outcome::Outcome;
use crate::scenario::params::Params;
use crate::scenario::variant::VariantInfo;
use crate::scenario::{Kind, Scenario, ScenarioInfo};
use crate::scenarios::support::timetable::secs;

/// The variants of the greetings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hello {
    /// Each greeting is a task as soon as it is called.
    Spawn,
    /// Each greeting is a bare future, which begins when it is awaited.
    Lazy,
}

/// The time that a greeting takes.
const GREETING: Duration = secs(4);

/// The time that main waits between the two.
const BETWEEN: Duration = secs(3);

impl Scenario for Hello {
    const INFO: ScenarioInfo = ScenarioInfo {
        id: "hello",
        kind: Kind::Lesson,
        summary: "two greetings of 4 s, the second called for 3 s after the first",
        source: "the lesson on tasks of the asyncio tutorials",
        text: include_str!("hello.rs"),
        prose: include_str!("hello.md"),
        params: &[],
    };

    const VARIANTS: &'static [Self] = &[Hello::Spawn, Hello::Lazy];

    fn info(self) -> VariantInfo {
        match self {
            Hello::Spawn => VariantInfo::new(
                "spawn",
                "spawns one greeting, waits 3 s, spawns the other, awaits both",
                "A spawned task goes on while the one that spawned it does something else.",
            )
            .program(&["spawn", "greet"])
            .asyncio(7.00),
            Hello::Lazy => VariantInfo::new(
                "lazy",
                "makes one future, waits 3 s, makes the other, awaits both",
                "A future that is not yet awaited has not begun: nothing overlaps, and 3 + 4 + 4 \
                 add up.",
            )
            .program(&["lazy", "greet"])
            .asyncio(11.07),
        }
    }

    async fn run<R: Runtime, S: Sink>(self, cx: Context<R, S>, _params: Params) -> Outcome {
        let greeted = match self {
            Hello::Spawn => spawn(&cx).await,
            Hello::Lazy => lazy(&cx).await,
        };
        Outcome::new().with("greeted", greeted)
    }

    fn check(self, seen: &mut Observed<'_>) {
        seen.value("greeted", vec!["hello 1", "hello 2"]);
        let [first, second] = match self {
            Hello::Spawn => [Duration::ZERO, BETWEEN],
            Hello::Lazy => [BETWEEN, BETWEEN + GREETING],
        };
        let mut events = [
            (first, "hello 1", Event::Started),
            (first + GREETING, "hello 1", Event::Finished),
            (second, "hello 2", Event::Started),
            (second + GREETING, "hello 2", Event::Finished),
        ];
        events.sort_by_key(|&(at, ..)| at);
        seen.events(&events);
        if self == Hello::Lazy {
            seen.in_order(&events.map(|(_, task, event)| (task, event)));
        }
        seen.takes(second + GREETING, 3);
    }
}

async fn spawn<R: Runtime, S: Sink>(cx: &Context<R, S>) -> Vec<String> {
    let first = cx.spawn(("hello", 1), greet(cx.clone(), 1));
    cx.wait(BETWEEN).await;
    let second = cx.spawn(("hello", 2), greet(cx.clone(), 2));
    [first.await, second.await].into_iter().flatten().collect()
}

async fn lazy<R: Runtime, S: Sink>(cx: &Context<R, S>) -> Vec<String> {
    let first = cx.named(("hello", 1), greet(cx.clone(), 1));
    cx.wait(BETWEEN).await;
    let second = cx.named(("hello", 2), greet(cx.clone(), 2));
    vec![first.await, second.await]
}

async fn greet<R: Runtime, S: Sink>(cx: Context<R, S>, number: u32) -> String {
    cx.wait(GREETING).await;
    format!("hello {number}")
}
