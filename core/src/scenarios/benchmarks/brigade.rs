//! The bucket brigades: N tasks in a row, each of which passes a byte on to the next.
//!
//! From jimblandy/context-switch (`async-brigade`, `thread-brigade`,
//! `async-mem-brigade`, `one-thread-brigade`), with its 500 tasks. Its README reports,
//! for one laptop of 2020, 3.589 µs a hop through pipes with async tasks and 5.313 µs
//! with threads; 0.2 µs for a switch between tasks and 1.7 µs for one between threads
//! once the pipes' own cost is subtracted; some 0.4 KiB a task and 20 KiB a thread.
//!
//! The root gives a byte to the first task and takes it from the last, so a round has N + 1 hops,
//! and nothing runs in parallel. The creation of the tasks is timed separately. One untimed round
//! goes first, after which every task is waiting.

mod channel;
mod one_thread;
mod pipe;

use std::future::Future;
use std::io;
use std::time::Duration;

pub use channel::BrigadeChannel;
pub use one_thread::BrigadeOneThread;
pub use pipe::BrigadePipe;

use crate::program::context::Context;
use crate::program::sink::Sink;
use crate::runtime::Runtime;
use crate::scenario::distribution::Distribution;
use crate::scenario::observed::Observed;
use crate::scenario::outcome::Outcome;
use crate::scenario::params::ParamInfo;
use crate::scenario::variant::Measure;
use crate::scenarios::support::tally::{Tally, costs_no_virtual_time, each_ns};

const PARAMS: &[ParamInfo] = &[
    ParamInfo::count("tasks", 500)
        .within(1, 100_000)
        .help("how many pass the byte along"),
    ParamInfo::count("rounds", 200)
        .within(1, 1_000_000)
        .help("how many times a byte goes through the whole row"),
];

const SOURCE: &str = "jimblandy/context-switch";

const PER_HOP: Measure = Measure::nanos("per hop", "/hop_ns");

const MEASURES: &[Measure] = &[PER_HOP, Measure::nanos("creation", "/creation_ns")];

/// The end from which a task of the row takes the byte.
trait Take: Send + 'static {
    /// `None` once the task before has left.
    fn take(&mut self) -> impl Future<Output = io::Result<Option<u8>>> + Send;
}

/// The end to which a task of the row gives the byte.
trait Give: Send + 'static {
    fn give(&mut self, byte: u8) -> impl Future<Output = io::Result<()>> + Send;
}

/// Passes bytes through a row of tasks between `links`; there is one link more than tasks.
async fn pass<R, S, G, T>(cx: &Context<R, S>, links: Vec<(G, T)>, rounds: usize) -> Outcome
where
    R: Runtime,
    S: Sink,
    G: Give,
    T: Take,
{
    let mut links = links.into_iter();
    let Some((mut first, mut taken_from)) = links.next() else {
        return Outcome::new();
    };
    let tasks = links.len();
    let mut row = Vec::with_capacity(tasks);
    let began = cx.rt().now();
    for (give, take) in links {
        let from = std::mem::replace(&mut taken_from, take);
        row.push(cx.spawn("passer", stand(from, give)));
    }
    let creation = cx.rt().now() - began;

    let timed = time_rounds(cx, &mut first, &mut taken_from, rounds).await;
    // The first task sees that its predecessor is gone and leaves, and so on down the row.
    drop(first);
    let mut tally = Tally::default();
    for task in row {
        match task.await {
            Ok(Ok(passed)) => tally.add(Ok(passed)),
            Ok(Err(error)) => tally.fail(format!("a task could not pass the byte on: {error}")),
            Err(error) => tally.add(Err(error)),
        }
    }
    let timed = timed.unwrap_or_else(|error| {
        tally.fail(format!("the root could not pass the byte: {error}"));
        Timed::default()
    });
    let outcome = timed.into(tasks + 1, rounds);
    tally.into(outcome.with("creation_ns", each_ns(creation, tasks)))
}

/// One task of the row: returns the number of bytes it passed on.
async fn stand(mut from: impl Take, mut to: impl Give) -> io::Result<u64> {
    let mut passed = 0;
    while let Some(byte) = from.take().await? {
        to.give(byte).await?;
        passed += 1;
    }
    Ok(passed)
}

/// The result of the timed rounds.
#[derive(Default)]
struct Timed {
    took: Duration,
    round: Distribution,
    /// Rounds with a byte that came out as it went in.
    unchanged: usize,
}

impl Timed {
    fn into(self, hops_of_a_round: usize, rounds: usize) -> Outcome {
        let hops = hops_of_a_round * rounds;
        Outcome::new()
            .with("hop_ns", each_ns(self.took, hops))
            .with("round", &self.round)
            .with("unchanged", self.unchanged)
            .items(hops)
    }
}

async fn time_rounds<R: Runtime, S: Sink>(
    cx: &Context<R, S>,
    first: &mut impl Give,
    last: &mut impl Take,
    rounds: usize,
) -> io::Result<Timed> {
    let mut timed = Timed::default();
    first.give(0).await?;
    last.take().await?;
    let began = cx.rt().now();
    let mut round_began = began;
    for round in 0..rounds {
        let byte = byte_of(round);
        first.give(byte).await?;
        let taken = last.take().await?;
        timed.unchanged += usize::from(taken == Some(byte));
        let now = cx.rt().now();
        timed.round.record(now - round_began);
        round_began = now;
    }
    timed.took = round_began - began;
    Ok(timed)
}

/// The byte of a round, different from that of the round before.
fn byte_of(round: usize) -> u8 {
    (round % 251) as u8
}

/// Every byte came out as it went in, and each task passed every byte on, including that of the
/// untimed round.
fn check(seen: &mut Observed<'_>, tasks_that_pass: usize) {
    let rounds = seen.params.count("rounds");
    let passed = tasks_that_pass * (rounds + 1);
    Tally::check(seen, tasks_that_pass, passed as u64);
    seen.value("unchanged", rounds);
    costs_no_virtual_time(seen);
}
