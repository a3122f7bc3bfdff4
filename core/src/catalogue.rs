//! Every scenario on every runner by their ids, behind one virtual call a run.

use crate::run::launch::{Launch, Launcher};
use crate::run::options::Options;
use crate::run::report::Report;
use crate::run::root::is_recorded;
use crate::run::{perform, perform_erased, perform_recorded_erased};
use crate::runtime::config::BuildError;
use crate::runtime::runner::Runner;
use crate::runtime::runner_info::RunnerInfo;
use crate::scenario::Scenario;
use crate::scenarios::with_builtin;
use crate::trace::data::Trace;
use crate::trace::record::setting::Setting;
use crate::trace::record::tracer::Tracer;

/// Dispatches to the scenarios by id.
macro_rules! dispatch {
    ($($scenario:ty),+ $(,)?) => {
        /// Runs a measured program as compiled for the runtime of `Q`, and a lesson as
        /// compiled for all.
        fn dispatch<Q: Runner>(
            scenario: &str,
            variant: &str,
            options: &Options,
        ) -> Option<Result<Report, BuildError>> {
            $(
                // A constant choice: no code of a lesson is compiled here.
                if const { !is_recorded::<$scenario>() } {
                    if scenario == <$scenario>::INFO.id {
                        let case = <$scenario>::variant(variant)?;
                        return Some(perform::<Q, _>(case, options));
                    }
                }
            )+
            dispatch_lesson(scenario, variant, options, &Launcher::<Q>::new())
        }

        /// Runs a lesson, compiled once for all runtimes: its transcript costs far more than a
        /// box and a virtual call a task, and 18 programs on 5 runtimes took longer to
        /// compile than everything else together.
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

        fn dispatch_recorded(
            scenario: &str,
            variant: &str,
            options: &Options,
            tracer: &Tracer,
            runner: &dyn Launch,
        ) -> Option<Result<(Report, Setting), BuildError>> {
            $(
                if scenario == <$scenario>::INFO.id {
                    let case = <$scenario>::variant(variant)?;
                    return Some(perform_recorded_erased(runner, case, options, tracer));
                }
            )+
            None
        }
    };
}

with_builtin!(dispatch);

/// A type-erased [`Runner`], for a command line to choose from.
pub trait Flavour: Send + Sync {
    /// The runner's name, what it takes and what it cannot do.
    fn info(&self) -> RunnerInfo;

    /// Runs a variant of a scenario of [`builtin`](crate::builtin), both by id; `None` if there is
    /// no such variant. See [`perform`](fn@crate::perform).
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
    ) -> Option<Result<(Report, Trace), BuildError>> {
        let tracer = Tracer::new(self.info().clock, trace_limit);
        let recorded = self.perform_recorded(scenario, variant, options, &tracer)?;
        Some(recorded.map(|(report, setting)| (report, tracer.trace(&setting))))
    }

    /// As [`perform_traced`](Flavour::perform_traced), with the recording in `tracer`, from which a
    /// [`Reader`](crate::trace::record::Reader) on another thread may hand it out meanwhile. Returns
    /// the facts about the run that a trace needs besides.
    fn perform_recorded(
        &self,
        scenario: &str,
        variant: &str,
        options: &Options,
        tracer: &Tracer,
    ) -> Option<Result<(Report, Setting), BuildError>>;
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

    fn perform_recorded(
        &self,
        scenario: &str,
        variant: &str,
        options: &Options,
        tracer: &Tracer,
    ) -> Option<Result<(Report, Setting), BuildError>> {
        dispatch_recorded(scenario, variant, options, tracer, self)
    }
}
