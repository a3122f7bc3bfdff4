//! What a scenario is: a program in several variants, with a check of its own.

pub(crate) mod distribution;
pub(crate) mod lesson;
pub(crate) mod observed;
pub(crate) mod outcome;
pub mod params;
pub(crate) mod variant;

use std::future::Future;

use serde::Serialize;

use self::observed::Observed;
use self::outcome::Outcome;
use self::params::{ParamInfo, Params};
use self::variant::VariantInfo;
use crate::program::context::Context;
use crate::program::transcript::Sink;
use crate::runtime::Runtime;
use crate::runtime::config::Config;
use crate::runtime::runner::RunnerInfo;

/// A concurrent program in one or more variants, generic over the runtime.
///
/// Implemented by an enum of the variants, so that a variant is a value:
/// `perform::<Smol, _>(Cafe::Concurrent, &Options::default())`. See
/// [`scenarios`](crate::scenarios) for those that pollmark brings, and the
/// [crate's example](crate#a-scenario-of-ones-own) for one of one's own.
pub trait Scenario: Copy + Send + Sync + 'static {
    /// The scenario as a whole.
    const INFO: ScenarioInfo;

    /// The variants, in the order in which they are best read.
    const VARIANTS: &'static [Self];

    /// This variant.
    fn info(self) -> VariantInfo;

    /// Runs this variant as the root task of a runtime.
    ///
    /// Must be deterministic but for what the runtime decides: randomness comes
    /// from a parameter.
    fn run<R: Runtime, S: Sink>(
        self,
        cx: Context<R, S>,
        params: Params,
    ) -> impl Future<Output = Outcome> + Send;

    /// Checks what was seen against what is known: values always, order and
    /// times as [`Observed`] allows. A run that fails its check is a failed cell.
    fn check(self, seen: &mut Observed<'_>);

    /// Why this variant cannot be shown on `runner` with these parameters, if it
    /// cannot.
    fn unsupported(self, runner: &RunnerInfo, config: &Config, params: &Params) -> Option<String> {
        let _ = (runner, config, params);
        None
    }

    /// The variant of that id.
    fn variant(id: &str) -> Option<Self> {
        let mut variants = Self::VARIANTS.iter().copied();
        variants.find(|variant| variant.info().id == id)
    }
}

/// A scenario as a whole.
#[derive(Debug, Clone, Copy)]
pub struct ScenarioInfo {
    /// Its name on the command line and in results, such as `waiter`.
    pub id: &'static str,
    /// What it is for.
    pub kind: Kind,
    /// One line for `pollmark list`.
    pub summary: &'static str,
    /// Where the program comes from.
    pub source: &'static str,
    /// The text of its source file, by `include_str!`: what programs are shown from.
    pub text: &'static str,
    /// The parameters that it takes.
    pub params: &'static [ParamInfo],
}

/// What a scenario is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// A small program that shows one thing.
    Lesson,
    /// A test of a claim.
    Experiment,
    /// A workload whose speed is compared.
    Benchmark,
}
