//! Rules about the runtime's clock and its timers.

use std::future::pending;
use std::pin::pin;
use std::time::{Duration, Instant};

use futures::future::{Either, join_all, select};
use futures::stream::{FuturesUnordered, StreamExt};
use futures::{FutureExt, poll};

use crate::conformance::rule::Rule;
use crate::conformance::signals::{HOUR, STEP};
use crate::program::context::{Context, Elapsed};
use crate::program::sink::Null;
use crate::program::speed::Speed;
use crate::runtime::Runtime;
use crate::runtime::runner::Runner;
use crate::runtime::runner_info::Clock;

/// The clock never goes back, not even from one task to another; it moves at least as far as a
/// sleep, a block or a spin asks for.
pub fn now_goes_forward<Q: Runner>() -> Rule<Q> {
    Rule::root(2, |rt: Q::Runtime| async move {
        let mut last = rt.now();
        for _ in 0..1_000 {
            let now = rt.now();
            assert!(now >= last, "the clock went back from {last:?} to {now:?}");
            last = now;
        }
        for _ in 0..50 {
            let elsewhere = rt.spawn({
                let rt = rt.clone();
                async move { rt.now() }
            });
            let there = elsewhere.await.expect("the task ended well");
            let now = rt.now();
            assert!(
                last <= there && there <= now,
                "{last:?}, then {there:?} in another task, then {now:?}",
            );
            last = now;
        }
        rt.sleep(2 * STEP).await;
        last = moved(&rt, last, "a sleep");
        rt.block(2 * STEP);
        last = moved(&rt, last, "a block");
        rt.spin(2 * STEP);
        moved(&rt, last, "a spin");
    })
}

/// The time now, at least two steps after `before`.
fn moved<R: Runtime>(rt: &R, before: Duration, by: &str) -> Duration {
    let now = rt.now();
    assert!(
        now >= before + 2 * STEP,
        "{by} moved the clock from {before:?} to {now:?}"
    );
    now
}

/// A sleep never ends early: not by the runtime's clock and, if that clock is real, not by the
/// machine's.
pub fn sleep_is_never_early<Q: Runner>() -> Rule<Q> {
    Rule::root(1, |rt: Q::Runtime| async move {
        for nanos in [1, 999, 100_000, 999_999, 1_000_001, 2_500_000, 10_000_000] {
            let duration = Duration::from_nanos(nanos);
            let (began, real) = (rt.now(), Instant::now());
            rt.sleep(duration).await;
            let slept = rt.now() - began;
            assert!(slept >= duration, "a sleep of {duration:?} took {slept:?}");
            if Q::INFO.clock == Clock::Real {
                let slept = real.elapsed();
                assert!(
                    slept >= duration,
                    "a sleep of {duration:?} took {slept:?} really"
                );
            }
        }
    })
}

/// A sleep's deadline is fixed by the call, not by the first poll.
pub fn deadline_is_fixed_by_the_call<Q: Runner>() -> Rule<Q> {
    const SLEEP: Duration = Duration::from_millis(60);

    Rule::root(1, |rt: Q::Runtime| async move {
        let early = pin!(rt.sleep(SLEEP));
        rt.block(SLEEP + 5 * STEP);
        // The first sleep's deadline is past. If it began only now, this shorter sleep would win.
        let late = pin!(rt.sleep(SLEEP / 2));
        match select(early, late).await {
            Either::Left(_) => {}
            Either::Right(_) => panic!("the sleep began at its first poll"),
        }
    })
}

/// One task may hold ten thousand timers; each of them ends, and none ends early.
pub fn many_timers<Q: Runner>() -> Rule<Q> {
    const TIMERS: u32 = 10_000;

    Rule::root(1, |rt: Q::Runtime| async move {
        let began = rt.now();
        let timer = |index: u32| {
            // An order that suits neither a heap nor a timer wheel.
            let duration = Duration::from_micros(u64::from(index * 7_919 % 20_000));
            let (rt, slept) = (rt.clone(), rt.sleep(duration));
            async move {
                slept.await;
                let took = rt.now() - began;
                assert!(took >= duration, "a sleep of {duration:?} took {took:?}");
            }
        };
        let ended = join_all((0..TIMERS).map(timer)).await;
        assert_eq!(ended.len(), TIMERS as usize);
    })
}

/// The timers of one task end in the order of their deadlines.
pub fn timers_end_in_order<Q: Runner>() -> Rule<Q> {
    // The deadlines are further apart than any runtime's granularity.
    const UNIT: Duration = Duration::from_millis(10);
    const UNITS: [u32; 5] = [4, 1, 5, 2, 3];

    Rule::root(1, |rt: Q::Runtime| async move {
        loop {
            let began = rt.now();
            let timer = |units: u32| rt.sleep(units * UNIT).map(move |()| units);
            let mut timers: FuturesUnordered<_> = UNITS.into_iter().map(timer).collect();
            assert!(poll!(timers.next()).is_pending() || rt.now() >= began + UNIT);
            // On a machine that is too busy, timers were due before they were set, and no order is
            // promised for those.
            if rt.now() < began + UNIT {
                let ended: Vec<u32> = timers.collect().await;
                assert_eq!(ended, [1, 2, 3, 4, 5]);
                break;
            }
        }
    })
}

/// A sleep of no time ends, and so do many of them at once.
pub fn zero_sleep<Q: Runner>() -> Rule<Q> {
    Rule::root(1, |rt: Q::Runtime| async move {
        rt.sleep(Duration::ZERO).await;
        let sleeps = join_all((0..100).map(|_| rt.sleep(Duration::ZERO))).await;
        assert_eq!(sleeps.len(), 100);
    })
}

/// The longest possible duration is not an error: a sleep of it waits, and its task can be
/// cancelled.
pub fn longest_sleep<Q: Runner>() -> Rule<Q> {
    Rule::root(1, |rt: Q::Runtime| async move {
        let longest = pin!(rt.sleep(Duration::MAX));
        let short = pin!(rt.sleep(STEP));
        match select(longest, short).await {
            Either::Right(_) => {}
            Either::Left(_) => panic!("the longest sleep ended first"),
        }
    })
}

/// A timeout ends a wait, and does not disturb a future that is ready in time; a dropped timer has
/// no effect, and a timer that lost a race can still be awaited.
pub fn timeout_ends_a_wait<Q: Runner>() -> Rule<Q> {
    Rule::root(1, |rt: Q::Runtime| async move {
        let context = Context::new(rt.clone(), Null, Speed::REAL, rt.now());
        assert_eq!(context.timeout(STEP, pending::<()>()).await, Err(Elapsed));
        assert_eq!(context.timeout(Duration::ZERO, async { 1 }).await, Ok(1));
        for _ in 0..100 {
            let in_time = context.timeout(HOUR, rt.yield_now());
            assert_eq!(in_time.await, Ok(()));
        }
        assert_eq!(context.timeout(HOUR, rt.sleep(STEP)).await, Ok(()));

        let began = rt.now();
        let shorter = pin!(rt.sleep(2 * STEP));
        let longer = pin!(rt.sleep(20 * STEP));
        match select(shorter, longer).await {
            Either::Left(((), longer)) => longer.await,
            Either::Right(_) => panic!("the longer of two sleeps ended first"),
        }
        let took = rt.now() - began;
        assert!(
            took >= 20 * STEP,
            "the loser of a race ended after {took:?}"
        );
    })
}

/// A sleep that was polled in one task may be awaited in another.
pub fn sleep_may_move<Q: Runner>() -> Rule<Q> {
    Rule::root(2, |rt: Q::Runtime| async move {
        let began = rt.now();
        let mut sleep = Box::pin(rt.sleep(10 * STEP));
        // The sleep is ready here only if the machine was busy for that long.
        if poll!(&mut sleep).is_pending() {
            rt.spawn(sleep).await.expect("the sleep ends there");
        }
        let took = rt.now() - began;
        assert!(took >= 10 * STEP, "the sleep ended after {took:?}");
    })
}
