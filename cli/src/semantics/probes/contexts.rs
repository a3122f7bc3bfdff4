//! Calls in a context that is not theirs: `block_on` inside a task, and a runtime's calls on a
//! thread outside of it.

use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Result, bail};
use futures::future::BoxFuture;

use crate::semantics::answer::{Answer, HANGS};
use crate::semantics::fate::Fate;
use crate::semantics::observe::{Flag, Settled, VALUE, message, settle};
use crate::semantics::question::{ALL, Info, Side};
use crate::semantics::side::{Bare, Driven, Owns, Setup, Spawns};

/// A task that blocks for this long is said to hang.
const STILL: Duration = Duration::from_millis(500);

/// An await outside that gives nothing for this long is said to hang.
const NOTHING: Duration = Duration::from_secs(1);

pub(super) const NESTED_BLOCK_ON: Info = Info {
    id: "nested-block-on",
    title: "What does the runtime's own `block_on` do inside a task?",
    why: "Synchronous code that calls asynchronous code by `block_on` works until \
          a task calls it, perhaps far below.",
    how: "On two workers a task spawns another and calls `block_on` to await it, \
          under `catch_unwind`.",
    workers: 2,
    inapplicable: &[
        (
            Side::Contract,
            ALL,
            "the contract has no `block_on` for tasks",
        ),
        (Side::Native, "threads", "the standard library has none"),
    ],
    ..Info::PLAIN
};

pub(crate) fn own_block_on<O: Bare>(setup: Setup) -> Result<Answer> {
    nested::<O>(setup, O::block_on)
}

pub(super) const NESTED_EXECUTOR: Info = Info {
    id: "nested-executor",
    title: "What does `block_on` of the crate `futures` do inside a task?",
    why: "It is no way round: the task that it awaits may be one that only the \
          blocked worker would run.",
    how: "As before, by `futures::executor::block_on`, with the second worker \
          idle; a task that blocks for 500 ms is let go.",
    workers: 2,
    inapplicable: &[(
        Side::Native,
        "threads",
        "a thread may block, and needs no executor",
    )],
    ..Info::PLAIN
};

pub(crate) fn foreign_block_on<O: Owns>(setup: Setup) -> Result<Answer> {
    nested::<O>(setup, futures::executor::block_on)
}

/// A task that blocks by `block_on` until another has run that it spawned.
fn nested<O: Owns>(setup: Setup, block_on: fn(BoxFuture<'static, ()>)) -> Result<Answer> {
    let driven = Driven::<O>::start(setup)?;
    let (ran, ended) = (Flag::default(), Flag::default());
    let panicked = Arc::new(Mutex::new(None));
    let (spawner, marks, awaits, end) = (
        driven.spawner.clone(),
        ran.clone(),
        ran.clone(),
        ended.clone(),
    );
    let tells = Arc::clone(&panicked);
    O::Spawner::detach(driven.spawner.spawn(async move {
        O::Spawner::detach(spawner.spawn(async move {
            marks.raise();
            VALUE
        }));
        let other = Box::pin(async move { awaits.raised().await });
        let blocked = catch_unwind(AssertUnwindSafe(|| block_on(other)));
        *tells.lock().unwrap_or_else(PoisonError::into_inner) = blocked.err().map(message);
        end.raise();
        VALUE
    }));
    let by_itself = ended.wait_for(STILL);
    ran.raise();
    ended.wait();
    driven.end()?;
    let panicked = panicked.lock().unwrap_or_else(PoisonError::into_inner);
    Ok(match panicked.as_deref() {
        Some(message) => Answer::panics(message),
        None if by_itself => Answer::seen("it works"),
        None => Answer::seen(HANGS).detail(format!("for {STILL:?}, until it was let go")),
    })
}

const OUTSIDE_WHY: &str = "Code that needs no runtime around it in one library panics in another \
     when a plain thread, a callback or another runtime runs it.";

pub(super) const OUTSIDE_SPAWN: Info = Info {
    id: "outside-spawn",
    title: "What does the free `spawn` do on a thread outside of the runtime?",
    why: OUTSIDE_WHY,
    how: "Beside a running runtime a thread of the probe calls the `spawn` that \
          names none, and awaits the task. Pollmark's contract has only that of \
          its handle.",
    ..Info::PLAIN
};

pub(crate) fn spawn_outside<O: Owns>(setup: Setup) -> Result<Answer> {
    outside::<O, _>(setup, |spawner| async move {
        spawner.free_spawn(async { VALUE }).await;
        Ok(())
    })
}

pub(super) const OUTSIDE_TIMER: Info = Info {
    id: "outside-timer",
    title: "What does a sleep do on a thread outside of the runtime?",
    why: OUTSIDE_WHY,
    how: "Beside a running runtime a thread of the probe makes a sleep of 1 ms \
          and awaits it.",
    ..Info::PLAIN
};

pub(crate) fn sleep_outside<O: Owns>(setup: Setup) -> Result<Answer> {
    outside::<O, _>(setup, |spawner| async move {
        spawner.sleep(Duration::from_millis(1)).await;
        Ok(())
    })
}

pub(super) const OUTSIDE_IO: Info = Info {
    id: "outside-io",
    title: "What does a socket do on a thread outside of the runtime?",
    why: OUTSIDE_WHY,
    how: "Beside a running runtime a thread of the probe makes a pair of Unix \
          sockets and reads from one (through pollmark, from a pipe).",
    io: true,
    ..Info::PLAIN
};

pub(crate) fn read_outside<O: Owns>(setup: Setup) -> Result<Answer> {
    outside::<O, _>(setup, |spawner| async move { Ok(spawner.read().await?) })
}

/// Makes a call and awaits it on this thread, which is none of the runtime's.
fn outside<O: Owns, F: Future<Output = Result<()>>>(
    setup: Setup,
    call: impl FnOnce(O::Spawner) -> F,
) -> Result<Answer> {
    let driven = Driven::<O>::start(setup)?;
    let mut error = None;
    let settled = settle(call(driven.spawner.clone()), Some(NOTHING), |result| {
        error = result.err();
        Fate::Value(VALUE)
    });
    driven.end()?;
    if let Some(error) = error {
        return Err(error);
    }
    Ok(match settled {
        Settled::Told(Fate::Value(VALUE)) => Answer::seen("it works"),
        Settled::Unwound(message) => Answer::panics(&message),
        Settled::Waiting => Answer::seen(HANGS).detail(format!("given up after {NOTHING:?}")),
        Settled::Told(other) => bail!("it gave {other:?}"),
    })
}
