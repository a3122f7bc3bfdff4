//! The ideal of a cell, from what the virtual clock showed of its program.

use std::time::Duration;

use pollmark_core::time::nanos;
use pollmark_core::{Config, Report, Verdict, Work};

use super::result::{Ideal, NO_IDEAL};

/// The ideal by two simulations: one with the cell's threads, one with as many as are of use.
pub(crate) fn ideal_of(config: &Config, scheduled: Report, unlimited: Report) -> Ideal {
    if let Some(reason) = scheduled.inexact.or(unlimited.inexact) {
        return Ideal {
            note: Some(format!("{NO_IDEAL}{reason}")),
            ..Ideal::default()
        };
    }
    let ideal = scheduled
        .elapsed
        .filter(|_| scheduled.verdict == Verdict::Ok);
    let critical_path = unlimited
        .elapsed
        .filter(|_| unlimited.verdict == Verdict::Ok);
    let bound = critical_path
        .zip(scheduled.work)
        .map(|(path, work)| path.max(share(config, work)))
        // Work that outlives the root is counted too, and then the sum bounds nothing.
        .filter(|bound| ideal.is_none_or(|ideal| *bound <= ideal));
    Ideal {
        ideal_ns: ideal.map(nanos),
        lower_bound_ns: bound.map(nanos),
        note: None,
    }
}

/// The work of each worker, or core, if it were shared evenly.
fn share(config: &Config, work: Work) -> Duration {
    let workers = u32::try_from(config.workers.get()).unwrap_or(u32::MAX);
    let cores = config
        .cores
        .and_then(|cores| u32::try_from(cores.get()).ok());
    let by_core = work.cores / cores.unwrap_or(u32::MAX);
    if config.worker_per_task {
        return by_core;
    }
    by_core.max(work.workers / workers)
}

#[cfg(test)]
mod tests {
    use super::super::runners;
    use super::*;

    #[test]
    fn a_program_outside_of_the_clock_has_no_ideal_and_a_reason() {
        let flavour = runners::find("virtual").unwrap();
        let report = || {
            let performed = flavour.perform("waiter", "tasks", &Default::default());
            performed.unwrap().unwrap()
        };
        let config = Config::default();
        let ideal = ideal_of(&config, report(), report());
        assert!(
            ideal.ideal_ns.is_some() && ideal.note.is_none(),
            "{ideal:?}"
        );
        let outside = || Report {
            inexact: Some("`rayon` runs outside of the virtual clock".to_owned()),
            ..report()
        };
        let none = Ideal {
            note: Some("no ideal: `rayon` runs outside of the virtual clock".to_owned()),
            ..Ideal::default()
        };
        assert_eq!(ideal_of(&config, outside(), report()), none);
        assert_eq!(ideal_of(&config, report(), outside()), none);
    }
}
