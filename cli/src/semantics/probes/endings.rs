//! The fate of tasks when the main future ends, and when the runtime shuts down.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use anyhow::{Result, bail};

use crate::semantics::answer::Answer;
use crate::semantics::side::{Ends, Fate, Owns, Setup, Spawns};
use crate::semantics::witness::{Settled, VALUE, Watched, settle};

/// If nothing happens for this long, the probe says that nothing will.
const STILL: Duration = Duration::from_millis(250);

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

pub(crate) fn shutdown_joins<O: Ends>(setup: Setup) -> Result<Answer> {
    let owner = O::start(setup)?;
    let (_watched, task) = left_behind(&owner)?;
    owner.shutdown();
    told(settle(task, Some(STILL), O::Spawner::fate))
}

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
