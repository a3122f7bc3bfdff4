//! The two sides of a comparison, and the operations of both.

use std::future::Future;

use clap::ValueEnum;
use futures::FutureExt;

/// One side of a comparison: a running runtime, used natively or through
/// pollmark's trait.
///
/// Each operation is a loop that does one thing `count` times, checks the result,
/// and panics if that is wrong. It is a future that does nothing until it
/// is polled, meant to be polled by a task of the runtime: see [`measure`].
pub trait Side: Sized + 'static {
    /// Spawns a task that returns its number, and awaits it.
    fn spawn_join(&self, count: u64) -> impl Future<Output = ()> + Send + use<Self>;

    /// The same through a scenario's context, if there is one.
    fn context_spawn_join(&self, count: u64) -> impl Future<Output = ()> + Send + use<Self> {
        self.spawn_join(count)
    }

    /// Gives the other ready tasks a turn, of which there are none.
    fn yields(&self, count: u64) -> impl Future<Output = ()> + Send + use<Self>;

    /// Creates a wait of an hour, polls it once and drops it: the cost
    /// of a timer, without the time that it waits.
    fn sleeps(&self, count: u64) -> impl Future<Output = ()> + Send + use<Self>;

    /// Sends a message to a second task and receives it back, over the same
    /// channels on every side.
    fn round_trips(&self, count: u64) -> impl Future<Output = ()> + Send + use<Self>;

    /// Runs a call on the blocking pool, and awaits it.
    fn blocking_calls(&self, count: u64) -> impl Future<Output = ()> + Send + use<Self>;

    /// Spawns `root` as a task, and blocks the calling thread until it has ended.
    ///
    /// # Panics
    ///
    /// Panics if `root` does.
    fn run<F>(&self, root: F) -> F::Output
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static;

    /// Ends the runtime, if it can be ended.
    fn shutdown(self);
}

/// One of the operations of a [`Side`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Operation {
    /// [`Side::spawn_join`].
    SpawnJoin,
    /// [`Side::context_spawn_join`].
    ContextSpawnJoin,
    /// [`Side::yields`].
    Yield,
    /// [`Side::sleeps`].
    Sleep,
    /// [`Side::round_trips`].
    ChannelHop,
    /// [`Side::blocking_calls`].
    SpawnBlocking,
}

impl Operation {
    /// The name in benchmark ids, tables and arguments.
    pub fn name(self) -> &'static str {
        match self {
            Operation::SpawnJoin => "spawn-join",
            Operation::ContextSpawnJoin => "context-spawn-join",
            Operation::Yield => "yield",
            Operation::Sleep => "sleep",
            Operation::ChannelHop => "channel-hop",
            Operation::SpawnBlocking => "spawn-blocking",
        }
    }
}

/// Does `operation` `warm_up` times and then `count` times in one task of
/// `side`'s runtime, and returns the readings of `meter` there before and after
/// the latter.
///
/// The task reads the meter itself, so that neither its spawning nor the calling
/// thread's waiting for it lies between the readings.
///
/// # Panics
///
/// Panics if the operation's result is wrong.
pub fn measure<S, T>(
    side: &S,
    operation: Operation,
    warm_up: u64,
    count: u64,
    meter: fn() -> T,
) -> (T, T)
where
    S: Side,
    T: Send + 'static,
{
    match operation {
        Operation::SpawnJoin => between(side, S::spawn_join, warm_up, count, meter),
        Operation::ContextSpawnJoin => between(side, S::context_spawn_join, warm_up, count, meter),
        Operation::Yield => between(side, S::yields, warm_up, count, meter),
        Operation::Sleep => between(side, S::sleeps, warm_up, count, meter),
        Operation::ChannelHop => between(side, S::round_trips, warm_up, count, meter),
        Operation::SpawnBlocking => between(side, S::blocking_calls, warm_up, count, meter),
    }
}

fn between<'a, S, F, T>(
    side: &'a S,
    operation: fn(&'a S, u64) -> F,
    warm_up: u64,
    count: u64,
    meter: fn() -> T,
) -> (T, T)
where
    S: Side,
    F: Future<Output = ()> + Send + 'static,
    T: Send + 'static,
{
    // Boxed, so that no side's loop happens to be inlined into the root's poll
    // and another's not, which is worth 2 % of a yield.
    let (warm_up, measured) = (
        operation(side, warm_up).boxed(),
        operation(side, count).boxed(),
    );
    side.run(async move {
        warm_up.await;
        let before = meter();
        measured.await;
        (before, meter())
    })
}
