//! Rules about task groups, on every runtime.

use std::future::pending;
use std::pin::pin;

use futures::poll;

use super::rule::{Rule, effective_workers};
use super::witness::{Census, Flag, Gate, Member, STEP, block_until, eventually};
use crate::program::context::Context;
use crate::program::speed::Speed;
use crate::program::task_group::TaskGroup;
use crate::program::task_group::child::NoValue;
use crate::program::task_group::error::{Cause, GroupError};
use crate::program::transcript::Null;
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

/// Dropping a group's future cancels its children, both while its body runs and when only the
/// children are left.
pub fn group_dropped_cancels_its_children<Q: Runner>() -> Rule<Q> {
    Rule::root(2, |rt: Q::Runtime| async move {
        for body_ends in [false, true] {
            let census = Census::default();
            let alive = census.clone();
            let context = context(&rt);
            let mut group = Box::pin(context.group(async move |group: Group<Q>| {
                for index in 0..3 {
                    let member = alive.enter();
                    group.spawn(("waiter", index), async move {
                        let _member = member;
                        pending::<Outcome>().await
                    });
                }
                if !body_ends {
                    pending::<()>().await;
                }
                Ok(())
            }));
            assert!(poll!(&mut group).is_pending());
            assert_eq!(census.alive(), 3, "children before the drop");
            drop(group);
            eventually(&rt, "the children are dropped", || census.alive() == 0).await;
        }
    })
}

/// When a group ends with an error, the children of groups within it are gone too.
pub fn group_waits_for_grandchildren<Q: Runner>() -> Rule<Q> {
    Rule::root(2, |rt: Q::Runtime| async move {
        let (census, begun) = (Census::default(), Gate::default());
        let alive = census.clone();
        let inner = context(&rt);
        let context = context(&rt);
        let group = context.group(async move |group: Group<Q>| {
            let started = begun.opened();
            group.spawn("parent", async move {
                let within = inner.group(async |group: Group<Q>| {
                    let guard = SlowLeave(inner.rt().clone(), Some(alive.enter()));
                    group.spawn("grandchild", async move {
                        let _guard = guard;
                        begun.open();
                        pending::<Outcome>().await
                    });
                    pending::<Outcome>().await
                });
                within.await.map_err(|_| "the inner group failed")
            });
            started.await;
            Err::<(), _>("closed")
        });
        let causes = failures(group.await);
        assert_eq!(
            census.alive(),
            0,
            "grandchildren that outlived the outer group"
        );
        assert_eq!(causes, ["the group's body: closed"]);
    })
}

/// A group waits for the children of an inner group that was dropped instead of awaited, even if
/// the outer group itself succeeds.
pub fn group_waits_for_an_inner_group_that_was_dropped<Q: Runner>() -> Rule<Q> {
    Rule::root(2, |rt: Q::Runtime| async move {
        let census = Census::default();
        let alive = census.clone();
        let inner = context(&rt);
        let context = context(&rt);
        let group = context.group(async move |group: Group<Q>| {
            let child = group.spawn("parent", async move {
                let begun = Gate::default();
                let mark = begun.clone();
                let guard = SlowLeave(inner.rt().clone(), Some(alive.enter()));
                let mut within = Box::pin(inner.group(async move |group: Group<Q>| {
                    group.spawn("grandchild", async move {
                        let _guard = guard;
                        mark.open();
                        pending::<Outcome>().await
                    });
                    pending::<Outcome>().await
                }));
                let pending = poll!(&mut within).is_pending();
                begun.opened().await;
                Ok(pending)
            });
            child.await.map_err(|NoValue| "the parent gave no value")
        });
        let pending = group.await.map_err(|error| error.to_string());
        assert_eq!(
            census.alive(),
            0,
            "grandchildren that outlived the outer group"
        );
        assert_eq!(pending, Ok(true));
    })
}

/// A group that is ending or has ended accepts no more children: their futures are dropped, and
/// they give no value.
pub fn group_that_ends_takes_no_children<Q: Runner>() -> Rule<Q> {
    struct SpawnOnDrop<Q: Runner>(Group<Q>, Census);

    impl<Q: Runner> Drop for SpawnOnDrop<Q> {
        fn drop(&mut self) {
            let member = self.1.enter();
            self.0.spawn("latecomer", async move {
                let _member = member;
                pending::<Outcome>().await
            });
        }
    }

    Rule::root(2, |rt: Q::Runtime| async move {
        let (census, begun) = (Census::default(), Gate::default());
        let alive = census.clone();
        let (sender, kept) = futures::channel::oneshot::channel();
        let context = context(&rt);
        let group = context.group(async move |group: Group<Q>| {
            let guard = SpawnOnDrop::<Q>(group.clone(), alive);
            let started = begun.opened();
            group.spawn("waiter", async move {
                let _guard = guard;
                begun.open();
                pending::<Outcome>().await
            });
            started.await;
            // This cannot fail: the root keeps the other end until it has the group.
            let _ = sender.send(group.clone());
            Err::<(), _>("closed")
        });
        assert_eq!(failures(group.await), ["the group's body: closed"]);
        assert_eq!(census.ever(), 1, "latecomers that tried");
        assert_eq!(census.alive(), 0, "latecomers that outlived the group");

        let ended = kept.await.expect("the body sent its group");
        let polled = Flag::default();
        let (mark, member) = (polled.clone(), census.enter());
        let late = ended.spawn("too late", async move {
            let _member = member;
            mark.raise();
            Ok(1)
        });
        assert_eq!(
            census.alive(),
            0,
            "the future was kept by a group that has ended"
        );
        assert_eq!(late.await, Err(NoValue));
        assert!(!polled.is_raised(), "a task ran in a group that has ended");
    })
}

type Group<Q> = TaskGroup<<Q as Runner>::Runtime, Null, &'static str>;

type Outcome = Result<(), &'static str>;

/// Leaves the census slowly, so that a group that does not wait for it breaks the rule.
struct SlowLeave<R: Runtime>(R, Option<Member>);

impl<R: Runtime> Drop for SlowLeave<R> {
    fn drop(&mut self) {
        self.0.block(5 * STEP);
        self.1.take();
    }
}

/// A function with an output, because a block that only panics has none.
fn panic_with(message: &'static str) -> Outcome {
    panic!("{message}")
}

fn context<R: Runtime>(rt: &R) -> Context<R, Null> {
    Context::new(rt.clone(), Null, Speed::REAL, rt.now())
}

/// The failed tasks and their errors, in the order of the report.
fn failures(ended: Result<(), GroupError<&'static str>>) -> Vec<String> {
    let error = ended.expect_err("the group was to fail");
    let told = error.failures.iter().map(|failure| match &failure.cause {
        Cause::Failed(error) => format!("{}: {error}", failure.task),
        Cause::Lost(error) => format!("{}: {error}", failure.task),
    });
    told.collect()
}
