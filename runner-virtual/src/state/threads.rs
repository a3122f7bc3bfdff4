//! The simulator's OS threads: which of them are idle, and how many there may be.

use std::io;
use std::sync::Arc;
use std::thread::JoinHandle;

use crate::handover::SimThread;

/// The most OS threads of one simulator, and so the most polls and calls that
/// block at a time: beyond some 16,000 the OS does not refuse, it kills the process.
pub(crate) const MAX_THREADS: usize = 12_000;

/// The threads of one simulator.
pub(crate) struct Threads {
    /// Those that wait for an order.
    pub(crate) idle: Vec<Arc<SimThread>>,
    /// Those that have been asked for and have not ended.
    pub(crate) living: usize,
    pub(crate) handles: Vec<JoinHandle<()>>,
    /// The thread that is in control, if there is one; it may wait for its order yet.
    pub(crate) in_control: Option<Arc<SimThread>>,
    /// Those on which user code waits for another thread, so that control went on without them,
    /// each with the call in which it was seen to wait; and those that were in control inside of
    /// a poll when their run ended.
    pub(crate) away: Vec<(Arc<SimThread>, Option<String>)>,
    most: usize,
}

impl Threads {
    pub(crate) fn new(most: usize) -> Self {
        Threads {
            idle: Vec::new(),
            living: 0,
            handles: Vec::new(),
            in_control: None,
            away: Vec::new(),
            most,
        }
    }

    /// Counts a thread that is about to be started.
    ///
    /// # Errors
    ///
    /// An error if the simulator has as many as it may have.
    pub(crate) fn reserve(&mut self) -> io::Result<()> {
        if self.living >= self.most {
            let message = format!("the simulator has its {} threads", self.most);
            return Err(io::Error::new(io::ErrorKind::WouldBlock, message));
        }
        self.living += 1;
        Ok(())
    }

    /// Takes control from the thread that has it, with the call in which that waits.
    pub(crate) fn take_control(&mut self, call: Option<String>) {
        let thread = self.in_control.take();
        self.away.extend(thread.map(|thread| (thread, call)));
    }

    /// The numbers of those on which there may be user code that does not rest on the clock.
    pub(crate) fn with_user_code(&self) -> Vec<u32> {
        let away = self.away.iter().map(|(thread, _)| thread);
        let threads = self.in_control.iter().chain(away);
        threads.filter_map(|thread| thread.tid()).collect()
    }

    /// Whether user code on a thread without control may have gone on since the last look: only
    /// a call that stays the same, with the simulator's lock released in between, is a wait.
    pub(crate) fn away_moves(&mut self) -> bool {
        let mut moves = false;
        for (thread, seen) in &mut self.away {
            let call = thread.parked();
            moves |= call.is_none() || call != *seen;
            *seen = call;
        }
        moves
    }

    /// Counts a thread less: it has ended, or could not be started.
    pub(crate) fn release(&mut self) {
        self.living -= 1;
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use pollmark_core::{Config, JoinError, JoinHandle, Runner, Runtime};

    use crate::sim::Sim;
    use crate::{Virtual, VirtualHandle};

    const SECOND: Duration = Duration::from_secs(1);

    fn with_threads(threads: usize) -> (Virtual, VirtualHandle) {
        let runner = Virtual::on(Sim::with_max_threads(&Config::with_workers(8), threads));
        let runner = runner.expect("one thread starts");
        let handle = runner.handle();
        (runner, handle)
    }

    #[test]
    fn a_refused_thread_panics_in_the_poll_that_needed_it() {
        let (runner, rt) = with_threads(2);
        let outcomes = runner.run(
            async move {
                let block = |rt: VirtualHandle| async move { rt.block(SECOND) };
                let spin = |rt: VirtualHandle| async move { rt.spin(SECOND) };
                let tasks = [
                    rt.spawn(block(rt.clone())),
                    rt.spawn(spin(rt.clone())),
                    rt.spawn(block(rt.clone())),
                ];
                let mut outcomes = Vec::new();
                for task in tasks {
                    outcomes.push(task.await);
                }
                rt.spin(SECOND);
                (outcomes, rt.now())
            },
            None,
        );
        let (outcomes, now) = outcomes.expect("the root ends");
        let [Ok(()), Err(JoinError::Panicked(panic)), Ok(())] = &outcomes[..] else {
            panic!("the second was not refused: {outcomes:?}");
        };
        assert!(panic.message().contains("no thread to go on with"));
        assert_eq!(now, 2 * SECOND);
        assert!(runner.shutdown(SECOND).complete);
    }

    #[test]
    fn a_refused_thread_gives_its_core_back() {
        let mut config = Config::with_workers(2);
        config.cores = std::num::NonZeroUsize::new(1);
        let runner = Virtual::on(Sim::with_max_threads(&config, 1)).expect("one thread starts");
        let rt = runner.handle();
        let now = runner.run(
            async move {
                let (other, spins) = (rt.clone(), rt.clone());
                let refused = rt.spawn(async move { spins.spin(SECOND) });
                let waits = rt.spawn(async move { other.yield_now().await });
                assert!(refused.await.is_err_and(|error| error.is_panic()));
                waits.cancel().await.ok();
                rt.spin(SECOND);
                rt.now()
            },
            None,
        );
        assert_eq!(now.expect("the core is free again"), SECOND);
    }
}
