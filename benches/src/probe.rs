//! One operation on one side of one runtime, many times: the process that the gate counts.

use std::fmt;
use std::thread;
use std::time::Duration;

use anyhow::Context as _;
use clap::{Args, ValueEnum};
use pollmark_core::support::allocations::{Allocations, count_from_now, so_far};
use pollmark_runner_smol::Smol;
use pollmark_runner_tokio::TokioCurrentThread;

use crate::{Operation, Pollmark, Side, measure, native};

/// One: counts repeat only if no two workers can meet.
const WORKERS: usize = 1;

/// Operations before the allocations are counted. They grow the things that grow once:
/// queues, the timer's tables, thread-local state.
const WARM_UP: u64 = 2_000;

/// An operation, the side of the runtime to do it on, and the number of times.
#[derive(Debug, Clone, Copy, Args)]
pub struct Probe {
    /// The operation to do.
    pub operation: Operation,
    /// The runtime to do it on.
    pub runtime: ProbeRuntime,
    /// Natively or through pollmark's trait.
    pub side: ProbeSide,
    /// The number of times.
    #[arg(value_parser = clap::value_parser!(u64).range(1..))]
    pub count: u64,
}

/// The runtimes that can run on one thread, so that counts repeat.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ProbeRuntime {
    /// tokio's current-thread flavour.
    TokioCurrentThread,
    /// smol with one worker thread.
    Smol,
}

impl ProbeRuntime {
    /// The name in tables and arguments.
    pub fn name(self) -> &'static str {
        match self {
            ProbeRuntime::TokioCurrentThread => "tokio-current-thread",
            ProbeRuntime::Smol => "smol",
        }
    }
}

/// The two sides of a comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ProbeSide {
    /// The runtime's own API.
    Native,
    /// The `Runtime` trait of pollmark.
    Pollmark,
}

impl ProbeSide {
    /// The name in tables and arguments.
    pub fn name(self) -> &'static str {
        match self {
            ProbeSide::Native => "native",
            ProbeSide::Pollmark => "pollmark",
        }
    }
}

impl Probe {
    /// Runs it and counts its allocations; zero in a process that does not use
    /// [`Counting`](pollmark_core::support::allocations::Counting).
    ///
    /// # Errors
    ///
    /// An error if the runtime cannot be built.
    pub fn run(&self) -> anyhow::Result<Allocated> {
        let built = "the runtime could not be built";
        let total = match (self.runtime, self.side) {
            (ProbeRuntime::TokioCurrentThread, ProbeSide::Native) => {
                self.allocations_on(native::Tokio::current_thread().context(built)?)
            }
            (ProbeRuntime::TokioCurrentThread, ProbeSide::Pollmark) => {
                let ours = Pollmark::<TokioCurrentThread>::build(WORKERS);
                self.allocations_on(ours.context(built)?)
            }
            (ProbeRuntime::Smol, ProbeSide::Native) => {
                leave_timers_to_their_thread();
                self.allocations_on(native::Smol::build(WORKERS).context(built)?)
            }
            (ProbeRuntime::Smol, ProbeSide::Pollmark) => {
                leave_timers_to_their_thread();
                self.allocations_on(Pollmark::<Smol>::build(WORKERS).context(built)?)
            }
        };
        Ok(Allocated::new(total.count, total.bytes, self.count))
    }

    fn allocations_on(&self, side: impl Side) -> Allocations {
        count_from_now();
        let (before, after) = measure(&side, self.operation, WARM_UP, self.count, so_far);
        side.shutdown();
        Allocations {
            count: after.count - before.count,
            bytes: after.bytes - before.bytes,
        }
    }
}

/// smol's timers are looked after by its workers between tasks, or by a thread of
/// their own: the one that comes first keeps them, for ever if nothing happens.
/// Left to chance, one run in two has 0.5 % more instructions than the other.
///
/// Here the thread comes first: no worker exists that could end this wait, and
/// the thread has time to start its next one. If that does not suffice, the
/// count is one of the others', and the gate takes the least.
fn leave_timers_to_their_thread() {
    smol::future::block_on(smol::Timer::after(Duration::from_millis(1)));
    thread::sleep(Duration::from_millis(20));
}

/// The allocations of many operations together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Allocated {
    /// In all.
    pub total: Allocations,
    /// The operations, never zero.
    pub operations: u64,
}

/// The difference that two runs of the same operations may have for each of them. smol's
/// timers are tended by the first of two threads to come, and its queue grows by
/// blocks of 31, so that a few allocations in thousands of operations fall on
/// one side of the reading or the other. An allocation of the trait itself would
/// show as one for each operation.
const NOISE: f64 = 0.02;

/// As [`NOISE`], in bytes: less than the smallest thing that a task can hold more.
const NOISE_BYTES: f64 = 1.0;

impl Allocated {
    /// `count` allocations of `bytes` together, in so many `operations`.
    ///
    /// # Panics
    ///
    /// Panics if there are no operations.
    pub fn new(count: u64, bytes: u64, operations: u64) -> Self {
        assert_ne!(operations, 0, "nothing was done");
        Allocated {
            total: Allocations { count, bytes },
            operations,
        }
    }

    /// Whether an operation allocates as often and as much as one of `other`'s.
    pub fn is_same_each(&self, other: &Allocated) -> bool {
        (self.count_each() - other.count_each()).abs() < NOISE
            && (self.bytes_each() - other.bytes_each()).abs() < NOISE_BYTES
    }

    /// Allocations for each operation.
    pub fn count_each(&self) -> f64 {
        self.total.count as f64 / self.operations as f64
    }

    /// Bytes for each operation.
    pub fn bytes_each(&self) -> f64 {
        self.total.bytes as f64 / self.operations as f64
    }

    /// Reads the line that [`Display`](fmt::Display) writes; `None` for any other.
    pub fn parse(line: &str) -> Option<Self> {
        let numbers = line.split_whitespace().filter_map(|word| word.parse().ok());
        let [count, bytes, operations]: [u64; 3] = numbers.collect::<Vec<_>>().try_into().ok()?;
        (operations != 0).then(|| Allocated::new(count, bytes, operations))
    }
}

/// The totals, which are exact, and the number of operations.
impl fmt::Display for Allocated {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Allocations { count, bytes } = self.total;
        let operations = self.operations;
        write!(
            f,
            "{count} allocations of {bytes} bytes in {operations} operations"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_printed_is_read_back() {
        let allocated = Allocated::new(21_290, 2_250_160, 20_000);
        assert_eq!(Allocated::parse(&allocated.to_string()), Some(allocated));
        assert_eq!(
            Allocated::parse("1 allocations of 2 bytes in 0 operations"),
            None
        );
        assert_eq!(Allocated::parse("nothing"), None);
    }

    #[test]
    fn an_allocation_or_a_byte_more_each_is_not_the_same() {
        let native = Allocated::new(10_000, 1_000_000, 10_000);
        assert!(native.is_same_each(&Allocated::new(10_001, 1_000_040, 10_000)));
        assert!(!native.is_same_each(&Allocated::new(20_000, 1_000_000, 10_000)));
        assert!(!native.is_same_each(&Allocated::new(10_000, 1_010_000, 10_000)));
    }
}
