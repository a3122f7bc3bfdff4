//! A cell: one variant on one runner with one configuration.

use std::fmt;
use std::num::NonZeroUsize;
use std::time::Duration;

use anyhow::Context;
use pollmark_core::{
    Clock, Config, Expected, Kind, Listing, Options, Params, RunnerInfo, Speed, Transcript,
    VariantInfo,
};
use serde::{Deserialize, Serialize};

use crate::args::{DEFAULT_BLOCKING_THREADS, DEFAULT_TIMEOUT, SharedArgs};

/// The input of a cell's process: everything that its run depends on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Spec {
    pub(crate) scenario: String,
    pub(crate) variant: String,
    pub(crate) runner: String,
    pub(crate) workers: NonZeroUsize,
    pub(crate) worker_per_task: bool,
    pub(crate) blocking_threads: Option<NonZeroUsize>,
    pub(crate) cores: Option<NonZeroUsize>,
    pub(crate) seed: Option<u64>,
    pub(crate) speed: f64,
    pub(crate) params: Vec<(String, String)>,
    pub(crate) timeout: Duration,
}

impl Spec {
    pub(crate) fn config(&self) -> Config {
        Config {
            workers: self.workers,
            blocking_threads: self.blocking_threads,
            cores: self.cores,
            seed: self.seed,
            worker_per_task: self.worker_per_task,
            ..Config::default()
        }
    }

    pub(crate) fn options(
        &self,
        listing: &Listing,
        transcript: Transcript,
    ) -> anyhow::Result<Options> {
        Ok(Options {
            config: self.config(),
            params: params(listing, &self.params)?,
            speed: Speed::new(self.speed)?,
            timeout: self.timeout,
            transcript,
        })
    }
}

/// The scenario's parameters, with those in `given` set.
pub(crate) fn params(listing: &Listing, given: &[(String, String)]) -> anyhow::Result<Params> {
    let infos = listing.info.params;
    let mut params = Params::defaults(infos);
    for (name, value) in given {
        let set = params.with(infos, name, value);
        params = set.with_context(|| format!("scenario `{}`", listing.info.id))?;
    }
    Ok(params)
}

/// A cell to run.
#[derive(Debug, Clone)]
pub(crate) struct Cell {
    pub(crate) spec: Spec,
    pub(crate) variant: VariantInfo,
    pub(crate) runner: RunnerInfo,
    pub(crate) params: Params,
    /// The number of this cell among equal ones, from 1. Equal cells are compared to show the
    /// noise.
    pub(crate) twin: usize,
}

impl Cell {
    /// The runner as a column head: `tokio`, or `tokio#2` for its twin.
    pub(crate) fn column(&self) -> String {
        match self.twin {
            1 => self.spec.runner.clone(),
            twin => format!("{}#{twin}", self.spec.runner),
        }
    }

    /// `scenario/variant`, and the parameters that were set.
    pub(crate) fn program(&self) -> String {
        let spec = &self.spec;
        let mut name = format!("{}/{}", spec.scenario, spec.variant);
        for (param, value) in &spec.params {
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
        self.runner.effective_workers(&self.spec.config())
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
        if let Some(workers) = self.workers() {
            option("workers", &workers);
        }
        if self.runner.clock == Clock::Real {
            option("speed", &spec.speed);
        }
        for (name, value) in &spec.params {
            match value.contains(' ') {
                true => option("param", &format_args!("'{name}={value}'")),
                false => option("param", &format_args!("{name}={value}")),
            }
        }
        if let Some(seed) = spec.seed {
            option("seed", &seed);
        }
        if spec.timeout != DEFAULT_TIMEOUT {
            option("timeout", &format_args!("{}s", spec.timeout.as_secs_f64()));
        }
        if spec.blocking_threads != DEFAULT_BLOCKING_THREADS.0 {
            match spec.blocking_threads {
                Some(threads) => option("blocking-threads", &threads),
                None => option("blocking-threads", &"native"),
            }
        }
        if let Some(cores) = spec.cores
            && Some(cores) != std::thread::available_parallelism().ok()
        {
            option("cores", &cores);
        }
        command
    }

    pub(crate) fn of(
        listing: &Listing,
        variant: VariantInfo,
        runner: RunnerInfo,
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
        Ok(Cell {
            params: params(listing, &given)?,
            variant,
            runner,
            twin: 1,
            spec: Spec {
                scenario: listing.info.id.to_owned(),
                variant: variant.id.to_owned(),
                runner: runner.id.to_owned(),
                workers,
                worker_per_task: false,
                blocking_threads: args.blocking_threads.0,
                cores: args
                    .cores
                    .or_else(|| std::thread::available_parallelism().ok()),
                seed: args.seed,
                speed: args.speed.unwrap_or(default_speed).factor(),
                params: given,
                timeout: args.timeout,
            },
        })
    }
}

/// `scenario/variant@runner`.
impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let spec = &self.spec;
        write!(f, "{}/{}@{}", spec.scenario, spec.variant, spec.runner)
    }
}
