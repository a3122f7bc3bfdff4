//! The gain from more workers: CPU work in tasks, and tasks that workers take from each
//! other.
//!
//! Each program runs with all workers and with one, so that the two stand beside each
//! other; the last part of an id is the number of workers. `crunch` uses 20 ms of CPU
//! time in all, so one core takes 20 ms; on a busy machine it waits for cores
//! and takes longer. `crunch/sync` gains nothing from workers, and `blocking-pool` has
//! threads of its own. `chained-spawn` and `spawn/remote` have nothing to compute: there
//! another worker is one more to be woken and to steal.

mod lineup;

use criterion::{Criterion, criterion_group, criterion_main};
use lineup::{Lineup, announce, workers};
use pollmark_benches::Program;
use pollmark_core::scenarios::{ChainedSpawn, Crunch, Spawn};

const PIECES: u64 = 8;

/// All first: async-std stays with the workers that it begins with.
fn counts() -> Vec<usize> {
    let mut counts = vec![workers(), 1];
    counts.dedup();
    counts
}

fn computing(criterion: &mut Criterion) {
    announce(&counts());
    let crunch = |case| Program::new(case, PIECES).with("total", "20ms");
    Lineup::of::<Crunch>(criterion, &counts())
        .time(crunch(Crunch::Sync))
        .time(crunch(Crunch::Tasks))
        .time(crunch(Crunch::BlockingPool));
}

fn spawning(criterion: &mut Criterion) {
    Lineup::of::<ChainedSpawn>(criterion, &counts())
        .time(Program::new(ChainedSpawn::Detached, 1_000).with("tasks", "1000"));
    Lineup::of::<Spawn>(criterion, &counts())
        .time(Program::new(Spawn::Remote, 1_000).with("tasks", "1000"));
}

criterion_group!(benches, computing, spawning);
criterion_main!(benches);
