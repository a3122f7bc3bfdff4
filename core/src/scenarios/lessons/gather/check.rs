//! Checks of each variant of gather.

use std::time::Duration;

use super::{BREAD, EGGS, Gather, MILK};
use crate::program::transcript::Event::{Cancelled, Failed, Finished, Started};
use crate::scenario::observed::{At, Observed};

const START: Duration = Duration::ZERO;

const STARTS: [At<'static>; 3] = [
    (START, "milk", Started),
    (START, "bread", Started),
    (START, "eggs", Started),
];

const FAILS: &str = "fails: milk sold out";

pub(super) fn check(variant: Gather, seen: &mut Observed<'_>) {
    match variant {
        Gather::FailFastFutures => fail_fast_futures(seen),
        Gather::FailFastTasks => fail_fast_tasks(seen),
        Gather::Collect => collect(seen),
        Gather::MainEnds => main_ends(seen),
    }
}

fn fail_fast_futures(seen: &mut Observed<'_>) {
    seen.value("error", "milk sold out");
    let ends = [
        (EGGS, "eggs", Finished),
        (MILK, "milk", Failed),
        (MILK, "bread", Cancelled),
    ];
    // One task polls all three, milk first. The bread is there before the milk has failed only if
    // the machine stalls between these two polls.
    let late = [
        (MILK, "bread", Cancelled),
        (BREAD, "bread", Finished),
        (MILK, "eggs", Cancelled),
    ];
    seen.events_or(&[STARTS, ends].concat(), &late);
    if seen.time_of("bread", Cancelled).is_some() {
        seen.in_order(&[("milk", Failed), ("bread", Cancelled)]);
    }
    seen.lines(&[(MILK, "main", FAILS)]);
    seen.takes(MILK, 1);
}

fn fail_fast_tasks(seen: &mut Observed<'_>) {
    seen.value("error", "milk sold out");
    seen.value("rest", vec!["bread bought", "eggs bought"]);
    all_end(seen);
    seen.lines(&[
        (MILK, "main", FAILS),
        (BREAD, "main", "and yet: bread bought, eggs bought"),
    ]);
    seen.takes(BREAD, 1);
}

fn collect(seen: &mut Observed<'_>) {
    let results = ["milk sold out", "bread bought", "eggs bought"];
    seen.value("results", results.to_vec());
    all_end(seen);
    seen.lines(&[(BREAD, "main", &results.join(", "))]);
    seen.takes(BREAD, 1);
}

/// No task is cancelled: each goes to its own end.
fn all_end(seen: &mut Observed<'_>) {
    let ends = [
        (EGGS, "eggs", Finished),
        (MILK, "milk", Failed),
        (BREAD, "bread", Finished),
    ];
    seen.events(&[STARTS, ends].concat());
}

fn main_ends(seen: &mut Observed<'_>) {
    seen.value("error", "milk sold out");
    seen.lines(&[(MILK, "main", FAILS)]);
    seen.takes(MILK, 1);
    let fate = seen.outcome.value("bread").as_str().unwrap_or_default();
    let tells = match fate {
        "dropped_at_shutdown" => "the bread was given up when the runtime ended",
        "went_on" => "the bread goes on: this runtime has no end but the process's",
        "bought" => "the bread was bought before the runtime ended: the machine was late",
        "never_polled" => "the bread's task was never begun: the machine was late",
        _ => "",
    };
    seen.require(!tells.is_empty(), || format!("unknown fate {fate:?}"));
    seen.note(tells);
    if seen.is_exact() {
        seen.value("bread", "dropped_at_shutdown");
        let ends = [
            (EGGS, "eggs", Finished),
            (MILK, "milk", Failed),
            (MILK, "bread", Cancelled),
        ];
        seen.events(&[STARTS, ends].concat());
        return;
    }
    for (due, task, event) in [
        (EGGS, "eggs", Finished),
        (MILK, "milk", Failed),
        (BREAD, "bread", Finished),
    ] {
        let at = seen.time_of(task, event);
        let early = at.is_some_and(|at| seen.is_early(at, due));
        seen.require(!early, || format!("`{task}` {event} at {at:?}"));
    }
    seen.in_order(&[("milk", Started), ("milk", Failed)]);
}
