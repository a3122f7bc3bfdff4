//! The fate of tasks when the main future ends, and when the runtime shuts down.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use anyhow::{Result, bail};

use crate::semantics::answer::Answer;
use crate::semantics::fate::Fate;
use crate::semantics::observe::{Settled, VALUE, Watched, settle};
use crate::semantics::question::{Inapplicable, Info, Side};
use crate::semantics::side::{Ends, Owns, Setup, Spawns};

const NO_SHUTDOWN: &[Inapplicable] = &[
    (Side::Native, "threads", "there is no runtime to shut down"),
    (Side::Native, "async-std", "async-std has no shutdown"),
];

/// If nothing happens for this long, the probe says that nothing will.
const STILL: Duration = Duration::from_millis(250);

pub(super) const MAIN_ENDS: Info = Info {
    id: "main-ends",
    title: "What do tasks do after the main future has ended?",
    why: "Work left in the background goes on in one runtime and stands still in \
          another, with what it holds.",
    how: "`block_on` returns while a task waits at a gate; the gate opens.",
    ..Info::PLAIN
};

pub(crate) fn main_ends<O: Owns>(setup: Setup) -> Result<Answer> {
    let owner = O::start(setup)?;
    let (watched, task) = left_behind(&owner)?;
    O::Spawner::detach(task);
    Ok(match watched.finishes_within(STILL) {
        Some(true) => Answer::seen("they go on"),
        Some(false) => Answer::seen("they are ended"),
        None => {
            let gone = watched.gone.clone();
            owner.main(async move { gone.raised().await })?;
            if !watched.finishes() {
                bail!("a task that stood still was ended by the next `block_on`");
            }
            Answer::seen("they stand still until it is driven again").detail(format!(
                "nothing for {STILL:?}; the next `block_on` ended it"
            ))
        }
    })
}

pub(super) const SHUTDOWN_DROPS: Info = Info {
    id: "shutdown-drops",
    title: "The runtime is shut down: what becomes of a task that waits?",
    why: "Where the future is not dropped, its destructors never run and what it \
          holds is never let go.",
    how: "A task waits; the runtime is dropped, or its workers are ended and then \
          the executor is dropped.",
    rule: Some("shutdown_drops_pending_tasks"),
    inapplicable: NO_SHUTDOWN,
    ..Info::PLAIN
};

pub(crate) fn shutdown_drops<O: Ends>(setup: Setup) -> Result<Answer> {
    let owner = O::start(setup)?;
    let (watched, _task) = left_behind(&owner)?;
    owner.shutdown();
    if watched.gone.is_raised() {
        return Ok(Answer::seen("its future is dropped"));
    }
    Ok(match watched.finishes_within(STILL) {
        Some(true) => Answer::seen("it goes on"),
        Some(false) => Answer::seen("its future is dropped later"),
        None => Answer::seen("its future is neither polled nor dropped"),
    })
}

pub(super) const SHUTDOWN_JOIN: Info = Info {
    id: "shutdown-join",
    title: "What does the handle of such a task give afterwards?",
    why: "A handle that outlives its runtime is an error to handle, a panic, or a \
          wait without end.",
    how: "As before; then the handle is awaited from outside, for 250 ms.",
    rule: Some("shutdown_resolves_kept_handles"),
    inapplicable: NO_SHUTDOWN,
    ..Info::PLAIN
};

pub(crate) fn shutdown_joins<O: Ends>(setup: Setup) -> Result<Answer> {
    let owner = O::start(setup)?;
    let (_watched, task) = left_behind(&owner)?;
    owner.shutdown();
    told(settle(task, Some(STILL), O::Spawner::fate))
}

pub(super) const SHUTDOWN_SPAWN: Info = Info {
    id: "shutdown-spawn",
    title: "What does a task give that is spawned after the shutdown?",
    why: "Shutdowns race with spawns: a late spawn that silently never runs hangs \
          whoever awaits it.",
    how: "The runtime is shut down while something that can spawn is kept; a task \
          is spawned and awaited for 250 ms.",
    rule: Some("spawn_after_shutdown"),
    inapplicable: NO_SHUTDOWN,
    ..Info::PLAIN
};

pub(crate) fn shutdown_spawns<O: Ends>(setup: Setup) -> Result<Answer> {
    let owner = O::start(setup)?;
    let spawner = owner.spawner();
    owner.main(async {})?;
    owner.shutdown();
    let spawned = catch_unwind(AssertUnwindSafe(|| spawner.spawn(async { VALUE })));
    match spawned {
        Ok(task) => told(settle(task, Some(STILL), O::Spawner::fate)),
        Err(_) => Ok(Answer::seen("the spawn panics")),
    }
}

/// A task that has begun, waits, and outlives the main future that spawned it.
type LeftBehind<O> = (Watched, <<O as Owns>::Spawner as Spawns>::Task);

fn left_behind<O: Owns>(owner: &O) -> Result<LeftBehind<O>> {
    let watched = Watched::default();
    let (spawner, body, begun) = (owner.spawner(), watched.body(), watched.begun.clone());
    let kept = owner.main(async move {
        let task = spawner.spawn(body);
        begun.raised().await;
        // In a tuple, because the handle must not be awaited here.
        (task,)
    })?;
    Ok((watched, kept.0))
}

fn told(settled: Settled) -> Result<Answer> {
    Ok(match settled {
        Settled::Told(Fate::Cancelled) => Answer::seen("an error (cancelled)"),
        Settled::Told(Fate::Shutdown) => Answer::seen("an error (shut down)"),
        Settled::Told(Fate::Value(VALUE)) => Answer::seen("its value, the task ran"),
        Settled::Unwound(message) => {
            Answer::seen("the awaiter panics").detail(format!("with `{message}`"))
        }
        Settled::Waiting => {
            Answer::seen("it waits, and nothing comes").detail(format!("given up after {STILL:?}"))
        }
        Settled::Told(other) => bail!("the handle gave {other:?}"),
    })
}
