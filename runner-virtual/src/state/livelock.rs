//! Detects programs that stop time: they keep every poll busy at one instant.

/// Polls in a row that do nothing but yield, after which a program counts as one
/// that waits for time to pass. Far above the number that a program that counts yields
/// makes in one task while a timer is set, and well under a second of real time.
const LIVELOCK: u64 = 1 << 20;

/// The same for each ready task, so that a crowd may yield a few times over.
const LIVELOCK_PER_TASK: u64 = 64;

/// Polls at one instant after which a limited run is over: its tasks wake one
/// another for ever and the clock will not reach the limit. Seconds of real time.
const PATIENCE: u64 = 1 << 27;

/// Counts polls between which no time passes.
pub(crate) struct Livelock {
    /// Polls in a row that ended with the task waking itself and did nothing else.
    idle_polls: u64,
    polls_at_instant: u64,
    patience: u64,
}

impl Livelock {
    pub(crate) fn new() -> Self {
        Livelock::with_patience(PATIENCE)
    }

    /// Gives up a limited run after `patience` polls at one instant.
    pub(crate) fn with_patience(patience: u64) -> Self {
        Livelock {
            idle_polls: 0,
            polls_at_instant: 0,
            patience,
        }
    }

    /// Notes the beginning of a run.
    pub(crate) fn run_begins(&mut self) {
        self.polls_at_instant = 0;
    }

    /// Notes the beginning of a poll.
    pub(crate) fn poll_begins(&mut self) {
        self.polls_at_instant += 1;
    }

    /// Notes that a poll ended with the task waking itself.
    pub(crate) fn poll_yielded(&mut self) {
        self.idle_polls += 1;
    }

    /// Notes that a poll did something else than to yield.
    pub(crate) fn poll_worked(&mut self) {
        self.idle_polls = 0;
    }

    /// Notes that the clock moves.
    pub(crate) fn time_passes(&mut self) {
        self.idle_polls = 0;
        self.polls_at_instant = 0;
    }

    /// Whether everything that is ready only yields, `ready` tasks, so that time should
    /// pass instead if it `can_pass`.
    pub(crate) fn only_yields(&self, ready: usize, can_pass: impl FnOnce() -> bool) -> bool {
        self.idle_polls >= LIVELOCK
            && self.idle_polls >= LIVELOCK + ready as u64 * LIVELOCK_PER_TASK
            && can_pass()
    }

    /// Whether the program has come to an instant that does not end.
    pub(crate) fn is_out_of_patience(&self) -> bool {
        self.polls_at_instant >= self.patience
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::time::Duration;

    use pollmark_core::{Config, JoinHandle, RunError, Runner, Runtime};

    use super::*;
    use crate::sim::Sim;
    use crate::{Virtual, VirtualHandle};

    const SECOND: Duration = Duration::from_secs(1);

    fn one_worker() -> (Virtual, VirtualHandle) {
        let runner = Virtual::build(&Config::with_workers(1)).expect("one thread starts");
        let handle = runner.handle();
        (runner, handle)
    }

    #[test]
    fn time_passes_for_a_program_that_yields_until_it_does() {
        let (runner, rt) = one_worker();
        let now = runner.run(
            async move {
                let flag = Arc::new(AtomicBool::new(false));
                let (set, sleep) = (Arc::clone(&flag), rt.sleep(SECOND));
                let timer = rt.spawn(async move {
                    sleep.await;
                    set.store(true, Ordering::Relaxed);
                });
                while !flag.load(Ordering::Relaxed) {
                    rt.yield_now().await;
                }
                timer.cancel().await.ok();
                rt.now()
            },
            Some(2 * SECOND),
        );
        assert_eq!(now.expect("the flag is set in time"), SECOND);
    }

    #[test]
    fn a_program_that_counts_its_yields_stops_no_time() {
        let (runner, rt) = one_worker();
        let now = runner.run(
            async move {
                let other = rt.clone();
                let timer = rt.spawn(async move { other.sleep(SECOND).await });
                for _ in 0..100_000 {
                    rt.yield_now().await;
                }
                timer.abort();
                rt.now()
            },
            None,
        );
        assert_eq!(now.expect("the root ends"), Duration::ZERO);
    }

    #[test]
    fn a_limited_run_ends_where_an_instant_does_not() {
        let sim = Sim::new(&Config::with_workers(1));
        sim.lock().livelock = Livelock::with_patience(1_000);
        let runner = Virtual::on(sim).expect("one thread starts");
        let rt = runner.handle();
        for _ in 0..2 {
            let rt = rt.clone();
            let endless = async move {
                loop {
                    rt.yield_now().await;
                }
            };
            let ended: Result<(), _> = runner.run(endless, Some(SECOND));
            assert!(matches!(ended, Err(RunError::TimedOut { limit: SECOND })));
        }
        assert!(runner.shutdown(SECOND).complete);
    }
}
