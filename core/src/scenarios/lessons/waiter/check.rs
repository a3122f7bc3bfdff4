//! Checks of each variant of the waiter.

use std::time::Duration;

use super::{CHOPS, Dish, ORDERS, PASTA, SALAD, Waiter};
use crate::program::transcript::Event::{Cancelled, Finished, Started};
use crate::scenario::observed::{At, Observed};
use crate::scenarios::support::timetable::{begins, ends, secs};

pub(super) fn check(variant: Waiter, seen: &mut Observed<'_>) {
    match variant {
        Waiter::Sync | Waiter::Sequential | Waiter::Blocking | Waiter::SpawnAwait => {
            one_after_the_other(seen, &ORDERS);
            served(seen, &ORDERS);
        }
        Waiter::MissingAwait => {
            one_after_the_other(seen, &[PASTA, CHOPS]);
            served(seen, &[PASTA, CHOPS]);
        }
        Waiter::Tasks => {
            together(seen, usize::MAX, Begin::AtOnce);
            served(seen, &ORDERS);
        }
        Waiter::AsCompleted => as_completed(seen),
        Waiter::BlockingTasks => blocking_tasks(seen),
        Waiter::Offloaded => {
            offloaded(seen, seen.blocking_threads());
            served(seen, &ORDERS);
        }
        Waiter::Parallel => {
            let lanes = seen.blocking_threads();
            together(seen, lanes, Begin::InTurn);
            served(seen, &ORDERS);
            let threads = seen.outcome.value("threads").as_u64().unwrap_or_default();
            // If the machine stalls, a thread may finish one dish before the next is begun, and
            // take that one too.
            let least = if seen.is_exact() && lanes >= ORDERS.len() {
                3
            } else {
                1
            };
            seen.require((least..=3).contains(&threads), || {
                format!("three dishes were cooked by {threads} threads")
            });
        }
        Waiter::NeverAwaited => {
            seen.events(&[]);
            seen.takes(Duration::ZERO, 1);
            served(seen, &[]);
        }
        Waiter::Orphan => orphan(seen),
        Waiter::CancelPending => cancel_pending(seen),
        Waiter::CancelBeforeStart => cancel_before_start(seen),
        Waiter::CancelBlocking => cancel_blocking(seen),
    }
}

fn served(seen: &mut Observed<'_>, dishes: &[Dish]) {
    let names: Vec<&str> = dishes.iter().map(|dish| dish.name).collect();
    seen.value("dishes", names);
    seen.value("served", dishes.len());
    seen.value("of", ORDERS.len());
}

fn one_after_the_other(seen: &mut Observed<'_>, dishes: &[Dish]) {
    let mut at = Duration::ZERO;
    let mut events: Vec<At<'_>> = Vec::new();
    for dish in dishes {
        events.push((at, dish.name, Started));
        at += dish.time;
        events.push((at, dish.name, Finished));
    }
    let in_order: Vec<_> = events
        .iter()
        .map(|&(_, dish, event)| (dish, event))
        .collect();
    seen.in_order(&in_order);
    seen.events(&events);
    seen.takes(at, waits(dishes.len()));
}

/// The moments at which dishes are seen to begin.
enum Begin {
    /// All at once, though the cooking itself may have to wait for a lane.
    AtOnce,
    /// Each as soon as a lane is free for it.
    InTurn,
}

/// The orders cooked `lanes` at a time, first in, first out.
fn together(seen: &mut Observed<'_>, lanes: usize, begin: Begin) {
    let times = ORDERS.map(|dish| dish.time);
    let mut events: Vec<At<'_>> = Vec::new();
    for (dish, at) in ORDERS.iter().zip(begins(&times, lanes)) {
        let seen_at = match begin {
            Begin::AtOnce => Duration::ZERO,
            Begin::InTurn => at,
        };
        events.push((seen_at, dish.name, Started));
        events.push((at + dish.time, dish.name, Finished));
    }
    // At one instant, a lane is freed before it is taken again.
    events.sort_by_key(|&(at, _, event)| (at, event == Started));
    seen.events(&events);
    seen.takes(ends(&times, lanes), waits(ORDERS.len()));
}

/// If the pool has fewer threads than there are dishes, it takes them in the order in which their
/// tasks were polled, which the runtime chooses.
fn offloaded(seen: &mut Observed<'_>, threads: usize) {
    if seen.is_fifo() || threads >= ORDERS.len() {
        together(seen, threads, Begin::AtOnce);
        return;
    }
    let times = ORDERS.map(|dish| dish.time);
    seen.takes_at_least(match threads {
        1 => ends(&times, 1),
        // The Chops beside the other two.
        _ => CHOPS.time,
    });
    for dish in ORDERS {
        let ended = seen.time_of(dish.name, Finished);
        let in_time = ended.is_some_and(|at| !seen.is_early(at, dish.time));
        seen.require(in_time, || {
            format!("`{}` was cooked too fast, or not at all", dish.name)
        });
    }
}

fn as_completed(seen: &mut Observed<'_>) {
    together(seen, usize::MAX, Begin::AtOnce);
    if seen.is_exact() {
        served(seen, &[SALAD, PASTA, CHOPS]);
    }
    seen.value("served", ORDERS.len());
}

fn blocking_tasks(seen: &mut Observed<'_>) {
    served(seen, &ORDERS);
    let times = ORDERS.map(|dish| dish.time);
    let workers = seen.workers();
    if seen.is_exact() && seen.config.seed.is_none() {
        together(seen, workers, Begin::InTurn);
        return;
    }
    // The runtime chooses which task a free worker takes first; with two workers this decides
    // between 19 s and 16 s.
    let earliest = ORDERS.map(|dish| {
        [
            (Duration::ZERO, dish.name, Started),
            (dish.time, dish.name, Finished),
        ]
    });
    let each_took_its_time = earliest.iter().all(|[(_, dish, _), (time, ..)]| {
        let began = seen.time_of(dish, Started);
        let ended = seen.time_of(dish, Finished);
        matches!((began, ended), (Some(began), Some(ended)) if ended >= began && !seen.is_early(ended - began, *time))
    });
    seen.require(each_took_its_time, || {
        "a dish was cooked too fast, or not at all".to_owned()
    });
    match workers {
        1 => seen.takes(ends(&times, 1), waits(ORDERS.len())),
        2 => two_workers(seen),
        _ => seen.takes(ends(&times, workers), waits(1)),
    }
}

fn two_workers(seen: &mut Observed<'_>) {
    seen.takes_at_least(CHOPS.time);
    let Some(chops) = seen.time_of(CHOPS.name, Started) else {
        return;
    };
    let order = if chops >= secs(3) {
        "the Chops waited for a worker, first in, first out: 19 s, as the ideal scheduler has it"
    } else {
        "the Chops, spawned last, did not wait for a worker (a LIFO slot, or work stealing, put \
         them before another dish): 16 s where first in, first out takes 19 s"
    };
    seen.note(order);
}

fn orphan(seen: &mut Observed<'_>) {
    seen.takes(Duration::ZERO, 1);
    let fate = seen.outcome.value("fate").as_str().unwrap_or("unknown");
    let tells = match fate {
        "never_polled" => {
            "the task that was left behind had not been polled when the root ended, and never was"
        }
        "dropped_at_shutdown" => {
            "the task that was left behind had begun; the runtime's end dropped it"
        }
        "went_on" => {
            "the task that was left behind goes on: this runtime has no end but the process's"
        }
        _ => "",
    };
    seen.require(!tells.is_empty(), || format!("unknown fate {fate}"));
    seen.note(tells);
    if seen.is_exact() {
        seen.value("fate", "never_polled");
    }
}

fn cancel_pending(seen: &mut Observed<'_>) {
    if !seen.goes_by_transcript() {
        return;
    }
    let start = Duration::ZERO;
    let planned = [
        (start, PASTA.name, Started),
        (start, SALAD.name, Started),
        (start, CHOPS.name, Started),
        (secs(3), SALAD.name, Finished),
        (secs(4), CHOPS.name, Cancelled),
        (secs(8), PASTA.name, Finished),
    ];
    // On a machine that stalls, the salad's end and its cancel coincide, or the chops are done
    // before the cancel.
    let late = [
        (secs(4), SALAD.name, Cancelled),
        (secs(4), CHOPS.name, Cancelled),
        (CHOPS.time, CHOPS.name, Finished),
    ];
    seen.events_or(&planned, &late);
    seen.takes(secs(8), waits(2));
    match seen.time_of(SALAD.name, Finished) {
        Some(_) => served(seen, &[SALAD, PASTA]),
        None => served(seen, &[PASTA]),
    }
    let cancelled = seen.time_of(CHOPS.name, Finished).is_none();
    seen.value("chops_cancelled", cancelled);
}

fn cancel_before_start(seen: &mut Observed<'_>) {
    if !seen.goes_by_transcript() {
        return;
    }
    seen.takes(Duration::ZERO, 1);
    let finished = seen.time_of(PASTA.name, Finished);
    if let Some(at) = finished.filter(|_| !seen.is_exact()) {
        let early = seen.is_early(at, PASTA.time);
        seen.require(!early, || format!("`{}` finished at {at:?}", PASTA.name));
        seen.note("the machine was so late that the task had finished before the cancel");
    }
    seen.value("cancelled", finished.is_none() || seen.is_exact());
    let began = seen.time_of(PASTA.name, Started).is_some();
    seen.value("began", began);
    if seen.workers() == 1 || seen.is_exact() {
        seen.value("began", false);
    }
    if began {
        seen.note("the task had begun on another thread before the cancel reached it");
    }
}

fn cancel_blocking(seen: &mut Observed<'_>) {
    if !seen.goes_by_transcript() {
        return;
    }
    let planned = [
        (Duration::ZERO, CHOPS.name, Started),
        (secs(2), CHOPS.name, Finished),
    ];
    let asked = Duration::from_millis(100);
    // On a machine that stalls, the cancel may come before the first poll.
    seen.events_or(&planned, &[(asked, CHOPS.name, Cancelled)]);
    if seen.time_of(CHOPS.name, Finished).is_none() {
        seen.takes_at_least(asked);
        seen.value("ended", "cancelled");
        return;
    }
    seen.takes(secs(2), waits(2));
    let ended = seen
        .outcome
        .value("ended")
        .as_str()
        .unwrap_or_default()
        .to_owned();
    match ended.as_str() {
        "with_its_value" => seen.note("the poll ran to its end, and the task's value was kept"),
        "cancelled" => seen.note("the poll ran to its end, and the task's value was thrown away"),
        _ => seen.require(false, || format!("the task ended {ended:?}")),
    }
}

fn waits(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}
