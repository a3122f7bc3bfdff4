//! Checks of each variant of the shops.

use std::time::Duration;

use super::{Basket, Item, Shops};
use crate::program::transcript::Event::{Cancelled, Finished, Started};
use crate::scenario::observed::{At, Observed};

pub(super) fn check(variant: Shops, seen: &mut Observed<'_>) {
    if !seen.goes_by_transcript() {
        return;
    }
    let baskets = variant.baskets(seen.params);
    let arrivals = arrivals(&baskets);
    let placed = placed(seen, &arrivals);
    let done = times_of(seen, DONE);
    let ideal = ideal(&placed, variant.shops());
    every_item_in_its_turn(seen, &arrivals, &done);
    match variant {
        Shops::Fixed | Shops::OneShop | Shops::Random => {
            all_done(seen, variant, &placed, &ideal, &done);
            tasks(seen, &baskets, &placed, variant.shops(), latest(&ideal));
        }
        Shops::NoCancel => {
            all_done(seen, variant, &placed, &ideal, &done);
            shops_left_behind(seen);
            if seen.is_exact() {
                tasks(seen, &baskets, &placed, variant.shops(), latest(&ideal));
            }
        }
        Shops::NoJoin => cut_short(seen, &baskets, &placed, &ideal, &done),
        Shops::AwaitShops | Shops::NoTaskDone => stuck(seen, &placed, &ideal, &done),
    }
    if variant == Shops::Random {
        seen.value("seed", super::seed(seen.params));
    }
}

/// An item, and the time of an event that concerns it.
type Dated = (Duration, Item);

/// The times at which each item is placed, by customer.
fn arrivals(baskets: &[Basket]) -> Vec<Dated> {
    let of_one = |basket: &Basket| {
        let mut at = Duration::ZERO;
        let arrival = |item: &Item| {
            at += item.browse;
            (at, *item)
        };
        basket.iter().map(arrival).collect::<Vec<_>>()
    };
    baskets.iter().flat_map(of_one).collect()
}

/// The times at which each item is done if the shops take the items in this order, each as soon as
/// it is free: the order of an ideal scheduler.
fn ideal(placed: &[Dated], shops: usize) -> Vec<Dated> {
    let mut free_at = vec![Duration::ZERO; shops];
    let done = |(at, item): &Dated| {
        let shop = free_at.iter_mut().min().expect("there is a shop at least");
        *shop = *at.max(shop) + item.process;
        (*shop, *item)
    };
    placed.iter().map(done).collect()
}

fn latest(dated: &[Dated]) -> Duration {
    dated.iter().map(|(at, _)| *at).max().unwrap_or_default()
}

/// The text that follows an item's name.
const PLACED: &str = " goes into the queue";
const TAKEN: &str = " is taken";
const DONE: &str = " is done";

/// The times at which this was said, and of which item, in the order in which it was said.
fn times_of(seen: &Observed<'_>, what: &str) -> Vec<(Duration, String)> {
    let entries = seen.transcript.iter().filter_map(|entry| {
        let item = entry.text.as_deref()?.strip_suffix(what)?;
        Some((entry.at, item.to_owned()))
    });
    entries.collect()
}

/// The items in the order in which they were placed, at their nominal times.
fn placed(seen: &mut Observed<'_>, arrivals: &[Dated]) -> Vec<Dated> {
    let mut open = arrivals.to_vec();
    let mut placed = Vec::new();
    for (at, text) in times_of(seen, PLACED) {
        let index = open.iter().position(|(_, item)| item.to_string() == text);
        let Some(index) = index else {
            seen.require(false, || format!("{text} was placed twice"));
            continue;
        };
        let (due, item) = open.remove(index);
        let on_time = seen.is_due(at, due);
        seen.require(on_time, || {
            format!("{item} was placed at {at:?}, expected {due:?}")
        });
        placed.push((due, item));
    }
    placed
}

/// An item is placed, then taken, then done, each at most once, and processing it takes its time.
fn every_item_in_its_turn(seen: &mut Observed<'_>, items: &[Dated], done: &[(Duration, String)]) {
    let placed = times_of(seen, PLACED);
    let taken = times_of(seen, TAKEN);
    for (_, item) in items {
        let name = item.to_string();
        let times_in = |list: &[(Duration, String)]| -> Vec<Duration> {
            let of_item = list.iter().filter(|(_, other)| *other == name);
            of_item.map(|(at, _)| *at).collect()
        };
        let in_turn = match (
            times_in(&placed).as_slice(),
            times_in(&taken).as_slice(),
            times_in(done).as_slice(),
        ) {
            ([], [], []) | ([_], [], []) => true,
            ([placed], [taken], []) => placed <= taken,
            ([placed], [taken], [done]) => {
                placed <= taken && taken <= done && !seen.is_early(*done - *taken, item.process)
            }
            _ => false,
        };
        seen.require(in_turn, || {
            format!("{name} was not placed, taken and processed in turn")
        });
    }
}

/// Every item was placed and processed, at its time.
fn all_done(
    seen: &mut Observed<'_>,
    variant: Shops,
    placed: &[Dated],
    ideal: &[Dated],
    done: &[(Duration, String)],
) {
    let items = arrivals(&variant.baskets(seen.params));
    seen.value("placed", items.len());
    seen.value("processed", items.len());
    seen.value("lost", 0);
    seen.require(placed.len() == items.len(), || {
        format!("{} items of {} were placed", placed.len(), items.len())
    });
    seen.require(done.len() == items.len(), || {
        format!("{} items of {} are done", done.len(), items.len())
    });
    as_ideal(seen, ideal, done);
    let in_turn = variant != Shops::Random && !seen.is_early(seen.elapsed, latest(ideal));
    if seen.is_exact() || in_turn {
        let waits = u32::try_from(items.len() + 1).unwrap_or(u32::MAX);
        seen.takes(latest(ideal), waits);
        return;
    }
    // If two items are placed close together, the runtime decides which comes first, and the total
    // time depends on that. Late customers may place any two close together.
    let alone = items.iter().map(|(at, item)| *at + item.process).max();
    let work: Duration = items.iter().map(|(_, item)| item.process).sum();
    let shops = u32::try_from(variant.shops()).unwrap_or(u32::MAX);
    seen.takes_at_least(alone.unwrap_or_default().max(work / shops));
}

/// On the virtual clock, items are done when an ideal scheduler has them done.
fn as_ideal(seen: &mut Observed<'_>, ideal: &[Dated], done: &[(Duration, String)]) {
    if !seen.is_exact() {
        return;
    }
    let expected = ideal.iter().map(|(at, item)| (*at, item.to_string()));
    let mut expected: Vec<_> = expected.collect();
    let mut done = done.to_vec();
    expected.sort();
    done.sort();
    seen.require(done == expected, || {
        format!("items are done as {done:?}, expected {expected:?}")
    });
}

/// All tasks begin at once; a customer ends with the last item of the basket, and the shops are
/// cancelled at `close`.
fn tasks(
    seen: &mut Observed<'_>,
    baskets: &[Basket],
    placed: &[Dated],
    shops: usize,
    close: Duration,
) {
    let start = Duration::ZERO;
    let customer = |n: usize| format!("customer {n}");
    let shop = |n: usize| format!("shop {n}");
    let last = |item: &Item| baskets.iter().any(|basket| basket.last() == Some(item));
    let leaving = placed.iter().filter(|(_, item)| last(item));

    let mut events = Vec::new();
    events.extend((1..=baskets.len()).map(|n| (start, customer(n), Started)));
    events.extend((1..=shops).map(|n| (start, shop(n), Started)));
    events.extend(leaving.map(|(at, item)| (*at, customer(item.customer), Finished)));
    events.extend((1..=shops).map(|n| (close, shop(n), Cancelled)));
    let events: Vec<At<'_>> = events
        .iter()
        .map(|(at, task, event)| (*at, task.as_str(), *event))
        .collect();
    // A shop whose first poll is late finds that the others have done all the work.
    let cancelled = events.iter().filter(|(.., event)| *event == Cancelled);
    let cancelled: Vec<At<'_>> = cancelled.copied().collect();
    seen.events_or(&events, &cancelled);
}

fn shops_left_behind(seen: &mut Observed<'_>) {
    let dropped = (1..=3)
        .filter(|n| seen.time_of(&format!("shop {n}"), Cancelled).is_some())
        .count();
    let fate = match dropped {
        0 => "the shops that main left behind wait on: this runtime has no end but the process's",
        _ => "the runtime's end dropped the shops that main left behind",
    };
    seen.note(fate);
}

/// The shops closed when the customers had gone.
fn cut_short(
    seen: &mut Observed<'_>,
    baskets: &[Basket],
    placed: &[Dated],
    ideal: &[Dated],
    done: &[(Duration, String)],
) {
    let gone = latest(placed);
    let in_time: Vec<Dated> = ideal
        .iter()
        .copied()
        .filter(|(at, _)| *at <= gone)
        .collect();
    seen.value("placed", ideal.len());
    seen.value("processed", done.len());
    seen.value("lost", ideal.len().saturating_sub(done.len()));
    seen.require(placed.len() == arrivals(baskets).len(), || {
        "an item was not placed".to_owned()
    });
    seen.takes(gone, 3);
    if !seen.is_exact() {
        // However late the shops were closed, and in any order of items that were placed close
        // together, no item was done before its time.
        let possible = placed
            .iter()
            .filter(|(at, item)| !seen.is_early(seen.elapsed, *at + item.process));
        let possible = possible.count();
        seen.require(done.len() <= possible, || {
            format!("{} items are done, {possible} can be", done.len())
        });
    } else if seen.config.seed.is_none() {
        as_ideal(seen, &in_time, done);
        tasks(seen, baskets, placed, 3, gone);
    } else {
        // Main may come before a shop that would be done at the same instant.
        seen.require(done.len() <= in_time.len(), || {
            format!("{} items are done, {} can be", done.len(), in_time.len())
        });
    }
    let lost = ideal.len().saturating_sub(done.len());
    seen.note(format!("{lost} of {} items lost", ideal.len()));
}

/// Everything is placed and processed, and yet the program does not end.
fn stuck(seen: &mut Observed<'_>, placed: &[Dated], ideal: &[Dated], done: &[(Duration, String)]) {
    as_ideal(seen, ideal, done);
    let items = arrivals(&super::fixed()).len();
    if seen.is_exact() {
        seen.require(placed.len() == items && done.len() == items, || {
            format!("{} of {items} items are done", done.len())
        });
    }
    let done = done.len();
    seen.note(format!(
        "{done} of {items} items were processed before it stood still"
    ));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::program::transcript::Event;
    use crate::runtime::runner_info::Clock;
    use crate::scenario::outcome::Outcome;
    use crate::scenarios::support::late::Run;

    /// One shop does all the work, since the first poll of each of the others is late.
    #[test]
    fn a_shop_that_never_began_is_no_failure_on_a_real_clock() {
        let mut items = arrivals(&super::super::fixed());
        items.sort_by_key(|(at, _)| *at);
        let mut lines = Vec::new();
        let mut end = Duration::ZERO;
        for (at, item) in &items {
            let taken = end.max(*at);
            end = taken + item.process;
            lines.push((*at, format!("{item}{PLACED}")));
            lines.extend([
                (taken, format!("{item}{TAKEN}")),
                (end, format!("{item}{DONE}")),
            ]);
        }
        let name = |what: &str, n: usize| -> &'static str { format!("{what} {n}").leak() };
        let mut events: Vec<(&str, Duration, Event)> = vec![("shop 1", Duration::ZERO, Started)];
        events.extend((1..=3).map(|n| (name("shop", n), end, Cancelled)));
        for (n, basket) in (1..).zip(super::super::fixed()) {
            let last = basket.iter().map(|item| item.browse).sum();
            events.extend([
                (name("customer", n), Duration::ZERO, Started),
                (name("customer", n), last, Finished),
            ]);
        }
        let run = Run {
            elapsed: end,
            outcome: Outcome::new()
                .with("placed", items.len())
                .with("processed", items.len())
                .with("lost", 0),
            events: &events,
            lines: &lines,
        };
        let [wrong, _] = run.checked(Shops::Fixed, Clock::Real);
        assert!(wrong.is_empty(), "{wrong:?}");
        let [wrong, _] = run.checked(Shops::Fixed, Clock::Virtual);
        assert!(!wrong.is_empty());
    }
}
