//! Rules about tasks: their values, their panics, spawning from anywhere, and taking turns.

use std::any::Any;
use std::panic::resume_unwind;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use futures::channel::oneshot;
use futures::future::{BoxFuture, FutureExt, poll_fn};
use futures::task::SpawnExt;

use crate::conformance::rule::{Rule, effective_workers};
use crate::conformance::signals::{Census, Flag, Gate, STEP, eventually};
use crate::runtime::Runtime;
use crate::runtime::futures_spawn::Spawner;
use crate::runtime::join_error::JoinError;
use crate::runtime::runner::Runner;
use crate::runtime::runner_info::Workers;

/// The value of a task arrives through its handle, whether the handle is awaited before or after
/// the task has ended.
pub fn value_arrives<Q: Runner>() -> Rule<Q> {
    Rule::root(2, |rt: Q::Runtime| async move {
        let early = rt.spawn({
            let rt = rt.clone();
            async move {
                rt.sleep(STEP).await;
                String::from("soup")
            }
        });
        assert_eq!(early.await.expect("the task ended well"), "soup");

        let gone = Flag::default();
        let guard = gone.on_drop();
        let late = rt.spawn_named(("table", 7).into(), async move {
            drop(guard);
            7
        });
        eventually(&rt, "the task ran", || gone.is_raised()).await;
        assert_eq!(late.await.expect("the named task ended well"), 7);
    })
}

/// A panic arrives as an error with its payload, and unwinds nothing but its own task.
pub fn panic_is_an_error<Q: Runner>() -> Rule<Q> {
    Rule::root(2, |rt: Q::Runtime| async move {
        let message = rt.spawn(async { panic!("kitchen fire") });
        match message.await {
            Err(JoinError::Panicked(panic)) => assert_eq!(panic.message(), "kitchen fire"),
            other => panic!("a panic gave {:?}", other.map(|()| "a value")),
        }

        let payload = async { resume_unwind(Box::new(42_u32) as Box<dyn Any + Send>) };
        match rt.spawn(payload).await {
            Err(JoinError::Panicked(panic)) => {
                let payload = panic.into_payload().downcast::<u32>();
                assert_eq!(payload.ok().as_deref(), Some(&42), "the payload was lost");
            }
            other => panic!("a panic gave {:?}", other.map(|()| "a value")),
        }

        let after_a_wait = rt.spawn({
            let rt = rt.clone();
            async move {
                rt.sleep(STEP).await;
                panic!("late");
            }
        });
        let error = after_a_wait.await.expect_err("the task panicked");
        assert!(error.is_panic(), "a panic in a later poll gave {error:?}");
    })
}

/// The runtime survives the panic of a detached task.
pub fn panic_of_a_detached_task_is_survived<Q: Runner>() -> Rule<Q> {
    Rule::root(1, |rt: Q::Runtime| async move {
        let unwound = Census::default();
        for _ in 0..4 {
            let guard = unwound.enter();
            drop(rt.spawn(async move {
                let _guard = guard;
                panic!("nobody listens");
            }));
        }
        eventually(&rt, "the panics happened", || unwound.alive() == 0).await;
        for value in 0..4 {
            let after = rt.spawn(async move { value }).await;
            assert_eq!(after.expect("the runtime goes on"), value);
        }
    })
}

/// Dropping a handle detaches the task, which runs to its end.
pub fn drop_detaches<Q: Runner>() -> Rule<Q> {
    Rule::root(2, |rt: Q::Runtime| async move {
        let (sender, receiver) = oneshot::channel();
        let task = rt.spawn({
            let rt = rt.clone();
            async move {
                rt.yield_now().await;
                rt.sleep(STEP).await;
                sender.send(5)
            }
        });
        drop(task);
        let value = receiver.await.expect("a detached task was cancelled");
        assert_eq!(value, 5);
    })
}

/// Tasks may spawn tasks, and await them.
pub fn spawn_may_be_nested<Q: Runner>() -> Rule<Q> {
    fn depth<R: Runtime>(rt: R, levels: usize) -> BoxFuture<'static, usize> {
        let levels_below = async move {
            if levels == 0 {
                return 0;
            }
            let below = rt.spawn(depth(rt.clone(), levels - 1));
            1 + below.await.expect("the inner task ended well")
        };
        levels_below.boxed()
    }

    Rule::root(1, |rt: Q::Runtime| async move {
        assert_eq!(depth(rt, 50).await, 50);
    })
}

/// A thread outside the runtime may spawn.
pub fn spawn_from_a_foreign_thread<Q: Runner>() -> Rule<Q> {
    Rule::root(1, |rt: Q::Runtime| async move {
        let foreign = rt.clone();
        let spawned = thread::spawn(move || {
            let task = foreign.spawn(async { 8 });
            let call = foreign.spawn_blocking(|| 9);
            (task, call)
        });
        let (task, call) = spawned.join().expect("spawning does not panic there");
        assert_eq!(task.await.expect("the task ended well"), 8);
        assert_eq!(call.await.expect("the call ended well"), 9);
    })
}

/// A thread outside the runtime may wake a task.
pub fn woken_by_a_foreign_thread<Q: Runner>() -> Rule<Q> {
    Rule::root(1, |rt: Q::Runtime| async move {
        let (polled, task_waits) = std::sync::mpsc::channel();
        let (sender, mut receiver) = oneshot::channel();
        let task = rt.spawn(poll_fn(move |cx| {
            let received = receiver.poll_unpin(cx);
            // The receiver may be gone: the thread waits for one message only, from the first poll.
            let _ = polled.send(());
            received
        }));
        let foreign = thread::spawn(move || {
            task_waits.recv().expect("the task is polled");
            sender.send(3)
        });
        let received = task.await.expect("the task ended well");
        assert_eq!(received, Ok(3));
        let sent = foreign.join().expect("waking does not panic there");
        assert_eq!(sent, Ok(()));
    })
}

/// A yield is pending once and then ready; on one worker, every ready task gets its turn in
/// between.
pub fn yield_lets_others_run<Q: Runner>() -> Rule<Q> {
    // Generous: a runtime may look at other queues first, now and then.
    const TURNS: usize = 1_000;

    Rule::root(1, |rt: Q::Runtime| async move {
        let mut polls = 0;
        let mut yielded = pin!(rt.yield_now());
        poll_fn(|cx| {
            polls += 1;
            yielded.as_mut().poll(cx)
        })
        .await;
        assert_eq!(polls, 2, "a yield was ready at the wrong poll");

        let others = Arc::new(AtomicUsize::new(0));
        for _ in 0..10 {
            let others = others.clone();
            drop(rt.spawn(async move { others.fetch_add(1, Ordering::SeqCst) }));
        }
        let mut turns = 0;
        while others.load(Ordering::SeqCst) < 10 {
            turns += 1;
            assert!(
                turns < TURNS || effective_workers::<Q>(1) != Some(1),
                "tasks that are ready got no turn in {TURNS} yields",
            );
            rt.yield_now().await;
        }
    })
}

/// Futures of 64 and 256 KiB run like small ones.
pub fn large_futures<Q: Runner>() -> Rule<Q> {
    async fn sum_after_a_wait<R: Runtime, const BYTES: usize>(rt: R) -> usize {
        let held = [1_u8; BYTES];
        rt.sleep(STEP).await;
        held.iter().map(|byte| usize::from(*byte)).sum()
    }

    Rule::root(2, |rt: Q::Runtime| async move {
        let foreign = rt.clone();
        // On a thread with a large stack: in an unoptimised build each call on the way copies the
        // future.
        let spawning = thread::Builder::new().stack_size(16 << 20).spawn(move || {
            let small = foreign.spawn(sum_after_a_wait::<_, { 64 << 10 }>(foreign.clone()));
            let large = foreign.spawn(sum_after_a_wait::<_, { 256 << 10 }>(foreign.clone()));
            (small, large)
        });
        let spawned = spawning.expect("there is a thread left").join();
        let (small, large) = spawned.expect("spawning does not panic there");
        assert_eq!(small.await.expect("64 KiB ended well"), 64 << 10);
        assert_eq!(large.await.expect("256 KiB ended well"), 256 << 10);
    })
}

/// 100,000 tasks live at the same time and each gives its value; 2,000 if each has a thread of its
/// own.
pub fn many_tasks<Q: Runner>() -> Rule<Q> {
    Rule::root(2, |rt: Q::Runtime| async move {
        let count = match Q::INFO.workers {
            Workers::Any | Workers::One => 100_000,
            Workers::PerTask => 2_000,
        };
        let gate = Gate::default();
        let census = Census::default();
        let task = |value: usize| {
            let member = census.enter();
            let opened = gate.opened();
            rt.spawn(async move {
                let _member = member;
                opened.await;
                value
            })
        };
        let tasks: Vec<_> = (0..count).map(task).collect();
        assert_eq!(census.alive(), count, "a task ended before its time");
        gate.open();
        // One by one: tokio's forced yields make `join_all` quadratic.
        for (value, task) in tasks.into_iter().enumerate() {
            assert_eq!(task.await.expect("the task ended well"), value);
        }
        eventually(&rt, "all futures are dropped", || census.alive() == 0).await;
    })
}

/// The runtime can be used as the futures crate's `Spawn`.
pub fn futures_spawn_adapter<Q: Runner>() -> Rule<Q> {
    Rule::root(1, |rt: Q::Runtime| async move {
        let spawner = Spawner(rt);
        let (sender, receiver) = oneshot::channel();
        let detached = async { sender.send(4).expect("the root listens") };
        spawner.spawn(detached).expect("the task is taken");
        assert_eq!(receiver.await, Ok(4));
        let joined = spawner.spawn_with_handle(async { 6 });
        assert_eq!(joined.expect("the task is taken").await, 6);
    })
}
