//! Task groups, nested at random and polled in a random order.

mod tiny;

use std::panic::resume_unwind;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use futures::future::{BoxFuture, Either, FutureExt, select};
use pollmark_core::transcript::Null;
use pollmark_core::{Cause, Context, Failure, GroupError, Runtime, Speed, TaskGroup};
use proptest::prelude::*;
use tiny::Tiny;

proptest! {
    /// A group ends. When it does, none of its descendants is alive. It fails if and only if its
    /// body or a child fails, and lists the failures in order.
    #[test]
    fn a_group_outlives_its_descendants(
        plan in group(),
        order in prop::collection::vec(any::<prop::sample::Index>(), 1..200),
    ) {
        let tiny = Tiny::default();
        let alive = Alive::default();
        let ended = Arc::new(AtomicUsize::new(0));
        drop(tiny.spawn({
            let (tiny, alive, ended) = (tiny.clone(), alive.clone(), ended.clone());
            async move {
                let fails = plan.fails();
                let outcome = carry_out(tiny, plan, alive, Fate::Own).await;
                assert_eq!(outcome.is_err(), fails);
                ended.fetch_add(1, Ordering::SeqCst);
            }
        }));
        run(&tiny, &order);
        prop_assert_eq!(ended.load(Ordering::SeqCst), 1, "the root deadlocked or panicked");
        prop_assert_eq!(alive.count(), 0);
    }

    /// A group that is dropped after any number of polls leaves no descendant behind.
    #[test]
    fn a_group_that_is_dropped_leaves_nobody_behind(
        plan in group(),
        order in prop::collection::vec(any::<prop::sample::Index>(), 1..200),
        turns in 0_usize..8,
    ) {
        let tiny = Tiny::default();
        let alive = Alive::default();
        drop(tiny.spawn({
            let (tiny, alive) = (tiny.clone(), alive.clone());
            async move {
                let group = carry_out(tiny.clone(), plan, alive, Fate::EndedFromOutside);
                let patience = yields(tiny.clone(), turns);
                if let Either::Right(((), group)) = select(group, patience).await {
                    drop(group);
                }
            }
        }));
        run(&tiny, &order);
        prop_assert_eq!(alive.count(), 0);
    }
}

/// The plan of a group.
#[derive(Debug, Clone)]
struct Plan {
    body: Work,
    children: Vec<Child>,
}

#[derive(Debug, Clone)]
enum Child {
    Task(Work),
    /// Waits for ever; used if something else is sure to end it.
    Waiter,
    Group(Plan),
    /// Drops its own group after some turns and succeeds.
    Dropped(Plan, usize),
}

/// The cause that ends the members of a group.
#[derive(Clone, Copy)]
enum Fate {
    /// They end by themselves.
    Own,
    /// Their group, or one around it, fails or is dropped.
    EndedFromOutside,
}

/// The error of a child or a body.
#[derive(Debug)]
struct Failed;

/// A number of turns and an end.
#[derive(Debug, Clone)]
struct Work {
    turns: usize,
    end: End,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum End {
    Well,
    Error,
    Panic,
}

fn group() -> impl Strategy<Value = Plan> {
    let leaf = prop_oneof![4 => work(true).prop_map(Child::Task), 1 => Just(Child::Waiter)];
    let child = leaf.prop_recursive(3, 24, 4, |child| {
        let inner = plan(child.boxed()).boxed();
        prop_oneof![
            inner.clone().prop_map(Child::Group),
            (inner, 0_usize..4).prop_map(|(plan, turns)| Child::Dropped(plan, turns)),
        ]
    });
    plan(child.boxed())
}

fn plan(child: BoxedStrategy<Child>) -> impl Strategy<Value = Plan> {
    (work(false), prop::collection::vec(child, 0..4))
        .prop_map(|(body, children)| Plan { body, children })
}

fn work(may_panic: bool) -> impl Strategy<Value = Work> {
    let end = match may_panic {
        true => prop_oneof![6 => Just(End::Well), 1 => Just(End::Error), 1 => Just(End::Panic)],
        false => prop_oneof![6 => Just(End::Well), 1 => Just(End::Error), 0 => Just(End::Panic)],
    };
    (0_usize..4, end).prop_map(|(turns, end)| Work { turns, end })
}

impl Plan {
    fn fails(&self) -> bool {
        self.body.end != End::Well || self.children.iter().any(Child::fails)
    }
}

impl Child {
    fn fails(&self) -> bool {
        match self {
            Child::Task(work) => work.end != End::Well,
            Child::Waiter | Child::Dropped(..) => false,
            Child::Group(plan) => plan.fails(),
        }
    }
}

/// The number of descendants of a group that are alive, at any depth.
#[derive(Clone, Default)]
struct Alive {
    count: Arc<AtomicUsize>,
    /// The count of the enclosing group, if these descendants count there as well.
    outer: Option<Arc<Alive>>,
}

impl Alive {
    fn within(outer: Alive) -> Self {
        Alive {
            outer: Some(Arc::new(outer)),
            ..Alive::default()
        }
    }

    fn enter(&self) -> Member {
        self.count.fetch_add(1, Ordering::SeqCst);
        let _outer = self.outer.as_ref().map(|outer| Box::new(outer.enter()));
        let count = self.count.clone();
        Member { count, _outer }
    }

    fn count(&self) -> usize {
        self.count.load(Ordering::SeqCst)
    }
}

struct Member {
    count: Arc<AtomicUsize>,
    _outer: Option<Box<Member>>,
}

impl Drop for Member {
    fn drop(&mut self) {
        self.count.fetch_sub(1, Ordering::SeqCst);
    }
}

/// Runs a group to its end and checks its result.
fn carry_out(
    tiny: Tiny,
    plan: Plan,
    outer: Alive,
    fate: Fate,
) -> BoxFuture<'static, Result<(), Failed>> {
    let run = async move {
        let context = Context::new(tiny.clone(), Null, Speed::REAL, tiny.now());
        let own = Alive::within(outer);
        let (alive, planned) = (own.clone(), plan.clone());
        let group = context.group(async move |group: TaskGroup<Tiny, Null, Failed>| {
            let fate = if planned.fails() {
                Fate::EndedFromOutside
            } else {
                fate
            };
            for (index, child) in planned.children.into_iter().enumerate() {
                let (tiny, alive, member) = (tiny.clone(), alive.clone(), alive.enter());
                group.spawn(("child", index), async move {
                    let _member = member;
                    carry_out_child(tiny, child, fate, alive).await
                });
            }
            end(tiny, planned.body).await
        });
        let outcome = group.await;
        assert_eq!(own.count(), 0, "descendants that outlived their group");
        let Err(GroupError { failures }) = outcome else {
            return Ok(());
        };
        assert!(!failures.is_empty(), "an error without a failure");
        assert!(failures.is_sorted_by_key(|failure| place(&plan, failure)));
        Err(Failed)
    };
    run.boxed()
}

/// The position of a failure in the order of spawning, with the body first. Checks that the failure
/// is the planned one.
fn place(plan: &Plan, failure: &Failure<Failed>) -> usize {
    let name = failure.task.to_string();
    let Some(index) = name.strip_prefix("child ") else {
        assert_eq!(plan.body.end, End::Error);
        return 0;
    };
    let index: usize = index.parse().expect("children are numbered");
    match (&plan.children[index], &failure.cause) {
        (Child::Task(work), Cause::Failed(_)) => assert_eq!(work.end, End::Error),
        (Child::Task(work), Cause::Lost(error)) => {
            assert_eq!(work.end, End::Panic);
            assert!(error.is_panic());
        }
        (Child::Group(plan), Cause::Failed(_)) => assert!(plan.fails()),
        (child, cause) => panic!("{child:?} gave {cause:?}"),
    }
    index + 1
}

async fn carry_out_child(tiny: Tiny, child: Child, fate: Fate, alive: Alive) -> Result<(), Failed> {
    match child {
        Child::Task(work) => end(tiny, work).await,
        Child::Waiter => match fate {
            Fate::Own => Ok(()),
            Fate::EndedFromOutside => std::future::pending().await,
        },
        Child::Group(plan) => carry_out(tiny, plan, alive, fate).await,
        Child::Dropped(plan, turns) => {
            let patience = yields(tiny.clone(), turns);
            let group = carry_out(tiny, plan, alive, Fate::EndedFromOutside);
            if let Either::Right(((), group)) = select(group, patience).await {
                drop(group);
            }
            Ok(())
        }
    }
}

async fn end(tiny: Tiny, work: Work) -> Result<(), Failed> {
    yields(tiny, work.turns).await;
    match work.end {
        End::Well => Ok(()),
        End::Error => Err(Failed),
        // This avoids the panic hook's message for each of thousands.
        End::Panic => resume_unwind(Box::new("a panic")),
    }
}

/// Boxed because otherwise the compiler cannot see that it is `Send` within a group.
fn yields(tiny: Tiny, turns: usize) -> BoxFuture<'static, ()> {
    let yields = async move {
        for _ in 0..turns {
            tiny.yield_now().await;
        }
    };
    yields.boxed()
}

/// Runs until nothing is ready, in the order that `order` chooses.
fn run(tiny: &Tiny, order: &[prop::sample::Index]) {
    let mut choices = order.iter().cycle();
    while tiny.step(|ready| choices.next().map_or(0, |choice| choice.index(ready))) {}
}
