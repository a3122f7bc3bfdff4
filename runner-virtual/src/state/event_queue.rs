//! The event queue: schedules sleeps, blocks and spins, and fires those of the next instant.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::task::Waker;

use crate::clock::{Clock, Due, NEVER};
use crate::handover::SimThread;

/// Something that happens at an instant.
#[derive(Debug)]
pub(crate) enum Event {
    /// A sleep is over.
    Wake(Waker),
    /// A block is over.
    Unblock(Arc<SimThread>),
    /// A spin is over, and its core is free.
    EndSpin(Arc<SimThread>),
}

/// The events to come, and the polls that wait for a core.
pub(crate) struct EventQueue {
    events: BTreeMap<Due, Event>,
    /// The threads that wait for a core, and the time for which each wants it.
    spinners: VecDeque<(Arc<SimThread>, u64)>,
    free_cores: usize,
}

impl EventQueue {
    pub(crate) fn new(cores: usize) -> Self {
        EventQueue {
            events: BTreeMap::new(),
            spinners: VecDeque::new(),
            free_cores: cores,
        }
    }

    /// The next instant at which something is due, if there is one.
    pub(crate) fn next_instant(&self) -> Option<u64> {
        let (&(at, _), _) = self.events.first_key_value()?;
        (at != NEVER).then_some(at)
    }

    /// Fires everything that is due at `at`, the clock's new instant: appends the threads
    /// that are at the end of a block or spin to `resumable`, and returns the wakers of the sleeps.
    pub(crate) fn fire(
        &mut self,
        clock: &Clock,
        at: u64,
        resumable: &mut VecDeque<Arc<SimThread>>,
    ) -> Vec<Waker> {
        let mut wakers = Vec::new();
        while let Some(entry) = self.events.first_entry() {
            if entry.key().0 > at {
                break;
            }
            match entry.remove() {
                Event::Wake(waker) => wakers.push(waker),
                Event::Unblock(thread) => resumable.push_back(thread),
                Event::EndSpin(thread) => {
                    resumable.push_back(thread);
                    self.free_cores += 1;
                    self.start_spinner(clock);
                }
            }
        }
        wakers
    }

    /// Registers a sleep; returns the event that it replaces.
    #[must_use = "a waker is dropped after the lock"]
    pub(crate) fn sleep(&mut self, due: Due, waker: Waker) -> Option<Event> {
        self.events.insert(due, Event::Wake(waker))
    }

    /// Removes a sleep and returns its event.
    #[must_use = "a waker is dropped after the lock"]
    pub(crate) fn cancel_sleep(&mut self, due: &Due) -> Option<Event> {
        self.events.remove(due)
    }

    /// Begins a block of `span` on `thread`.
    pub(crate) fn block(&mut self, clock: &Clock, thread: &Arc<SimThread>, span: u64) {
        let event = Event::Unblock(Arc::clone(thread));
        self.events.insert(clock.due_in(span), event);
    }

    /// Begins a spin of `span` on `thread`, once a core is free.
    pub(crate) fn spin(&mut self, clock: &Clock, thread: &Arc<SimThread>, span: u64) {
        self.spinners.push_back((Arc::clone(thread), span));
        self.start_spinner(clock);
    }

    fn start_spinner(&mut self, clock: &Clock) {
        if self.free_cores == 0 {
            return;
        }
        if let Some((thread, span)) = self.spinners.pop_front() {
            self.free_cores -= 1;
            self.events
                .insert(clock.due_in(span), Event::EndSpin(thread));
        }
    }

    /// Ends the block or spin of `thread`, as if it had not begun.
    pub(crate) fn forget(&mut self, clock: &Clock, thread: &Arc<SimThread>) {
        self.spinners
            .retain(|(other, _)| !Arc::ptr_eq(other, thread));
        let its_own = self.events.iter().find_map(|(due, event)| match event {
            Event::Unblock(other) | Event::EndSpin(other) => {
                Arc::ptr_eq(other, thread).then_some(*due)
            }
            Event::Wake(_) => None,
        });
        let event = its_own.and_then(|due| self.events.remove(&due));
        if let Some(Event::EndSpin(_)) = event {
            self.free_cores += 1;
            self.start_spinner(clock);
        }
    }

    /// Removes every block and spin and returns the threads, in the order in which they
    /// would have gone on.
    pub(crate) fn take_threads(&mut self) -> Vec<Arc<SimThread>> {
        let mut threads = Vec::new();
        self.events.retain(|_, event| match event {
            Event::Wake(_) => true,
            Event::Unblock(thread) | Event::EndSpin(thread) => {
                threads.push(Arc::clone(thread));
                false
            }
        });
        threads.extend(self.spinners.drain(..).map(|(thread, _)| thread));
        threads
    }

    /// Removes all events and returns the wakers of the sleeps.
    pub(crate) fn take_wakers(&mut self) -> Vec<Waker> {
        std::mem::take(&mut self.events)
            .into_values()
            .filter_map(|event| match event {
                Event::Wake(waker) => Some(waker),
                Event::Unblock(_) | Event::EndSpin(_) => None,
            })
            .collect()
    }
}
