//! The loop: what the state decides is carried out here, outside its mutex.

use std::fmt;
use std::io;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use pollmark_core::Config;

use crate::baton::{Order, Place, Seat, leave_poll};
use crate::clock::{Clock, nanos};
use crate::state::{Next, Outcome, Phase, Run, State};
use crate::task::{After, Job, quietly};
use crate::threads::MAX_THREADS;

/// A discrete-event simulator of a work-conserving scheduler.
pub(crate) struct Sim {
    pub(crate) clock: Clock,
    state: Mutex<State>,
    /// Told when a driver halts or ends.
    pub(crate) halted: Condvar,
    pub(crate) max_threads: usize,
}

/// What the baton's holder does next.
enum Step {
    Run(Arc<dyn Job>),
    Resume(Arc<Seat>),
    Halt,
    /// The simulator is gone: end the thread.
    Exit,
}

impl Sim {
    pub(crate) fn new(config: &Config) -> Arc<Self> {
        Sim::with_max_threads(config, MAX_THREADS)
    }

    pub(crate) fn with_max_threads(config: &Config, max_threads: usize) -> Arc<Self> {
        Arc::new(Sim {
            clock: Clock::default(),
            state: Mutex::new(State::new(config)),
            halted: Condvar::new(),
            max_threads,
        })
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for `done`, with the lock released meanwhile; for `timeout` at the most.
    pub(crate) fn wait_while_not(
        &self,
        timeout: Option<Duration>,
        mut done: impl FnMut(&State) -> bool,
    ) -> bool {
        let state = self.lock();
        let Some(timeout) = timeout else {
            let waited = self.halted.wait_while(state, |state| !done(state));
            drop(waited.unwrap_or_else(PoisonError::into_inner));
            return true;
        };
        let waited = self
            .halted
            .wait_timeout_while(state, timeout, |state| !done(state));
        !waited.unwrap_or_else(PoisonError::into_inner).1.timed_out()
    }

    /// Drives until the task with the key `root` has ended.
    pub(crate) fn run(
        self: &Arc<Self>,
        root: usize,
        limit: Option<Duration>,
    ) -> io::Result<Outcome> {
        let limit = limit.map(|limit| self.clock.now().saturating_add(nanos(limit)));
        let driver = self.driver()?;
        self.lock().begin(Run {
            root,
            limit,
            outcome: None,
        });
        driver.give(Order::Drive(None));
        self.wait_while_not(None, |state| {
            state.run.as_ref().is_some_and(|run| run.outcome.is_some())
        });
        let run = self.lock().run.take();
        Ok(run
            .and_then(|run| run.outcome)
            .expect("the outcome was waited for"))
    }

    /// Queues a task that was woken.
    pub(crate) fn schedule(job: Arc<dyn Job>) {
        let sim = Arc::clone(&job.header().sim);
        let refused = sim.lock().stir(job);
        drop(refused);
    }

    /// Holds what the calling poll holds for `duration`, and a core where it
    /// `spins`. Returns at once on a thread that is inside no poll of this simulator.
    pub(crate) fn occupy(self: &Arc<Self>, duration: Duration, spins: bool) {
        if duration.is_zero() {
            return;
        }
        let Some(seat) = Seat::here(self) else { return };
        let mut state = self.lock();
        if !state.is_open() {
            drop(state);
            return leave_poll();
        }
        state.occupy(&self.clock, &seat, nanos(duration), spins);
        drop(state);
        self.rest(&seat);
    }

    /// Passes the baton on until the block on `seat` is over. Where nothing else
    /// happens before that, it stays on this thread.
    fn rest(self: &Arc<Self>, seat: &Arc<Seat>) {
        match self.next(None, None) {
            Step::Resume(other) if Arc::ptr_eq(&other, seat) => return,
            Step::Resume(other) => other.give(Order::Resume),
            Step::Halt | Step::Exit => {}
            Step::Run(job) => match self.driver() {
                Ok(driver) => driver.give(Order::Drive(Some(job))),
                Err(error) => {
                    self.lock().undo(&self.clock, job, seat);
                    // A panic while panicking would abort: then the block is cut short.
                    if thread::panicking() {
                        return;
                    }
                    panic!("no thread to go on with while this one blocks: {error}");
                }
            },
        }
        seat.wait();
    }

    /// Drives until there is nothing to do for this thread; whether it is to
    /// wait for another order.
    pub(crate) fn drive(self: &Arc<Self>, seat: &Arc<Seat>, mut job: Option<Arc<dyn Job>>) -> bool {
        loop {
            let settled = job.take().map(|job| {
                let place = job.header().place;
                (place, seat.hold(place, || job.run()))
            });
            match self.next(settled, Some(seat)) {
                Step::Run(next) => job = Some(next),
                Step::Resume(other) => {
                    other.give(Order::Resume);
                    return true;
                }
                Step::Halt => return true,
                Step::Exit => return false,
            }
        }
    }

    /// Settles the poll that has ended, and decides on the next step. `driver`
    /// is the seat that falls idle where that step is another thread's.
    fn next(&self, mut settled: Option<(Place, After)>, driver: Option<&Arc<Seat>>) -> Step {
        loop {
            let mut state = self.lock();
            let left = settled
                .take()
                .and_then(|(place, after)| state.settle(place, after));
            let next = state.next(&self.clock);
            let closed = state.phase == Phase::Closed;
            if let (Next::Resume(_) | Next::Halt, Some(seat), false) = (&next, driver, closed) {
                state.idle.push(Arc::clone(seat));
            }
            drop(state);
            drop(left);
            match next {
                Next::Run(job) => return Step::Run(job),
                Next::Resume(seat) => return Step::Resume(seat),
                Next::Wake(wakers) => Seat::outside(|| {
                    for waker in wakers {
                        quietly(|| waker.wake());
                    }
                }),
                Next::Halt => {
                    self.halted.notify_all();
                    return if closed { Step::Exit } else { Step::Halt };
                }
            }
        }
    }
}

impl fmt::Debug for Sim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sim")
            .field("now", &Duration::from_nanos(self.clock.now()))
            .finish_non_exhaustive()
    }
}
