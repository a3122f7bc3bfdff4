//! The order in which tasks are polled, and when the runtime makes a task yield.

use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Wake, Waker};
use std::time::Duration;

use anyhow::{Result, ensure};
use futures::future::join;

use super::blocking::Running;
use crate::semantics::answer::Answer;
use crate::semantics::observe::{Flag, VALUE};
use crate::semantics::question::{Info, Side};
use crate::semantics::side::{Driven, Owns, Setup, Spawns};

const NO_QUEUE: &str = "the OS starts each thread by itself: there is no queue of ready tasks";

/// Tasks that are ready at the same time.
const READY: usize = 5;

/// The number of times the order is taken: an order that changes is none.
const ROUNDS: usize = 10;

pub(super) const POLL_ORDER: Info = Info {
    id: "poll-order",
    title: "In which order are tasks polled that a task spawns?",
    why: "A program that works because of the order of its tasks breaks where the \
          order is another.",
    how: "A task spawns five tasks on one worker and waits; each tells when it is \
          first polled. Ten times over.",
    inapplicable: &[
        (Side::Native, "threads", NO_QUEUE),
        (Side::Contract, "threads", NO_QUEUE),
    ],
    ..Info::PLAIN
};

pub(crate) fn poll_order<O: Owns>(setup: Setup) -> Result<Answer> {
    let owner = O::start(setup)?;
    let mut orders = Vec::with_capacity(ROUNDS);
    for _ in 0..ROUNDS {
        orders.push(owner.main(first_polls(owner.spawner()))?);
    }
    let first = &orders[0];
    if orders.iter().any(|order| order != first) {
        return Ok(Answer::seen("no fixed order").detail(format!("{orders:?}")));
    }
    let numbers: Vec<String> = first.iter().map(|task| (task + 1).to_string()).collect();
    Ok(Answer::seen(order_name(first)).detail(format!(
        "spawned 1 to {READY}, polled {}",
        numbers.join(" ")
    )))
}

/// Returns the order in which the tasks that one task spawns are first polled. The spawner
/// does not wake itself meanwhile: that would take the place of one of them.
async fn first_polls<S: Spawns>(spawner: S) -> Vec<usize> {
    let polled = Arc::new(Mutex::new(Vec::with_capacity(READY)));
    let all = Flag::default();
    let tasks: Vec<S::Task> = (0..READY)
        .map(|number| {
            let (polled, all) = (Arc::clone(&polled), all.clone());
            spawner.spawn(async move {
                let mut polled = polled.lock().unwrap_or_else(PoisonError::into_inner);
                polled.push(number);
                if polled.len() == READY {
                    all.raise();
                }
                VALUE
            })
        })
        .collect();
    all.raised().await;
    drop(tasks);
    let mut polled = polled.lock().unwrap_or_else(PoisonError::into_inner);
    std::mem::take(&mut *polled)
}

fn order_name(order: &[usize]) -> &'static str {
    let fifo = || 0..order.len();
    if order.iter().copied().eq(fifo()) {
        return "first in, first out";
    }
    if order.iter().copied().eq(fifo().rev()) {
        return "last in, first out";
    }
    let last_first = fifo().rev().take(1).chain(fifo().take(order.len() - 1));
    if order.iter().copied().eq(last_first) {
        return "the last one, then first in, first out";
    }
    "an order of its own"
}

pub(super) const FORCED_YIELDS: Info = Info {
    id: "forced-yields",
    title: "How often is a task made to yield that awaits 10,000 finished ones?",
    why: "A budget for each turn keeps one task from starving the others, and \
          makes `select!` and tight loops behave otherwise.",
    how: "The polls, less one, that a task needs to await the handles of 10,000 \
          finished tasks one by one (1,000 on threads).",
    unit: Some("yields"),
    inapplicable: &[(
        Side::Native,
        "threads",
        "a join is a blocking call and has no polls",
    )],
    ..Info::PLAIN
};

pub(crate) fn forced_yields<O: Owns>(setup: Setup) -> Result<Answer> {
    let driven = Driven::<O>::start(setup)?;
    let gate = Flag::default();
    let mut tasks: Vec<_> = (0..O::MANY)
        .map(|_| {
            let gate = gate.clone();
            driven.spawner.spawn(async move {
                gate.raised().await;
                VALUE
            })
        })
        .collect();
    // The wake of a handle says that its outcome is there. It is requested from outside a task,
    // because inside one these polls would count.
    let finished = Arc::new(Countdown::from(O::MANY));
    let waker = Waker::from(Arc::clone(&finished));
    for task in &mut tasks {
        let polled = Pin::new(task).poll(&mut Context::from_waker(&waker));
        anyhow::ensure!(polled.is_pending(), "a task went through a closed gate");
    }
    gate.raise();
    finished.done.wait();

    let polls = Arc::new(AtomicUsize::new(0));
    let joined = Flag::default();
    let (count, end) = (Arc::clone(&polls), joined.clone());
    O::Spawner::detach(driven.spawner.spawn(async move {
        let mut joining = pin!(async {
            for task in tasks {
                task.await;
            }
        });
        poll_fn(|cx| {
            count.fetch_add(1, Ordering::Relaxed);
            joining.as_mut().poll(cx)
        })
        .await;
        end.raise();
        VALUE
    }));
    joined.wait();
    let yields = polls.load(Ordering::Relaxed).saturating_sub(1);
    driven.end()?;
    let answer = match yields {
        0 => "never".to_owned(),
        1 => "once".to_owned(),
        times => format!("{times} times"),
    };
    Ok(Answer::figure(answer, yields as u64).detail(format!("{} tasks", O::MANY)))
}

/// A woken task that no worker takes for this long is said to wait for the busy one.
const STILL: Duration = Duration::from_millis(500);

/// The number of times an idle worker must take the task.
const TAKES: usize = 3;

pub(super) const IDLE_WORKER: Info = Info {
    id: "idle-worker",
    title: "Does an idle worker take a task that a busy one has woken?",
    why: "A task that wakes another and then computes or blocks makes it wait, \
          with a worker free, where the woken one stays with its waker.",
    how: "On two workers a task waits; another wakes it and blocks until it has \
          run, or for 500 ms. Three times over.",
    workers: 2,
    ..Info::PLAIN
};

pub(crate) fn idle_worker<O: Owns>(setup: Setup) -> Result<Answer> {
    if O::ONE_WORKER {
        let reason = "it has one worker, which the task holds";
        return Ok(Answer::not_applicable(reason));
    }
    let driven = Driven::<O>::start(setup)?;
    let takes = (0..TAKES).all(|_| woken_beside(&driven.spawner));
    driven.end()?;
    Ok(match takes {
        true => Answer::seen("yes"),
        false => Answer::seen("no, it waits for the busy one")
            .detail(format!("for {STILL:?}, until that let go of its worker")),
    })
}

/// Whether a task runs while the one that has woken it blocks its worker.
fn woken_beside<S: Spawns>(spawner: &S) -> bool {
    let [waits, wake, woken, met, done] = [(); 5].map(|()| Flag::default());
    let (begun, gate, ran) = (waits.clone(), wake.clone(), woken.clone());
    S::detach(spawner.spawn(async move {
        // It says that it waits when the gate has its waker.
        join(gate.raised(), async { begun.raise() }).await;
        ran.raise();
        VALUE
    }));
    waits.wait();
    let (ran, sees, end) = (woken.clone(), met.clone(), done.clone());
    S::detach(spawner.spawn(async move {
        wake.raise();
        if ran.wait_for(STILL) {
            sees.raise();
        }
        end.raise();
        VALUE
    }));
    done.wait();
    woken.wait();
    met.is_raised()
}

/// More tasks than there are workers.
const FREE: usize = 4;

pub(super) const FREE_SPAWN: Info = Info {
    id: "free-spawn",
    title: "How many of four tasks of the free `spawn` block at a time?",
    why: "A global executor has its own threads, not those of the executor that a \
          program makes: where it has one, its tasks block each other.",
    how: "On two workers a task calls the `spawn` that names no runtime, as \
          `tokio::spawn` and `smol::spawn`, four times; those tasks block until \
          no other has begun for 150 ms. Pollmark's contract has only that of \
          its handle.",
    unit: Some("tasks"),
    workers: 2,
    ..Info::PLAIN
};

pub(crate) fn free_spawn<O: Owns>(setup: Setup) -> Result<Answer> {
    let driven = Driven::<O>::start(setup)?;
    let (running, release) = (Arc::new(Running::default()), Flag::default());
    let (spawner, counts, gate) = (
        driven.spawner.clone(),
        Arc::clone(&running),
        release.clone(),
    );
    O::Spawner::detach(driven.spawner.spawn(async move {
        for _ in 0..FREE {
            let (counts, gate) = (Arc::clone(&counts), gate.clone());
            O::Spawner::detach(spawner.free_spawn(async move {
                counts.one_more();
                gate.wait();
                VALUE
            }));
        }
        VALUE
    }));
    let peak = running.when_quiet(FREE);
    release.raise();
    driven.end()?;
    ensure!(peak > 0, "none of the tasks began");
    let answer = match peak {
        1 => "one at a time".to_owned(),
        FREE => format!("all {FREE}"),
        some => format!("{some} at a time"),
    };
    Ok(Answer::figure(answer, peak as u64))
}

/// A waker that raises `done` once it has been woken a given number of times.
struct Countdown {
    left: AtomicUsize,
    done: Flag,
}

impl Countdown {
    fn from(left: usize) -> Self {
        Countdown {
            left: AtomicUsize::new(left),
            done: Flag::default(),
        }
    }
}

impl Wake for Countdown {
    fn wake(self: Arc<Self>) {
        if self.left.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.done.raise();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn orders_have_their_names() {
        assert_eq!(order_name(&[0, 1, 2, 3]), "first in, first out");
        assert_eq!(order_name(&[3, 2, 1, 0]), "last in, first out");
        assert_eq!(
            order_name(&[3, 0, 1, 2]),
            "the last one, then first in, first out"
        );
        assert_eq!(order_name(&[1, 0, 2, 3]), "an order of its own");
    }
}
