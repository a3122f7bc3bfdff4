//! The fate of tasks when the main future ends, and when the runtime shuts down.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use futures::future::BoxFuture;

use crate::semantics::answer::Answer;
use crate::semantics::fate::Fate;
use crate::semantics::observe::{Flag, Settled, VALUE, Watched, settle};
use crate::semantics::question::{Inapplicable, Info, Side};
use crate::semantics::side::{Ends, Owns, Setup, Spawns};

const NO_SHUTDOWN: &[Inapplicable] = &[
    (Side::Native, "threads", "there is no runtime to shut down"),
    (Side::Native, "async-std", "async-std has no shutdown"),
];

/// If nothing happens for this long, the probe says that nothing will.
const STILL: Duration = Duration::from_millis(250);

/// A shutdown that lasts for this long, and until a blocking call returns, waits without limit.
const NO_LIMIT: Duration = Duration::from_secs(1);

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
    let (watched, task) = left_behind(&owner, O::Spawner::spawn)?;
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
    survives::<O>(setup, O::Spawner::spawn)
}

pub(super) const FREE_SPAWN_AT_END: Info = Info {
    id: "free-spawn-at-end",
    title: "The runtime is shut down: what becomes of a task of the free `spawn`?",
    why: "A task of a global executor outlives the executor that a program owns, \
          with all that it holds.",
    how: "As before, with the `spawn` that names no runtime, as `tokio::spawn` \
          and `smol::spawn`; pollmark's contract has only that of its handle.",
    ..SHUTDOWN_DROPS
};

pub(crate) fn free_spawn_at_end<O: Ends>(setup: Setup) -> Result<Answer> {
    survives::<O>(setup, O::Spawner::free_spawn)
}

fn survives<O: Ends>(setup: Setup, spawn: Spawn<O>) -> Result<Answer> {
    let owner = O::start(setup)?;
    let (watched, _task) = left_behind(&owner, spawn)?;
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
    title: "What does the handle of a task that waits give after the shutdown?",
    why: "A handle that outlives its runtime is an error to handle, a panic, or a \
          wait without end.",
    how: "A task waits; the runtime is shut down. Then its handle is awaited from \
          outside, for 250 ms.",
    rule: Some("shutdown_resolves_kept_handles"),
    inapplicable: NO_SHUTDOWN,
    ..Info::PLAIN
};

pub(crate) fn shutdown_joins<O: Ends>(setup: Setup) -> Result<Answer> {
    let owner = O::start(setup)?;
    let (_watched, task) = left_behind(&owner, O::Spawner::spawn)?;
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

pub(super) const BLOCKING_AT_END: Info = Info {
    id: "blocking-at-end",
    title: "The runtime is shut down while a blocking call runs: does it wait?",
    why: "A call that never returns hangs the end of a program where the runtime \
          waits; a write is cut short where it does not, and `main` returns.",
    how: "A blocking call waits at a gate; the runtime is shut down by another \
          thread. The gate opens when it is, or after 1 s. Through pollmark \
          the shutdown is told to wait for 500 ms.",
    rule: Some("shutdown_obeys_its_limit"),
    inapplicable: NO_SHUTDOWN,
    ..Info::PLAIN
};

pub(crate) fn blocking_at_end<O: Ends>(setup: Setup) -> Result<Answer> {
    let owner = O::start(setup)?;
    let [begun, gate, returned, ended] = [(); 4].map(|()| Flag::default());
    let call = {
        let (begun, gate, guard) = (begun.clone(), gate.clone(), returned.on_drop());
        move || {
            let _guard = guard;
            begun.raise();
            gate.wait();
        }
    };
    let spawner = owner.spawner();
    // In a tuple, because a handle that is a future must not be awaited here.
    let _kept = owner.main(async move { (spawner.spawn_blocking(call),) })?;
    begun.wait();
    let (mark, start) = (ended.clone(), Instant::now());
    let ends = thread::Builder::new().spawn(move || {
        owner.shutdown();
        mark.raise();
    })?;
    let ended_before = ended.wait_for(NO_LIMIT);
    let took = start.elapsed();
    gate.raise();
    if ends.join().is_err() {
        bail!("the shutdown panicked");
    }
    let goes_on = returned.wait_for(STILL);
    Ok(match (ended_before, O::LIMIT) {
        (false, _) => Answer::seen("it waits without limit")
            .detail(format!("for {NO_LIMIT:?}, until the call returned")),
        (true, Some(limit)) if took >= limit => Answer::seen("it waits as long as it is told to")
            .detail(format!("the call was left running after {took:.0?}")),
        (true, _) if goes_on => Answer::seen("it does not wait, the call goes on"),
        (true, _) => Answer::seen("it does not wait, the call never ends"),
    })
}

type Task<O> = <<O as Owns>::Spawner as Spawns>::Task;

/// The call that starts a task.
type Spawn<O> = fn(&<O as Owns>::Spawner, BoxFuture<'static, u32>) -> Task<O>;

/// A task that has begun, waits, and outlives the main future that spawned it.
type LeftBehind<O> = (Watched, Task<O>);

fn left_behind<O: Owns>(owner: &O, spawn: Spawn<O>) -> Result<LeftBehind<O>> {
    let watched = Watched::default();
    let (spawner, body, begun) = (owner.spawner(), watched.body(), watched.begun.clone());
    let kept = owner.main(async move {
        let task = spawn(&spawner, Box::pin(body));
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
