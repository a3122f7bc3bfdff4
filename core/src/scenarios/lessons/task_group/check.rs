//! Checks of each variant of the task group.

use std::time::Duration;

use super::{BREAD, EGGS, Groups, MILK, OVEN, PARTY};
use crate::program::transcript::Event::{Cancelled, Failed, Finished, Started};
use crate::scenario::observed::Observed;

const START: Duration = Duration::ZERO;

pub(super) fn check(variant: Groups, seen: &mut Observed<'_>) {
    seen.value("outlived", 0);
    match variant {
        Groups::Ok => ok(seen),
        Groups::FailingChild => failing_child(seen),
        Groups::Nested => nested(seen),
        Groups::TwoFailures => two_failures(seen),
        Groups::BlockingSibling => blocking_sibling(seen),
    }
}

fn ok(seen: &mut Observed<'_>) {
    seen.value("errors", Vec::<String>::new());
    seen.events(&[
        (START, "milk", Started),
        (START, "bread", Started),
        (MILK, "milk", Finished),
        (BREAD, "bread", Finished),
    ]);
    seen.lines(&[(START, "main", "scheduling done"), (BREAD, "main", "done")]);
    seen.takes(BREAD, 1);
}

fn failing_child(seen: &mut Observed<'_>) {
    seen.value("errors", vec!["milk: sold out"]);
    let planned = [
        (START, "milk", Started),
        (START, "bread", Started),
        (START, "eggs", Started),
        (EGGS, "eggs", Finished),
        (MILK, "milk", Failed),
        (MILK, "bread", Cancelled),
    ];
    let late = [
        (MILK, "eggs", Cancelled),
        (MILK, "bread", Cancelled),
        (BREAD, "bread", Finished),
    ];
    seen.events_or(&planned, &late);
    follows_the_failure(seen, &["bread"]);
    seen.lines(&[(MILK, "main", "the group failed: milk: sold out")]);
    seen.takes(MILK, 1);
}

fn nested(seen: &mut Observed<'_>) {
    seen.value("errors", vec!["milk: sold out"]);
    // A child that was cancelled before it began has no children.
    let began = seen.time_of("friends", Started).is_some();
    let mut planned = vec![
        (START, "body", Started),
        (START, "milk", Started),
        (START, "friends", Started),
    ];
    if began {
        planned.extend([(START, "Ann", Started), (START, "Ben", Started)]);
    }
    planned.extend([
        (MILK, "milk", Failed),
        (MILK, "body", Cancelled),
        (MILK, "friends", Cancelled),
    ]);
    if began {
        planned.extend([(MILK, "Ann", Cancelled), (MILK, "Ben", Cancelled)]);
    }
    let party = ["body", "friends", "Ann", "Ben"];
    let cancelled = party.map(|task| (MILK, task, Cancelled));
    let finished = party.map(|task| (PARTY, task, Finished));
    seen.events_or(&planned, &[cancelled, finished].concat());
    follows_the_failure(seen, &party);
    seen.takes(MILK, 1);
}

fn two_failures(seen: &mut Observed<'_>) {
    let planned = [
        (START, "milk", Started),
        (START, "eggs", Started),
        (START, "bread", Started),
        (MILK, "milk", Failed),
        (MILK, "eggs", Failed),
        (MILK, "bread", Cancelled),
    ];
    let otherwise = [
        (MILK, "milk", Cancelled),
        (MILK, "eggs", Cancelled),
        (MILK, "bread", Cancelled),
        (BREAD, "bread", Finished),
    ];
    seen.events_or(&planned, &otherwise);
    seen.takes(MILK, 1);
    let both = vec!["milk: sold out", "eggs: sold out"];
    if seen.is_fifo() {
        seen.value("errors", both);
        return;
    }
    // The runtime decides which failures reach the group before it has cancelled their children: at
    // least one does.
    let errors = texts(seen, "errors");
    let subset = errors.iter().all(|error| both.contains(&error.as_str()));
    seen.require(subset && !errors.is_empty(), || {
        format!("the group's errors are {errors:?}")
    });
}

fn blocking_sibling(seen: &mut Observed<'_>) {
    seen.value("errors", vec!["milk: sold out"]);
    let one_worker = seen.workers() == 1;
    let oven_first = one_worker && seen.time_of("milk", Started) >= Some(OVEN);
    // On one worker, no task can find out at 1 s that the milk is sold out.
    let (begins, fails) = match (seen.is_exact(), one_worker, oven_first) {
        (true, true, true) => (OVEN, OVEN + MILK),
        (true, true, false) => (START, OVEN),
        _ => (START, MILK),
    };
    let mut planned = [
        (begins, "milk", Started),
        (START, "oven", Started),
        (OVEN, "oven", Finished),
        (fails, "milk", Failed),
    ];
    planned[2..].sort_by_key(|&(at, ..)| at);
    seen.events_or(&planned, &[(START, "oven", Cancelled)]);
    if seen.time_of("oven", Started).is_none() {
        // Its thread was so late that the failure came first: there is no child to wait for.
        seen.takes_at_least(MILK);
    } else if oven_first {
        seen.takes(OVEN + MILK, 2);
        seen.note(
            "the task that was spawned last ran first and blocked the only worker: the milk was \
             not even begun before 2 s",
        );
    } else {
        seen.takes(OVEN, 2);
    }
}

/// The cancelled tasks are cancelled because of the failure, and therefore after it.
fn follows_the_failure(seen: &mut Observed<'_>, tasks: &[&str]) {
    for task in tasks {
        if seen.time_of(task, Cancelled).is_some() {
            seen.in_order(&[("milk", Failed), (task, Cancelled)]);
        }
    }
}

fn texts(seen: &Observed<'_>, name: &str) -> Vec<String> {
    let values = seen.outcome.value(name).as_array().into_iter().flatten();
    values
        .map(|value| value.as_str().unwrap_or_default().to_owned())
        .collect()
}
