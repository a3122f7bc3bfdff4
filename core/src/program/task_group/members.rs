//! The children that a group still has to await.

use std::collections::VecDeque;
use std::mem;
use std::sync::{Mutex, MutexGuard, PoisonError};

use event_listener::Event;

use crate::program::until::until;
use crate::runtime::name::Name;
use crate::runtime::{JoinHandle, Runtime};

/// A child, and the right to await it.
pub(super) struct Member<R: Runtime> {
    /// Its number in the order of spawning.
    pub(super) number: usize,
    pub(super) name: Name,
    pub(super) handle: R::JoinHandle<()>,
}

/// The members that are not being awaited yet. No user code runs under its lock: a future that is
/// dropped by a spawn may itself spawn.
pub(super) struct Members<R: Runtime> {
    state: Mutex<State<R>>,
    /// Notified when a member arrived, or turned out not to come.
    arrived: Event,
}

struct State<R: Runtime> {
    stage: Stage,
    /// The number of children so far, which is the number of the next one.
    spawned: usize,
    /// Members that were announced and have not arrived. A group does not end before they have, so
    /// that none slips past its end.
    expected: usize,
    waiting: VecDeque<Member<R>>,
}

/// Whether more than half of the `waiting` members must have ended, given that at most `alive` have
/// not, and whether looking for them is worth the effort.
pub(super) fn is_crowded(waiting: usize, alive: usize) -> bool {
    /// This many ended members may stay without harm.
    const SPARE: usize = 64;
    waiting > 2 * alive + SPARE
}

#[derive(Clone, Copy, PartialEq)]
enum Stage {
    /// Accepts children.
    Open,
    /// Accepts no more children; those that were announced are still awaited.
    Closed,
    /// Accepts no more children, and those that are left are not awaited.
    Abandoned,
}

impl<R: Runtime> Members<R> {
    /// Announces a child, unless the group accepts no more.
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

    /// The member that was looked at longest ago, if more than half of the waiting members must
    /// have ended, given that at most `alive` have not. The caller hands it back if it has not
    /// ended either.
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

    /// All waiting members, as soon as there are any. Empty if no more will come: the group accepts
    /// no children from then on.
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
            // Another member may have been announced in the meantime.
            if state.expected == 0 {
                state.close();
                return VecDeque::new();
            }
        }
    }

    /// Accepts no more children from now on.
    pub(super) fn close(&self) {
        self.lock().close();
    }

    /// Accepts no more children from now on, and asks those that wait, and those that are yet to
    /// arrive, to end.
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

    /// Records that an announced member has arrived, or will not come. Returns the number of
    /// waiting members.
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

/// A member that the group expects. If this is dropped, the member will not come.
pub(super) struct Announced<'a, R: Runtime> {
    members: &'a Members<R>,
    number: usize,
}

impl<R: Runtime> Announced<'_, R> {
    /// The number in the order of spawning.
    pub(super) fn number(&self) -> usize {
        self.number
    }

    /// Hands the member over to the group. Returns the number of members that now wait.
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
