//! Rules about the workers, and about running root tasks on them.

use std::future::pending;
use std::time::Duration;

use crate::conformance::rule::{Rule, SHUTDOWN, effective_workers, run};
use crate::conformance::signals::{Census, Flag, Gate, HOUR, STEP, block_until};
use crate::runtime::Runtime;
use crate::runtime::runner::{RunError, Runner};
use crate::runtime::runner_info::Clock;

/// On one worker, one task is polled at a time.
pub fn one_worker_polls_one_at_a_time<Q: Runner>() -> Rule<Q> {
    polls_at_a_time(1)
}

/// On three workers, three tasks are polled at a time: that number is reached, and never exceeded.
pub fn three_workers_poll_three_at_a_time<Q: Runner>() -> Rule<Q> {
    polls_at_a_time(3)
}

fn polls_at_a_time<Q: Runner>(workers: usize) -> Rule<Q> {
    const TASKS: usize = 12;

    Rule::root(workers, move |rt: Q::Runtime| async move {
        // If each task has a thread of its own, all of them are polled at a time.
        let expected = effective_workers::<Q>(workers).unwrap_or(TASKS);
        let polled = Census::default();
        let task = |_| {
            let (rt_there, polled) = (rt.clone(), polled.clone());
            rt.spawn(async move {
                let _member = polled.enter();
                block_until(&rt_there, "as many are polled as can be", || {
                    polled.most() >= expected
                });
                // Leave time for one too many to show.
                rt_there.block(STEP);
            })
        };
        let tasks: Vec<_> = (0..TASKS).map(task).collect();
        for task in tasks {
            task.await.expect("the task ended well");
        }
        assert_eq!(polled.most(), expected, "polls at a time");
    })
}

/// A runner runs several roots, one after the other; a task that one root leaves behind can be
/// awaited by the next.
pub fn several_roots<Q: Runner>() -> Rule<Q> {
    Rule::runner(2, |runner: Q| {
        for value in 0..5 {
            let output = run(&runner, |rt| async move {
                rt.sleep(STEP).await;
                value
            });
            assert_eq!(output, value);
        }
        let gate = Gate::default();
        let opened = gate.opened();
        let [left_behind] = run(&runner, |rt| async move {
            let task = rt.spawn(async move {
                opened.await;
                23
            });
            [task]
        });
        let joined = run(&runner, |_rt| async move {
            gate.open();
            left_behind.await
        });
        assert_eq!(joined.expect("the task was left alone"), 23);
        runner.shutdown(SHUTDOWN);
    })
}

/// A root's panic is an error of its run, and the runner can go on.
pub fn panic_of_the_root_is_an_error<Q: Runner>() -> Rule<Q> {
    Rule::runner(1, |runner: Q| {
        let ended = runner.run(async { panic!("house fire") }, None);
        match ended {
            Err(RunError::Join(error)) => assert!(error.is_panic(), "{error:?}"),
            other => panic!("{:?}", other.map(|()| "a value")),
        }
        assert_eq!(run(&runner, |_rt| async { 3 }), 3);
        runner.shutdown(SHUTDOWN);
    })
}

/// A run with a limit ends at the limit, and the runner can then run another root.
pub fn run_obeys_its_limit<Q: Runner>() -> Rule<Q> {
    const LIMIT: Duration = Duration::from_millis(20);

    Rule::runner(2, |runner: Q| {
        let rt = runner.handle();
        let root = async move { rt.sleep(HOUR).await };
        match runner.run(root, Some(LIMIT)) {
            Err(RunError::TimedOut { limit }) => assert_eq!(limit, LIMIT),
            other => panic!("a root that takes an hour gave {other:?}"),
        }
        match runner.run(async { 4 }, Some(HOUR)) {
            Ok(value) => assert_eq!(value, 4),
            Err(error) => panic!("a root that is in time gave {error:?}"),
        }
        runner.shutdown(SHUTDOWN);
    })
}

/// A run that is given up says so once, before its root is dropped; any other run does not.
pub fn stop_is_told_before_the_root_is_dropped<Q: Runner>() -> Rule<Q> {
    Rule::runner(1, |runner: Q| {
        let ended = runner.run_or_stop(async {}, Some(HOUR), || panic!("a root that ended"));
        assert!(ended.is_ok(), "{ended:?}");
        let dropped = Flag::default();
        let on_drop = dropped.on_drop();
        let root = async move {
            pending::<()>().await;
            drop(on_drop);
        };
        let mut stops = 0;
        let ended = runner.run_or_stop(root, Some(20 * STEP), || {
            stops += 1;
            assert!(!dropped.is_raised(), "the root was dropped before");
        });
        assert!(ended.is_err(), "a root that is never ready gave {ended:?}");
        assert_eq!(stops, 1);
        runner.shutdown(SHUTDOWN);
    })
}

/// A root that is never woken ends by the limit; a virtual clock detects that there is nothing to
/// wait for.
pub fn root_that_is_never_ready<Q: Runner>() -> Rule<Q> {
    Rule::runner(1, |runner: Q| {
        let ended = runner.run(pending::<()>(), Some(20 * STEP));
        match (Q::INFO.clock, ended) {
            (Clock::Real, Err(RunError::TimedOut { .. })) => {}
            (Clock::Virtual, Err(RunError::Deadlock { waiting })) => {
                assert!(!waiting.is_empty(), "a deadlock in which nobody waits");
            }
            (_, ended) => panic!("a root that is never ready gave {ended:?}"),
        }
        runner.shutdown(SHUTDOWN);
    })
}
