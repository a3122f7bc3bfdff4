//! The runners that a program is timed on, and how long each may take.

use std::num::NonZeroUsize;
use std::thread::available_parallelism;
use std::time::Duration;

use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, BenchmarkId, Criterion, Throughput};
use pollmark_benches::Program;
use pollmark_core::{Config, Runner, Scenario, Workers};
use pollmark_runner_async_std::AsyncStd;
use pollmark_runner_smol::Smol;
use pollmark_runner_threads::Threads;
use pollmark_runner_tokio::{Tokio, TokioCurrentThread};

/// Worker threads, if the machine has as many CPUs: the same for every runner that
/// has a number of them.
const MAX_WORKERS: usize = 2;

const WARM_UP: Duration = Duration::from_millis(300);
const MEASUREMENT: Duration = Duration::from_millis(1500);

/// Few, so that each has enough runs of some milliseconds.
const SAMPLES: usize = 20;

/// The number of workers of every runner that has a number of them.
pub(crate) fn workers() -> usize {
    let cpus = available_parallelism().map_or(1, NonZeroUsize::get);
    cpus.min(MAX_WORKERS)
}

/// Says on stderr on how many workers every benchmark of this process runs.
pub(crate) fn announce(counts: &[usize]) {
    let counts: Vec<_> = counts.iter().map(usize::to_string).collect();
    eprintln!(
        "workers: {} for {}, {} and {}; 1 for {}; {} has a thread for each task",
        counts.join(" and "),
        Tokio::INFO.id,
        AsyncStd::INFO.id,
        Smol::INFO.id,
        TokioCurrentThread::INFO.id,
        Threads::INFO.id,
    );
}

/// A scenario's benchmarks, and the programs that are in it.
pub(crate) struct Lineup<'a> {
    group: BenchmarkGroup<'a, WallTime>,
    /// The numbers of workers with which each program runs.
    counts: Vec<usize>,
}

impl<'a> Lineup<'a> {
    /// The benchmarks of scenario `C` with each of these numbers of workers:
    /// `scenario/variant@runner`, and if there are several, `/workers` after it.
    /// The first should be [`workers`], with which async-std then stays.
    pub(crate) fn of<C: Scenario>(criterion: &'a mut Criterion, counts: &[usize]) -> Self {
        let mut group = criterion.benchmark_group(C::INFO.id);
        group
            .warm_up_time(WARM_UP)
            .measurement_time(MEASUREMENT)
            .sample_size(SAMPLES);
        Lineup {
            group,
            counts: counts.to_vec(),
        }
    }

    /// Times `program` on every runner.
    pub(crate) fn time<C: Scenario>(mut self, program: Program<C>) -> Self {
        self.group
            .throughput(Throughput::Elements(program.elements()));
        self.on::<Tokio, C>(&program);
        self.on::<TokioCurrentThread, C>(&program);
        self.on::<AsyncStd, C>(&program);
        self.on::<Smol, C>(&program);
        self.on::<Threads, C>(&program);
        self
    }

    fn on<Q: Runner, C: Scenario>(&mut self, program: &Program<C>) {
        let are_named = self.counts.len() > 1;
        match Q::INFO.workers {
            Workers::Any => {
                for workers in self.counts.clone() {
                    self.with::<Q, C>(program, workers, are_named);
                }
            }
            Workers::One => self.with::<Q, C>(program, 1, are_named),
            Workers::PerTask => self.with::<Q, C>(program, workers(), false),
        }
    }

    fn with<Q: Runner, C: Scenario>(
        &mut self,
        program: &Program<C>,
        workers: usize,
        is_named: bool,
    ) {
        let (name, config) = (program.name_on(&Q::INFO), Config::with_workers(workers));
        let built = match program.unsupported(&Q::INFO, &config) {
            Some(reason) => Err(reason),
            None => program.on::<Q>(&config).map_err(|error| error.to_string()),
        };
        let live = match built {
            Ok(live) => live,
            Err(reason) => {
                eprintln!("skipped {}/{name}/{workers}: {reason}", C::INFO.id);
                return;
            }
        };
        let id = if is_named {
            BenchmarkId::new(name, workers)
        } else {
            BenchmarkId::from_parameter(name)
        };
        self.group.bench_function(id, |bencher| {
            bencher.iter_custom(|count| live.time(count));
        });
    }
}
