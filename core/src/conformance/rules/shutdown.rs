//! Rules about the end of a runtime: with tasks still alive, and for calls that come after it.

use std::future::pending;
use std::thread;
use std::time::Duration;

use futures::executor::block_on;

use crate::conformance::rule::{Rule, SHUTDOWN, run};
use crate::conformance::signals::{Census, Flag, HOUR, STEP};
use crate::runtime::join_error::JoinError;
use crate::runtime::runner::Runner;
use crate::runtime::{JoinHandle, Runtime};

/// The number of tasks of a kind that are alive at a shutdown.
const TASKS: usize = 20;

/// A shutdown with nothing left to do is complete: every thread has ended.
pub fn shutdown_ends_threads<Q: Runner>() -> Rule<Q> {
    Rule::runner(2, |runner: Q| {
        run(&runner, |rt| async move {
            rt.spawn_blocking(|| ()).await.expect("the call ended well");
            rt.spawn(rt.sleep(STEP)).await.expect("the task ended well");
        });
        complete(runner);
    })
}

/// A shutdown drops the futures of waiting tasks, even if they hold handles to the runtime and to
/// each other.
pub fn shutdown_drops_pending_tasks<Q: Runner>() -> Rule<Q> {
    Rule::runner(2, |runner: Q| {
        let census = Census::default();
        leave_behind(&runner, &census, |rt| async move {
            let held = rt.clone();
            let inner = rt.spawn(async move {
                pending::<()>().await;
                drop(held);
            });
            // The outcome at the shutdown is the subject of another rule.
            let _ = inner.await;
            pending::<()>().await;
        });
        complete(runner);
        assert_eq!(census.alive(), 0, "futures that outlived the shutdown");
    })
}

/// A shutdown ends tasks that are always ready again.
pub fn shutdown_ends_endless_yields<Q: Runner>() -> Rule<Q> {
    Rule::runner(2, |runner: Q| {
        let census = Census::default();
        leave_behind(&runner, &census, |rt| async move {
            loop {
                rt.yield_now().await;
            }
        });
        complete(runner);
        assert_eq!(census.alive(), 0, "futures that outlived the shutdown");
    })
}

/// A shutdown does not wait for timers.
pub fn shutdown_ends_long_timers<Q: Runner>() -> Rule<Q> {
    Rule::runner(2, |runner: Q| {
        let census = Census::default();
        leave_behind(&runner, &census, |rt| async move { rt.sleep(HOUR).await });
        complete(runner);
        assert_eq!(census.alive(), 0, "futures that outlived the shutdown");
    })
}

/// A shutdown drops a root if its run was given up at the limit.
pub fn shutdown_drops_a_root_given_up<Q: Runner>() -> Rule<Q> {
    Rule::runner(2, |runner: Q| {
        let census = Census::default();
        let member = census.enter();
        let root = async move {
            let _member = member;
            pending::<()>().await;
        };
        let ended = runner.run(root, Some(10 * STEP));
        assert!(ended.is_err(), "a root that is never ready gave a value");
        complete(runner);
        assert_eq!(census.alive(), 0, "a root that outlived the shutdown");
    })
}

/// A handle that a foreign thread awaits during a shutdown resolves.
pub fn shutdown_resolves_awaited_handles<Q: Runner>() -> Rule<Q> {
    Rule::runner(2, |runner: Q| {
        let [task, cancelled] = run(&runner, |rt| async move {
            [(), ()].map(|()| rt.spawn(pending::<()>()))
        });
        let waiter = thread::spawn(move || block_on(task));
        let canceller = thread::spawn(move || block_on(cancelled.cancel()));
        runner.shutdown(SHUTDOWN);
        for ended in [waiter, canceller] {
            assert_stopped(ended.join().expect("awaiting does not panic there"));
        }
    })
}

/// A handle may be awaited, aborted or cancelled for the first time after the shutdown.
pub fn shutdown_resolves_kept_handles<Q: Runner>() -> Rule<Q> {
    Rule::runner(2, |runner: Q| {
        let [kept, aborted, cancelled] = run(&runner, |rt| async move {
            [(), (), ()].map(|()| rt.spawn(pending::<()>()))
        });
        // This task may or may not have ended: its value may be lost to the shutdown.
        let [finished] = run(&runner, |rt| async move { [rt.spawn(async { 6 })] });
        runner.shutdown(SHUTDOWN);
        assert_stopped(block_on(kept));
        aborted.abort();
        assert_stopped(block_on(cancelled.cancel()));
        match block_on(finished) {
            Ok(6) => {}
            Err(error) if error.is_stopped() => {}
            other => panic!("a task that had hardly begun gave {other:?}"),
        }
    })
}

/// Blocking calls that are running or queued at a shutdown end or are dropped, and their handles
/// resolve.
pub fn shutdown_resolves_queued_blocking_calls<Q: Runner>() -> Rule<Q> {
    let rule = Rule::runner(1, |runner: Q| {
        let census = Census::default();
        let alive = census.clone();
        let calls = run(&runner, |rt| async move {
            let call = |value: usize| {
                let (rt_there, member) = (rt.clone(), alive.enter());
                rt.spawn_blocking(move || {
                    let _member = member;
                    rt_there.block(10 * STEP);
                    value
                })
            };
            (0..4).map(call).collect::<Vec<_>>()
        });
        runner.shutdown(SHUTDOWN);
        for (value, call) in calls.into_iter().enumerate() {
            match block_on(call) {
                Ok(output) => assert_eq!(output, value),
                Err(error) => assert!(error.is_stopped(), "call {value}: {error:?}"),
            }
        }
        assert_eq!(census.alive(), 0, "calls neither ended nor dropped");
    });
    rule.blocking_threads(1)
}

/// A blocking call that does not end delays a shutdown no longer than its limit, and the report
/// says what was left.
pub fn shutdown_obeys_its_limit<Q: Runner>() -> Rule<Q> {
    const CALL: Duration = Duration::from_secs(40);
    const LIMIT: Duration = Duration::from_millis(50);
    /// How much longer the shutdown may take on the busiest machine.
    const GRACE: Duration = Duration::from_secs(15);

    Rule::runner(1, |runner: Q| {
        let (begun, ended) = (Flag::default(), Flag::default());
        run(&runner, |rt| {
            let (begun, ended) = (begun.clone(), ended.clone());
            async move {
                drop(rt.spawn_blocking({
                    let (rt, begun) = (rt.clone(), begun.clone());
                    move || {
                        begun.raise();
                        rt.block(CALL);
                        ended.raise();
                    }
                }));
                while !begun.is_raised() {
                    rt.yield_now().await;
                }
            }
        });
        let report = runner.shutdown(LIMIT);
        assert!(
            report.took < LIMIT + GRACE,
            "a limit of {LIMIT:?}: {report:?}"
        );
        assert_eq!(report.complete, report.left.is_none(), "{report:?}");
        if report.complete {
            assert!(
                ended.is_raised(),
                "complete, but a call still runs: {report:?}"
            );
        }
    })
}

/// A future that spawns when the shutdown drops it does not hang the shutdown, and the tasks it
/// spawns are dropped too.
pub fn drop_may_spawn_during_shutdown<Q: Runner>() -> Rule<Q> {
    struct SpawnOnDrop<R: Runtime>(R, Census);

    impl<R: Runtime> Drop for SpawnOnDrop<R> {
        fn drop(&mut self) {
            let [task, call] = [self.1.enter(), self.1.enter()];
            drop(self.0.spawn(async move {
                let _member = task;
                pending::<()>().await;
            }));
            drop(self.0.spawn_blocking(move || drop(call)));
        }
    }

    Rule::runner(2, |runner: Q| {
        let (census, spawned) = (Census::default(), Census::default());
        let on_drop = spawned.clone();
        leave_behind(&runner, &census, move |rt| {
            let guard = SpawnOnDrop(rt, on_drop.clone());
            async move {
                let _guard = guard;
                pending::<()>().await;
            }
        });
        complete(runner);
        assert_eq!(census.alive(), 0, "futures that outlived the shutdown");
        assert_eq!(spawned.ever(), 2 * TASKS, "drops that ran");
        assert_eq!(spawned.alive(), 0, "late spawns that outlived the shutdown");
    })
}

/// A spawn after the shutdown drops the future, and its handle resolves to an error.
pub fn spawn_after_shutdown<Q: Runner>() -> Rule<Q> {
    Rule::runner(2, |runner: Q| {
        let rt = runner.handle();
        runner.shutdown(SHUTDOWN);
        let (polled, census) = (Flag::default(), Census::default());
        let [awaited, aborted, cancelled] = [(), (), ()].map(|()| {
            let (polled, member) = (polled.clone(), census.enter());
            rt.spawn(async move {
                let _member = member;
                polled.raise();
            })
        });
        assert_stopped(block_on(awaited));
        aborted.abort();
        assert_stopped(block_on(cancelled.cancel()));
        assert!(!polled.is_raised(), "a task ran after the shutdown");
        assert_eq!(census.alive(), 0, "futures kept after the shutdown");
    })
}

/// A blocking call after the shutdown is not run, and its handle resolves to an error.
pub fn spawn_blocking_after_shutdown<Q: Runner>() -> Rule<Q> {
    Rule::runner(2, |runner: Q| {
        let rt = runner.handle();
        runner.shutdown(SHUTDOWN);
        let (ran, census) = (Flag::default(), Census::default());
        let (mark, member) = (ran.clone(), census.enter());
        let call = rt.spawn_blocking(move || {
            let _member = member;
            mark.raise();
        });
        assert_stopped(block_on(call));
        assert!(!ran.is_raised(), "a call ran after the shutdown");
        assert_eq!(census.alive(), 0, "calls kept after the shutdown");
    })
}

/// A sleep ends if it was created before the shutdown and is polled afterwards, and also if it is
/// created afterwards.
pub fn sleep_after_shutdown<Q: Runner>() -> Rule<Q> {
    Rule::runner(1, |runner: Q| {
        let rt = runner.handle();
        let kept = rt.sleep(STEP);
        runner.shutdown(SHUTDOWN);
        block_on(kept);
        block_on(rt.sleep(STEP));
    })
}

/// Runs a root that spawns [`TASKS`] tasks, each with a future made by `task` and counted in
/// `census`, and that ends once each of them was polled.
fn leave_behind<Q: Runner, F>(
    runner: &Q,
    census: &Census,
    task: impl Fn(Q::Runtime) -> F + Send + 'static,
) where
    F: Future<Output = ()> + Send + 'static,
{
    let alive = census.clone();
    run(runner, |rt| async move {
        let polled = Census::default();
        for _ in 0..TASKS {
            let (future, member, mark) = (task(rt.clone()), alive.enter(), polled.clone());
            drop(rt.spawn(async move {
                let _member = member;
                drop(mark.enter());
                future.await;
            }));
        }
        // Not a sleep: virtual time stands still while tasks are always ready.
        while polled.ever() < TASKS {
            rt.yield_now().await;
        }
    });
    assert_eq!(census.alive(), TASKS, "a task ended before the shutdown");
}

/// Shuts down and checks that nothing is left behind.
fn complete<Q: Runner>(runner: Q) {
    let report = runner.shutdown(SHUTDOWN);
    assert!(report.complete, "{report:?}");
    assert_eq!(report.left, None);
}

fn assert_stopped(ended: Result<(), JoinError>) {
    match ended {
        Err(JoinError::Shutdown | JoinError::Cancelled) => {}
        other => panic!("a task that the shutdown ended gave {other:?}"),
    }
}
