//! Programs that use something outside of the virtual clock: threads of their own, timers of
//! other runtimes, and polls that wait for other threads. Each in a process of its own, since a
//! thread that another test starts would be seen as well.

use std::future::{Future, poll_fn};
use std::num::NonZeroUsize;
use std::pin::Pin;
use std::sync::mpsc;
use std::task::Poll;
use std::thread;
use std::time::{Duration, Instant};

use futures::channel::oneshot;
use futures::executor::block_on;
use pollmark_core::conformance::hold_with_variables;
use pollmark_core::{Config, RunError, Runner, Runtime};
use pollmark_runner_virtual::{Virtual, VirtualHandle};

const SECOND: Duration = Duration::from_secs(1);
const STEP: Duration = Duration::from_millis(50);

/// A test in a process of its own.
macro_rules! alone {
    ($(fn $name:ident() $body:block)*) => { $(
        #[test]
        fn $name() {
            let test = concat!(module_path!(), "::", stringify!($name));
            hold_with_variables(test, &[], || $body);
        }
    )* };
}

fn build(workers: usize, blocking_threads: usize) -> (Virtual, VirtualHandle) {
    let config = Config {
        blocking_threads: NonZeroUsize::new(blocking_threads),
        ..Config::with_workers(workers)
    };
    let runner = Virtual::build(&config).expect("one thread starts");
    let handle = runner.handle();
    (runner, handle)
}

/// A timer of another world: a thread that sleeps, then sends.
fn foreign_timer(name: Option<&str>) -> oneshot::Receiver<()> {
    let (fires, fired) = oneshot::channel();
    let mut thread = thread::Builder::new();
    if let Some(name) = name {
        thread = thread.name(name.to_owned());
    }
    let timer = thread.spawn(move || {
        thread::sleep(STEP);
        fires.send(()).ok();
    });
    timer.expect("a thread starts");
    fired
}

/// A pool of threads that live on, like rayon's.
fn pool() -> mpsc::Sender<Box<dyn FnOnce() + Send>> {
    let (give, take) = mpsc::channel::<Box<dyn FnOnce() + Send>>();
    let pool = thread::Builder::new().name("pool-0".to_owned());
    let worker = pool.spawn(move || take.iter().for_each(|work| work()));
    worker.expect("a thread starts");
    give
}

/// What the run of `root` gave, and the reason why it is not exact.
fn ran<F>(runner: &Virtual, root: F) -> (Result<F::Output, RunError>, Option<String>)
where
    F: Future<Output: Send> + Send + 'static,
{
    let ended = runner.run(root, None);
    (ended, runner.inexact())
}

fn outside(name: &str) -> Option<String> {
    Some(format!("{name} runs outside of the virtual clock"))
}

/// The message of a run that is stuck.
fn stuck<T>(ended: Result<T, RunError>) -> String {
    match ended {
        Err(RunError::Stuck(why)) => why,
        Err(other) => panic!("{other:?}"),
        Ok(_) => panic!("it ended"),
    }
}

alone! {
    fn a_foreign_timer_ends_a_standstill_in_its_own_time() {
        let (runner, rt) = build(1, 1);
        let root = async move {
            foreign_timer(Some("alarm clock")).await.expect("it fires");
            rt.now()
        };
        let (now, inexact) = ran(&runner, root);
        assert!(now.expect("it ends") >= STEP);
        assert_eq!(inexact, outside("`alarm clock`"));
        // The clock is its own again, and exact.
        let rt = runner.handle();
        let start = Instant::now();
        let slept = async move {
            let before = rt.now();
            rt.sleep(600 * SECOND).await;
            rt.now() - before
        };
        let (slept, inexact) = ran(&runner, slept);
        assert_eq!((slept.expect("it ends"), inexact), (600 * SECOND, None));
        assert!(start.elapsed() < 300 * SECOND);
    }

    fn a_foreign_timer_is_not_jumped_over() {
        let (runner, rt) = build(1, 1);
        let root = async move {
            let mut fired = foreign_timer(None);
            let mut timeout = rt.sleep(10 * SECOND);
            let first = poll_fn(|cx| {
                if Pin::new(&mut fired).poll(cx).is_ready() {
                    return Poll::Ready("foreign");
                }
                Pin::new(&mut timeout).poll(cx).map(|()| "virtual")
            });
            (first.await, rt.now())
        };
        let (ended, inexact) = ran(&runner, root);
        let (first, now) = ended.expect("it ends");
        assert_eq!(first, "foreign");
        assert!(now >= STEP && now < 10 * SECOND, "{now:?}");
        assert_eq!(inexact, outside("a thread without a name"));
    }

    fn a_jump_beside_a_foreign_thread_takes_real_time() {
        let (runner, rt) = build(1, 1);
        let root = async move {
            let pool = pool();
            // The look is no later for many jumps before.
            for _ in 0..20 {
                rt.sleep(STEP / 10).await;
            }
            drop(pool);
        };
        let start = Instant::now();
        let (ended, inexact) = ran(&runner, root);
        ended.expect("it ends");
        assert!(start.elapsed() >= 2 * STEP);
        assert_eq!(inexact, outside("`pool-0`"));
    }

    fn work_on_a_foreign_pool_takes_its_time() {
        let (runner, rt) = build(2, 1);
        let root = async move {
            rt.sleep(SECOND).await;
            let before = rt.now();
            let pool = pool();
            let (tell, told) = oneshot::channel();
            let work = move || {
                thread::sleep(STEP);
                tell.send(7).expect("the root waits");
            };
            pool.send(Box::new(work)).expect("the pool lives");
            (told.await.expect("it is told"), rt.now() - before, pool)
        };
        let (ended, inexact) = ran(&runner, root);
        let (seven, took, _pool) = ended.expect("it ends");
        assert_eq!(seven, 7);
        assert!(took >= STEP, "{took:?}");
        assert_eq!(inexact, outside("`pool-0`"));
    }

    fn a_foreign_thread_that_is_alive_at_the_end_is_told() {
        let (runner, _rt) = build(1, 1);
        let (ended, inexact) = ran(&runner, async { pool() });
        let pool = ended.expect("it ends");
        assert_eq!(inexact, outside("`pool-0`"));
        // It lived before this run began, and does nothing in it.
        let (ended, inexact) = ran(&runner, async {});
        assert!(ended.is_ok());
        assert_eq!(inexact, None);
        drop(pool);
    }

    fn a_wake_by_a_thread_that_lived_before_is_told() {
        let pool = pool();
        let (runner, rt) = build(1, 1);
        let root = async move {
            let (tell, told) = oneshot::channel();
            let timer = rt.spawn(rt.sleep(SECOND));
            let mut told = told;
            let (sent, was_sent) = mpsc::channel();
            let work = move || {
                tell.send(()).expect("the root waits");
                sent.send(()).expect("the root waits");
            };
            // The wake comes in the poll of the task that it wakes.
            poll_fn(|cx| {
                let _ = Pin::new(&mut told).poll(cx);
                Poll::Ready(())
            })
            .await;
            pool.send(Box::new(work)).expect("the pool lives");
            was_sent.recv().expect("it was sent");
            told.await.expect("it is told");
            timer.await.expect("it ends");
        };
        let (ended, inexact) = ran(&runner, root);
        ended.expect("it ends");
        assert_eq!(inexact, outside("`pool-0`"));
    }

    fn nested_calls_that_fill_the_pool_are_a_deadlock() {
        let (runner, rt) = build(2, 2);
        let (ended, _) = ran(&runner, nested(rt));
        assert_eq!(
            stuck(ended),
            "every thread of the pool waits for a call that is queued: held by `outer 0`, \
             `outer 1`; queued: `inner 0`, `inner 1`"
        );
        // The shutdown ends what they wait for.
        assert!(runner.shutdown(10 * SECOND).complete);
    }

    fn nested_calls_with_a_thread_to_spare_end() {
        let (runner, rt) = build(2, 3);
        let (ended, inexact) = ran(&runner, nested(rt));
        assert_eq!(ended.expect("it ends"), SECOND / 5);
        let inexact = inexact.expect("it waited for real");
        assert_eq!(inexact, "`outer 0` waits inside of its poll or call for another thread");
        assert!(runner.shutdown(10 * SECOND).complete);
    }

    fn a_task_that_blocks_on_another_needs_a_second_worker() {
        let blocks_on = |rt: VirtualHandle| async move {
            let other = rt.clone();
            let inner = rt.spawn_named("inner".into(), async move {
                other.sleep(SECOND).await;
                other.now()
            });
            block_on(inner).expect("it ends")
        };
        let (runner, rt) = build(1, 1);
        let (ended, _) = ran(&runner, blocks_on(rt));
        assert_eq!(
            stuck(ended),
            "every worker waits for a task that is queued: held by `main`; queued: `inner`"
        );
        let (runner, rt) = build(2, 1);
        let (ended, _) = ran(&runner, blocks_on(rt));
        assert_eq!(ended.expect("it ends"), SECOND);
    }

    fn a_lock_held_across_a_block_is_waited_for() {
        let (runner, rt) = build(2, 1);
        let root = async move {
            let lock = std::sync::Arc::new(std::sync::Mutex::new(()));
            let holds = |rt: VirtualHandle| {
                let lock = lock.clone();
                async move {
                    let held = lock.lock().expect("it is not poisoned");
                    rt.block(SECOND);
                    drop(held);
                }
            };
            let both = [rt.spawn(holds(rt.clone())), rt.spawn(holds(rt.clone()))];
            for task in both {
                task.await.expect("it ends");
            }
            rt.now()
        };
        let (ended, _) = ran(&runner, root);
        assert_eq!(ended.expect("it ends"), 2 * SECOND);
    }

    fn a_poll_that_waits_for_itself_is_named() {
        let (runner, rt) = build(2, 1);
        let root = async move {
            let waits = rt.spawn_named("waits".into(), async { block_on(std::future::pending::<()>()) });
            waits.await.ok();
        };
        let (ended, _) = ran(&runner, root);
        assert_eq!(
            stuck(ended),
            "`waits`: each waits inside of a poll or call for another thread"
        );
    }

    fn a_poll_that_sleeps_for_real_is_no_deadlock() {
        let (runner, rt) = build(1, 1);
        let root = async move {
            let beside = rt.spawn(rt.sleep(SECOND));
            thread::sleep(10 * STEP);
            beside.await.expect("it ends");
            rt.now()
        };
        let (ended, inexact) = ran(&runner, root);
        assert_eq!((ended.expect("it ends"), inexact), (SECOND, None));
    }
}

/// Two calls that each wait inside for a call of 0.1 s; the time at the end.
async fn nested(rt: VirtualHandle) -> Duration {
    let outer = |index: usize| {
        let own = rt.clone();
        rt.spawn_blocking_named(format!("outer {index}").into(), move || {
            let inner = own.clone();
            let work = move || inner.block(SECOND / 10);
            block_on(own.spawn_blocking_named(format!("inner {index}").into(), work))
                .expect("it ends");
        })
    };
    for call in [outer(0), outer(1)] {
        call.await.expect("it ends");
    }
    rt.now()
}
