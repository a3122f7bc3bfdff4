//! Task handles: dropped ones, and those of tasks that panic.

use anyhow::{Result, bail};

use crate::semantics::answer::Answer;
use crate::semantics::fate::Fate;
use crate::semantics::observe::{Flag, Settled, VALUE, Watched, settle};
use crate::semantics::question::Info;
use crate::semantics::side::{Driven, Owns, Setup, Spawns};

pub(super) const HANDLE_DROP: Info = Info {
    id: "handle-drop",
    title: "What does dropping a task's handle do?",
    why: "Code that drops handles and relies on its tasks loses them where a \
          drop cancels, and leaks them where it was to cancel.",
    how: "A task waits at a gate; its handle is dropped, then the gate opens. \
          It either finishes or its future is dropped unfinished.",
    rule: Some("drop_detaches"),
    ..Info::PLAIN
};

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

pub(super) const PANIC: Info = Info {
    id: "panic",
    title: "What does awaiting a task that panicked give?",
    why: "Where the awaiter panics too, one bad request takes down whoever \
          waits for it, unless that catches panics.",
    how: "A task panics, and its handle is polled under `catch_unwind`.",
    rule: Some("panic_is_an_error"),
    ..Info::PLAIN
};

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

pub(super) const DETACHED_PANIC: Info = Info {
    id: "detached-panic",
    title: "What does the panic of a detached task do to the others?",
    why: "Nobody is told of such a panic: a service that seems well may have \
          lost the task that did its work.",
    how: "A detached task panics on the only worker; another is spawned and \
          awaited.",
    rule: Some("panic_of_a_detached_task_is_survived"),
    ..Info::PLAIN
};

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
