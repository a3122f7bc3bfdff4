//! Phase 2 needs the result of phase 1: awaits that never suspend are plain calls.
//!
//! Main awaits the outer future, which awaits phase 1 and hands its result to phase 2. Nothing in
//! them waits, so all of it happens in a single poll. From the chain of coroutines in the asyncio
//! tutorials.

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
use crate::scenarios::support::poll_count::PollCount;

/// The variants of the phases.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phases {
    /// One phase after the other.
    Chained,
}

const RESULTS: [&str; 2] = ["result 1", "result 2, made from result 1"];

impl Scenario for Phases {
    const INFO: ScenarioInfo = ScenarioInfo {
        id: "phases",
        kind: Kind::Lesson,
        summary: "phase 2 needs the result of phase 1: two awaits, one poll",
        source: "the chained coroutines of the asyncio tutorials",
        text: include_str!("phases.rs"),
        prose: include_str!("phases.md"),
        params: &[],
    };

    const VARIANTS: &'static [Self] = &[Phases::Chained];

    fn info(self) -> VariantInfo {
        match self {
            Phases::Chained => VariantInfo::new(
                "chained",
                "awaits phase 1, then phase 2 with its result",
                "An await gives the worker away only if it has to wait: futures that are ready run \
                 through in one poll, like plain calls.",
            )
            .program(&["outer", "phase_1", "phase_2"]),
        }
    }

    async fn run<R: Runtime, S: Sink>(self, cx: Context<R, S>, _params: Params) -> Outcome {
        let polls = PollCount::default();
        let (first, second) = match self {
            Phases::Chained => polls.of(cx.named("outer", outer(&cx))).await,
        };
        Outcome::new()
            .with("results", vec![first, second])
            .with("polls", polls.count())
    }

    fn check(self, seen: &mut Observed<'_>) {
        let start = Duration::ZERO;
        seen.value("results", RESULTS.to_vec());
        seen.value("polls", 1);
        seen.events(&[
            (start, "outer", Event::Started),
            (start, "outer", Event::Finished),
        ]);
        seen.lines(&[
            (start, "outer", "waits for phase 1"),
            (start, "outer", "waits for phase 2"),
        ]);
        seen.takes(start, 1);
    }
}

async fn outer<R: Runtime, S: Sink>(cx: &Context<R, S>) -> (String, String) {
    cx.say("waits for phase 1");
    let first = phase_1().await;
    cx.say("waits for phase 2");
    let second = phase_2(&first).await;
    (first, second)
}

async fn phase_1() -> String {
    "result 1".to_owned()
}

async fn phase_2(first: &str) -> String {
    format!("result 2, made from {first}")
}
