//! The smallest program: main says that it is done, and is.
//!
//! To run it, a runtime starts, polls one future once, and ends. From the first example of the
//! asyncio tutorials.

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

/// The variants of the smallest program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Done {
    /// One line, no await.
    Smallest,
}

impl Scenario for Done {
    const INFO: ScenarioInfo = ScenarioInfo {
        id: "done",
        kind: Kind::Lesson,
        summary: "the smallest program: an async main that awaits nothing",
        source: "the first example of the asyncio tutorials",
        text: include_str!("done.rs"),
        prose: include_str!("done.md"),
        params: &[],
    };

    const VARIANTS: &'static [Self] = &[Done::Smallest];

    fn info(self) -> VariantInfo {
        match self {
            Done::Smallest => VariantInfo::new(
                "smallest",
                "an async main that awaits nothing",
                "An async main needs a runtime that polls it, even if it awaits nothing.",
            )
            .program(&["done"])
            .repeats(),
        }
    }

    async fn run<R: Runtime, S: Sink>(self, cx: Context<R, S>, _params: Params) -> Outcome {
        match self {
            Done::Smallest => done(&cx).await,
        }
    }

    fn check(self, seen: &mut Observed<'_>) {
        seen.value("done", true);
        seen.events(&[]);
        seen.lines(&[(Duration::ZERO, "main", "done")]);
        seen.in_order(&[("main", Event::Started), ("main", Event::Finished)]);
        seen.takes(Duration::ZERO, 1);
    }
}

async fn done<R: Runtime, S: Sink>(cx: &Context<R, S>) -> Outcome {
    cx.say("done");
    Outcome::new().with("done", true)
}
