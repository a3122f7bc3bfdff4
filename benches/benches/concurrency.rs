//! The cost of concurrency: tasks that wait, pass messages and give way.
//!
//! Isolated: the whole program, from the root's first poll to its end, on a runtime
//! that is warm; of `spawn/creation` the calls to spawn alone. No task computes. The
//! lessons run so fast that their waits are of the order of their cost, and no
//! faster: below its waits no program can get (5 ms of `cafe` and of `visitors`, 25 ms
//! of `timer-storm`), and a timer that counts in milliseconds shows.

mod lineup;

use criterion::{Criterion, criterion_group, criterion_main};
use lineup::{Lineup, announce, workers};
use pollmark_benches::Program;
use pollmark_core::scenarios::{
    BrigadeChannel, Cafe, FanIn, FanOut, PingPong, Spawn, TimerStorm, Visitors, YieldStorm,
};

fn waiting(criterion: &mut Criterion) {
    announce(&[workers()]);
    Lineup::of::<Cafe>(criterion, &[workers()]).time(
        Program::new(Cafe::Concurrent, 1_000)
            .with("customers", "1000")
            .at(1_000.0),
    );
    Lineup::of::<Visitors>(criterion, &[workers()]).time(
        Program::new(Visitors::AtOnce, 1_000)
            .with("visitors", "1000")
            .with("wait", "5ms"),
    );
    Lineup::of::<TimerStorm>(criterion, &[workers()]).time(
        Program::new(TimerStorm::Shared, 2_000)
            .with("timers", "2000")
            .at(50.0),
    );
}

fn switching(criterion: &mut Criterion) {
    Lineup::of::<Spawn>(criterion, &[workers()])
        .time(
            Program::new(Spawn::Creation, 1_000)
                .with("tasks", "1000")
                .timed_by("creation_ns"),
        )
        .time(Program::new(Spawn::Local, 1_000).with("tasks", "1000"));
    Lineup::of::<YieldStorm>(criterion, &[workers()]).time(
        Program::new(YieldStorm::Together, 10_000)
            .with("tasks", "50")
            .with("yields", "200"),
    );
}

fn messages(criterion: &mut Criterion) {
    Lineup::of::<PingPong>(criterion, &[workers()])
        .time(Program::new(PingPong::Channels, 2_000).with("rounds", "1000"));
    Lineup::of::<FanIn>(criterion, &[workers()])
        .time(Program::new(FanIn::Bounded, 10_000).with("messages", "10000"));
    Lineup::of::<FanOut>(criterion, &[workers()])
        .time(Program::new(FanOut::Bounded, 10_000).with("messages", "10000"));
    Lineup::of::<BrigadeChannel>(criterion, &[workers()]).time(
        // Through a hundred tasks and back to the root.
        Program::new(BrigadeChannel::Tasks, 1_010)
            .with("tasks", "100")
            .with("rounds", "10"),
    );
}

criterion_group!(benches, waiting, switching, messages);
criterion_main!(benches);
