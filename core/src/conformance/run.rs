//! Rules about running root tasks.

use std::future::pending;
use std::time::Duration;

use super::Rule;
use super::rule::{SHUTDOWN, run};
use super::witness::{Flag, Gate, HOUR, STEP};
use crate::{Clock, RunError, Runner, Runtime};

/// A runner runs several roots, one after the other; a task that one of them
/// leaves behind can be awaited by the next.
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
        let left_behind = run(&runner, |rt| async move {
            rt.spawn(async move {
                opened.await;
                23
            })
        });
        let joined = run(&runner, |_rt| async move {
            gate.open();
            left_behind.await
        });
        assert_eq!(joined.expect("the task was left alone"), 23);
        runner.shutdown(SHUTDOWN);
    })
}

/// The panic of a root is an error of its run, and the runner goes on.
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

/// A run with a limit ends by it, and a shutdown drops the root that was left;
/// the runner can run another root before.
pub fn run_obeys_its_limit<Q: Runner>() -> Rule<Q> {
    const LIMIT: Duration = Duration::from_millis(20);

    Rule::runner(2, |runner: Q| {
        let (rt, gone) = (runner.handle(), Flag::default());
        let guard = gone.on_drop();
        let root = async move {
            let _guard = guard;
            rt.sleep(HOUR).await;
        };
        match runner.run(root, Some(LIMIT)) {
            Err(RunError::TimedOut { limit }) => assert_eq!(limit, LIMIT),
            other => panic!("a root that takes an hour gave {other:?}"),
        }
        match runner.run(async { 4 }, Some(HOUR)) {
            Ok(value) => assert_eq!(value, 4),
            Err(error) => panic!("a root that is in time gave {error:?}"),
        }
        runner.shutdown(SHUTDOWN);
        assert!(
            gone.is_raised(),
            "the root that was left is alive after the shutdown"
        );
    })
}

/// A root that nothing will ever wake ends by the limit; a virtual clock sees
/// that there is nothing to wait for.
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
