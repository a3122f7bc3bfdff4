//! A future does nothing until it is polled.
//!
//! The greeting is created before main is polled for the first time, and is polled only once main
//! awaits it. A count of its polls shows that creating it did not poll it. From the first steps of
//! the asyncio tutorials, which create a coroutine object and wonder where the greeting is.

use std::future::Future;

use crate::program::context::Context;
use crate::program::sink::Sink;
use crate::program::transcript::Event;
use crate::runtime::Runtime;
use crate::scenario::observed::Observed;
use crate::scenario::outcome::Outcome;
use crate::scenario::params::Params;
use crate::scenario::variant::VariantInfo;
use crate::scenario::{Kind, Scenario, ScenarioInfo};
use crate::scenarios::support::poll_count::PollCount;
use crate::scenarios::support::timetable::secs;

/// The variants of the greeter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Greeter {
    /// The greeting is created first and awaited later.
    MadeFirst,
}

impl Scenario for Greeter {
    const INFO: ScenarioInfo = ScenarioInfo {
        id: "greeter",
        kind: Kind::Lesson,
        summary: "nothing happens before the loop runs: a future that is made is not yet begun",
        source: "the first coroutine of the asyncio tutorials",
        text: include_str!("greeter.rs"),
        prose: include_str!("greeter.md"),
        params: &[],
    };

    const VARIANTS: &'static [Self] = &[Greeter::MadeFirst];

    fn info(self) -> VariantInfo {
        match self {
            Greeter::MadeFirst => VariantInfo::new(
                "made-first",
                "makes the greeting before main runs, and awaits it later",
                "To call an async function is to make a future. Nothing in it happens until \
                 somebody polls it.",
            )
            .program(&["greeter", "greet"])
            .repeats(),
        }
    }

    fn run<R: Runtime, S: Sink>(
        self,
        cx: Context<R, S>,
        _params: Params,
    ) -> impl Future<Output = Outcome> + Send {
        // Not an async function: this runs before main is polled.
        match self {
            Greeter::MadeFirst => greeter(cx),
        }
    }

    fn check(self, seen: &mut Observed<'_>) {
        seen.value("polls_when_made", 0);
        seen.value("polls_before_await", 0);
        seen.events(&[
            (secs(0), "greeting", Event::Started),
            (secs(1), "greeting", Event::Finished),
        ]);
        seen.lines(&[
            (
                secs(0),
                "main",
                "the greeting is made, and nothing has happened",
            ),
            (secs(0), "greeting", "hello"),
            (secs(1), "greeting", "world"),
        ]);
        seen.in_order(&[("main", Event::Note), ("greeting", Event::Started)]);
        seen.takes(secs(1), 1);
        if seen.is_exact() {
            seen.value("polls_in_all", 2);
            return;
        }
        // The wait may be over at the first poll, and a task may be polled without need.
        let polls = seen.outcome.value("polls_in_all").as_u64();
        seen.require(polls >= Some(1), || format!("polled {polls:?} times"));
    }
}

fn greeter<R: Runtime, S: Sink>(cx: Context<R, S>) -> impl Future<Output = Outcome> + Send {
    let polls = PollCount::default();
    let greeting = cx.named("greeting", polls.of(greet(cx.clone())));
    let when_made = polls.count();
    async move {
        cx.say("the greeting is made, and nothing has happened");
        let before_await = polls.count();
        greeting.await;
        Outcome::new()
            .with("polls_when_made", when_made)
            .with("polls_before_await", before_await)
            .with("polls_in_all", polls.count())
    }
}

async fn greet<R: Runtime, S: Sink>(cx: Context<R, S>) {
    cx.say("hello");
    cx.wait(secs(1)).await;
    cx.say("world");
}
