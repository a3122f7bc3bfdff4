//! Checks of each variant of the search.

use std::time::Duration;

use serde_json::Value;

use super::search::{Input, SMALL, cost};
use super::{Divisibles, PAUSE};
use crate::program::transcript::Event::{Cancelled, Failed, Finished, Started};
use crate::scenario::observed::{At, Observed};
use crate::scenarios::support::timetable::begins;
use crate::time::seconds;

pub(super) fn check(variant: Divisibles, seen: &mut Observed<'_>) {
    let inputs = variant.inputs(seen.params);
    let workers = seen.workers();
    let cores = seen.config.cores.map_or(workers, |cores| cores.get());
    match variant {
        Divisibles::Sync => {
            found(seen, &inputs);
            in_the_order(seen, inputs);
            computed(seen, &inputs, 1, 1);
        }
        Divisibles::NoYield | Divisibles::ConcurrentBig => {
            found(seen, &inputs);
            computed(seen, &inputs, workers, cores);
        }
        Divisibles::Parallel => {
            found(seen, &inputs);
            computed(seen, &inputs, seen.blocking_threads(), cores);
        }
        Divisibles::SlowPoll => {
            found(seen, &inputs);
            computed(seen, &inputs, workers, cores);
            slow_polls(seen, &inputs, workers <= cores);
        }
        Divisibles::Yield500000 => {
            let [first, second, third] = inputs;
            gave_way(seen, &inputs, 500_000, [second, third, first]);
        }
        Divisibles::Yield50000 => {
            let [first, second, third] = inputs;
            gave_way(seen, &inputs, 50_000, [third, second, first]);
        }
        Divisibles::Results => {
            gave_way(seen, &inputs, 50_000, inputs);
            in_the_order(seen, inputs);
            let Input { by, .. } = inputs[0];
            let numbers = (0..inputs[0].count()).map(|nth| nth * by);
            seen.value("numbers", numbers.collect::<Vec<_>>());
        }
        Divisibles::NotWaiting => not_waiting(seen, &inputs),
        Divisibles::Cleanup => cleanup(seen),
    }
}

/// All numbers of all inputs were found, and each search ended once.
fn found(seen: &mut Observed<'_>, inputs: &[Input; 3]) {
    seen.value("found", inputs.map(Input::count).to_vec());
    seen.value("last", inputs.map(Input::last).to_vec());
    let order = seen.outcome.value("order").as_array().cloned();
    let mut ended = order.unwrap_or_default();
    let mut names: Vec<Value> = inputs.map(|input| input.name().to_string().into()).to_vec();
    ended.sort_by_key(Value::to_string);
    names.sort_by_key(Value::to_string);
    seen.require(ended == names, || {
        format!("the searches that ended are {ended:?}, expected {names:?}")
    });
}

fn in_the_order(seen: &mut Observed<'_>, inputs: [Input; 3]) {
    seen.value(
        "order",
        inputs.map(|input| input.name().to_string()).to_vec(),
    );
}

/// Searches that never suspend, each on one of `threads` that share `cores`.
fn computed(seen: &mut Observed<'_>, inputs: &[Input; 3], threads: usize, cores: usize) {
    let names = inputs.map(|input| input.name().to_string());
    if seen.is_exact() && !seen.is_fifo() {
        return ran_to_the_end(seen, inputs);
    }
    let mut started = [Duration::ZERO; 3];
    let mut ended = [Duration::ZERO; 3];
    if seen.is_exact() {
        let costs = inputs.map(|input| cost(input.below));
        let begun = begins(&costs, threads.min(cores));
        ended = std::array::from_fn(|nth| begun[nth] + costs[nth]);
        // A search that waits for a core holds its thread, which is free when a search ends.
        let mut freed = ended;
        freed.sort();
        for (nth, freed) in (threads..3).zip(freed) {
            started[nth] = freed;
        }
        seen.takes(freed[2], 0);
    }
    let mut events: Vec<At<'_>> = Vec::new();
    for (nth, name) in names.iter().enumerate() {
        events.push((started[nth], name, Started));
        events.push((ended[nth], name, Finished));
    }
    // At one instant, a thread is freed before it is taken again.
    events.sort_by_key(|&(at, _, event)| (at, event == Started));
    seen.events(&events);
}

fn ran_to_the_end(seen: &mut Observed<'_>, inputs: &[Input; 3]) {
    for input in inputs {
        let name = input.name().to_string();
        seen.in_order(&[(&name, Started), (&name, Finished)]);
    }
}

/// Searches that wait at every number that `every` divides; on one worker of the
/// virtual clock, those of the tutorial end in the order of `ends`.
fn gave_way(seen: &mut Observed<'_>, inputs: &[Input; 3], every: u64, ends: [Input; 3]) {
    found(seen, inputs);
    ran_to_the_end(seen, inputs);
    for input in inputs {
        let pauses = (input.below - 1) / every + 1;
        let mut least = PAUSE * u32::try_from(pauses).unwrap_or(u32::MAX);
        if seen.is_exact() {
            least += cost(input.below);
        }
        seen.takes_at_least(least);
    }
    if seen.is_fifo() && seen.workers() == 1 && *inputs == SMALL {
        in_the_order(seen, ends);
    }
}

/// Polls over the threshold were reported; each search is a single poll.
fn slow_polls(seen: &mut Observed<'_>, inputs: &[Input; 3], core_each: bool) {
    let threshold = seen.params.duration("threshold");
    let polls = seen.outcome.value("slow_polls").as_array().cloned();
    let polls = polls.unwrap_or_default();
    let took = |name: &str| -> Vec<Duration> {
        let of_task = polls.iter().filter(|poll| poll["task"] == name);
        let took = of_task.filter_map(|poll| poll["took_ns"].as_u64());
        took.map(Duration::from_nanos).collect()
    };
    let longest = seen.speed.to_runtime(seen.elapsed) + Duration::from_micros(1);
    let mut known = 0;
    for input in inputs {
        let name = input.name().to_string();
        let took = took(&name);
        known += took.len();
        let right = match took[..] {
            [] if seen.is_exact() => cost(input.below) <= threshold,
            [] => true,
            [took] if seen.is_exact() && core_each => took == cost(input.below) && took > threshold,
            [took] => took > threshold && took <= longest,
            _ => false,
        };
        seen.require(right, || format!("slow polls of `{name}` are {took:?}"));
    }
    seen.require(known == polls.len(), || format!("slow polls are {polls:?}"));
    if polls.is_empty() {
        seen.note(format!(
            "no poll took longer than {}: a larger --param scale or a lower --param threshold \
             shows some",
            seconds(threshold)
        ));
    }
}

fn not_waiting(seen: &mut Observed<'_>, inputs: &[Input; 3]) {
    let fate = |input: &Input| {
        let fates = seen.outcome.value("fates");
        let fate = fates[&input.name().to_string()].as_str();
        fate.unwrap_or("unknown").to_owned()
    };
    let fates = [0, 1, 2].map(|nth| fate(&inputs[nth]));
    let possible = |nth: usize| match fates[nth].as_str() {
        "never_polled" | "done" | "went_on" => true,
        // A poll cannot be interrupted, and the third search is a single poll.
        "lost_half_done" => nth < 2,
        _ => false,
    };
    let all_possible = (0..3).all(possible);
    seen.require(all_possible, || format!("fates are {fates:?}"));
    if seen.is_fifo() {
        let expected = ["lost_half_done", "lost_half_done", "done"];
        seen.require(fates == expected, || {
            format!("fates are {fates:?}, expected {expected:?}")
        });
    }
    let is_lost = |fate: &&String| ["never_polled", "lost_half_done"].contains(&fate.as_str());
    seen.note(match fates.iter().filter(is_lost).count() {
        0 => "no search was lost when main ended",
        1 => "one of three searches was lost when main ended",
        2 => "two of three searches were lost when main ended",
        _ => "all three searches were lost when main ended",
    });
}

fn cleanup(seen: &mut Observed<'_>) {
    seen.value("error", "below 500: cannot divide by 0");
    let opened = seen.outcome.value("opened").as_u64().unwrap_or_default();
    let closed = usize::try_from(opened).unwrap_or_default();
    seen.value("closed", vec![1; closed]);
    seen.in_order(&[("below 500", Started), ("below 500", Failed)]);
    seen.takes_at_least(PAUSE);
    if seen.is_exact() {
        seen.value("opened", 3);
        let cancelled = |entry: &&crate::program::transcript::Entry| entry.event == Cancelled;
        let cancelled = seen.transcript.iter().filter(cancelled).count();
        seen.require(cancelled == 2, || {
            format!("{cancelled} searches were cancelled, expected 2")
        });
    }
    seen.require(opened >= 1, || "no file was opened".to_owned());
}
