//! What takes time: blocks and spins begin, the clock moves, what is due comes about.

use std::sync::Arc;
use std::task::Waker;
use std::time::Duration;

use crate::baton::{Place, Seat};
use crate::clock::{Clock, NEVER};
use crate::state::{Next, Outcome, State};
use crate::task::Job;

/// What is due at an instant.
#[derive(Debug)]
pub(crate) enum Event {
    /// A sleep is over.
    Wake(Waker),
    /// A block is over.
    Unblock(Arc<Seat>),
    /// A spin is over, and its core is free.
    EndSpin(Arc<Seat>),
}

impl State {
    /// Moves the clock to the next instant at which something is due, and lets
    /// all of it come about before anything runs.
    pub(crate) fn advance(&mut self, clock: &Clock) -> Next {
        let Some(at) = self.next_instant() else {
            let waiting = self.live.waiting();
            return self.halt(Outcome::Deadlock(waiting));
        };
        let limit = self.run.as_ref().and_then(|run| run.limit);
        if let Some(limit) = limit.filter(|limit| at > *limit) {
            clock.move_to(limit);
            return self.halt(Outcome::TimedOut);
        }
        self.idle_polls = 0;
        self.polls_at_instant = 0;
        clock.move_to(at);
        Next::Wake(self.fire(clock, at))
    }

    fn fire(&mut self, clock: &Clock, at: u64) -> Vec<Waker> {
        let mut wakers = Vec::new();
        while let Some(entry) = self.agenda.first_entry() {
            if entry.key().0 > at {
                break;
            }
            match entry.remove() {
                Event::Wake(waker) => wakers.push(waker),
                Event::Unblock(seat) => self.resumable.push_back(seat),
                Event::EndSpin(seat) => {
                    self.resumable.push_back(seat);
                    self.free_cores += 1;
                    self.start_spinner(clock);
                }
            }
        }
        wakers
    }

    /// The next instant at which something is due, if there is one.
    pub(crate) fn next_instant(&self) -> Option<u64> {
        let (&(at, _), _) = self.agenda.first_key_value()?;
        (at != NEVER).then_some(at)
    }

    /// Puts the poll on `seat` to rest for `span`, holding what it holds, and a
    /// core besides where it spins.
    pub(crate) fn occupy(&mut self, clock: &Clock, seat: &Arc<Seat>, span: u64, spins: bool) {
        let charge = |sum: &mut Duration| *sum = sum.saturating_add(Duration::from_nanos(span));
        self.idle_polls = 0;
        if seat.place() == Place::Worker {
            charge(&mut self.work.workers);
        }
        if !spins {
            let event = Event::Unblock(Arc::clone(seat));
            self.agenda.insert(clock.due_in(span), event);
            return;
        }
        charge(&mut self.work.cores);
        self.spinners.push_back((Arc::clone(seat), span));
        self.start_spinner(clock);
    }

    fn start_spinner(&mut self, clock: &Clock) {
        if self.free_cores == 0 {
            return;
        }
        if let Some((seat, span)) = self.spinners.pop_front() {
            self.free_cores -= 1;
            self.agenda.insert(clock.due_in(span), Event::EndSpin(seat));
        }
    }

    /// Undoes the launch of `job` and the rest of `seat`, for which there was no thread.
    pub(crate) fn undo(&mut self, clock: &Clock, job: Arc<dyn Job>, seat: &Arc<Seat>) {
        match job.header().place {
            Place::Pool => {
                self.free_threads += 1;
                self.calls.push_front(job);
            }
            _ => {
                self.free_workers += 1;
                self.ready.push_front(job);
            }
        }
        self.spinners.retain(|(other, _)| !Arc::ptr_eq(other, seat));
        let its_own = self.agenda.iter().find_map(|(due, event)| match event {
            Event::Unblock(other) | Event::EndSpin(other) => {
                Arc::ptr_eq(other, seat).then_some(*due)
            }
            Event::Wake(_) => None,
        });
        let event = its_own.and_then(|due| self.agenda.remove(&due));
        if let Some(Event::EndSpin(_)) = event {
            self.free_cores += 1;
            self.start_spinner(clock);
        }
    }

    /// Every poll that rests, in the order in which it would have gone on.
    pub(crate) fn take_resting(&mut self) -> Vec<Arc<Seat>> {
        let mut seats: Vec<_> = self.resumable.drain(..).collect();
        self.agenda.retain(|_, event| match event {
            Event::Wake(_) => true,
            Event::Unblock(seat) | Event::EndSpin(seat) => {
                seats.push(Arc::clone(seat));
                false
            }
        });
        seats.extend(self.spinners.drain(..).map(|(seat, _)| seat));
        seats
    }
}
