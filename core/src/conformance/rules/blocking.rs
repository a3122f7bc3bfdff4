//! Rules about calls that block.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use futures::future::join_all;

use crate::conformance::rule::Rule;
use crate::conformance::signals::{Census, Flag, STEP, block_until, eventually};
use crate::runtime::Runtime;
use crate::runtime::join_error::JoinError;
use crate::runtime::runner::Runner;

/// The number of blocking threads that these rules allow.
const CAP: usize = 3;

/// The value of a blocking call arrives through its handle.
pub fn blocking_value_arrives<Q: Runner>() -> Rule<Q> {
    Rule::root(1, |rt: Q::Runtime| async move {
        let call = rt.spawn_blocking({
            let rt = rt.clone();
            move || {
                rt.block(STEP);
                String::from("bread")
            }
        });
        assert_eq!(call.await.expect("the call ended well"), "bread");
        let named = rt.spawn_blocking_named("oven".into(), || 3);
        assert_eq!(named.await.expect("the named call ended well"), 3);
    })
}

/// The panic of a blocking call arrives as an error, costs the pool no thread, and is survived if
/// the call's handle is never awaited.
pub fn blocking_panic_is_an_error<Q: Runner>() -> Rule<Q> {
    let rule = Rule::root(1, |rt: Q::Runtime| async move {
        // More calls than there are threads: no thread may be lost to a panic.
        for _ in 0..2 * CAP {
            let call = rt.spawn_blocking(|| panic!("oven fire"));
            match call.await {
                Err(JoinError::Panicked(panic)) => assert_eq!(panic.message(), "oven fire"),
                other => panic!("a panic gave {:?}", other.map(|()| "a value")),
            }
            drop(rt.spawn_blocking(|| panic!("nobody listens")));
        }
        let after = rt.spawn_blocking(|| 2).await;
        assert_eq!(after.expect("the pool goes on"), 2);
    });
    rule.blocking_threads(CAP)
}

/// Dropping its handle detaches a blocking call, even if the call is still queued.
pub fn blocking_drop_detaches<Q: Runner>() -> Rule<Q> {
    let rule = Rule::root(1, |rt: Q::Runtime| async move {
        let ran = Arc::new(AtomicUsize::new(0));
        for _ in 0..2 * CAP {
            let (rt_there, ran) = (rt.clone(), ran.clone());
            drop(rt.spawn_blocking(move || {
                rt_there.block(2 * STEP);
                ran.fetch_add(1, Ordering::SeqCst);
            }));
        }
        let all_ran = || ran.load(Ordering::SeqCst) == 2 * CAP;
        eventually(&rt, "all detached calls ran", all_ran).await;
    });
    rule.blocking_threads(CAP)
}

/// While every blocking thread is busy, the only worker's timers and tasks go on.
pub fn blocking_stalls_nobody<Q: Runner>() -> Rule<Q> {
    let rule = Rule::root(1, |rt: Q::Runtime| async move {
        let released = Flag::default();
        let call = |_| {
            let (rt_there, released) = (rt.clone(), released.clone());
            rt.spawn_blocking(move || {
                block_until(&rt_there, "the tasks went on", || released.is_raised());
            })
        };
        let calls: Vec<_> = (0..CAP).map(call).collect();
        rt.sleep(2 * STEP).await;
        let task = rt.spawn({
            let rt = rt.clone();
            async move { rt.sleep(STEP).await }
        });
        task.await.expect("the task ended well");
        released.raise();
        for call in calls {
            call.await
                .expect("the call was not stalled, and stalled nobody");
        }
    });
    rule.blocking_threads(CAP)
}

/// As many blocking calls run at a time as the configuration allows: that number is reached, and
/// never exceeded.
pub fn blocking_cap_is_obeyed<Q: Runner>() -> Rule<Q> {
    let rule = Rule::root(1, |rt: Q::Runtime| async move {
        let running = Census::default();
        let call = |_| {
            let (rt_there, running) = (rt.clone(), running.clone());
            rt.spawn_blocking(move || {
                let _member = running.enter();
                block_until(&rt_there, "as many run as are allowed", || {
                    running.most() >= CAP
                });
                // Leave time for one too many to show.
                rt_there.block(5 * STEP);
            })
        };
        let calls: Vec<_> = (0..4 * CAP).map(call).collect();
        for call in calls {
            call.await.expect("the call ended well");
        }
        assert_eq!(running.most(), CAP, "calls that ran at a time");
        assert_eq!(running.ever(), 4 * CAP, "calls that ran at all");
    });
    rule.blocking_threads(CAP)
}

/// Blocking calls beyond the cap are queued, not refused, and all of them run.
pub fn blocking_calls_past_the_cap_queue<Q: Runner>() -> Rule<Q> {
    let rule = Rule::root(2, |rt: Q::Runtime| async move {
        let call = |value: usize| {
            let rt_there = rt.clone();
            rt.spawn_blocking(move || {
                rt_there.block(STEP / 10);
                value
            })
        };
        let calls: Vec<_> = (0..100 * CAP).map(call).collect();
        for (value, ended) in join_all(calls).await.into_iter().enumerate() {
            assert_eq!(ended.expect("the call ended well"), value);
        }
    });
    rule.blocking_threads(CAP)
}

/// A blocking call may spawn tasks and further blocking calls.
pub fn blocking_call_may_spawn<Q: Runner>() -> Rule<Q> {
    Rule::root(1, |rt: Q::Runtime| async move {
        let call = rt.spawn_blocking({
            let rt = rt.clone();
            move || (rt.spawn(async { 1 }), rt.spawn_blocking(|| 2))
        });
        let (task, inner) = call.await.expect("the call ended well");
        assert_eq!(task.await.expect("the task ended well"), 1);
        assert_eq!(inner.await.expect("the inner call ended well"), 2);
    })
}
