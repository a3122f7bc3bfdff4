//! The loop: carries out the decisions of the state, outside its mutex.

use std::fmt;
use std::future::Future;
use std::io;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use pollmark_core::support::{contain, lock};
use pollmark_core::time::nanos;
use pollmark_core::{Config, Name};

use crate::clock::Clock;
use crate::foreign::threads::{self, NAME};
use crate::handover::{Order, SimId, SimThread};
use crate::state::threads::MAX_THREADS;
use crate::state::{Next, Outcome, Phase, Run, State};
use crate::task::Task;
use crate::task::header::Header;
use crate::task::job::{After, Job, Schedule};
use crate::task::resource::Resource;
use crate::unwind::leave_poll;

/// A discrete-event simulator of a work-conserving scheduler.
pub(crate) struct Sim {
    pub(crate) clock: Clock,
    state: Mutex<State>,
    /// Told when a driver halts or ends.
    halted: Condvar,
    /// Told when something happens that the thread in control did not bring about.
    pub(crate) stirred: Condvar,
}

/// The next step of the thread in control.
enum Step {
    Run(Arc<dyn Job>),
    Resume(Arc<SimThread>),
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
            state: Mutex::new(State::new(config, max_threads)),
            halted: Condvar::new(),
            stirred: Condvar::new(),
        })
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }

    /// The calling thread, if it is inside a poll or a call of this simulator.
    pub(crate) fn current_thread(&self) -> Option<Arc<SimThread>> {
        SimThread::current(SimId::of(self))
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

    /// Spawns a task, or a call if `resource` is the pool. After the shutdown it
    /// has ended at once.
    pub(crate) fn spawn<F>(
        self: &Arc<Self>,
        resource: Resource,
        name: Option<Name>,
        future: F,
    ) -> Arc<Task<F, Sim>>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        let future = Box::pin(future);
        let mut state = self.lock();
        if !state.is_open() {
            drop(state);
            drop(future);
            return Task::refused(self, resource);
        }
        let resource = state.workers.place(resource);
        let task = state.registry.enter(|key, number| {
            Task::queued(self, Header::queued(key, number, resource, name), future)
        });
        let refused = state.stir(Arc::<Task<F, Sim>>::clone(&task));
        self.notice_others(state);
        drop(refused);
        task
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
        self.hand_over(&driver, None);
        self.watch();
        self.clock.untie();
        let mut state = self.look_at_the_end();
        // A poll that control had gone on without may have ended the run in the midst of another.
        state.threads.take_control(None);
        let run = state.run.take();
        drop(state);
        Ok(run
            .and_then(|run| run.outcome)
            .expect("the outcome was waited for"))
    }

    /// Keeps the worker or blocking thread of the calling poll for `duration`, and a core
    /// if it `spins`. Returns at once on a thread that is inside no poll of this simulator.
    pub(crate) fn occupy(self: &Arc<Self>, duration: Duration, spins: bool) {
        if duration.is_zero() {
            return;
        }
        let Some(thread) = self.current_thread() else {
            return;
        };
        let mut state = self.lock();
        if !state.is_open() {
            drop(state);
            return leave_poll();
        }
        state.occupy(&self.clock, &thread, nanos(duration), spins);
        if state.comes_back(&thread) {
            drop(state);
            self.stirred.notify_all();
            thread.wait();
            return;
        }
        drop(state);
        self.rest(&thread);
    }

    /// Hands control over until the block of the calling `thread` ends. If nothing else
    /// happens before that, control stays on this thread.
    fn rest(self: &Arc<Self>, thread: &Arc<SimThread>) {
        match self.next(None, None) {
            Step::Resume(other) if Arc::ptr_eq(&other, thread) => return,
            Step::Resume(other) => other.give(Order::Resume),
            Step::Halt | Step::Exit => {}
            Step::Run(job) => match self.driver() {
                Ok(driver) => self.hand_over(&driver, Some(job)),
                Err(error) => {
                    self.lock().undo(&self.clock, job, thread);
                    // A panic while panicking would abort: then the block is cut short.
                    if thread::panicking() {
                        return;
                    }
                    panic!("no thread to go on with while this one blocks: {error}");
                }
            },
        }
        thread.wait();
    }

    /// Gives control to `driver`, which runs `job` first if there is one.
    pub(crate) fn hand_over(&self, driver: &Arc<SimThread>, job: Option<Arc<dyn Job>>) {
        self.lock().threads.in_control = Some(Arc::clone(driver));
        driver.give(Order::Drive(job));
    }

    /// A thread that waits for an order: an idle one, else a new one.
    pub(crate) fn driver(self: &Arc<Self>) -> io::Result<Arc<SimThread>> {
        let mut state = self.lock();
        if let Some(thread) = state.threads.idle.pop() {
            return Ok(thread);
        }
        state.threads.reserve()?;
        drop(state);
        let thread = SimThread::new(SimId::of(&**self));
        let (sim, own) = (Arc::clone(self), Arc::clone(&thread));
        threads::starts();
        let started = thread::Builder::new()
            .name(NAME.into())
            .spawn(move || sim.work_on(&own));
        let mut state = self.lock();
        match started {
            Ok(handle) => state.threads.handles.push(handle),
            Err(error) => {
                threads::was_refused();
                state.threads.release();
                return Err(error);
            }
        }
        Ok(thread)
    }

    /// The life of a simulator thread.
    fn work_on(self: &Arc<Self>, thread: &Arc<SimThread>) {
        let entered = thread.enter();
        loop {
            match thread.wait() {
                Order::Drive(job) => {
                    if !self.drive(thread, job) {
                        break;
                    }
                }
                Order::Sweep(remains) => {
                    remains.sweep();
                    break;
                }
                Order::Exit | Order::Resume => break,
            }
        }
        drop(entered);
        self.lock().threads.release();
        self.halted.notify_all();
    }

    /// Drives until there is nothing to do for this thread; whether it is to
    /// wait for another order.
    fn drive(self: &Arc<Self>, thread: &Arc<SimThread>, mut job: Option<Arc<dyn Job>>) -> bool {
        loop {
            let settled = job.take().map(|job| {
                thread.job.store(job.header().key, Ordering::Relaxed);
                let resource = job.header().resource;
                (resource, thread.hold(resource, || job.run()))
            });
            match self.next(settled, Some(thread)) {
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
    /// is the thread that becomes idle if that step is another thread's.
    fn next(
        &self,
        mut settled: Option<(Resource, After)>,
        driver: Option<&Arc<SimThread>>,
    ) -> Step {
        loop {
            let mut state = self.lock();
            let left = settled
                .take()
                .and_then(|(resource, after)| state.settle(resource, after));
            // A thread without which control has gone on does not take it back.
            let is_back = driver.is_some_and(|thread| state.comes_back(thread));
            let mut next = if is_back { Next::Halt } else { state.next() };
            if matches!(next, Next::PassTime) {
                (state, next) = self.pass_time(state);
            }
            if !is_back && matches!(next, Next::Halt) {
                state.threads.in_control = None;
            }
            let closed = state.phase == Phase::Closed;
            if let (Next::Resume(_) | Next::Halt, Some(thread), false) = (&next, driver, closed) {
                state.threads.idle.push(Arc::clone(thread));
            }
            drop(state);
            drop(left);
            match next {
                Next::Run(job) => return Step::Run(job),
                Next::Resume(thread) => return Step::Resume(thread),
                Next::Wake(wakers) => SimThread::outside(|| {
                    for waker in wakers {
                        contain(|| waker.wake());
                    }
                }),
                Next::PassTime => {}
                Next::Halt => {
                    self.halted.notify_all();
                    self.stirred.notify_all();
                    return if closed { Step::Exit } else { Step::Halt };
                }
            }
        }
    }
}

impl Schedule for Sim {
    fn schedule(&self, job: Arc<dyn Job>) {
        let mut state = self.lock();
        let refused = state.stir(job);
        self.notice_others(state);
        drop(refused);
    }

    fn wakes_in_vain(&self) {
        if !SimThread::is_own(SimId::of(self)) {
            self.notice_others(self.lock());
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
