//! The cost of blocking, in the task itself and handed over to a pool.
//!
//! Isolated: calls that sleep, in a task (`waiter/blocking-tasks`, `cafe/blocking`), on
//! the blocking pool (`waiter/offloaded`, `blocking-flood`), or all in the root
//! (`waiter/sync`). They run a thousand times faster than scenario time: the dishes of
//! `waiter` take 27 ms in turn and 16 ms together, the coffees 40 ms one by one, and a
//! call of `blocking-flood` 100 µs, which is no more than starting or waking its thread.
//! There are fewer calls than any pool has threads, so that no cap is met.
//!
//! `hog` is not here. Its subject is the lateness of a heartbeat, in a run that takes
//! as long as it takes: criterion compares the time of runs, and plans how many there
//! are by it. `pollmark compare hog` measures lateness.

mod lineup;

use criterion::{Criterion, criterion_group, criterion_main};
use lineup::{Lineup, announce, workers};
use pollmark_benches::Program;
use pollmark_core::scenarios::{BlockingFlood, Cafe, Waiter};

const SPEED: f64 = 1_000.0;
const DISHES: u64 = 3;

fn in_tasks(criterion: &mut Criterion) {
    announce(&[workers()]);
    let waiter = |case| Program::new(case, DISHES).at(SPEED);
    Lineup::of::<Waiter>(criterion, &[workers()])
        .time(waiter(Waiter::Sync))
        .time(waiter(Waiter::BlockingTasks))
        .time(waiter(Waiter::Offloaded));
    Lineup::of::<Cafe>(criterion, &[workers()]).time(
        Program::new(Cafe::Blocking, 8)
            .with("customers", "8")
            .at(SPEED),
    );
}

fn on_the_pool(criterion: &mut Criterion) {
    Lineup::of::<BlockingFlood>(criterion, &[workers()]).time(
        Program::new(BlockingFlood::Pool, 64)
            .with("jobs", "64")
            .at(SPEED),
    );
}

criterion_group!(benches, in_tasks, on_the_pool);
criterion_main!(benches);
