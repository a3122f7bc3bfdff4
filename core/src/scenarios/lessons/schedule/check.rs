//! Checks of each variant of the schedule.

use std::time::Duration;

use serde_json::{Value, json};

use super::Schedule;
use crate::program::transcript::Event::{Finished, Started};
use crate::scenario::observed::Observed;
use crate::scenarios::support::timetable::secs;
use crate::time::nanos;

pub(super) fn check(variant: Schedule, seen: &mut Observed<'_>) {
    let start = Duration::ZERO;
    let (milk, bread) = variant.times();
    let mut events = [
        (start, "milk", Started),
        (start, "bread", Started),
        (milk, "milk", Finished),
        (bread, "bread", Finished),
    ];
    if variant == Schedule::ZeroFirst {
        // This variant's milk is there before the bread has begun.
        events.swap(1, 2);
    }
    events[2..].sort_by_key(|&(at, ..)| at);
    seen.events(&events);
    seen.takes(milk.max(bread), 2);
    for task in ["main", "milk", "bread"] {
        begins_and_ends_once(seen, task);
    }
    if seen.is_exact() && seen.config.seed.is_none() {
        seen.value("steps", steps(variant));
    }
    if variant == Schedule::ZeroFirst {
        zero(seen);
    }
}

/// A task starts in its first step, resumes in every other, and is done in its last, no matter
/// which steps the runtime puts in between.
fn begins_and_ends_once(seen: &mut Observed<'_>, task: &str) {
    let steps = seen.outcome.value("steps").as_array();
    let own = steps
        .into_iter()
        .flatten()
        .filter(|step| step["task"] == task);
    let course: Vec<(&Value, &Value)> = own.map(|step| (&step["event"], &step["then"])).collect();
    let last = course.len().saturating_sub(1);
    let right = !course.is_empty()
        && course.iter().enumerate().all(|(index, (event, then))| {
            (**event == "starts") == (index == 0) && (**then == "done") == (index == last)
        });
    let complaint = format!("the steps of `{task}` are {course:?}");
    seen.require(right, || complaint);
}

/// The steps of the first in, first out scheduler, with any number of workers.
fn steps(variant: Schedule) -> Value {
    let begun = [
        step(
            0,
            0,
            "main",
            "starts",
            "waits",
            &["milk", "bread"],
            &["main"],
        ),
        step(
            1,
            0,
            "milk",
            "starts",
            "waits",
            &["bread"],
            &["main", "milk"],
        ),
        step(
            2,
            0,
            "bread",
            "starts",
            "waits",
            &[],
            &["main", "milk", "bread"],
        ),
    ];
    let rest = match variant {
        Schedule::Steps => vec![
            step(3, 1, "milk", "resumes", "done", &["main"], &["bread"]),
            step(4, 1, "main", "resumes", "waits", &[], &["bread", "main"]),
            step(5, 2, "bread", "resumes", "done", &["main"], &[]),
            step(6, 2, "main", "resumes", "done", &[], &[]),
        ],
        Schedule::LongFirst => vec![
            step(3, 60, "bread", "resumes", "done", &[], &["main", "milk"]),
            step(4, 120, "milk", "resumes", "done", &["main"], &[]),
            step(5, 120, "main", "resumes", "done", &[], &[]),
        ],
        Schedule::ZeroFirst => {
            return Value::Array(vec![
                step(
                    0,
                    0,
                    "main",
                    "starts",
                    "waits",
                    &["milk", "bread"],
                    &["main"],
                ),
                step(1, 0, "milk", "starts", "done", &["bread", "main"], &[]),
                step(2, 0, "bread", "starts", "waits", &["main"], &["bread"]),
                step(3, 0, "main", "resumes", "waits", &[], &["bread", "main"]),
                step(4, 120, "bread", "resumes", "done", &["main"], &[]),
                step(5, 120, "main", "resumes", "done", &[], &[]),
            ]);
        }
    };
    Value::Array(begun.into_iter().chain(rest).collect())
}

/// A step as the outcome shows it; on this scheduler no other task is ever running.
fn step(
    number: usize,
    at: u64,
    task: &str,
    event: &str,
    then: &str,
    ready: &[&str],
    waiting: &[&str],
) -> Value {
    let at_ns = nanos(secs(at));
    json!({
        "step": format!("T{number}"), "at_ns": at_ns, "task": task, "event": event, "then": then,
        "ready": ready, "running": [], "waiting": waiting,
    })
}

/// Whether a wait of zero gives the others a turn is left to the runtime.
fn zero(seen: &mut Observed<'_>) {
    match seen.outcome.value("milk_steps").as_u64() {
        Some(1) => seen.note("a wait of zero does not yield: the milk was fetched in one step"),
        Some(2..) => seen.note("a wait of zero yields: the milk took more than one step"),
        _ => seen.require(false, || "the milk was never fetched".to_owned()),
    }
}
