//! The overhead of recording, measured on the machine and runtime in use.

use std::future::poll_fn;
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use super::polled::Polled;
use super::runtime::Traced;
use super::tracer::Tracer;
use crate::runtime::Runtime;
use crate::runtime::runner_info::Clock;
use crate::trace::data::TaskKind;

const ROUNDS: usize = 25;

/// Polls in a round: enough to make the two reads of the clock negligible.
const POLLS: u32 = 400;

/// How much longer a recorded poll takes than an unrecorded one, with the clock of `runtime`: the
/// median of some rounds, a few milliseconds in all.
///
/// # Blocking
///
/// Keeps the calling thread busy for that time.
pub(crate) fn cost_of_a_poll<R: Runtime>(clock: Clock, runtime: &R) -> Duration {
    let polls = ROUNDS * POLLS as usize;
    // Two events per poll and one for the spawn, and room for the events that a thread is granted
    // at a time.
    let traced = Traced::new(runtime.clone(), Tracer::new(clock, 2 * polls + 8192));
    let task = traced.spawned(TaskKind::Task, None);
    let recorded = measure(Polled::new(never(), traced.recorder(task)));
    recorded.saturating_sub(measure(never()))
}

fn never() -> impl Future<Output = ()> {
    poll_fn(|cx| {
        std::hint::black_box(cx.waker());
        Poll::Pending
    })
}

fn measure(future: impl Future<Output = ()>) -> Duration {
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    let mut rounds: Vec<Duration> = (0..ROUNDS)
        .map(|_| {
            let started = Instant::now();
            for _ in 0..POLLS {
                let polled = future.as_mut().poll(&mut context);
                std::hint::black_box(polled.is_ready());
            }
            started.elapsed() / POLLS
        })
        .collect();
    rounds.sort_unstable();
    rounds[ROUNDS / 2]
}
