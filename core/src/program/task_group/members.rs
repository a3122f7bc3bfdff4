//! The children of a group that it still has to await.

use std::collections::VecDeque;
use std::mem;
use std::sync::{Mutex, MutexGuard, PoisonError};

use event_listener::Event;

use crate::program::until::until;
use crate::runtime::name::Name;
use crate::runtime::{JoinHandle, Runtime};

/// A child, and the right to await it.
pub(super) struct Member<R: Runtime> {
    /// Its place in the order of spawning.
    pub(super) number: usize,
    pub(super) name: Name,
    pub(super) handle: R::JoinHandle<()>,
}

/// The members that nobody awaits yet. Nothing of the user's runs under its lock:
/// a future that is dropped by a spawn may spawn itself.
pub(super) struct Members<R: Runtime> {
    state: Mutex<State<R>>,
    /// Somebody arrived, or will not come.
    arrived: Event,
}

struct State<R: Runtime> {
    stage: Stage,
    /// How many children there have been: the next one's number.
    spawned: usize,
    /// Members that were announced and have not arrived. A group does not end
    /// before they have, so that none slips past its end.
    expected: usize,
    waiting: VecDeque<Member<R>>,
}

/// Whether more than half of `waiting` members must have ended, where at most
/// `alive` have not, and it is worth the while to look for them.
pub(super) fn is_crowded(waiting: usize, alive: usize) -> bool {
    /// So many that have ended are no matter.
    const SPARE: usize = 64;
    waiting > 2 * alive + SPARE
}

#[derive(Clone, Copy, PartialEq)]
enum Stage {
    /// Takes children.
    Open,
    /// Takes no more, and those that were announced are awaited.
    Closed,
    /// Takes no more, and nobody awaits any.
    Abandoned,
}

impl<R: Runtime> Members<R> {
    /// Announces a child, unless no more are taken.
    pub(super) fn announce(&self) -> Option<Announced<'_, R>> {
        let mut state = self.lock();
        if state.stage != Stage::Open {
            return None;
        }
        let number = state.spawned;
        state.spawned += 1;
        state.expected += 1;
        Some(Announced {
            members: self,
            number,
        })
    }

    /// The member that was not looked at for longest, where more than half of those
    /// that wait must have ended: at most `alive` of them have not. It is to come
    /// back if it has not ended either.
    pub(super) fn lend(&self, alive: usize) -> Option<(Announced<'_, R>, Member<R>)> {
        let mut state = self.lock();
        if state.stage != Stage::Open || !is_crowded(state.waiting.len(), alive) {
            return None;
        }
        let member = state.waiting.pop_front()?;
        state.expected += 1;
        let announced = Announced {
            members: self,
            number: member.number,
        };
        Some((announced, member))
    }

    /// All that wait, as soon as any does. None if no more will come: the group
    /// takes no children from then on.
    pub(super) async fn batch(&self) -> VecDeque<Member<R>> {
        loop {
            until(&self.arrived, || {
                let state = self.lock();
                !state.waiting.is_empty() || state.expected == 0
            })
            .await;
            let mut state = self.lock();
            if !state.waiting.is_empty() {
                return mem::take(&mut state.waiting);
            }
            // Another may have been announced meanwhile.
            if state.expected == 0 {
                state.close();
                return VecDeque::new();
            }
        }
    }

    /// Takes no more children from now on.
    pub(super) fn close(&self) {
        self.lock().close();
    }

    /// Takes no more children from now on, and asks those that wait, and those
    /// that are yet to arrive, to end.
    pub(super) fn abandon(&self) {
        let members = {
            let mut state = self.lock();
            state.stage = Stage::Abandoned;
            mem::take(&mut state.waiting)
        };
        for member in members {
            member.handle.abort();
        }
    }

    /// One that was announced is here, or will not come. Gives how many wait.
    fn settle(&self, member: Option<Member<R>>) -> usize {
        let (unwanted, waiting) = {
            let mut state = self.lock();
            state.expected -= 1;
            let unwanted = if state.stage == Stage::Abandoned {
                member
            } else {
                state.waiting.extend(member);
                None
            };
            (unwanted, state.waiting.len())
        };
        self.arrived.notify(usize::MAX);
        if let Some(member) = unwanted {
            member.handle.abort();
        }
        waiting
    }

    fn lock(&self) -> MutexGuard<'_, State<R>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<R: Runtime> State<R> {
    fn close(&mut self) {
        if self.stage == Stage::Open {
            self.stage = Stage::Closed;
        }
    }
}

impl<R: Runtime> Default for Members<R> {
    fn default() -> Self {
        Members {
            state: Mutex::new(State {
                stage: Stage::Open,
                spawned: 0,
                expected: 0,
                waiting: VecDeque::new(),
            }),
            arrived: Event::new(),
        }
    }
}

/// A member whom the group expects. Dropped, it will not come.
pub(super) struct Announced<'a, R: Runtime> {
    members: &'a Members<R>,
    number: usize,
}

impl<R: Runtime> Announced<'_, R> {
    /// The place in the order of spawning.
    pub(super) fn number(&self) -> usize {
        self.number
    }

    /// Hands the member over to the group. Gives how many wait with it.
    pub(super) fn arrive(self, name: Name, handle: R::JoinHandle<()>) -> usize {
        let member = Member {
            number: self.number,
            name,
            handle,
        };
        let waiting = self.members.settle(Some(member));
        mem::forget(self);
        waiting
    }
}

impl<R: Runtime> Drop for Announced<'_, R> {
    fn drop(&mut self) {
        self.members.settle(None);
    }
}
