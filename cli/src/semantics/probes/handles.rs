//! Task handles: dropped ones, and those of tasks that panic.

use anyhow::{Result, bail};

use crate::semantics::answer::Answer;
use crate::semantics::side::{Driven, Fate, Owns, Setup, Spawns};
use crate::semantics::witness::{Flag, Settled, VALUE, Watched, settle};

pub(crate) fn dropped<O: Owns>(setup: Setup) -> Result<Answer> {
    let driven = Driven::<O>::start(setup)?;
    let watched = Watched::default();
    let task = driven.spawner.spawn(watched.body());
    watched.begun.wait();
    drop(task);
    let finishes = watched.finishes();
    driven.end()?;
    Ok(if finishes {
        Answer::seen("the task goes on, detached")
    } else {
        Answer::seen("the task is cancelled")
    })
}

pub(crate) fn panicked<O: Owns>(setup: Setup) -> Result<Answer> {
    let driven = Driven::<O>::start(setup)?;
    let task = driven.spawner.spawn(async { panic!("burnt") });
    let settled = settle(task, None, O::Spawner::fate);
    driven.end()?;
    Ok(match settled {
        Settled::Told(Fate::Panicked) => Answer::seen("an error at the join"),
        Settled::Unwound(message) => {
            Answer::seen("the awaiter panics too").detail(format!("with `{message}`"))
        }
        other => bail!("awaiting a task that panicked gave {other:?}"),
    })
}

pub(crate) fn detached_panic<O: Owns>(setup: Setup) -> Result<Answer> {
    let driven = Driven::<O>::start(setup)?;
    let gone = Flag::default();
    let guard = gone.on_drop();
    O::Spawner::detach(driven.spawner.spawn(async move {
        let _guard = guard;
        panic!("burnt, and nobody awaits it")
    }));
    gone.wait();
    // There is one worker. If the panic has ended it, this task is never polled.
    let next = driven.spawner.spawn(async { VALUE });
    let settled = settle(next, None, O::Spawner::fate);
    driven.end()?;
    match settled {
        Settled::Told(Fate::Value(VALUE)) => Ok(Answer::seen("the others go on")),
        other => bail!("a task spawned after the panic gave {other:?}"),
    }
}
