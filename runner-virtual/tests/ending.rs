//! How tasks and runs end that do not simply end: cancels, limits, deadlocks, shutdowns.

use std::future::{Future, pending};
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, mpsc};
use std::time::Duration;

use pollmark_core::{Config, JoinError, JoinHandle, RunError, Runner, Runtime};
use pollmark_runner_virtual::{Virtual, VirtualHandle};

const SECOND: Duration = Duration::from_secs(1);

fn build(workers: usize) -> (Virtual, VirtualHandle) {
    let runner = Virtual::build(&Config::with_workers(workers)).expect("one thread starts");
    let handle = runner.handle();
    (runner, handle)
}

/// Counts its drop, and tries to begin something new in it.
struct Dropped(Arc<AtomicUsize>, VirtualHandle);

impl Drop for Dropped {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::SeqCst);
        drop(self.1.spawn(async {}));
    }
}

#[test]
fn a_deadlock_names_who_waits() {
    let (runner, rt) = build(2);
    let root = async move {
        let unnamed = rt.spawn(pending::<()>());
        let cook = rt.spawn_named("cook".into(), pending::<()>());
        rt.spawn_named("ended".into(), async {}).await.ok();
        unnamed.await.ok();
        cook.await.ok();
    };
    let Err(RunError::Deadlock { waiting }) = runner.run(root, Some(SECOND)) else {
        panic!("not a deadlock");
    };
    assert_eq!(waiting, ["main", "task 1", "cook"]);
    assert!(runner.shutdown(SECOND).complete);
}

#[test]
fn a_block_that_never_ends_is_a_deadlock_of_whoever_needs_its_worker() {
    let (runner, rt) = build(1);
    let root = async move {
        rt.block(SECOND);
        let own = rt.clone();
        let hog = rt.spawn_named("hog".into(), async move { own.block(Duration::MAX) });
        hog.await.ok();
    };
    let Err(RunError::Deadlock { waiting }) = runner.run(root, None) else {
        panic!("not a deadlock");
    };
    assert_eq!(waiting, ["main", "hog"]);
    assert!(runner.shutdown(SECOND).complete);
}

#[test]
fn a_limit_ends_the_run_and_leaves_the_root_to_the_next() {
    let (runner, rt) = build(1);
    let (own, ended) = (rt.clone(), Arc::new(AtomicUsize::new(0)));
    let count = Arc::clone(&ended);
    let root = async move {
        own.sleep(5 * SECOND).await;
        count.fetch_add(1, Ordering::SeqCst);
    };
    let outcome = runner.run(root, Some(3 * SECOND));
    assert!(matches!(outcome, Err(RunError::TimedOut { limit }) if limit == 3 * SECOND));
    assert_eq!(rt.now(), 3 * SECOND);
    let own = rt.clone();
    // The limit counts from the start of the run, and an event that is due at it still comes.
    let second = runner.run(async move { own.sleep(2 * SECOND).await }, Some(2 * SECOND));
    assert!(second.is_ok(), "{second:?}");
    assert_eq!(rt.now(), 5 * SECOND);
    assert_eq!(ended.load(Ordering::SeqCst), 1);
}

#[test]
fn tasks_left_behind_stand_still_until_the_next_run() {
    let (runner, rt) = build(2);
    let own = rt.clone();
    let first = async move {
        let (waits, blocks) = (own.clone(), own.clone());
        let left = own.spawn(async move { waits.sleep(SECOND).await });
        let resting = own.spawn(async move {
            blocks.block(2 * SECOND);
            blocks.now()
        });
        own.yield_now().await;
        (left, resting)
    };
    let (left, resting) = runner.run(first, None).expect("the root ends");
    assert_eq!(rt.now(), Duration::ZERO);
    let second = async move {
        left.await.expect("it goes on");
        resting.await.expect("it goes on")
    };
    let ended = runner.run(second, None).expect("the root ends");
    assert_eq!(ended, 2 * SECOND);
}

#[test]
fn a_panic_of_the_root_is_its_outcome() {
    let (runner, _) = build(1);
    let outcome = runner.run(async { panic!("kitchen fire") }, None);
    let outcome: Result<(), RunError> = outcome;
    let Err(RunError::Join(JoinError::Panicked(panic))) = outcome else {
        panic!("not a panic: {outcome:?}");
    };
    assert_eq!(panic.message(), "kitchen fire");
    assert!(runner.run(async { 3 }, None).is_ok_and(|three| three == 3));
}

#[test]
fn a_task_that_waits_is_dropped_at_the_instant_of_its_cancel() {
    let (runner, rt) = build(1);
    let drops = Arc::new(AtomicUsize::new(0));
    let guard = Dropped(Arc::clone(&drops), rt.clone());
    let root = async move {
        let own = rt.clone();
        let task = rt.spawn(async move {
            let _guard = guard;
            own.sleep(9 * SECOND).await;
        });
        rt.sleep(SECOND).await;
        let outcome = task.cancel().await;
        assert!(matches!(outcome, Err(JoinError::Cancelled)), "{outcome:?}");
        assert_eq!(drops.load(Ordering::SeqCst), 1);
        rt.now()
    };
    assert_eq!(runner.run(root, None).expect("the root ends"), SECOND);
}

#[test]
fn a_task_that_blocks_ends_with_its_poll() {
    let (runner, rt) = build(2);
    let root = async move {
        let (ends, suspends) = (rt.clone(), rt.clone());
        let ends = rt.spawn(async move {
            ends.block(3 * SECOND);
            7
        });
        let suspends = rt.spawn(async move {
            suspends.block(3 * SECOND);
            suspends.sleep(SECOND).await;
            7
        });
        rt.sleep(SECOND).await;
        let (ends, suspends) = (ends.cancel(), suspends.cancel());
        assert!(matches!(ends.await, Ok(7)));
        assert!(matches!(suspends.await, Err(JoinError::Cancelled)));
        rt.now()
    };
    assert_eq!(runner.run(root, None).expect("the root ends"), 3 * SECOND);
}

#[test]
fn an_unpolled_cancel_and_an_abort_are_requests_all_the_same() {
    let (runner, rt) = build(1);
    let drops = Arc::new(AtomicUsize::new(0));
    let root = async move {
        let start = |rt: &VirtualHandle| {
            let guard = Dropped(Arc::clone(&drops), rt.clone());
            rt.spawn(async move {
                let _guard = guard;
                pending::<()>().await;
            })
        };
        let (cancelled, aborted, unpolled) = (start(&rt), start(&rt), start(&rt));
        rt.yield_now().await;
        unpolled.abort();
        drop(cancelled.cancel());
        aborted.abort();
        rt.yield_now().await;
        drops.load(Ordering::SeqCst)
    };
    assert_eq!(runner.run(root, None).expect("the root ends"), 3);
}

#[test]
fn a_shutdown_drops_what_waits_and_lets_out_what_blocks() {
    let config = Config {
        cores: NonZeroUsize::new(1),
        blocking_threads: NonZeroUsize::new(1),
        ..Config::with_workers(4)
    };
    let runner = Virtual::build(&config).expect("one thread starts");
    let rt = runner.handle();
    let drops = Arc::new(AtomicUsize::new(0));
    let guard = || Dropped(Arc::clone(&drops), rt.clone());

    let own = rt.clone();
    let (waits, blocks, spins, queues, call, queued) =
        (guard(), guard(), guard(), guard(), guard(), guard());
    let root = async move {
        let rests = |guard: Dropped, rest: fn(&VirtualHandle)| {
            let own = own.clone();
            own.clone().spawn(async move {
                rest(&own);
                drop(guard);
                5
            })
        };
        let blocks = rests(blocks, |rt| rt.block(SECOND));
        let spins = rests(spins, |rt| rt.spin(SECOND));
        let queues = rests(queues, |rt| {
            loop {
                rt.spin(SECOND);
            }
        });
        let sleep = own.sleep(SECOND);
        let waits = own.spawn(async move {
            sleep.await;
            drop(waits);
            5
        });
        let (first, second) = (own.clone(), own.clone());
        let call = own.spawn_blocking(move || {
            first.block(SECOND);
            drop(call);
            5
        });
        let queued = own.spawn_blocking(move || {
            second.block(SECOND);
            drop(queued);
            5
        });
        own.yield_now().await;
        own.yield_now().await;
        (blocks, spins, queues, waits, call, queued)
    };
    let (blocks, spins, queues, waits, call, queued) =
        runner.run(root, None).expect("the root ends");
    let report = runner.shutdown(10 * SECOND);
    assert!(report.complete, "{report:?}");
    assert_eq!(drops.load(Ordering::SeqCst), 6);
    assert_eq!(rt.now(), Duration::ZERO);

    let outcome = futures::executor::block_on(blocks);
    assert!(matches!(outcome, Ok(5)), "{outcome:?}");
    let outcome = futures::executor::block_on(spins);
    assert!(matches!(outcome, Ok(5)), "{outcome:?}");
    let outcome = futures::executor::block_on(call);
    assert!(matches!(outcome, Ok(5)), "{outcome:?}");
    for stopped in [queues, waits] {
        let outcome = futures::executor::block_on(stopped);
        assert!(matches!(outcome, Err(JoinError::Shutdown)), "{outcome:?}");
    }
    let outcome = futures::executor::block_on(queued);
    assert!(matches!(outcome, Err(JoinError::Shutdown)), "{outcome:?}");
}

#[test]
fn a_poll_that_is_let_out_goes_no_further_than_its_next_wait() {
    let (runner, rt) = build(2);
    let laps = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&laps);
    let root = async move {
        let own = rt.clone();
        let task = rt.spawn(async move {
            own.block(SECOND);
            loop {
                own.sleep(SECOND).await;
                count.fetch_add(1, Ordering::SeqCst);
            }
        });
        rt.yield_now().await;
        drop(task);
    };
    runner.run(root, None).expect("the root ends");
    let report = runner.shutdown(10 * SECOND);
    assert!(report.complete, "{report:?}");
    assert_eq!(laps.load(Ordering::SeqCst), 0);
}

#[test]
fn a_handle_outlives_its_runner_and_gives_shutdown() {
    let (runner, rt) = build(1);
    drop(runner);
    let outcome = futures::executor::block_on(rt.spawn(async {}));
    assert!(matches!(outcome, Err(JoinError::Shutdown)), "{outcome:?}");
    let outcome = futures::executor::block_on(rt.spawn_blocking(|| ()));
    assert!(matches!(outcome, Err(JoinError::Shutdown)), "{outcome:?}");
    futures::executor::block_on(rt.sleep(SECOND));
    rt.block(SECOND);
}

#[test]
fn a_shutdown_returns_at_its_limit_where_user_code_does_not() {
    let (runner, rt) = build(2);
    let (release, released) = mpsc::channel::<()>();
    let root = async move {
        let own = rt.clone();
        let task = rt.spawn(async move {
            own.block(SECOND);
            released.recv().ok();
        });
        rt.yield_now().await;
        [task]
    };
    let [task] = runner.run(root, None).expect("the root ends");
    let report = runner.shutdown(SECOND / 2);
    assert!(!report.complete);
    let left = report.left.expect("something was left");
    assert!(left.ends_with(": 1"), "{left}");
    // Its future was not dropped, and yet a task that waits for it does not hang.
    let outcome = futures::executor::block_on(task);
    assert!(matches!(outcome, Err(JoinError::Shutdown)), "{outcome:?}");
    drop(release);
}

#[test]
fn panics_in_drops_stay_with_their_task() {
    struct Bomb;
    impl Drop for Bomb {
        fn drop(&mut self) {
            panic!("boom");
        }
    }
    let (runner, rt) = build(1);
    let root = async move {
        let arm = |bomb: Bomb| async move {
            let _bomb = bomb;
            pending::<()>().await;
        };
        let cancelled = rt.spawn(arm(Bomb));
        rt.yield_now().await;
        let outcome = cancelled.cancel().await;
        assert!(outcome.is_err_and(|error| error.is_panic()));
        drop(rt.spawn(async { Bomb }));
        rt.yield_now().await;
        [rt.spawn(arm(Bomb))]
    };
    let [left] = runner.run(root, None).expect("the root ends");
    let report = runner.shutdown(10 * SECOND);
    assert!(report.complete, "{report:?}");
    let outcome = futures::executor::block_on(left);
    assert!(matches!(outcome, Err(JoinError::Shutdown)), "{outcome:?}");
}

#[test]
fn foreign_threads_spawn_and_a_task_may_join_them() {
    let (runner, rt) = build(2);
    let root = async move {
        let foreign = rt.clone();
        let spawned = std::thread::spawn(move || foreign.spawn(async { 5 }));
        let task = spawned.join().expect("it does not panic");
        task.await.expect("it runs")
    };
    assert_eq!(runner.run(root, None).expect("the root ends"), 5);
}

#[test]
fn a_run_inside_a_task_of_its_own_panics_and_hangs_not() {
    fn nested(runner: &Virtual) -> impl Future<Output = ()> + Send + use<> {
        let handle = runner.handle();
        let inner = Virtual::build(&Config::with_workers(1)).expect("one thread starts");
        async move {
            inner
                .run(async {}, None)
                .expect("another simulator's run is fine");
            handle.yield_now().await;
        }
    }
    let (runner, rt) = build(1);
    assert!(runner.run(nested(&runner), None).is_ok());
    let runner = Arc::new(runner);
    let own = Arc::clone(&runner);
    let outcome = runner.run(async move { own.run(async {}, None).is_ok() }, None);
    let Err(RunError::Join(JoinError::Panicked(panic))) = outcome else {
        panic!("not a panic: {outcome:?}");
    };
    assert!(panic.message().contains("would wait for itself"));
    drop(rt);
}
