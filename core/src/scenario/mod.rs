//! A scenario: a program in several variants, with a check of its own.

pub(crate) mod distribution;
mod lateness;
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
use crate::program::sink::Sink;
use crate::runtime::Runtime;
use crate::runtime::config::Config;
use crate::runtime::runner_info::RunnerInfo;

/// A concurrent program in one or more variants, generic over the runtime.
///
/// Implemented by an enum of the variants, so that a variant is a value:
/// `perform::<Smol, _>(Cafe::Concurrent, &Options::default())`. See [`scenarios`](crate::scenarios)
/// for those that come with pollmark, and the [crate's example](crate#a-scenario-of-ones-own) for
/// writing one.
pub trait Scenario: Copy + Send + Sync + 'static {
    /// The description of the scenario as a whole.
    const INFO: ScenarioInfo;

    /// The variants, in the order in which they are best read.
    const VARIANTS: &'static [Self];

    /// The description of this variant.
    fn info(self) -> VariantInfo;

    /// Runs this variant as the root task of a runtime.
    ///
    /// Must be deterministic except for the runtime's decisions: randomness comes from a parameter.
    fn run<R: Runtime, S: Sink>(
        self,
        cx: Context<R, S>,
        params: Params,
    ) -> impl Future<Output = Outcome> + Send;

    /// Checks the run against the expected result: values always, order and times as far as
    /// [`Observed`] allows. A run that fails its check is a failed cell.
    fn check(self, seen: &mut Observed<'_>);

    /// The reason why this variant cannot be shown on `runner` with these parameters; `None` if it
    /// can.
    fn unsupported(self, runner: &RunnerInfo, config: &Config, params: &Params) -> Option<String> {
        let _ = (runner, config, params);
        None
    }

    /// The variant with that id.
    fn variant(id: &str) -> Option<Self> {
        let mut variants = Self::VARIANTS.iter().copied();
        variants.find(|variant| variant.info().id == id)
    }
}

/// The description of a scenario.
#[derive(Debug, Clone, Copy)]
pub struct ScenarioInfo {
    /// Its name on the command line and in results, such as `waiter`.
    pub id: &'static str,
    /// The purpose of the scenario.
    pub kind: Kind,
    /// One line for `pollmark list`.
    pub summary: &'static str,
    /// The origin of the program.
    pub source: &'static str,
    /// The text of its source file, by `include_str!`, from which programs are shown.
    pub text: &'static str,
    /// The teaching text of its variants, by `include_str!` of the Markdown file beside the source;
    /// empty if there is none. [`Lesson`](crate::Lesson) describes its form.
    pub prose: &'static str,
    /// The parameters that it takes.
    pub params: &'static [ParamInfo],
}

/// The purpose of a scenario.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// A small program that demonstrates one thing.
    Lesson,
    /// A test of a claim.
    Experiment,
    /// A workload to compare speeds with.
    Benchmark,
}

/// A scenario and its variants, as data.
#[derive(Debug, Clone)]
pub struct Listing {
    /// The scenario as a whole.
    pub info: ScenarioInfo,
    /// Its variants, in the order in which they are best read.
    pub variants: Vec<VariantInfo>,
}

impl Listing {
    pub(crate) fn of<C: Scenario>() -> Self {
        Listing {
            info: C::INFO,
            variants: C::VARIANTS.iter().map(|variant| variant.info()).collect(),
        }
    }
}
