//! Waiting in real time: for things outside of the clock, and beside polls that wait for other
//! threads.

use std::sync::atomic::Ordering;
use std::sync::{Arc, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use super::idle::Idle;
use super::{LOOK, PATIENCE};
use crate::handover::{SimId, SimThread};
use crate::sim::Sim;
use crate::state::{Next, Outcome, State};

/// The time between two looks at the poll that is under way.
const TICK: Duration = Duration::from_millis(25);

/// How long a poll waits for another thread, while none uses the CPU, before the simulator goes
/// on without it: several looks, since a thread beside it may be about to end the wait.
const PARKED: Duration = Duration::from_millis(250);

/// How long it takes to see whether user code that ran beside the simulator waits again.
const MOMENT: Duration = Duration::from_millis(1);

impl Sim {
    /// Lets time pass until something happens: at once, or in real time if something outside
    /// of the clock may come first.
    pub(crate) fn pass_time<'a>(
        &'a self,
        mut state: MutexGuard<'a, State>,
    ) -> (MutexGuard<'a, State>, Next) {
        while let Some(pause) = self.pause(&mut state) {
            let waited = self.stirred.wait_timeout(state, pause);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
            match state.next() {
                Next::PassTime => {}
                next => {
                    state.foreign.stands_no_more();
                    return (state, next);
                }
            }
        }
        state.foreign.stands_no_more();
        let next = state.advance(&self.clock);
        (state, next)
    }

    /// How long to wait in real time before the clock moves; `None` if it may move at once.
    fn pause(&self, state: &mut State) -> Option<Duration> {
        let next = state.events.next_instant();
        let jumped = state.foreign.jumped;
        let is_there = match next {
            Some(_) if self.clock.is_tied() => true,
            Some(_) => state.foreign.is_there_at_a_jump(),
            None => state.foreign.may_act(),
        };
        if !is_there && state.foreign.is_unsure() {
            return Some(LOOK);
        }
        if is_there {
            // From the last jump on: a thread that started since then has used real time.
            self.clock.tie(jumped.elapsed());
        }
        let ends = [next, state.limit()].into_iter().flatten().min();
        let left = ends.map(|at| Duration::from_nanos(at.saturating_sub(self.clock.now())));
        let is_due = is_there && left.is_some_and(|left| left.is_zero());
        if !is_due && state.threads.away_moves() && !state.foreign.patience().is_zero() {
            return Some(MOMENT);
        }
        if !is_there {
            let waits = next.is_none() && !state.threads.away.is_empty();
            let is_over = !waits || {
                let own = state.threads.with_user_code();
                state.foreign.is_deadlock(own)
            };
            return (!is_over).then_some(TICK);
        }
        let pause = match (next, left) {
            (Some(_), Some(left)) => left,
            (_, left) => state.foreign.patience().min(left.unwrap_or(PATIENCE)),
        };
        (!pause.is_zero()).then_some(pause)
    }

    /// Tells the thread in control of a wake or a spawn that it did not bring about.
    pub(crate) fn notice_others(&self, mut state: MutexGuard<'_, State>) {
        let is_foreign = !SimThread::is_own(SimId::of(self));
        if is_foreign && state.is_running() {
            state.foreign.wakes();
        }
        let is_told = is_foreign || !state.threads.away.is_empty();
        drop(state);
        if is_told {
            self.stirred.notify_all();
        }
    }

    /// Waits for the outcome of the run that is under way, and goes on without a poll that
    /// waits for another thread: that may need the simulator to go on.
    pub(crate) fn watch(self: &Arc<Self>) {
        let (mut seen, mut since, mut idle) = (None, Instant::now(), None::<Idle>);
        while !self.wait_while_not(Some(TICK), |state| !state.is_running()) {
            let mut state = self.lock();
            let in_control = state.threads.in_control.clone();
            let call = in_control.as_ref().and_then(|thread| thread.parked());
            let now = call.map(|call| (state.steps, call));
            // Also for a thread that will have ended before the poll that waits for it.
            let may_act = state.foreign.lives();
            if now.is_none() {
                (seen, idle) = (None, None);
                continue;
            }
            let own = state.threads.with_user_code();
            let acting = Idle::begins(state.foreign.acting(own));
            if now != seen {
                (seen, since, idle) = (now, Instant::now(), Some(acting));
                continue;
            }
            let lasts = idle
                .as_mut()
                .map_or(Duration::ZERO, |idle| idle.lasts(acting));
            if let (Some(thread), Some((_, call))) = (in_control, now)
                && (since.elapsed() >= PATIENCE || !may_act && lasts >= PARKED)
            {
                let job = thread.job.load(Ordering::Relaxed);
                let name = state.registry.label(job).unwrap_or_default();
                state.foreign.note(|| {
                    format!("`{name}` waits inside of its poll or call for another thread")
                });
                state.threads.take_control(Some(call));
                drop(state);
                self.go_on();
                seen = None;
            }
        }
    }

    /// Looks at the threads at the end of a run, until it is known of each whether the program
    /// started it.
    pub(crate) fn look_at_the_end(&self) -> MutexGuard<'_, State> {
        loop {
            let mut state = self.lock();
            if state.foreign.lives() || !state.foreign.is_unsure() {
                return state;
            }
            drop(state);
            thread::sleep(LOOK);
        }
    }

    /// Hands control to a thread that has none.
    fn go_on(self: &Arc<Self>) {
        match self.driver() {
            Ok(driver) => self.hand_over(&driver, None),
            Err(error) => {
                let why = format!("no thread to go on with while a poll waits: {error}");
                self.lock().halt(Outcome::Stuck(why));
            }
        }
    }
}

impl State {
    /// Whether control had gone on without `thread`, which has come back.
    pub(crate) fn comes_back(&mut self, thread: &Arc<SimThread>) -> bool {
        let away = &mut self.threads.away;
        let count = away.len();
        away.retain(|(other, _)| !Arc::ptr_eq(other, thread));
        let is_back = away.len() < count;
        if is_back && self.is_running() {
            // Of this run there is a reason already.
            self.foreign
                .note(|| "a poll or call of an earlier run went on beside this one".to_owned());
        }
        is_back
    }
}
