//! The threads do not come from the environment, the cap of the blocking pool does.

use std::collections::HashSet;
use std::env;
use std::num::NonZeroUsize;
use std::process::Command;
use std::sync::{Arc, Barrier};
use std::thread;

use pollmark_core::{BuildError, Config, Runner, Runtime};
use pollmark_runner_async_std::AsyncStd;

#[test]
fn the_thread_variables_do_not_count() {
    let variables = ["ASYNC_STD_THREAD_COUNT", "ASYNC_GLOBAL_EXECUTOR_THREADS"];
    if variables.map(env::var) != [Ok("1".to_owned()), Ok("1".to_owned())] {
        let child = Command::new(env::current_exe().unwrap())
            .args(["--exact", "the_thread_variables_do_not_count"])
            .envs(variables.map(|variable| (variable, "1")))
            .output()
            .unwrap();
        assert!(
            child.status.success(),
            "{}",
            String::from_utf8_lossy(&child.stdout)
        );
        return;
    }
    let async_std = AsyncStd::build(&Config::with_workers(3)).unwrap();
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
    let root = async move {
        let mut names = HashSet::new();
        for task in tasks {
            names.insert(task.await.unwrap());
        }
        names
    };
    let names = async_std.run(root, None).unwrap();
    let expected = ["async-std-0", "async-std-1", "async-std-2"];
    assert_eq!(names, expected.map(|name| Some(name.to_owned())).into());
}

#[test]
fn a_cap_that_the_environment_does_not_hold_is_an_error() {
    let found = env::var("BLOCKING_MAX_THREADS").unwrap_or_default();
    let wanted = if found == "7" { 8 } else { 7 };
    let config = Config {
        blocking_threads: NonZeroUsize::new(wanted),
        ..Config::with_workers(1)
    };
    let built = AsyncStd::build(&config);
    assert!(matches!(
        built,
        Err(BuildError::Environment {
            variable: "BLOCKING_MAX_THREADS",
            ..
        })
    ));
}
