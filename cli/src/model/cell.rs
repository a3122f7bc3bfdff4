//! A cell: one variant on one runner with one configuration.

use std::collections::BTreeMap;
use std::fmt;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use pollmark_core::params::Value;
use pollmark_core::time::nanos;
use pollmark_core::{
    Clock, Config, Expected, Kind, Listing, Options, ParamInfo, Params, RunnerInfo, Speed,
    Transcript, VariantInfo, Workers,
};
use serde::{Deserialize, Serialize};

use super::build::Build;
use super::column::{self, Column};
use crate::args::{DEFAULT_BLOCKING_THREADS, DEFAULT_TIMEOUT, SharedArgs};

/// The input of a cell's process: everything that its run depends on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Spec {
    pub(crate) scenario: String,
    pub(crate) variant: String,
    pub(crate) runner: String,
    pub(crate) config: Config,
    pub(crate) speed: f64,
    /// Every parameter of the scenario: a count, or a duration in nanoseconds.
    pub(crate) params: BTreeMap<String, u64>,
    pub(crate) timeout: Duration,
}

impl Spec {
    /// The options of the run.
    ///
    /// # Errors
    ///
    /// The speed is none.
    pub(crate) fn options(
        &self,
        listing: &Listing,
        transcript: Transcript,
    ) -> anyhow::Result<Options> {
        Ok(Options {
            config: self.config.clone(),
            params: self.typed_params(listing.info.params),
            speed: Speed::new(self.speed)?,
            timeout: self.timeout,
            transcript,
        })
    }

    fn typed_params(&self, infos: &[ParamInfo]) -> Params {
        let with_value = |info: &ParamInfo| {
            let value = self
                .params
                .get(info.name)
                .map(|&number| match info.default {
                    Value::Count(_) => Value::Count(number),
                    Value::Duration(_) => Value::Duration(Duration::from_nanos(number)),
                });
            ParamInfo {
                default: value.unwrap_or(info.default),
                ..*info
            }
        };
        Params::defaults(&infos.iter().map(with_value).collect::<Vec<_>>())
    }
}

/// The scenario's parameters with those `given`.
fn params(listing: &Listing, given: &[(String, String)]) -> anyhow::Result<BTreeMap<String, u64>> {
    let infos = listing.info.params;
    let mut params = Params::defaults(infos);
    for (name, value) in given {
        let set = params.with(infos, name, value);
        params = set.with_context(|| format!("scenario `{}`", listing.info.id))?;
    }
    let number = |value: Value| match value {
        Value::Count(count) => count,
        Value::Duration(duration) => nanos(duration),
    };
    let params = params.iter();
    Ok(params
        .map(|(name, value)| (name.to_owned(), number(value)))
        .collect())
}

/// A cell to run.
#[derive(Debug, Clone)]
pub(crate) struct Cell {
    pub(crate) spec: Spec,
    pub(crate) variant: VariantInfo,
    pub(crate) runner: RunnerInfo,
    /// The build whose binary runs it; `None` is this one.
    pub(crate) build: Option<Arc<Build>>,
    /// The parameters that were set, as they were written.
    pub(crate) given: Vec<(String, String)>,
    /// Which of several equal cells it is, from 1: equal ones are compared to see
    /// the noise.
    pub(crate) twin: usize,
    /// Whether it was not asked for, and only shows the ideal of others beside them.
    pub(crate) is_beside: bool,
}

impl Cell {
    /// The column that it belongs to, by name: `tokio`, or `tokio#2` for its twin.
    pub(crate) fn column(&self) -> String {
        match self.twin {
            1 => self.asked_as(),
            twin => format!("{}#{twin}", self.asked_as()),
        }
    }

    /// The runner with its settings and its build, as on the command line.
    pub(crate) fn asked_as(&self) -> String {
        let spec = &self.spec;
        column::shown(&spec.runner, &spec.config.settings, self.build_name())
    }

    /// The name of the build that runs it, unless it is this binary.
    pub(crate) fn build_name(&self) -> Option<&str> {
        self.build.as_ref().map(|build| build.name.as_str())
    }

    /// The reason why the build that is to run it cannot; `None` if it can.
    pub(crate) fn lacking(&self) -> Option<String> {
        let (build, spec) = (self.build.as_ref()?, &self.spec);
        let program = [&*spec.scenario, &*spec.variant];
        let (params, settings) = (spec.params.keys(), &spec.config.settings);
        build.lacks(program, params, &spec.runner, settings)
    }

    /// `scenario/variant`, and the parameters that were set.
    pub(crate) fn program(&self) -> String {
        let mut name = format!("{}/{}", self.spec.scenario, self.spec.variant);
        for (param, value) in &self.given {
            name.push_str(&format!(" {param}={value}"));
        }
        name
    }

    /// The program, the runner and the workers.
    pub(crate) fn full_name(&self) -> String {
        let workers = self
            .workers()
            .map_or_else(String::new, |n| format!(" ({n})"));
        format!("{}@{}{workers}", self.program(), self.column())
    }

    /// The number of workers in force, if the runner has workers.
    pub(crate) fn workers(&self) -> Option<usize> {
        let config = &self.spec.config;
        let workers = self.runner.effective_workers(config);
        workers.filter(|_| !config.worker_per_task)
    }

    /// Whether its runner has as many workers as it is told.
    pub(crate) fn takes_workers(&self) -> bool {
        self.runner.workers == Workers::Any
    }

    /// The speed in force: always 1 on the virtual clock.
    pub(crate) fn speed(&self) -> f64 {
        match self.runner.clock {
            Clock::Real => self.spec.speed,
            Clock::Virtual => 1.0,
        }
    }

    /// Whether it may run beside other cells: if all it does is wait, or if its time does not
    /// depend on the machine.
    pub(crate) fn may_share(&self) -> bool {
        self.variant.idle || self.runner.clock == Clock::Virtual
    }

    pub(crate) fn never_ends(&self) -> bool {
        self.variant.expected == Expected::NeverEnds
    }

    /// The command that runs this cell again.
    pub(crate) fn command(&self) -> String {
        let spec = &self.spec;
        let mut command = format!("pollmark run {self}");
        let mut option = |name: &str, value: &dyn fmt::Display| {
            command.push_str(&format!(" --{name} {value}"));
        };
        if let Some(build) = &self.build {
            option("build", build);
        }
        if let Some(workers) = self.workers() {
            option("workers", &workers);
        }
        if self.runner.clock == Clock::Real {
            option("speed", &spec.speed);
        }
        for (name, value) in &self.given {
            match value.contains(' ') {
                true => option("param", &format_args!("'{name}={value}'")),
                false => option("param", &format_args!("{name}={value}")),
            }
        }
        if let Some(seed) = spec.config.seed {
            option("seed", &seed);
        }
        if spec.timeout != DEFAULT_TIMEOUT {
            option("timeout", &format_args!("{}s", spec.timeout.as_secs_f64()));
        }
        if spec.config.blocking_threads != DEFAULT_BLOCKING_THREADS.0 {
            match spec.config.blocking_threads {
                Some(threads) => option("blocking-threads", &threads),
                None => option("blocking-threads", &"native"),
            }
        }
        if let Some(cores) = spec.config.cores
            && Some(cores) != std::thread::available_parallelism().ok()
        {
            option("cores", &cores);
        }
        command
    }

    pub(crate) fn of(
        listing: &Listing,
        variant: VariantInfo,
        column: &Column,
        workers: NonZeroUsize,
        mut given: Vec<(String, String)>,
        args: &SharedArgs,
    ) -> anyhow::Result<Self> {
        let takes_seed = listing.info.params.iter().any(|info| info.name == "seed");
        if let Some(seed) = args.seed
            && takes_seed
            && given.iter().all(|(name, _)| name != "seed")
        {
            given.push(("seed".to_owned(), seed.to_string()));
        }
        let default_speed = match listing.info.kind {
            // Computing is not sped up: its times would mean nothing if they were scaled.
            Kind::Lesson if variant.has_ideal => Speed::LESSON,
            Kind::Lesson | Kind::Experiment | Kind::Benchmark => Speed::REAL,
        };
        let available = || std::thread::available_parallelism().ok();
        Ok(Cell {
            spec: Spec {
                scenario: listing.info.id.to_owned(),
                variant: variant.id.to_owned(),
                runner: column.runner.id.to_owned(),
                config: Config {
                    workers,
                    blocking_threads: args.blocking_threads.0,
                    cores: args.cores.or_else(available),
                    seed: args.seed,
                    settings: column.settings.clone(),
                    ..Config::default()
                },
                speed: args.speed.unwrap_or(default_speed).factor(),
                params: params(listing, &given)?,
                timeout: args.timeout,
            },
            given,
            variant,
            runner: column.runner,
            build: column.build.clone(),
            twin: 1,
            is_beside: false,
        })
    }
}

/// `scenario/variant@runner`, and the settings of the runner.
impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let spec = &self.spec;
        let column = self.asked_as();
        write!(f, "{}/{}@{column}", spec.scenario, spec.variant)
    }
}
