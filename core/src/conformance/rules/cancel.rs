//! Rules about ending a task from outside.

use std::future::pending;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use crate::conformance::rule::{Rule, effective_workers};
use crate::conformance::signals::{Census, Flag, Gate, HOUR, RaiseOnDrop, STEP, eventually};
use crate::runtime::join_error::JoinError;
use crate::runtime::runner::Runner;
use crate::runtime::{JoinHandle, Runtime};

/// An abort ends a task that waits for an event or on a timer: the task's future is dropped even if
/// its handle is never awaited.
pub fn abort_ends_a_waiting_task<Q: Runner>() -> Rule<Q> {
    Rule::root(1, |rt: Q::Runtime| async move {
        let waiting = started(&rt, pending()).await;
        waiting.task.abort();
        eventually(&rt, "the waiting task is dropped", || {
            waiting.gone.is_raised()
        })
        .await;

        let sleeping = started(&rt, rt.sleep(HOUR)).await;
        sleeping.task.abort();
        eventually(&rt, "the sleeping task is dropped", || {
            sleeping.gone.is_raised()
        })
        .await;
    })
}

/// The call itself requests the cancel: the future that it returns may be dropped without a poll.
pub fn cancel_requests_at_the_call<Q: Runner>() -> Rule<Q> {
    Rule::root(1, |rt: Q::Runtime| async move {
        let waiting = started(&rt, pending()).await;
        drop(waiting.task.cancel());
        eventually(&rt, "the task is dropped", || waiting.gone.is_raised()).await;

        let second = started(&rt, pending()).await;
        let unpolled = second.task.cancel();
        eventually(&rt, "the task is dropped", || second.gone.is_raised()).await;
        let ended = unpolled.await;
        assert!(
            matches!(ended, Err(JoinError::Cancelled)),
            "a cancel awaited late gave {ended:?}",
        );
    })
}

/// A cancel resolves only once the task's future has been dropped, however long the drop takes.
pub fn cancel_waits_for_the_drop<Q: Runner>() -> Rule<Q> {
    struct SlowDrop<R: Runtime>(
        R,
        #[expect(dead_code, reason = "its drop is what counts")] RaiseOnDrop,
    );

    impl<R: Runtime> Drop for SlowDrop<R> {
        fn drop(&mut self) {
            // The flag is raised after this, when the fields are dropped.
            self.0.block(5 * STEP);
        }
    }

    Rule::root(2, |rt: Q::Runtime| async move {
        for round in 0..20 {
            let gone = Flag::default();
            let guard = SlowDrop(rt.clone(), gone.on_drop());
            let running = started(&rt, async move {
                let _guard = guard;
                pending::<()>().await;
            });
            let ended = running.await.task.cancel().await;
            assert!(
                gone.is_raised(),
                "round {round}: resolved before the drop had ended"
            );
            assert!(
                matches!(ended, Err(JoinError::Cancelled)),
                "round {round}: a waiting task gave {ended:?}",
            );
        }
    })
}

/// A task cancelled before its first poll gives no value that it did not compute, and its future is
/// dropped; on one worker it is never polled.
pub fn cancel_before_the_first_poll<Q: Runner>() -> Rule<Q> {
    Rule::root(1, |rt: Q::Runtime| async move {
        for round in 0..50 {
            let (gone, polled) = (Flag::default(), Flag::default());
            let (guard, mark) = (gone.on_drop(), polled.clone());
            let task = rt.spawn(async move {
                let _guard = guard;
                mark.raise();
                7
            });
            let ended = task.cancel().await;
            assert!(
                gone.is_raised(),
                "round {round}: the future outlived its cancel"
            );
            if effective_workers::<Q>(1) == Some(1) {
                assert!(
                    !polled.is_raised(),
                    "round {round}: polled on a worker that was busy"
                );
            }
            match ended {
                Ok(7) => assert!(polled.is_raised(), "round {round}: a value out of nowhere"),
                Err(JoinError::Cancelled) => {}
                other => panic!("round {round}: {other:?}"),
            }
        }
    })
}

/// The cancel of a task that has ended returns its value, and an abort of one has no effect.
pub fn cancel_of_a_finished_task<Q: Runner>() -> Rule<Q> {
    Rule::root(2, |rt: Q::Runtime| async move {
        let gate = Gate::default();
        let [first, second] = [(), ()].map(|()| {
            let opened = gate.opened();
            rt.spawn(async move {
                opened.await;
                11
            })
        });
        let first = ended(&rt, first, &gate).await;
        let value = first.cancel().await;
        assert!(
            matches!(value, Ok(11)),
            "the cancel of a finished task gave {value:?}"
        );
        second.abort();
        let after = rt.spawn(async { 12 }).await;
        assert_eq!(after.expect("the runtime goes on"), 12);
    })
}

/// The cancel of a task that has panicked reports the panic.
pub fn cancel_of_a_panicked_task<Q: Runner>() -> Rule<Q> {
    Rule::root(2, |rt: Q::Runtime| async move {
        let gate = Gate::default();
        let opened = gate.opened();
        let task = rt.spawn(async move {
            opened.await;
            panic!("burnt");
        });
        let task = ended(&rt, task, &gate).await;
        match task.cancel().await {
            Err(JoinError::Panicked(panic)) => assert_eq!(panic.message(), "burnt"),
            other => panic!("{:?}", other.map(|()| "a value")),
        }
    })
}

/// A task cancelled while its poll blocks ends with that poll: the cancel waits for the poll and
/// returns the task's value or `Cancelled`. If the poll ends pending, the future is dropped.
pub fn cancel_of_a_busy_task<Q: Runner>() -> Rule<Q> {
    const BUSY: Duration = Duration::from_millis(20);

    Rule::root(2, |rt: Q::Runtime| async move {
        for waits_after in [false, true] {
            let (begun, unblocked, gone) = (Flag::default(), Flag::default(), Flag::default());
            let task = rt.spawn({
                let (rt, begun, unblocked) = (rt.clone(), begun.clone(), unblocked.clone());
                let guard = gone.on_drop();
                async move {
                    let _guard = guard;
                    begun.raise();
                    rt.block(BUSY);
                    unblocked.raise();
                    if waits_after {
                        pending::<()>().await;
                    }
                    9
                }
            });
            eventually(&rt, "the task is polled", || begun.is_raised()).await;
            let ended = task.cancel().await;
            assert!(unblocked.is_raised(), "resolved inside the poll under way");
            assert!(gone.is_raised(), "resolved before the future was dropped");
            match ended {
                Ok(9) if !waits_after => {}
                Err(JoinError::Cancelled) => {}
                other => panic!("a busy task (waits after: {waits_after}) gave {other:?}"),
            }
        }
    })
}

/// However a cancel meets a task, the task's future is gone when the cancel resolves, and only a
/// task that ran to its end gives a value.
pub fn cancel_races_lose_nothing<Q: Runner>() -> Rule<Q> {
    Rule::root(2, |rt: Q::Runtime| async move {
        let census = Census::default();
        for round in 0..300 {
            let came_to_its_end = Flag::default();
            let task = rt.spawn({
                let (rt, member, mark) = (rt.clone(), census.enter(), came_to_its_end.clone());
                async move {
                    let _member = member;
                    for _ in 0..round % 4 {
                        rt.yield_now().await;
                    }
                    mark.raise();
                    round
                }
            });
            for _ in 0..round % 3 {
                rt.yield_now().await;
            }
            let ended = task.cancel().await;
            assert_eq!(
                census.alive(),
                0,
                "round {round}: the future outlived its cancel"
            );
            match ended {
                Ok(value) => {
                    assert_eq!(value, round, "another task's value");
                    assert!(
                        came_to_its_end.is_raised(),
                        "round {round}: a value out of nowhere"
                    );
                }
                Err(JoinError::Cancelled) => {}
                Err(error) => panic!("round {round}: {error:?}"),
            }
        }
    })
}

/// A task that has been polled, and a flag that is raised when its future is dropped.
struct Started<H> {
    task: H,
    gone: Flag,
}

/// Spawns `future` and waits for its first poll.
async fn started<R: Runtime>(
    rt: &R,
    future: impl Future<Output = ()> + Send + 'static,
) -> Started<R::JoinHandle<()>> {
    let (gone, begun) = (Flag::default(), Flag::default());
    let (guard, mark) = (gone.on_drop(), begun.clone());
    let task = rt.spawn(async move {
        let _guard = guard;
        mark.raise();
        future.await;
    });
    eventually(rt, "the task is polled", || begun.is_raised()).await;
    Started { task, gone }
}

/// Lets a task through `gate` and waits until its outcome is available, as seen by the wake of the
/// future that awaits it.
async fn ended<R: Runtime, T: Send + 'static>(
    rt: &R,
    mut task: R::JoinHandle<T>,
    gate: &Gate,
) -> R::JoinHandle<T> {
    let woken = Arc::new(Flag::default());
    let waker = Waker::from(woken.clone());
    let polled = Pin::new(&mut task).poll(&mut Context::from_waker(&waker));
    assert!(
        matches!(polled, Poll::Pending),
        "a task went through a closed gate"
    );
    gate.open();
    eventually(rt, "the awaiter is woken", || woken.is_raised()).await;
    task
}
