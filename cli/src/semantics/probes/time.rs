//! Sleeping.

use std::thread;
use std::time::{Duration, Instant};

use anyhow::Result;

use crate::semantics::answer::Answer;
use crate::semantics::observe::poll_once;
use crate::semantics::question::{Info, Side};
use crate::semantics::side::{Owns, Setup, Spawns};
use pollmark_core::time::nanos;

const ZERO_SLEEPS: usize = 20;

pub(super) const ZERO_SLEEP: Info = Info {
    id: "zero-sleep",
    title: "Does a sleep of zero yield to other tasks?",
    why: "`sleep(0)` as a way to yield, known from asyncio, does nothing where it \
          is ready at once.",
    how: "A task polls twenty sleeps of zero: is the first poll pending?",
    inapplicable: &[(
        Side::Native,
        "threads",
        "the OS takes the CPU from a thread, which need not yield",
    )],
    ..Info::PLAIN
};

pub(crate) fn zero_sleep<O: Owns>(setup: Setup) -> Result<Answer> {
    let owner = O::start(setup)?;
    let spawner = owner.spawner();
    let began = Instant::now();
    let yields = owner.main(async move {
        let mut yields = 0;
        for _ in 0..ZERO_SLEEPS {
            let mut sleep = Box::pin(spawner.sleep(Duration::ZERO));
            if poll_once(sleep.as_mut()).is_pending() {
                yields += 1;
                sleep.await;
            }
        }
        yields
    })?;
    let each = began.elapsed().as_secs_f64() * 1e6 / ZERO_SLEEPS as f64;
    let answer = match yields {
        0 => Answer::seen("no, it is ready at once"),
        ZERO_SLEEPS => Answer::seen("yes"),
        _ => Answer::seen("sometimes"),
    };
    Ok(answer.detail(format!(
        "pending at first in {yields} of {ZERO_SLEEPS}, {each:.0} µs each"
    )))
}

/// The length of the sleep, and the time for which it is left unpolled.
const SLEEP: Duration = Duration::from_millis(40);

/// The number of tries for a sleep that seems to begin at its first poll: a busy machine
/// can make any sleep late.
const TRIES: usize = 3;

pub(super) const SLEEP_DEADLINE: Info = Info {
    id: "sleep-deadline",
    title: "When does a sleep begin?",
    why: "A sleep that is made early and awaited late ends later than meant where \
          it begins at the first poll.",
    how: "A sleep of 40 ms is left unpolled for 40 ms. One that then takes less \
          than 40 ms more had begun before; the least of three.",
    rule: Some("deadline_is_fixed_by_the_call"),
    inapplicable: &[(
        Side::Native,
        "threads",
        "`thread::sleep` is a call: it begins when it is made",
    )],
    ..Info::PLAIN
};

pub(crate) fn deadline<O: Owns>(setup: Setup) -> Result<Answer> {
    let owner = O::start(setup)?;
    let mut least = Duration::MAX;
    for _ in 0..TRIES {
        let spawner = owner.spawner();
        let took = owner.main(async move {
            let sleep = spawner.sleep(SLEEP);
            thread::sleep(SLEEP);
            let polled = Instant::now();
            sleep.await;
            polled.elapsed()
        })?;
        least = least.min(took);
        // No sleep ends early, so this one cannot have begun at its first poll.
        if took < SLEEP {
            break;
        }
    }
    let answer = if least < SLEEP {
        Answer::seen("when the sleep is made")
    } else {
        Answer::seen("when the sleep is first polled")
    };
    Ok(answer.detail(format!(
        "a sleep of {SLEEP:?}, first polled after {SLEEP:?}, took {least:.1?} more"
    )))
}

const SHORT: Duration = Duration::from_micros(100);
const SHORT_SLEEPS: usize = 31;

pub(super) const TIMER_GRANULARITY: Info = Info {
    id: "timer-granularity",
    title: "How long does a sleep of 100 µs take?",
    why: "Short sleeps, as for pacing and retries, take a timer's step at the \
          least, whatever was asked for.",
    how: "The median of 31 sleeps of 100 µs in one task, one after the other, \
          with no other probe beside it.",
    unit: Some("ns"),
    needs_quiet: true,
    ..Info::PLAIN
};

pub(crate) fn granularity<O: Owns>(setup: Setup) -> Result<Answer> {
    let owner = O::start(setup)?;
    let spawner = owner.spawner();
    let mut took = owner.main(async move {
        let mut took = Vec::with_capacity(SHORT_SLEEPS);
        for _ in 0..SHORT_SLEEPS {
            let began = Instant::now();
            spawner.sleep(SHORT).await;
            took.push(began.elapsed());
        }
        took
    })?;
    took.sort_unstable();
    let median = took[SHORT_SLEEPS / 2];
    let median_ns = nanos(median);
    let micros = |time: Duration| time.as_secs_f64() * 1e6;
    let detail = format!(
        "{SHORT_SLEEPS} sleeps, from {:.0} µs to {:.0} µs",
        micros(took[0]),
        micros(took[SHORT_SLEEPS - 1])
    );
    Ok(Answer::figure(format!("{:.0} µs", micros(median)), median_ns).detail(detail))
}
