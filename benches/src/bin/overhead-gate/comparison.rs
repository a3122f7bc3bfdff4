//! The cost of an operation on both sides, and whether that is too much.

use std::fmt;
use std::num::NonZeroUsize;
use std::sync::Mutex;
use std::thread;

use anyhow::ensure;
use pollmark_benches::Operation;
use pollmark_benches::probe::{Allocated, Probe, ProbeRuntime, ProbeSide};

use crate::counting::{Counted, Counter};

/// How many times the native instructions ours may be.
pub(crate) const MAX_RATIO: f64 = 1.02;

/// The operations to count. The blocking pool is left out, because its threads decide
/// anew in each run which one waits for the other; so are channels, which are no runtime's.
const OPERATIONS: [Operation; 4] = [
    Operation::SpawnJoin,
    Operation::ContextSpawnJoin,
    Operation::Yield,
    Operation::Sleep,
];

const RUNTIMES: [ProbeRuntime; 2] = [ProbeRuntime::TokioCurrentThread, ProbeRuntime::Smol];

/// Operations in the smaller of the two runs of which the difference is taken. The
/// cost of starting and ending is in both and cancels.
const COUNT: u64 = 10_000;

/// The number of runs of each size; the runs with the fewest instructions are compared.
fn runs(runtime: ProbeRuntime) -> usize {
    match runtime {
        // Repeats to a few instructions in ten million.
        ProbeRuntime::TokioCurrentThread => 1,
        // Its worker and the thread of its reactor race for the reactor, once a
        // run: its counts come in two modes, 0.5 % apart. Enough runs that each size
        // shows the lower one.
        ProbeRuntime::Smol => 11,
    }
}

/// One operation on one runtime, natively and through the trait.
#[derive(Debug)]
pub(crate) struct Comparison {
    operation: Operation,
    runtime: ProbeRuntime,
    native: Cost,
    ours: Cost,
}

/// The cost of one operation on one side.
#[derive(Debug)]
struct Cost {
    instructions: f64,
    allocated: Allocated,
}

/// Runs every probe, as many at a time as there are CPUs.
pub(crate) fn measure_all() -> anyhow::Result<Vec<Comparison>> {
    let counter = Counter::new()?;
    let probes: Vec<_> = pairs().flat_map(probes_of).collect();
    eprintln!("running {} probes under valgrind", probes.len());
    let counted = run_all(&counter, probes)?;
    pairs()
        .map(|(operation, runtime)| Comparison::from_counted(operation, runtime, &counted))
        .collect()
}

fn pairs() -> impl Iterator<Item = (Operation, ProbeRuntime)> {
    let of_operation = |operation| RUNTIMES.map(|runtime| (operation, runtime));
    OPERATIONS.into_iter().flat_map(of_operation)
}

fn probes_of((operation, runtime): (Operation, ProbeRuntime)) -> Vec<Probe> {
    let mut probes = Vec::new();
    for _ in 0..runs(runtime) {
        for side in [ProbeSide::Native, ProbeSide::Pollmark] {
            for count in [COUNT, 2 * COUNT] {
                probes.push(Probe {
                    operation,
                    runtime,
                    side,
                    count,
                });
            }
        }
    }
    probes
}

fn run_all(counter: &Counter, probes: Vec<Probe>) -> anyhow::Result<Vec<(Probe, Counted)>> {
    let queue = Mutex::new(probes);
    let work = || {
        let mut counted = Vec::new();
        loop {
            let next = queue.lock().expect("nothing panics under the lock").pop();
            let Some(probe) = next else {
                return anyhow::Ok(counted);
            };
            counted.push((probe, counter.count(&probe)?));
        }
    };
    let threads = thread::available_parallelism().map_or(1, NonZeroUsize::get);
    thread::scope(|scope| {
        let threads: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        let mut counted = Vec::new();
        for thread in threads {
            counted.extend(thread.join().expect("a probe's failure is an error")?);
        }
        Ok(counted)
    })
}

impl Comparison {
    /// The head of the table whose lines [`Display`](fmt::Display) writes.
    pub(crate) const HEADER: &str = "\
        \x20                                            instructions each     allocations (bytes) each\n\
        operation           runtime                native    ours  ratio       native         ours";

    fn from_counted(
        operation: Operation,
        runtime: ProbeRuntime,
        counted: &[(Probe, Counted)],
    ) -> anyhow::Result<Self> {
        let cost = |side| {
            let runs = |count| {
                let these = counted.iter().filter(move |(probe, _)| {
                    (probe.operation, probe.runtime) == (operation, runtime)
                        && (probe.side, probe.count) == (side, count)
                });
                these.map(|(_, counted)| *counted).collect::<Vec<_>>()
            };
            Cost::from_runs(&runs(COUNT), &runs(2 * COUNT))
        };
        let (native, ours) = (cost(ProbeSide::Native), cost(ProbeSide::Pollmark));
        ensure!(
            native.instructions >= 1.0,
            "{} on {}: twice the operations took no more instructions",
            operation.name(),
            runtime.name()
        );
        Ok(Comparison {
            operation,
            runtime,
            native,
            ours,
        })
    }

    /// The operation and the runtime.
    pub(crate) fn name(&self) -> String {
        format!("{} on {}", self.operation.name(), self.runtime.name())
    }

    /// Whether ours costs no more than it may.
    pub(crate) fn holds(&self) -> bool {
        self.ratio() <= MAX_RATIO && self.same_allocations()
    }

    /// The reasons why it does not hold.
    pub(crate) fn verdict(&self) -> String {
        let mut faults = Vec::new();
        if self.ratio() > MAX_RATIO {
            let ratio = self.ratio();
            faults.push(format!(
                "{ratio:.4} times the instructions, {MAX_RATIO} allowed"
            ));
        }
        if !self.same_allocations() {
            let (native, ours) = (self.native.allocated, self.ours.allocated);
            faults.push(format!("{ours}, natively {native}"));
        }
        faults.join("; ")
    }

    fn ratio(&self) -> f64 {
        self.ours.instructions / self.native.instructions
    }

    fn same_allocations(&self) -> bool {
        self.ours.allocated.is_same_each(&self.native.allocated)
    }
}

impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Comparison {
            operation,
            runtime,
            native,
            ours,
        } = self;
        write!(
            f,
            "{:<19} {:<21} {:>7.1} {:>7.1}  {:.3} {:>12} {:>12}{}",
            operation.name(),
            runtime.name(),
            native.instructions,
            ours.instructions,
            self.ratio(),
            native.allocations(),
            ours.allocations(),
            if self.holds() { "" } else { "  BROKEN" },
        )
    }
}

impl Cost {
    fn from_runs(once: &[Counted], twice: &[Counted]) -> Self {
        let fewest = |runs: &[Counted]| runs.iter().map(|counted| counted.instructions).min();
        let instructions = |runs| fewest(runs).unwrap_or_default() as f64;
        // The larger runs' allocations, which noise is the smaller part of.
        let count = median(twice, |counted| counted.allocated.total.count);
        let bytes = median(twice, |counted| counted.allocated.total.bytes);
        Cost {
            instructions: (instructions(twice) - instructions(once)) / COUNT as f64,
            allocated: Allocated::new(count, bytes, 2 * COUNT),
        }
    }

    fn allocations(&self) -> String {
        let Cost { allocated, .. } = self;
        format!(
            "{:.2} ({:.0})",
            allocated.count_each(),
            allocated.bytes_each()
        )
    }
}

fn median(runs: &[Counted], figure: impl Fn(&Counted) -> u64) -> u64 {
    let mut figures: Vec<_> = runs.iter().map(figure).collect();
    figures.sort_unstable();
    figures[figures.len() / 2]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn comparison(instructions: f64, count: u64) -> Comparison {
        let cost = |instructions, count| Cost {
            instructions,
            allocated: Allocated::new(count, 80 * count, COUNT),
        };
        Comparison {
            operation: Operation::Yield,
            runtime: ProbeRuntime::Smol,
            native: cost(1000.0, COUNT),
            ours: cost(instructions, count),
        }
    }

    #[test]
    fn the_gate_holds_up_to_the_ratio() {
        assert!(comparison(1020.0, COUNT).holds());
        let broken = comparison(1021.0, COUNT);
        assert!(!broken.holds());
        assert_eq!(
            broken.verdict(),
            "1.0210 times the instructions, 1.02 allowed"
        );
        assert!(broken.to_string().ends_with("BROKEN"));
    }

    #[test]
    fn an_allocation_more_breaks_the_gate() {
        let broken = comparison(900.0, 2 * COUNT);
        assert!(!broken.holds());
        assert!(broken.verdict().starts_with("20000 allocations"));
    }

    #[test]
    fn runs_in_the_higher_mode_do_not_count() {
        let counted = |instructions| Counted {
            instructions,
            allocated: Allocated::new(1, 1, 1),
        };
        let once = [71, 66, 71].map(|thousands| counted(thousands * COUNT));
        let twice = [137, 137, 132].map(|thousands| counted(thousands * COUNT));
        assert_eq!(Cost::from_runs(&once, &twice).instructions, 66.0);
    }
}
