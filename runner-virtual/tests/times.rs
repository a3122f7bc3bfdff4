//! Times that a reader can work out on paper, to the nanosecond.

use std::future::Future;
use std::num::NonZeroUsize;
use std::time::Duration;

use pollmark_core::{Config, Runner, Runtime, Work};
use pollmark_runner_virtual::{Virtual, VirtualHandle};

const SECOND: Duration = Duration::from_secs(1);
const ORDERS: [u32; 3] = [8, 3, 16];

/// The occupation of a task for so many seconds.
type Act = fn(&VirtualHandle, Duration);

fn cores(workers: usize, cores: usize) -> Config {
    Config {
        cores: NonZeroUsize::new(cores),
        ..Config::with_workers(workers)
    }
}

/// Runs the root that `make` builds; the time it took, in seconds, and the work.
fn measure<F>(config: &Config, make: impl FnOnce(VirtualHandle) -> F) -> (f64, Work)
where
    F: Future<Output = ()> + Send + 'static,
{
    let runner = Virtual::build(config).expect("one thread starts");
    let rt = runner.handle();
    runner.run(make(rt.clone()), None).expect("the root ends");
    let (now, work) = (rt.now(), runner.work().expect("the clock is virtual"));
    assert!(runner.shutdown(10 * SECOND).complete);
    (now.as_secs_f64(), work)
}

/// One task for each of `orders`, and all of them awaited.
fn tasks(config: &Config, orders: &'static [u32], act: Act) -> (f64, Work) {
    measure(config, |rt| async move {
        let tasks: Vec<_> = orders
            .iter()
            .map(|seconds| {
                let own = rt.clone();
                rt.spawn(async move { act(&own, *seconds * SECOND) })
            })
            .collect();
        for task in tasks {
            task.await.expect("no task fails");
        }
    })
}

#[test]
fn waits_add_up_in_sequence_and_overlap_side_by_side() {
    let one = Config::with_workers(1);
    let (sequential, _) = measure(&one, |rt| async move {
        for seconds in ORDERS {
            rt.sleep(seconds * SECOND).await;
        }
    });
    assert_eq!(sequential, 27.0);

    let (concurrent, work) = measure(&one, |rt| async move {
        let waits = ORDERS.map(|seconds| rt.spawn(rt.sleep(seconds * SECOND)));
        for wait in waits {
            wait.await.expect("no wait fails");
        }
    });
    assert_eq!(concurrent, 16.0);
    assert_eq!(work, Work::default(), "a wait holds nothing");
}

#[test]
fn blocking_tasks_share_the_workers() {
    for (workers, seconds) in [(1, 27.0), (2, 19.0), (3, 16.0), (4, 16.0)] {
        let (took, work) = tasks(&Config::with_workers(workers), &ORDERS, |rt, duration| {
            rt.block(duration);
        });
        assert_eq!(took, seconds, "{workers} workers");
        assert_eq!(work.workers, 27 * SECOND);
        assert_eq!(work.cores, Duration::ZERO);
    }
}

#[test]
fn spinning_tasks_share_the_cores() {
    for (config, seconds) in [
        (cores(4, 1), 27.0),
        (cores(4, 2), 19.0),
        (cores(4, 4), 16.0),
        (Config::with_workers(4), 16.0),
        (cores(1, 4), 27.0),
    ] {
        for act in [(|rt, duration| rt.spin(duration)) as Act, |rt, duration| {
            rt.compute(duration, || ())
        }] {
            let (took, work) = tasks(&config, &ORDERS, act);
            assert_eq!(took, seconds, "{config:?}");
            assert_eq!((work.workers, work.cores), (27 * SECOND, 27 * SECOND));
        }
    }
}

#[test]
fn who_waits_for_a_core_holds_its_worker() {
    // Two of the three spin one after the other on the one core, and hold both
    // workers for it; the third begins only when the first has ended.
    let (took, _) = measure(&cores(2, 1), |rt| async move {
        let spins = [2, 2].map(|seconds| {
            let own = rt.clone();
            rt.spawn(async move { own.spin(seconds * SECOND) })
        });
        let own = rt.clone();
        let block = rt.spawn(async move {
            own.block(SECOND);
            own.now()
        });
        assert_eq!(block.await.expect("it ends"), 3 * SECOND);
        for spin in spins {
            spin.await.expect("it ends");
        }
    });
    assert_eq!(took, 4.0);
}

#[test]
fn a_worker_per_task_blocks_side_by_side() {
    let threads = Config {
        worker_per_task: true,
        ..Config::with_workers(1)
    };
    static HUNDRED: [u32; 100] = [5; 100];
    let block: Act = |rt, duration| rt.block(duration);
    assert_eq!(tasks(&threads, &HUNDRED, block).0, 5.0);
    let two_cores = Config {
        cores: NonZeroUsize::new(2),
        ..threads
    };
    let spin: Act = |rt, duration| rt.spin(duration);
    assert_eq!(tasks(&two_cores, &HUNDRED, spin).0, 250.0);
}

#[test]
fn blocking_calls_hold_a_thread_of_their_pool_and_no_worker() {
    for (cap, seconds) in [(Some(1), 27.0), (Some(2), 19.0), (None, 16.0)] {
        let config = Config {
            blocking_threads: cap.and_then(NonZeroUsize::new),
            ..Config::with_workers(1)
        };
        let (took, work) = measure(&config, |rt| async move {
            let calls = ORDERS.map(|seconds| {
                let own = rt.clone();
                rt.spawn_blocking(move || own.block(seconds * SECOND))
            });
            let own = rt.clone();
            let worker = rt.spawn(async move { own.block(SECOND) });
            worker.await.expect("the worker is free for it");
            assert_eq!(rt.now(), SECOND);
            for call in calls {
                call.await.expect("no call fails");
            }
        });
        assert_eq!(took, seconds, "{cap:?} threads");
        assert_eq!(work.workers, SECOND);
    }
}

#[test]
fn spins_in_blocking_calls_take_cores() {
    let (took, work) = measure(&cores(4, 1), |rt| async move {
        let calls = ORDERS.map(|seconds| {
            let own = rt.clone();
            rt.spawn_blocking(move || own.spin(seconds * SECOND))
        });
        for call in calls {
            call.await.expect("no call fails");
        }
    });
    assert_eq!(took, 27.0);
    assert_eq!((work.workers, work.cores), (Duration::ZERO, 27 * SECOND));
}

#[test]
fn the_pool_has_512_threads_by_default() {
    let (took, _) = measure(&Config::with_workers(1), |rt| async move {
        let calls: Vec<_> = (0..513)
            .map(|_| {
                let own = rt.clone();
                rt.spawn_blocking(move || own.block(SECOND))
            })
            .collect();
        for call in calls {
            call.await.expect("no call fails");
        }
    });
    assert_eq!(took, 2.0);
}

#[test]
fn zero_is_no_event() {
    let (took, _) = measure(&Config::with_workers(1), |rt| async move {
        rt.block(Duration::ZERO);
        rt.spin(Duration::ZERO);
        assert_eq!(rt.compute(Duration::ZERO, || 7), 7);
        let mut sleep = std::pin::pin!(rt.sleep(Duration::ZERO));
        assert!(futures::poll!(&mut sleep).is_ready());
    });
    assert_eq!(took, 0.0);
}

#[test]
fn a_deadline_is_fixed_when_the_sleep_is_made() {
    let (took, _) = measure(&Config::with_workers(1), |rt| async move {
        let (early, late) = (rt.sleep(2 * SECOND), rt.sleep(5 * SECOND));
        rt.block(3 * SECOND);
        early.await;
        assert_eq!(rt.now(), 3 * SECOND);
        late.await;
    });
    assert_eq!(took, 5.0);
}

#[test]
fn a_block_outside_the_simulator_returns_at_once() {
    let runner = Virtual::build(&Config::with_workers(1)).expect("one thread starts");
    let other = Virtual::build(&Config::with_workers(1)).expect("one thread starts");
    let (rt, foreign) = (runner.handle(), other.handle());
    rt.block(SECOND);
    rt.spin(SECOND);
    let seen = foreign.clone();
    let ended = runner.run(async move { foreign.block(SECOND) }, None);
    assert!(ended.is_ok());
    assert_eq!((rt.now(), seen.now()), (Duration::ZERO, Duration::ZERO));
}
