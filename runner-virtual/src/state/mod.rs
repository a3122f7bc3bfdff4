//! The simulator's state and its rules: bookkeeping alone, no thread and no user code.
//!
//! Everything here happens under one mutex, so nothing here may wake, poll or
//! drop anything that a user wrote: it is handed out instead.

mod deadlock;
pub(crate) mod event_queue;
pub(crate) mod livelock;
pub(crate) mod threads;
pub(crate) mod workers;

use std::collections::VecDeque;
use std::sync::Arc;
use std::task::Waker;
use std::time::Duration;

use pollmark_core::{Config, Work};

use event_queue::EventQueue;
use livelock::Livelock;
use threads::Threads;
use workers::Workers;

use crate::clock::Clock;
use crate::foreign::Foreign;
use crate::handover::SimThread;
use crate::task::job::{After, Job};
use crate::task::registry::Registry;
use crate::task::resource::Resource;

/// The cap of the blocking pool if [`Config::blocking_threads`] is `None`: tokio's own.
pub const BLOCKING_THREADS: usize = 512;

/// The next step of the simulator.
pub(crate) enum Next {
    /// Run this task or call for one poll.
    Run(Arc<dyn Job>),
    /// Go on inside the poll that blocked on this thread.
    Resume(Arc<SimThread>),
    /// The clock moved: wake these, then ask again.
    Wake(Vec<Waker>),
    /// Nothing happens any more at this instant: let time pass, then ask again.
    PassTime,
    /// Nothing: no run is under way, or it has its outcome.
    Halt,
}

/// The way in which a run came to its end.
#[derive(Debug)]
pub(crate) enum Outcome {
    Ended,
    TimedOut,
    /// With the names of the tasks that wait.
    Deadlock(Vec<String>),
    /// Polls wait for other threads inside; the description of the deadlock.
    Stuck(String),
}

/// A run that is under way.
#[derive(Debug)]
pub(crate) struct Run {
    /// The root task's key.
    pub(crate) root: usize,
    /// The instant past which a limited run times out.
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
    pub(crate) registry: Registry,
    pub(crate) work: Work,
    pub(crate) events: EventQueue,
    pub(crate) livelock: Livelock,
    pub(crate) threads: Threads,
    pub(crate) foreign: Foreign,
    /// The number of decisions so far.
    pub(crate) steps: u64,
    pub(crate) workers: Workers,
    /// Blocking calls that have not begun.
    calls: VecDeque<Arc<dyn Job>>,
    /// Polls that are at the end of their block: they hold a worker, or a blocking thread.
    resumable: VecDeque<Arc<SimThread>>,
    free_blocking_threads: usize,
}

impl State {
    /// The state of a simulator that has at most `max_threads` OS threads.
    pub(crate) fn new(config: &Config, max_threads: usize) -> Self {
        // As many cores as there are workers.
        let cores = match config.worker_per_task {
            true => workers::UNLIMITED,
            false => config.workers.get(),
        };
        State {
            phase: Phase::Open,
            run: None,
            registry: Registry::default(),
            work: Work::default(),
            events: EventQueue::new(config.cores.map_or(cores, |cores| cores.get())),
            livelock: Livelock::new(),
            threads: Threads::new(max_threads),
            foreign: Foreign::new(),
            steps: 0,
            workers: Workers::new(config),
            calls: VecDeque::new(),
            resumable: VecDeque::new(),
            free_blocking_threads: config
                .blocking_threads
                .map_or(BLOCKING_THREADS, |threads| threads.get()),
        }
    }

    /// Decides on the next step.
    pub(crate) fn next(&mut self) -> Next {
        self.steps += 1;
        if !self.is_open() || !self.is_running() {
            return Next::Halt;
        }
        if let Some(thread) = self.resumable.pop_front() {
            self.threads.in_control = Some(Arc::clone(&thread));
            return Next::Resume(thread);
        }
        if self.livelock.is_out_of_patience() && self.limit().is_some() {
            return self.halt(Outcome::TimedOut);
        }
        if !self.only_yields()
            && let Some(job) = self.launch()
        {
            self.livelock.poll_begins();
            return Next::Run(job);
        }
        Next::PassTime
    }

    /// Whether a run is under way.
    pub(crate) fn is_running(&self) -> bool {
        self.run.as_ref().is_some_and(|run| run.outcome.is_none())
    }

    pub(crate) fn is_open(&self) -> bool {
        self.phase == Phase::Open
    }

    pub(crate) fn begin(&mut self, run: Run) {
        self.run = Some(run);
        self.foreign.run_begins();
        self.livelock.run_begins();
    }

    /// Queues a task that something else woke or spawned; gives it back if the
    /// simulator has shut down.
    #[must_use = "a task that is given back is dropped after the lock"]
    pub(crate) fn stir(&mut self, job: Arc<dyn Job>) -> Option<Arc<dyn Job>> {
        self.livelock.poll_worked();
        self.enqueue(job)
    }

    /// Frees the resource that a poll held; gives back a task that is to be dropped after
    /// the lock.
    #[must_use = "a task that is given back is dropped after the lock"]
    pub(crate) fn settle(&mut self, resource: Resource, after: After) -> Option<Arc<dyn Job>> {
        self.free(resource);
        match after {
            After::Waiting => None,
            After::Again(job) => {
                self.livelock.poll_yielded();
                self.enqueue(job)
            }
            After::Ended(key) => {
                self.livelock.poll_worked();
                if let Some(run) = self.run.as_mut().filter(|run| run.root == key) {
                    run.outcome.get_or_insert(Outcome::Ended);
                }
                self.registry.remove(key)
            }
        }
    }

    /// Puts the poll on `thread` to rest for `span`. It keeps its worker or blocking
    /// thread, and holds a core besides if it spins.
    pub(crate) fn occupy(
        &mut self,
        clock: &Clock,
        thread: &Arc<SimThread>,
        span: u64,
        spins: bool,
    ) {
        let charge = |sum: &mut Duration| *sum = sum.saturating_add(Duration::from_nanos(span));
        self.livelock.poll_worked();
        if let Resource::Worker(_) = thread.resource() {
            charge(&mut self.work.workers);
        }
        if spins {
            charge(&mut self.work.cores);
            self.events.spin(clock, thread, span);
        } else {
            self.events.block(clock, thread, span);
        }
    }

    /// Undoes the launch of `job` and the rest of `thread`: there was no other thread.
    pub(crate) fn undo(&mut self, clock: &Clock, job: Arc<dyn Job>, thread: &Arc<SimThread>) {
        let resource = job.header().resource;
        self.free(resource);
        match resource {
            Resource::Worker(group) => self.workers.push_front(group, job),
            _ => self.calls.push_front(job),
        }
        self.events.forget(clock, thread);
    }

    /// Every poll that rests, in the order in which it would have gone on.
    pub(crate) fn take_resting(&mut self) -> Vec<Arc<SimThread>> {
        let mut threads: Vec<_> = self.resumable.drain(..).collect();
        threads.append(&mut self.events.take_threads());
        threads
    }

    /// Removes every task and call that is queued.
    #[must_use = "a task that is given back is dropped after the lock"]
    pub(crate) fn take_queued(&mut self) -> Vec<Arc<dyn Job>> {
        let mut queued = self.workers.take_queued();
        queued.extend(self.calls.drain(..));
        queued
    }

    /// Queues a task or a call; gives it back if the simulator has shut down.
    #[must_use = "a task that is given back is dropped after the lock"]
    fn enqueue(&mut self, job: Arc<dyn Job>) -> Option<Arc<dyn Job>> {
        if !self.is_open() {
            return Some(job);
        }
        match job.header().resource {
            Resource::Worker(group) => self.workers.push_back(group, job),
            _ => self.calls.push_back(job),
        }
        None
    }

    fn launch(&mut self) -> Option<Arc<dyn Job>> {
        if self.free_blocking_threads > 0
            && let Some(call) = self.calls.pop_front()
        {
            self.free_blocking_threads -= 1;
            return Some(call);
        }
        self.workers.launch()
    }

    fn free(&mut self, resource: Resource) {
        match resource {
            Resource::Worker(group) => self.workers.free(group),
            _ => self.free_blocking_threads += 1,
        }
    }

    /// Whether everything that is ready only yields, and time could pass instead.
    fn only_yields(&self) -> bool {
        self.livelock.only_yields(self.workers.ready(), || {
            let next = self.events.next_instant();
            next.is_some_and(|at| self.limit().is_none_or(|limit| at <= limit))
        })
    }

    /// Moves the clock to the next instant at which something is due, and fires all of it
    /// before anything runs.
    pub(crate) fn advance(&mut self, clock: &Clock) -> Next {
        let is_late = |limit: u64| clock.is_tied() && clock.now() >= limit;
        let Some(at) = self.events.next_instant() else {
            let outcome = match self.limit().is_some_and(is_late) {
                true => Outcome::TimedOut,
                false => self.deadlock(),
            };
            return self.halt(outcome);
        };
        // A clock that is tied to real time may be late.
        let at = at.max(clock.now());
        if let Some(limit) = self.limit().filter(|limit| at > *limit) {
            clock.move_to(limit);
            return self.halt(Outcome::TimedOut);
        }
        self.livelock.time_passes();
        clock.move_to(at);
        Next::Wake(self.events.fire(clock, at, &mut self.resumable))
    }

    /// The limit of the run that is under way.
    pub(crate) fn limit(&self) -> Option<u64> {
        self.run.as_ref().and_then(|run| run.limit)
    }

    /// Ends the run that is under way.
    pub(crate) fn halt(&mut self, outcome: Outcome) -> Next {
        if let Some(run) = &mut self.run {
            run.outcome = Some(outcome);
        }
        Next::Halt
    }
}
