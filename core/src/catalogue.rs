//! Every scenario by its id, behind one virtual call a run.

use crate::run::launch::{Launch, Launcher};
use crate::run::options::Options;
use crate::run::report::Report;
use crate::run::root::is_recorded;
use crate::run::{perform, perform_erased, perform_traced_erased};
use crate::runtime::config::BuildError;
use crate::runtime::runner::{Runner, RunnerInfo};
use crate::scenario::variant::VariantInfo;
use crate::scenario::{Scenario, ScenarioInfo};
use crate::scenarios::{
    AsyncFor, AwaitCost, BlockingFlood, BrigadeChannel, BrigadeOneThread, BrigadePipe, Cafe,
    CancelLatency, ChainedSpawn, Count, Crunch, Divisibles, Done, Factorial, Fairness, FanIn,
    FanOut, Gather, Greeter, Groups, Hello, Hog, Io, Jobs, Memory, Phases, PingPong, PollOrder,
    Schedule, Shops, SlowResource, Spawn, Sums, TimerStorm, Visitors, Waiter, YieldStorm,
};
use crate::trace::data::Trace;

/// Lists the scenarios and dispatches to them by id: a scenario more is a line more.
macro_rules! catalogue {
    ($($scenario:ty),+ $(,)?) => {
        /// Every scenario of the catalogue, in the order in which they are best read.
        pub fn catalogue() -> Vec<Listing> {
            vec![$(Listing::of::<$scenario>()),+]
        }

        /// What is measured is compiled for each runtime.
        fn dispatch<Q: Runner>(
            scenario: &str,
            variant: &str,
            options: &Options,
        ) -> Option<Result<Report, BuildError>> {
            $(
                // A constant choice: of a lesson nothing is compiled here.
                if const { !is_recorded::<$scenario>() } {
                    if scenario == <$scenario>::INFO.id {
                        let case = <$scenario>::variant(variant)?;
                        return Some(perform::<Q, _>(case, options));
                    }
                }
            )+
            dispatch_lesson(scenario, variant, options, &Launcher::<Q>::new())
        }

        /// Lessons are compiled once for all runtimes: their transcript costs far more
        /// than a box and a virtual call a task, and 18 programs on 5 runtimes took
        /// longer to compile than everything else together.
        fn dispatch_lesson(
            scenario: &str,
            variant: &str,
            options: &Options,
            runner: &dyn Launch,
        ) -> Option<Result<Report, BuildError>> {
            $(
                if const { is_recorded::<$scenario>() } {
                    if scenario == <$scenario>::INFO.id {
                        let case = <$scenario>::variant(variant)?;
                        return Some(perform_erased(runner, case, options));
                    }
                }
            )+
            None
        }

        fn dispatch_traced(
            scenario: &str,
            variant: &str,
            options: &Options,
            trace_limit: usize,
            runner: &dyn Launch,
        ) -> Option<Result<(Report, Trace), BuildError>> {
            $(
                if scenario == <$scenario>::INFO.id {
                    let case = <$scenario>::variant(variant)?;
                    return Some(perform_traced_erased(runner, case, options, trace_limit));
                }
            )+
            None
        }
    };
}

catalogue![
    Waiter,
    Cafe,
    Divisibles,
    Jobs,
    Schedule,
    Groups,
    Gather,
    AsyncFor,
    Shops,
    Sums,
    Io,
    Hello,
    Factorial,
    Count,
    Greeter,
    Phases,
    Done,
    SlowResource,
    Visitors,
    Hog,
    Fairness,
    Crunch,
    AwaitCost,
    CancelLatency,
    PollOrder,
    Spawn,
    ChainedSpawn,
    PingPong,
    YieldStorm,
    FanIn,
    FanOut,
    BrigadeChannel,
    BrigadePipe,
    BrigadeOneThread,
    TimerStorm,
    BlockingFlood,
    Memory,
];

/// A scenario and its variants, as data.
#[derive(Debug, Clone)]
pub struct Listing {
    /// The scenario as a whole.
    pub info: ScenarioInfo,
    /// Its variants, in the order in which they are best read.
    pub variants: Vec<VariantInfo>,
}

impl Listing {
    fn of<C: Scenario>() -> Self {
        Listing {
            info: C::INFO,
            variants: C::VARIANTS.iter().map(|variant| variant.info()).collect(),
        }
    }
}

/// A [`Runner`] without its type: what a command line chooses from.
pub trait Flavour: Send + Sync {
    /// What the runner is called, takes and cannot do.
    fn info(&self) -> RunnerInfo;

    /// Runs a variant of the catalogue, both by id; `None` if there is no such
    /// variant. See [`perform`](fn@crate::perform).
    fn perform(
        &self,
        scenario: &str,
        variant: &str,
        options: &Options,
    ) -> Option<Result<Report, BuildError>>;

    /// As [`perform`](Flavour::perform), with every poll recorded, `trace_limit` events
    /// at the most. See [`perform_traced`](fn@crate::perform_traced).
    fn perform_traced(
        &self,
        scenario: &str,
        variant: &str,
        options: &Options,
        trace_limit: usize,
    ) -> Option<Result<(Report, Trace), BuildError>>;
}

/// The flavour of runner `Q`.
pub const fn flavour<Q: Runner>() -> &'static dyn Flavour {
    const { &Launcher::<Q>::new() }
}

impl<Q: Runner> Flavour for Launcher<Q> {
    fn info(&self) -> RunnerInfo {
        Q::INFO
    }

    fn perform(
        &self,
        scenario: &str,
        variant: &str,
        options: &Options,
    ) -> Option<Result<Report, BuildError>> {
        dispatch::<Q>(scenario, variant, options)
    }

    fn perform_traced(
        &self,
        scenario: &str,
        variant: &str,
        options: &Options,
        trace_limit: usize,
    ) -> Option<Result<(Report, Trace), BuildError>> {
        dispatch_traced(scenario, variant, options, trace_limit, self)
    }
}
