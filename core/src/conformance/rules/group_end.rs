//! Rules about the end of a group: it waits for all descendants and accepts no more.

use std::future::pending;

use futures::poll;

use super::group_support::{Group, Outcome, SlowLeave, context, failures};
use crate::conformance::rule::Rule;
use crate::conformance::signals::{Census, Flag, Gate, eventually};
use crate::program::task_group::child::NoValue;
use crate::runtime::runner::Runner;

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
