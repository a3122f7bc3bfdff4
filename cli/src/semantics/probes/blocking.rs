//! Calls that block.

use std::num::NonZeroUsize;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

use anyhow::Result;

use crate::semantics::answer::Answer;
use crate::semantics::observe::Flag;
use crate::semantics::question::{Info, Side};
use crate::semantics::side::{Driven, Owns, Setup, Spawns};

/// More calls than any of the pools has threads.
const CALLS: usize = 700;

/// A pool that starts no thread for this long has started all that it wants.
const QUIET: Duration = Duration::from_millis(150);

pub(super) const BLOCKING_THREADS: Info = Info {
    id: "blocking-threads",
    title: "How many of 700 blocking calls run at a time?",
    why: "Calls beyond the cap wait: where they wait for each other, they wait \
          for ever.",
    how: "700 calls begin and wait until no thread has been added for 150 ms. \
          Through pollmark with the cap that `pollmark run` sets, 512.",
    rule: Some("blocking_cap_is_obeyed"),
    unit: Some("threads"),
    ..Info::PLAIN
};

pub(crate) fn pool_peak<O: Owns>(setup: Setup) -> Result<Answer> {
    let driven = Driven::<O>::start(setup)?;
    let (running, release) = (Arc::new(Running::default()), Flag::default());
    let calls: Vec<_> = (0..CALLS)
        .map(|_| {
            let (running, release) = (Arc::clone(&running), release.clone());
            driven.spawner.spawn_blocking(move || {
                running.one_more();
                // No call returns before all are counted, so each needs a thread of its own.
                release.wait();
            })
        })
        .collect();
    let peak = running.when_quiet(CALLS);
    release.raise();
    drop(calls);
    driven.end()?;
    let answer = if peak == CALLS {
        format!("all {CALLS}")
    } else {
        peak.to_string()
    };
    Ok(Answer::figure(answer, peak as u64))
}

pub(super) const BLOCKING_DROP: Info = Info {
    id: "blocking-drop",
    title: "Does dropping the handle of a queued blocking call stop it?",
    why: "A write that was handed to the pool and let go of is lost where the \
          drop takes it out of the queue.",
    how: "A pool of one thread is busy; another call is queued and its handle \
          dropped; then the thread is let go.",
    rule: Some("blocking_drop_detaches"),
    // So that the second call is queued.
    blocking_threads: NonZeroUsize::new(1),
    inapplicable: &[(
        Side::Native,
        "threads",
        "a thread is started at once and never queued",
    )],
    ..Info::PLAIN
};

pub(crate) fn dropped_call<O: Owns>(setup: Setup) -> Result<Answer> {
    let driven = Driven::<O>::start(setup)?;
    let [busy, release, ran, gone] = [(); 4].map(|()| Flag::default());
    let first = driven.spawner.spawn_blocking({
        let (busy, release) = (busy.clone(), release.clone());
        move || {
            busy.raise();
            release.wait();
        }
    });
    busy.wait();
    let queued = driven.spawner.spawn_blocking({
        let (ran, guard) = (ran.clone(), gone.on_drop());
        move || {
            ran.raise();
            drop(guard);
        }
    });
    drop(queued);
    let before = ran.is_raised();
    release.raise();
    gone.wait();
    drop(first);
    driven.end()?;
    anyhow::ensure!(
        !before,
        "the second call ran on a pool of one that was busy"
    );
    Ok(if ran.is_raised() {
        Answer::seen("no, it still runs")
    } else {
        Answer::seen("yes, it never runs")
    })
}

/// The number of calls that have begun.
#[derive(Default)]
pub(super) struct Running(Mutex<usize>, Condvar);

impl Running {
    pub(super) fn one_more(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        self.1.notify_all();
    }

    /// Returns the number of calls that have begun, once `all` have or none did for `QUIET`.
    pub(super) fn when_quiet(&self, all: usize) -> usize {
        let mut begun = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            let before = *begun;
            if before == all {
                return before;
            }
            let unchanged = |now: &mut usize| *now == before;
            let waited = self.1.wait_timeout_while(begun, QUIET, unchanged);
            let (now, waited) = waited.unwrap_or_else(PoisonError::into_inner);
            if waited.timed_out() {
                return before;
            }
            begun = now;
        }
    }
}
