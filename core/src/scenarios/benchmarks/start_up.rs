//! The life of a runtime without a program: it is built, runs a task that does nothing, and ends.
//!
//! All other scenarios leave this out of their time. The times are taken around the calls that
//! build the runtime, run its root task and end it.

use crate::program::context::Context;
use crate::program::sink::Sink;
use crate::runtime::Runtime;
use crate::scenario::observed::Observed;
use crate::scenario::outcome::Outcome;
use crate::scenario::params::Params;
use crate::scenario::variant::{Measure, VariantInfo};
use crate::scenario::{Kind, Scenario, ScenarioInfo};
use crate::scenarios::support::tally::costs_no_virtual_time;

/// The one variant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StartUp {
    /// The first runtime of its process.
    First,
}

const TIMES: &[Measure] = &[
    Measure::nanos("start-up", "/life_ns"),
    Measure::nanos("build", "/build_ns"),
    Measure::nanos("first task", "/root_ns"),
    Measure::nanos("end", "/end_ns"),
];

impl Scenario for StartUp {
    const INFO: ScenarioInfo = ScenarioInfo {
        id: "start-up",
        kind: Kind::Benchmark,
        summary: "a runtime is built, runs a task that does nothing, and ends",
        source: "the smallest program of the asyncio tutorials, timed as a whole",
        text: include_str!("start_up.rs"),
        prose: include_str!("start_up.md"),
        params: &[],
    };

    const VARIANTS: &'static [Self] = &[StartUp::First];

    fn info(self) -> VariantInfo {
        VariantInfo::new(
            "first",
            "the first runtime of a process, from its build to its end",
            "A runtime costs its worker threads, which are started, woken for the first task and \
             joined.",
        )
        .measures(TIMES)
        .without_ideal()
    }

    async fn run<R: Runtime, S: Sink>(self, _: Context<R, S>, _: Params) -> Outcome {
        Outcome::new().with_life().items(1)
    }

    fn check(self, seen: &mut Observed<'_>) {
        seen.value("items", 1);
        if seen.is_exact() {
            seen.value("life_ns", 0);
        }
        costs_no_virtual_time(seen);
    }
}
