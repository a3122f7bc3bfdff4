//! The cost of pollmark's `Runtime` trait in time: the same operation natively
//! and through the trait, side by side on each runtime.
//!
//! Isolated: the call itself, its return value, and the polling of that. One task
//! does the operation over and over on a worker of the runtime and reads the
//! clock itself; building and ending the runtime, spawning that task and waking
//! the thread that waits for it are not timed. Both sides have the same workers.
//!
//! Ids are `overhead/OPERATION/RUNTIME/SIDE`. An iteration is one operation; that
//! of `channel-hop` is a message to a second task and back, two hops.
//! `context-spawn-join` is a scenario's spawn; its native side is that of
//! `spawn-join`. Plain threads have a native side for `spawn-join` only: the rest
//! of the runner `threads` is its own making.
//!
//! The two sides of a pair are measured one after the other, so a machine that
//! warms up or is shared moves one of them. The gate counts instructions instead.

use std::num::NonZeroUsize;
use std::thread::available_parallelism;
use std::time::{Duration, Instant};

use clap::ValueEnum;
use criterion::measurement::WallTime;
use criterion::{
    BenchmarkGroup, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main,
};
use pollmark_benches::{Operation, Pollmark, Side, measure, native};
use pollmark_runner_async_std::AsyncStd;
use pollmark_runner_smol::Smol;
use pollmark_runner_threads::Threads;
use pollmark_runner_tokio::{Tokio, TokioCurrentThread};

/// Worker threads, if the machine has as many CPUs. One operation is in
/// flight at a time; the other workers are there to be woken and to steal.
const MAX_WORKERS: usize = 4;

const WARM_UP: Duration = Duration::from_millis(500);
const MEASUREMENT: Duration = Duration::from_secs(2);

const NATIVE: &str = "native";
const OURS: &str = "pollmark";

const BUILT: &str = "a runtime of a few threads can be built";

type Group<'a> = BenchmarkGroup<'a, WallTime>;

fn overhead(criterion: &mut Criterion) {
    for &operation in Operation::value_variants() {
        let mut group = criterion.benchmark_group(format!("overhead/{}", operation.name()));
        group.warm_up_time(WARM_UP).measurement_time(MEASUREMENT);
        group.throughput(Throughput::Elements(match operation {
            Operation::ChannelHop => 2,
            _ => 1,
        }));
        tokio(&mut group, operation);
        tokio_current_thread(&mut group, operation);
        async_std(&mut group, operation);
        smol(&mut group, operation);
        if operation == Operation::SpawnJoin {
            threads(&mut group);
        }
        group.finish();
    }
}

fn tokio(group: &mut Group<'_>, operation: Operation) {
    let native = native::Tokio::multi_thread(workers()).expect(BUILT);
    time(group, "tokio", NATIVE, operation, native);
    let ours = Pollmark::<Tokio>::build(workers()).expect(BUILT);
    time(group, "tokio", OURS, operation, ours);
}

fn tokio_current_thread(group: &mut Group<'_>, operation: Operation) {
    let native = native::Tokio::current_thread().expect(BUILT);
    time(group, "tokio-current-thread", NATIVE, operation, native);
    let ours = Pollmark::<TokioCurrentThread>::build(workers()).expect(BUILT);
    time(group, "tokio-current-thread", OURS, operation, ours);
}

/// The first call starts the process's async-std, and all of them share it.
fn async_std(group: &mut Group<'_>, operation: Operation) {
    let native = native::AsyncStd::build(workers()).expect(BUILT);
    time(group, "async-std", NATIVE, operation, native);
    let ours = Pollmark::<AsyncStd>::build(workers()).expect(BUILT);
    time(group, "async-std", OURS, operation, ours);
}

fn smol(group: &mut Group<'_>, operation: Operation) {
    let native = native::Smol::build(workers()).expect(BUILT);
    time(group, "smol", NATIVE, operation, native);
    let ours = Pollmark::<Smol>::build(workers()).expect(BUILT);
    time(group, "smol", OURS, operation, ours);
}

fn threads(group: &mut Group<'_>) {
    group.bench_function(BenchmarkId::new("threads", NATIVE), |bencher| {
        bencher.iter_custom(|count| native::spawn_join_threads(count).expect("a thread starts"));
    });
    let ours = Pollmark::<Threads>::build(workers()).expect(BUILT);
    time(group, "threads", OURS, Operation::SpawnJoin, ours);
}

fn time(group: &mut Group<'_>, runtime: &str, name: &str, operation: Operation, side: impl Side) {
    group.bench_function(BenchmarkId::new(runtime, name), |bencher| {
        bencher.iter_custom(|count| {
            let (began, ended) = measure(&side, operation, 0, count, Instant::now);
            ended - began
        });
    });
    side.shutdown();
}

fn workers() -> usize {
    available_parallelism()
        .map_or(1, NonZeroUsize::get)
        .min(MAX_WORKERS)
}

criterion_group!(benches, overhead);
criterion_main!(benches);
