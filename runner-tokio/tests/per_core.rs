//! Tasks on a runtime for each worker: they stay where they are placed.

use std::collections::BTreeSet;
use std::sync::mpsc;
use std::thread::{self, ThreadId};
use std::time::Duration;

use pollmark_core::{Config, Runner, Runtime};
use pollmark_runner_tokio::{PerCoreHandle, TokioPerCore};

const HANGS: Duration = Duration::from_secs(20);

fn per_core(workers: usize) -> (TokioPerCore, PerCoreHandle) {
    let runner = TokioPerCore::build(&Config::with_workers(workers)).expect("it can be built");
    let handle = runner.handle();
    (runner, handle)
}

/// Polls and waits a few times, and returns the threads on which it was polled.
async fn threads(rt: PerCoreHandle) -> BTreeSet<String> {
    let mut seen = BTreeSet::new();
    let mut look = || seen.insert(format!("{:?}", thread::current().id()));
    for _ in 0..20 {
        look();
        rt.yield_now().await;
        look();
        rt.sleep(Duration::from_millis(1)).await;
    }
    seen
}

#[test]
fn tasks_are_placed_in_turn_and_stay() {
    let (runner, rt) = per_core(3);
    let all = runner.run(
        async move {
            // The root is the first that is placed.
            let own = threads(rt.clone()).await;
            let tasks: Vec<_> = (0..6).map(|_| rt.spawn(threads(rt.clone()))).collect();
            let mut all = vec![own];
            for task in tasks {
                all.push(task.await.expect("no task fails"));
            }
            all
        },
        Some(HANGS),
    );
    let all = all.expect("the root ends");
    assert!(all.iter().all(|threads| threads.len() == 1), "{all:?}");
    assert_eq!(all[..3].iter().flatten().collect::<BTreeSet<_>>().len(), 3);
    assert_eq!(
        (&all[..3], &all[..3]),
        (&all[3..6], &[&all[6..], &all[1..3]].concat()[..])
    );
}

#[test]
fn a_task_waits_for_its_worker_with_another_free() {
    let (runner, rt) = per_core(2);
    let order = runner.run(
        async move {
            let (say, said) = mpsc::channel();
            let spawn = |name: &'static str, held: Option<mpsc::Receiver<()>>| {
                let say = say.clone();
                rt.spawn(async move {
                    if let Some(held) = held {
                        held.recv_timeout(HANGS).expect("it is let go");
                    }
                    say.send(name).expect("the root listens");
                })
            };
            let (let_go, held) = mpsc::channel();
            let blocks = spawn("blocks", Some(held));
            let (on_the_roots, behind) = (spawn("root's", None), spawn("behind", None));
            on_the_roots.await.expect("no task fails");
            let first: Vec<&str> = said.try_iter().collect();
            let_go.send(()).expect("the task waits");
            blocks.await.expect("no task fails");
            behind.await.expect("no task fails");
            (first, said.try_iter().collect::<Vec<&str>>())
        },
        Some(HANGS),
    );
    let (first, rest) = order.expect("the root ends");
    assert_eq!((first, rest), (vec!["root's"], vec!["blocks", "behind"]));
}

#[test]
fn blocking_calls_of_all_workers_share_one_pool() {
    let config = Config {
        blocking_threads: Some(1.try_into().unwrap()),
        ..Config::with_workers(3)
    };
    let runner = TokioPerCore::build(&config).expect("it can be built");
    let rt = runner.handle();
    let threads = runner.run(
        async move {
            let task = |_| {
                let own = rt.clone();
                rt.spawn(async move { own.spawn_blocking(|| thread::current().id()).await })
            };
            let tasks: Vec<_> = (0..6).map(task).collect();
            let mut threads: Vec<ThreadId> = Vec::new();
            for task in tasks {
                threads.push(task.await.expect("no task fails").expect("no call fails"));
            }
            threads
        },
        Some(HANGS),
    );
    let threads = threads.expect("the root ends");
    assert!(
        threads.iter().all(|thread| *thread == threads[0]),
        "{threads:?}"
    );
}

#[test]
fn a_worker_that_is_held_is_left_behind_and_told() {
    let (runner, rt) = per_core(2);
    let (let_go, held) = mpsc::channel::<()>();
    let (begin, begun) = mpsc::channel();
    runner
        .run(
            async move {
                drop(rt.spawn(async move {
                    begin.send(()).expect("the test listens");
                    let _ = held.recv_timeout(HANGS);
                }));
            },
            None,
        )
        .expect("the root ends");
    begun.recv_timeout(HANGS).expect("the task begins");
    let report = runner.shutdown(Duration::from_millis(50));
    assert!(!report.complete);
    assert_eq!(report.left.as_deref(), Some("workers inside a poll: 1"));
    drop(let_go);
}
