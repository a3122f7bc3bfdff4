//! Rules about task groups, on every runtime.

use std::future::pending;
use std::pin::pin;

use futures::poll;

use super::group_support::{Group, Outcome, SlowLeave, context, failures};
use crate::conformance::rule::{Rule, effective_workers};
use crate::conformance::signals::{Census, Flag, Gate, STEP, block_until, eventually};
use crate::program::task_group::child::NoValue;
use crate::program::task_group::error::Cause;
use crate::runtime::Runtime;
use crate::runtime::runner::Runner;

/// A group returns its body's value once all children have ended, and a child's handle returns the
/// child's value.
pub fn group_gives_values<Q: Runner>() -> Rule<Q> {
    Rule::root(2, |rt: Q::Runtime| async move {
        let census = Census::default();
        let alive = census.clone();
        let wait = rt.clone();
        let context = context(&rt);
        let group = context.group(async move |group: Group<Q>| {
            let child = |value: usize| {
                let (rt, member) = (wait.clone(), alive.enter());
                group.spawn(("child", value), async move {
                    let _member = member;
                    rt.sleep(STEP).await;
                    Ok(value)
                })
            };
            let children = [child(1), child(2), child(3)];
            drop(child(4));
            let mut sum = 0;
            for child in children {
                sum += child.await.map_err(|NoValue| "a child without a value")?;
            }
            Ok(sum)
        });
        assert_eq!(group.await.map_err(|error| error.to_string()), Ok(6));
        assert_eq!(census.ever(), 4);
        assert_eq!(census.alive(), 0, "children that outlived their group");
    })
}

/// The first error cancels the other children and the body, and the group waits until all of them
/// are gone.
pub fn group_cancels_at_the_first_error<Q: Runner>() -> Rule<Q> {
    Rule::root(2, |rt: Q::Runtime| async move {
        let census = Census::default();
        let alive = census.clone();
        let slow = rt.clone();
        let context = context(&rt);
        let group = context.group(async move |group: Group<Q>| {
            for index in 0..5 {
                let guard = SlowLeave(slow.clone(), Some(alive.enter()));
                group.spawn(("waiter", index), async move {
                    let _guard = guard;
                    pending::<Outcome>().await
                });
            }
            group.spawn("thief", async { Err::<(), _>("stolen") });
            let _body = alive.enter();
            pending::<Outcome>().await
        });
        let causes = failures(group.await);
        assert_eq!(census.alive(), 0, "children that outlived their group");
        assert_eq!(causes, ["thief: stolen"]);
    })
}

/// A failed group reports every child's error, in the order of spawning, not only the first one.
pub fn group_keeps_all_errors<Q: Runner>() -> Rule<Q> {
    // One worker: once the root runs again, a child that dropped its guard has also ended.
    Rule::root(1, |rt: Q::Runtime| async move {
        let (census, gate) = (Census::default(), Gate::default());
        let (alive, opened) = (census.clone(), gate.clone());
        let context = context(&rt);
        let mut group = pin!(context.group(async move |group: Group<Q>| {
            for (name, error) in [("first", "burnt"), ("second", "spilt")] {
                let (member, opened) = (alive.enter(), opened.opened());
                group.spawn(name, async move {
                    let _member = member;
                    opened.await;
                    Err::<(), _>(error)
                });
            }
            pending::<Outcome>().await
        }));
        // The group is not polled again before both have failed, so that neither is cancelled.
        assert!(poll!(&mut group).is_pending());
        gate.open();
        eventually(&rt, "both children failed", || census.alive() == 0).await;
        assert_eq!(failures(group.await), ["first: burnt", "second: spilt"]);
    })
}

/// A child's panic ends the group and is reported as a panic.
pub fn group_reports_a_panic<Q: Runner>() -> Rule<Q> {
    Rule::root(2, |rt: Q::Runtime| async move {
        let context = context(&rt);
        let group = context.group(async |group: Group<Q>| {
            group.spawn("cook", async {
                if true {
                    panic!("kitchen fire");
                }
                Ok(())
            });
            pending::<Outcome>().await
        });
        let error = group.await.expect_err("a child panicked");
        assert_eq!(error.failures.len(), 1, "{error}");
        match &error.failures[0].cause {
            Cause::Lost(lost) => assert!(lost.is_panic(), "{lost}"),
            Cause::Failed(other) => panic!("a panic was reported as the error {other}"),
        }
    })
}

/// A child that panics in the poll during which its group cancels it is reported with its message,
/// even if the runtime reports only that the task was cancelled.
pub fn group_reports_a_panic_during_its_cancel<Q: Runner>() -> Rule<Q> {
    // A single worker cannot cancel during a poll, so the panic comes first there.
    let alone = effective_workers::<Q>(2) == Some(1);
    Rule::root(2, move |rt: Q::Runtime| async move {
        let (begun, asked) = (Flag::default(), Flag::default());
        let there = rt.clone();
        let context = context(&rt);
        let group = context.group(async move |group: Group<Q>| {
            let (kitchen, mark, cancelled) = (there.clone(), begun.clone(), asked.clone());
            group.spawn("cook", async move {
                mark.raise();
                if !alone {
                    block_until(&kitchen, "the group cancels", || cancelled.is_raised());
                }
                panic_with("kitchen fire")
            });
            // This task is asked to end after the cook, so its drop shows that both were asked.
            let guard = asked.on_drop();
            group.spawn("waiter", async move {
                let _guard = guard;
                pending::<Outcome>().await
            });
            eventually(&there, "the cook is polled", || begun.is_raised()).await;
            Err::<(), _>("closed")
        });
        let causes = failures(group.await);
        let last = causes.last().map(String::as_str);
        assert_eq!(
            last,
            Some("cook: the task panicked: kitchen fire"),
            "{causes:?}"
        );
    })
}

/// The body's own error cancels the children, waits for them and comes first.
pub fn group_ends_at_the_bodys_error<Q: Runner>() -> Rule<Q> {
    Rule::root(2, |rt: Q::Runtime| async move {
        let census = Census::default();
        let alive = census.clone();
        let slow = rt.clone();
        let context = context(&rt);
        let group = context.group(async move |group: Group<Q>| {
            for index in 0..3 {
                let guard = SlowLeave(slow.clone(), Some(alive.enter()));
                group.spawn(("waiter", index), async move {
                    let _guard = guard;
                    pending::<Outcome>().await
                });
            }
            slow.yield_now().await;
            Err::<(), _>("closed")
        });
        let causes = failures(group.await);
        assert_eq!(census.alive(), 0, "children that outlived their group");
        assert_eq!(causes, ["the group's body: closed"]);
    })
}

/// A child that fails in a poll during which its group cancels it is reported with its error,
/// though a runtime may lose the output of such a task.
pub fn group_keeps_the_error_of_a_child_it_cancels<Q: Runner>() -> Rule<Q> {
    Rule::root(2, |rt: Q::Runtime| async move {
        // Nothing can cancel a task while the only worker polls it.
        let alone = effective_workers::<Q>(2) == Some(1);
        let (begun, cancelled) = (Flag::default(), Flag::default());
        let context = context(&rt);
        let group = context.group(async move |group: Group<Q>| {
            let (there, begins, is_cancelled) = (rt.clone(), begun.clone(), cancelled.clone());
            group.spawn("cook", async move {
                begins.raise();
                if !alone {
                    block_until(&there, "the group cancels", || is_cancelled.is_raised());
                }
                Err::<(), _>("burnt")
            });
            // Children are cancelled in the order of spawning, so the cook was cancelled before
            // this one.
            let guard = cancelled.on_drop();
            group.spawn("waiter", async move {
                let _guard = guard;
                pending::<Outcome>().await
            });
            eventually(&rt, "the cook is polled", || begun.is_raised()).await;
            Err::<(), _>("closed")
        });
        let causes = failures(group.await);
        match alone {
            true => assert_eq!(causes, ["cook: burnt"]),
            false => assert_eq!(causes, ["the group's body: closed", "cook: burnt"]),
        }
    })
}

/// A function with an output, because a block that only panics has none.
fn panic_with(message: &'static str) -> Outcome {
    panic!("{message}")
}
