//! Programs that stop time: they keep every poll busy at one instant.

use crate::state::State;

/// Polls in a row that do nothing but yield, after which a program counts as one
/// that waits for time to pass. Far above what a program that counts yields does
/// in one task while a timer is set, and well under a second of real time.
const STANDSTILL: u64 = 1 << 20;

/// The same for each ready task, so that a crowd may yield a few times over.
const STANDSTILL_PER_TASK: u64 = 64;

/// Polls at one instant after which a limited run is over: its tasks wake one
/// another for ever and the clock will not reach the limit. Seconds of real time.
pub(crate) const PATIENCE: u64 = 1 << 27;

impl State {
    /// Whether everything that is ready only yields, and time could pass instead.
    pub(crate) fn stands_still(&self) -> bool {
        if self.idle_polls < STANDSTILL {
            return false;
        }
        let crowd = self.ready.len() as u64 * STANDSTILL_PER_TASK;
        let limit = self.run.as_ref().and_then(|run| run.limit);
        let time_could_pass = self
            .next_instant()
            .is_some_and(|at| limit.is_none_or(|limit| at <= limit));
        time_could_pass && self.idle_polls >= STANDSTILL + crowd
    }

    /// Whether a limited run has come to an instant that does not end.
    pub(crate) fn out_of_patience(&self) -> bool {
        self.polls_at_instant >= self.patience
            && self.run.as_ref().is_some_and(|run| run.limit.is_some())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::time::Duration;

    use pollmark_core::{Config, JoinHandle, RunError, Runner, Runtime};

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
        let (runner, rt) = one_worker();
        runner.sim.lock().patience = 1_000;
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
