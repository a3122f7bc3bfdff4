//! The order of running: always the same, and shuffled only by a seed.

use std::collections::BTreeSet;
use std::future::Future;
use std::sync::{Arc, Mutex};
use std::thread::{self, ThreadId};
use std::time::Duration;

use pollmark_core::{Config, Runner, Runtime};
use pollmark_runner_virtual::{Virtual, VirtualHandle};

const SECOND: Duration = Duration::from_secs(1);

type Log = Arc<Mutex<Vec<(Duration, usize)>>>;

fn config(workers: usize, seed: Option<u64>) -> Config {
    Config {
        seed,
        ..Config::with_workers(workers)
    }
}

/// Tasks that wait, block, spin and yield; their steps with task and time, in order.
fn mixture(config: &Config) -> Vec<(Duration, usize)> {
    let runner = Virtual::build(config).expect("one thread starts");
    let rt = runner.handle();
    let log = Log::default();
    let kept = Arc::clone(&log);
    let root = async move {
        let start = |number: usize| {
            let (own, log) = (rt.clone(), Arc::clone(&log));
            rt.spawn(async move {
                for round in 0..4 {
                    let note = (own.now(), number);
                    log.lock().expect("nobody panics").push(note);
                    match (number + round) % 4 {
                        0 => own.sleep(SECOND).await,
                        1 => own.block(SECOND),
                        2 => own.spin(SECOND),
                        _ => own.yield_now().await,
                    }
                }
            })
        };
        let tasks: Vec<_> = (0..20).map(start).collect();
        for task in tasks {
            task.await.expect("no task fails");
        }
    };
    runner.run(root, None).expect("the root ends");
    assert!(runner.shutdown(10 * SECOND).complete);
    Arc::into_inner(kept)
        .expect("every task has ended")
        .into_inner()
        .expect("nobody panics")
}

#[test]
fn fifty_runs_are_one() {
    for seed in [None, Some(7)] {
        let first = mixture(&config(3, seed));
        assert_eq!(first.len(), 80);
        for _ in 0..49 {
            assert_eq!(mixture(&config(3, seed)), first);
        }
    }
}

#[test]
fn seeds_differ() {
    let orders: BTreeSet<_> = (0..10)
        .map(|seed| mixture(&config(3, Some(seed))))
        .collect();
    assert!(orders.len() > 1);
}

fn run<T: Send + 'static, F: Future<Output = T> + Send + 'static>(
    make: impl FnOnce(VirtualHandle) -> F,
) -> T {
    let runner = Virtual::build(&config(1, None)).expect("one thread starts");
    runner
        .run(make(runner.handle()), None)
        .expect("the root ends")
}

#[test]
fn equal_sleeps_end_in_the_order_of_their_creation() {
    let order = run(|rt| async move {
        let log = Log::default();
        let mut sleeps: Vec<_> = (0..100).map(|number| (number, rt.sleep(SECOND))).collect();
        sleeps.reverse();
        let start = |(number, sleep)| {
            let (own, log) = (rt.clone(), Arc::clone(&log));
            rt.spawn(async move {
                sleep.await;
                log.lock().expect("nobody panics").push((own.now(), number));
            })
        };
        let tasks: Vec<_> = sleeps.into_iter().map(start).collect();
        for task in tasks {
            task.await.expect("no task fails");
        }
        log.lock().expect("nobody panics").clone()
    });
    let expected: Vec<_> = (0..100).map(|number| (SECOND, number)).collect();
    assert_eq!(order, expected);
}

#[test]
fn a_yield_lets_every_other_ready_task_go_first() {
    let order = run(|rt| async move {
        let log = Arc::new(Mutex::new(String::new()));
        let start = |name: char| {
            let (own, log) = (rt.clone(), Arc::clone(&log));
            rt.spawn(async move {
                for _ in 0..3 {
                    log.lock().expect("nobody panics").push(name);
                    own.yield_now().await;
                }
            })
        };
        let tasks = ['a', 'b', 'c'].map(start);
        for task in tasks {
            task.await.expect("no task fails");
        }
        log.lock().expect("nobody panics").clone()
    });
    assert_eq!(order, "abcabcabc");
}

#[test]
fn programs_that_only_wait_use_one_thread() {
    let threads: BTreeSet<String> = run(|rt| async move {
        let start = |number: u32| {
            let own = rt.clone();
            rt.spawn(async move {
                let name = |id: ThreadId| format!("{id:?}");
                let before = name(thread::current().id());
                own.sleep(number % 7 * SECOND).await;
                [before, name(thread::current().id())]
            })
        };
        let tasks: Vec<_> = (0..1_000).map(start).collect();
        let mut threads = BTreeSet::new();
        for task in tasks {
            threads.extend(task.await.expect("no task fails"));
        }
        threads
    });
    assert_eq!(threads.len(), 1);
}

#[test]
fn a_hundred_thousand_tasks_wait_and_end() {
    let (sum, now) = run(|rt| async move {
        let start = |number: u64| {
            let own = rt.clone();
            rt.spawn(async move {
                own.sleep(Duration::from_millis(number * 7_919 % 10_007))
                    .await;
                number
            })
        };
        let tasks: Vec<_> = (0..100_000).map(start).collect();
        let mut sum = 0;
        for task in tasks {
            sum += task.await.expect("no task fails");
        }
        (sum, rt.now())
    });
    assert_eq!(sum, 99_999 * 100_000 / 2);
    assert_eq!(now, Duration::from_millis(10_006));
}
