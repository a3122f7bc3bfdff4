//! The current-thread flavour runs tasks while `run` does, and only then.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use pollmark_core::{Config, Runner, Runtime};
use pollmark_runner_tokio::TokioCurrentThread;

#[test]
fn a_task_left_behind_is_frozen_until_the_next_run() {
    let tokio = TokioCurrentThread::build(&Config::default()).unwrap();
    let runtime = tokio.handle();
    let ran = Arc::new(AtomicBool::new(false));
    let sets = Arc::clone(&ran);
    let task = runtime.spawn(async move {
        sets.store(true, Ordering::Relaxed);
        thread::current().id()
    });
    assert!(!ran.load(Ordering::Relaxed));

    let thread = tokio.run(task, None).unwrap().unwrap();
    assert!(ran.load(Ordering::Relaxed));
    assert_eq!(thread, thread::current().id());
}
