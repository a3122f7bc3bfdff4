//! A wait belongs to the runtime of the handle that made it, on any thread.

use std::time::Duration;

use pollmark_core::{Config, Runner, Runtime};
use pollmark_runner_tokio::{Tokio, TokioCurrentThread};

const WAIT: Duration = Duration::from_millis(20);
const LIMIT: Duration = Duration::from_secs(10);

#[test]
#[expect(
    clippy::async_yields_async,
    reason = "the wait is made in one runtime and awaited in another"
)]
fn a_wait_made_in_another_runtimes_task_outlives_that_runtime() {
    let home = Tokio::build(&Config::with_workers(1)).unwrap();
    for abroad in ["its worker", "its driver"] {
        let runtime = home.handle();
        let make = async move { runtime.sleep(WAIT) };
        let sleep = match abroad {
            "its worker" => run_and_end(Tokio::build(&Config::with_workers(1)).unwrap(), make),
            _ => run_and_end(TokioCurrentThread::build(&Config::default()).unwrap(), make),
        };
        // Tokio panics if the timer of a wait is gone.
        home.run(sleep, Some(LIMIT)).unwrap();
    }
    assert!(home.shutdown(LIMIT).complete);
}

fn run_and_end<Q: Runner, T: Send + 'static>(
    runner: Q,
    root: impl Future<Output = T> + Send + 'static,
) -> T {
    let output = runner.run(root, Some(LIMIT)).unwrap();
    assert!(runner.shutdown(LIMIT).complete);
    output
}
