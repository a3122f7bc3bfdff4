//! Timers that repeat.

use std::thread;
use std::time::{Duration, Instant};

use anyhow::Result;
use futures::StreamExt as _;

use crate::semantics::answer::Answer;
use crate::semantics::question::{ALL, Inapplicable, Info, Side};
use crate::semantics::side::{Bare, Setup};

const NO_INTERVAL: &[Inapplicable] = &[
    (Side::Contract, ALL, "the contract has no interval"),
    (Side::Native, "threads", "the standard library has none"),
];

const PERIOD: Duration = Duration::from_millis(20);

/// The ticks that are due when the stall ends.
const MISSED: u32 = 5;

/// The number of tries for an interval whose ticks are late: a busy machine can make any late.
const TRIES: usize = 3;

pub(super) const INTERVAL_START: Info = Info {
    id: "interval-start",
    title: "When does an interval tick first?",
    why: "The first report, poll or heartbeat comes a whole period earlier or \
          later than it did.",
    how: "An interval of 20 ms is made, and a tick of it awaited. One that comes \
          in less came before the period was over; the least of three.",
    inapplicable: NO_INTERVAL,
    ..Info::PLAIN
};

pub(crate) fn first_tick<O: Bare>(setup: Setup) -> Result<Answer> {
    let owner = O::start(setup)?;
    let mut least = Duration::MAX;
    for _ in 0..TRIES {
        let took = owner.main(async {
            let made = Instant::now();
            O::interval(PERIOD).next().await;
            made.elapsed()
        })?;
        least = least.min(took);
        if took < PERIOD {
            break;
        }
    }
    let answer = match least < PERIOD {
        true => Answer::seen("at once"),
        false => Answer::seen("after a period"),
    };
    Ok(answer.detail(format!("{least:.1?} after it was made")))
}

pub(super) const INTERVAL_STALL: Info = Info {
    id: "interval-stall",
    title: "What does an interval do after its task has stalled?",
    why: "Missed ticks that are made up for come in a heap, on what was stalled \
          already; dropped ones leave a count behind the clock.",
    how: "A task blocks for 110 ms after a tick of 20 ms: five ticks are due. Two \
          gaps tell: from the first tick after it to the second, and to the \
          fifth. Three tries for the five to come in less than 60 ms.",
    inapplicable: NO_INTERVAL,
    ..Info::PLAIN
};

pub(crate) fn after_a_stall<O: Bare>(setup: Setup) -> Result<Answer> {
    let owner = O::start(setup)?;
    let mut gaps = (Duration::MAX, Duration::MAX);
    for _ in 0..TRIES {
        let found = owner.main(gaps_after_a_stall::<O>())?;
        // A try that was held up has a late fifth, however early its second.
        if found.1 < gaps.1 {
            gaps = found;
        }
        if gaps.1 < PERIOD * (MISSED - 2) {
            break;
        }
    }
    let (second, fifth) = gaps;
    let answer = match () {
        () if fifth < PERIOD * (MISSED - 2) => "the missed ticks come at once",
        () if second < PERIOD * 3 / 4 => "it drops the missed ticks and keeps to its beat",
        () => "it drops the missed ticks and starts anew",
    };
    Ok(Answer::seen(answer).detail(format!(
        "after the first tick the second came in {second:.1?}, the fifth in {fifth:.1?}"
    )))
}

/// The times from the first tick after a stall to the second and to the fifth.
async fn gaps_after_a_stall<O: Bare>() -> (Duration, Duration) {
    let mut interval = O::interval(PERIOD);
    interval.next().await;
    thread::sleep(PERIOD * MISSED + PERIOD / 2);
    interval.next().await;
    let first = Instant::now();
    interval.next().await;
    let second = first.elapsed();
    for _ in 2..MISSED {
        interval.next().await;
    }
    (second, first.elapsed())
}
