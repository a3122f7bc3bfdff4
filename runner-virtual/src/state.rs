//! The simulator's state and its rules: bookkeeping alone, no thread and no user code.
//!
//! Everything here happens under one mutex, so nothing here may wake, poll or
//! drop what a user wrote: it is handed out instead.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::task::Waker;
use std::thread::JoinHandle;

use pollmark_core::{Config, Work};

use crate::agenda::Event;
use crate::baton::{Place, Seat};
use crate::clock::{Clock, Due};
use crate::live::Live;
use crate::standstill::PATIENCE;
use crate::task::{After, Job};

/// The blocking pool's cap where [`Config::blocking_threads`] says none: tokio's own.
pub const BLOCKING_THREADS: usize = 512;

/// As many as there can ever be, with room to give back what was not taken.
const UNLIMITED: usize = usize::MAX / 2;

/// What happens next.
pub(crate) enum Next {
    /// Run this task or call for one poll.
    Run(Arc<dyn Job>),
    /// Go on inside the poll that blocked on this seat.
    Resume(Arc<Seat>),
    /// The clock moved: wake these, then ask again.
    Wake(Vec<Waker>),
    /// Nothing: no run is under way, or it has its outcome.
    Halt,
}

/// How a run came to its end.
#[derive(Debug)]
pub(crate) enum Outcome {
    Ended,
    TimedOut,
    /// With the names of the tasks that wait.
    Deadlock(Vec<String>),
}

/// A run that is under way.
#[derive(Debug)]
pub(crate) struct Run {
    /// The root task's key.
    pub(crate) root: usize,
    /// The instant past which it times out, where it is limited.
    pub(crate) limit: Option<u64>,
    pub(crate) outcome: Option<Outcome>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phase {
    Open,
    /// Blocked polls are being let out; nothing new begins.
    Closing,
    /// A thread that comes out of a poll ends.
    Closed,
}

pub(crate) struct State {
    pub(crate) phase: Phase,
    pub(crate) run: Option<Run>,
    pub(crate) live: Live,
    pub(crate) work: Work,
    pub(crate) ready: VecDeque<Arc<dyn Job>>,
    /// Blocking calls that have not begun.
    pub(crate) calls: VecDeque<Arc<dyn Job>>,
    /// Polls whose block is over: they hold a worker, or a blocking thread.
    pub(crate) resumable: VecDeque<Arc<Seat>>,
    pub(crate) agenda: BTreeMap<Due, Event>,
    /// Who waits for a core, and for how long it wants it.
    pub(crate) spinners: VecDeque<(Arc<Seat>, u64)>,
    pub(crate) free_workers: usize,
    pub(crate) free_cores: usize,
    pub(crate) free_threads: usize,
    rng: Option<fastrand::Rng>,
    /// Polls in a row that ended with the task waking itself and did nothing else.
    pub(crate) idle_polls: u64,
    pub(crate) polls_at_instant: u64,
    pub(crate) patience: u64,
    /// Simulator threads that wait for an order.
    pub(crate) idle: Vec<Arc<Seat>>,
    pub(crate) threads: usize,
    pub(crate) handles: Vec<JoinHandle<()>>,
}

impl State {
    pub(crate) fn new(config: &Config) -> Self {
        let workers = if config.worker_per_task {
            UNLIMITED
        } else {
            config.workers.get()
        };
        State {
            phase: Phase::Open,
            run: None,
            live: Live::default(),
            work: Work::default(),
            ready: VecDeque::new(),
            calls: VecDeque::new(),
            resumable: VecDeque::new(),
            agenda: BTreeMap::new(),
            spinners: VecDeque::new(),
            free_workers: workers,
            free_cores: config.cores.map_or(workers, |cores| cores.get()),
            free_threads: config
                .blocking_threads
                .map_or(BLOCKING_THREADS, |threads| threads.get()),
            rng: config.seed.map(fastrand::Rng::with_seed),
            idle_polls: 0,
            polls_at_instant: 0,
            patience: PATIENCE,
            idle: Vec::new(),
            threads: 0,
            handles: Vec::new(),
        }
    }

    /// Decides what happens next, and moves the clock where nothing can at this instant.
    pub(crate) fn next(&mut self, clock: &Clock) -> Next {
        let running = self.run.as_ref().is_some_and(|run| run.outcome.is_none());
        if !self.is_open() || !running {
            return Next::Halt;
        }
        if let Some(seat) = self.resumable.pop_front() {
            return Next::Resume(seat);
        }
        if self.out_of_patience() {
            return self.halt(Outcome::TimedOut);
        }
        if !self.stands_still()
            && let Some(job) = self.launch()
        {
            self.polls_at_instant += 1;
            return Next::Run(job);
        }
        self.advance(clock)
    }

    pub(crate) fn is_open(&self) -> bool {
        self.phase == Phase::Open
    }

    pub(crate) fn begin(&mut self, run: Run) {
        self.run = Some(run);
        self.polls_at_instant = 0;
    }

    /// Ends the run that is under way.
    pub(crate) fn halt(&mut self, outcome: Outcome) -> Next {
        if let Some(run) = &mut self.run {
            run.outcome = Some(outcome);
        }
        Next::Halt
    }

    /// Queues a task or a call; gives it back where nothing runs any more.
    #[must_use = "what is given back is dropped after the lock"]
    pub(crate) fn enqueue(&mut self, job: Arc<dyn Job>) -> Option<Arc<dyn Job>> {
        if !self.is_open() {
            return Some(job);
        }
        match job.header().place {
            Place::Pool => self.calls.push_back(job),
            _ => self.ready.push_back(job),
        }
        None
    }

    /// As [`enqueue`](State::enqueue), for a task that something else woke or spawned.
    #[must_use = "what is given back is dropped after the lock"]
    pub(crate) fn stir(&mut self, job: Arc<dyn Job>) -> Option<Arc<dyn Job>> {
        self.idle_polls = 0;
        self.enqueue(job)
    }

    /// Frees what a poll held; gives back what is to be dropped after the lock.
    #[must_use = "what is given back is dropped after the lock"]
    pub(crate) fn settle(&mut self, place: Place, after: After) -> Option<Arc<dyn Job>> {
        match place {
            Place::Pool => self.free_threads += 1,
            _ => self.free_workers += 1,
        }
        match after {
            After::Waiting => None,
            After::Again(job) => {
                self.idle_polls += 1;
                self.enqueue(job)
            }
            After::Ended(key) => {
                self.idle_polls = 0;
                if let Some(run) = self.run.as_mut().filter(|run| run.root == key) {
                    run.outcome.get_or_insert(Outcome::Ended);
                }
                self.live.remove(key)
            }
        }
    }

    fn launch(&mut self) -> Option<Arc<dyn Job>> {
        if self.free_threads > 0
            && let Some(call) = self.calls.pop_front()
        {
            self.free_threads -= 1;
            return Some(call);
        }
        if self.free_workers == 0 || self.ready.is_empty() {
            return None;
        }
        self.free_workers -= 1;
        match &mut self.rng {
            None => self.ready.pop_front(),
            Some(rng) => self.ready.swap_remove_back(rng.usize(..self.ready.len())),
        }
    }
}
