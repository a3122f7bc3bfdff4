//! Threads beside the one in control: foreign ones that come and go, polls without which control
//! went on, and runs that were left behind. Each in a process of its own.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use pollmark_core::conformance::hold_with_variables;
use pollmark_core::{Config, RunError, Runner, Runtime};
use pollmark_runner_virtual::{Virtual, VirtualHandle};

const SECOND: Duration = Duration::from_secs(1);
const STEP: Duration = Duration::from_millis(50);

/// A test in a process of its own.
macro_rules! alone {
    ($($(#[$meta:meta])* fn $name:ident() $body:block)*) => { $(
        #[test]
        $(#[$meta])*
        fn $name() {
            let test = concat!(module_path!(), "::", stringify!($name));
            hold_with_variables(test, &[], || $body);
        }
    )* };
}

fn build(workers: usize) -> (Virtual, VirtualHandle) {
    let runner = Virtual::build(&Config::with_workers(workers)).expect("one thread starts");
    let handle = runner.handle();
    (runner, handle)
}

/// Waits for the other end of `wait` as a lock does, then again and again with a limit.
fn waits_in_a_loop(wait: &mpsc::Receiver<()>) {
    wait.recv().expect("the other end lives");
    while wait.recv_timeout(STEP / 50) == Err(RecvTimeoutError::Timeout) {}
}

/// A root that awaits a task that waits inside of its poll, first without a limit and then in a
/// loop with one.
async fn awaits_a_loop(rt: VirtualHandle) {
    let (tell, told) = mpsc::channel();
    let waits = rt.spawn_named("waits".into(), async move { waits_in_a_loop(&told) });
    // Only once control goes on without that poll.
    rt.spawn(async move {
        tell.send(()).expect("it waits");
        std::future::pending::<()>().await;
    });
    waits.await.ok();
}

#[cfg(target_os = "linux")]
alone! {
    fn a_thread_that_starts_as_another_ends_is_seen() {
        let (end, ended) = mpsc::channel::<()>();
        let (tell, told) = mpsc::channel::<PathBuf>();
        let before = thread::spawn(move || {
            let own = fs::read_link("/proc/thread-self").expect("there is /proc");
            tell.send(Path::new("/proc").join(own)).expect("the test waits");
            ended.recv().ok();
        });
        let folder = told.recv().expect("it is told");
        let (runner, rt) = build(1);
        let root = async move {
            rt.sleep(SECOND).await;
            drop(end);
            before.join().expect("it ends");
            while folder.exists() {
                thread::yield_now();
            }
            let (end, ended) = mpsc::channel::<()>();
            let after = thread::Builder::new().name("after".to_owned());
            let after = after.spawn(move || ended.recv().ok());
            rt.sleep(STEP).await;
            drop((end, after));
        };
        runner.run(root, None).expect("it ends");
        assert_eq!(
            runner.inexact().as_deref(),
            Some("`after` runs outside of the virtual clock")
        );
    }

    fn a_poll_that_outlives_its_run_does_not_drive_the_next() {
        let (runner, rt) = build(3);
        let (wake, woken) = mpsc::channel();
        let (release, released) = mpsc::channel::<()>();
        let first = rt.clone();
        let root = async move {
            first.spawn_named("outlives".into(), async move {
                wake.send(()).expect("the root waits");
                released.recv().expect("the next root sends");
            });
            // The poll that control goes on without ends the run while that one is under way.
            woken.recv().expect("it is woken");
        };
        runner.run(root, None).expect("it ends");
        let root = async move {
            let (tell, told) = mpsc::channel();
            rt.spawn(async move { tell.send(()).ok() });
            release.send(()).expect("it waits");
            // No other poll begins while this one is under way.
            told.recv_timeout(4 * STEP)
        };
        let told = runner.run(root, None).expect("it ends");
        assert_eq!(told, Err(RecvTimeoutError::Timeout));
        assert!(runner.inexact().is_some(), "the other poll ran beside it");
        assert!(runner.shutdown(10 * SECOND).complete);
    }

    fn a_limit_ends_a_run_in_which_a_poll_waits_in_a_loop() {
        let (runner, rt) = build(2);
        let root = async move {
            let (end, ended) = mpsc::channel::<()>();
            let foreign = thread::spawn(move || ended.recv().ok());
            awaits_a_loop(rt).await;
            drop((end, foreign));
        };
        let ended = runner.run(root, Some(SECOND));
        assert!(matches!(ended, Err(RunError::TimedOut { .. })), "{ended:?}");
    }

    fn a_poll_that_waits_in_a_loop_is_given_up() {
        let (runner, rt) = build(2);
        let ended = runner.run(awaits_a_loop(rt), None);
        let Err(RunError::Stuck(why)) = ended else {
            panic!("{ended:?}");
        };
        assert!(why.contains("`waits`"), "{why}");
    }

    fn a_run_that_was_left_behind_delays_no_verdict() {
        static STOPS: AtomicBool = AtomicBool::new(false);
        let (tell, told) = mpsc::channel();
        let left = thread::spawn(move || {
            let (runner, _rt) = build(1);
            let root = async move {
                tell.send(()).expect("the test waits");
                while !STOPS.load(Ordering::Relaxed) {
                    std::hint::spin_loop();
                }
            };
            runner.run(root, None)
        });
        told.recv().expect("it is told");
        let (runner, rt) = build(2);
        let start = Instant::now();
        let root = async move {
            let (_tell, told) = mpsc::channel::<()>();
            rt.spawn(async move { told.recv().ok() }).await.ok();
        };
        let ended = runner.run(root, None);
        assert!(matches!(ended, Err(RunError::Stuck(_))), "{ended:?}");
        assert!(start.elapsed() < 10 * SECOND, "{:?}", start.elapsed());
        STOPS.store(true, Ordering::Relaxed);
        left.join().expect("it ends").expect("it ends");
    }
}
