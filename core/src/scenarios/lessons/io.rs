//! Two pieces of input and output that take 1 s each, awaited together.
//!
//! The smallest program that gains from being asynchronous, without spawning anything: one task
//! awaits two futures at once. From the first lesson of the asyncio tutorials; asyncio (Python
//! 3.11) measured 1.00 s.

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

/// The one variant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Io {
    /// Both waits in one `join!`.
    Together,
}

/// The time that the disk takes, and the network too.
const ANSWER: Duration = secs(1);

impl Scenario for Io {
    const INFO: ScenarioInfo = ScenarioInfo {
        id: "io",
        kind: Kind::Lesson,
        summary: "a disk and a network answer after 1 s each",
        source: "the first lesson of the asyncio tutorials",
        text: include_str!("io.rs"),
        prose: include_str!("io.md"),
        params: &[],
    };

    const VARIANTS: &'static [Self] = &[Io::Together];

    fn info(self) -> VariantInfo {
        VariantInfo::new(
            "together",
            "awaits both answers at once, in one task",
            "Waits overlap as soon as they are awaited together; no second task is needed.",
        )
        .program(&["together", "read"])
        .asyncio(1.00)
        .repeats()
    }

    async fn run<R: Runtime, S: Sink>(self, cx: Context<R, S>, _params: Params) -> Outcome {
        let answers = together(&cx).await;
        Outcome::new().with("answers", answers.to_vec())
    }

    fn check(self, seen: &mut Observed<'_>) {
        seen.value("answers", vec!["Disk", "Network"]);
        seen.takes(ANSWER, 1);
        seen.events(&[
            (Duration::ZERO, "Disk", Event::Started),
            (Duration::ZERO, "Network", Event::Started),
            (ANSWER, "Disk", Event::Finished),
            (ANSWER, "Network", Event::Finished),
        ]);
    }
}

async fn together<R: Runtime, S: Sink>(cx: &Context<R, S>) -> [&'static str; 2] {
    let disk = cx.named("Disk", read(cx, "Disk"));
    let network = cx.named("Network", read(cx, "Network"));
    futures::join!(disk, network).into()
}

async fn read<R: Runtime, S: Sink>(cx: &Context<R, S>, source: &'static str) -> &'static str {
    cx.wait(ANSWER).await;
    source
}
