//! The environment does not change a configuration.

use std::collections::HashSet;
use std::num::NonZeroUsize;
use std::sync::{Arc, Barrier};
use std::thread;
use std::time::Duration;

use pollmark_core::conformance::hold_with_variables;
use pollmark_core::{Config, Runner, Runtime};
use pollmark_runner_async_std::AsyncStd;

/// Each would leave three calls or tasks that wait for each other waiting.
const VARIABLES: &[(&str, &str)] = &[
    ("ASYNC_STD_THREAD_COUNT", "1"),
    ("ASYNC_GLOBAL_EXECUTOR_THREADS", "1"),
    ("BLOCKING_MAX_THREADS", "1"),
];

/// Far longer than three threads take to start.
const LIMIT: Duration = Duration::from_secs(10);

/// They are read once, hence the process of its own.
#[test]
fn the_variables_do_not_count() {
    hold_with_variables(
        concat!(module_path!(), "::the_variables_do_not_count"),
        VARIABLES,
        assert_three_run_at_a_time,
    );
}

fn assert_three_run_at_a_time() {
    let async_std = AsyncStd::build(&Config {
        blocking_threads: NonZeroUsize::new(3),
        ..Config::with_workers(3)
    })
    .unwrap();
    let runtime = async_std.handle();
    // Three tasks that block until all three do need three workers.
    let all_run = Arc::new(Barrier::new(3));
    let tasks: Vec<_> = (0..3)
        .map(|_| {
            let all_run = Arc::clone(&all_run);
            runtime.spawn(async move {
                all_run.wait();
                thread::current().name().map(str::to_owned)
            })
        })
        .collect();
    let all_block = Arc::new(Barrier::new(3));
    let calls: Vec<_> = (0..3)
        .map(|_| {
            let all_block = Arc::clone(&all_block);
            runtime.spawn_blocking(move || all_block.wait())
        })
        .collect();
    let root = async move {
        for call in calls {
            call.await.unwrap();
        }
        let mut names = HashSet::new();
        for task in tasks {
            names.insert(task.await.unwrap());
        }
        names
    };
    let names = async_std.run(root, Some(LIMIT)).unwrap();
    let expected = ["async-std-0", "async-std-1", "async-std-2"];
    assert_eq!(names, expected.map(|name| Some(name.to_owned())).into());
}
