//! Limits a run from outside of its runtime: where a poll does not return, the runtime can end
//! nothing, and the run is left behind on its thread.

use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread::{self, Builder, JoinHandle};
use std::time::{Duration, Instant};

use super::plan::{Ended, SHUTDOWN};
use crate::runtime::config::BuildError;
use crate::runtime::runner::{RunError, ShutdownReport};

/// The time past its limit until a run, or the end of its runtime, is left behind: a runtime that
/// can end it by itself does so within moments.
const GRACE: Duration = Duration::from_secs(1);

/// The stack of the thread that runs, in place of the calling one: that of a main thread.
const STACK: usize = 8 << 20;

/// Calls `run` and then `shutdown` on a thread of their own, which has the name of the calling one,
/// and waits for both: for `run` until some time past `limit`, and then calls `on_stop`.
///
/// # Errors
///
/// The system refuses the thread.
///
/// # Panics
///
/// As `run` and `shutdown` do.
pub(crate) fn limited<Q: Send + 'static>(
    runner: Q,
    limit: Duration,
    run: impl FnOnce(&Q) -> Ended + Send + 'static,
    shutdown: impl FnOnce(Q) -> ShutdownReport + Send + 'static,
    on_stop: impl FnOnce(),
) -> Result<Ended, BuildError> {
    let (ran, running) = channel();
    let (ended, ending) = channel();
    let name = thread::current().name().unwrap_or("run").to_owned();
    let work = move || {
        let result = run(&runner);
        // The receiver of a run that was left behind has gone.
        let _ = ran.send(result);
        let _ = ended.send(shutdown(runner));
    };
    let builder = Builder::new().name(name).stack_size(STACK);
    let mut thread = Some(builder.spawn(work).map_err(BuildError::Os)?);
    let Some(run) = within(&running, limit.saturating_add(GRACE), &mut thread) else {
        on_stop();
        return Ok(Ended {
            is_left_behind: true,
            ..Ended::of(Err(RunError::TimedOut { limit }), None, None)
        });
    };
    let began = Instant::now();
    let shutdown = within(&ending, SHUTDOWN + GRACE, &mut thread);
    if let (Some(_), Some(thread)) = (&shutdown, thread) {
        // It has nothing more to do, and the next run would count it as a thread of its own.
        let _ = thread.join();
    }
    let left = || ShutdownReport::left(began, "the thread that ends the runtime");
    Ok(Ended {
        shutdown: Some(shutdown.unwrap_or_else(left)),
        ..run
    })
}

/// What `thread` sends; `None` if it sends nothing within `limit`.
fn within<T>(
    from: &Receiver<T>,
    limit: Duration,
    thread: &mut Option<JoinHandle<()>>,
) -> Option<T> {
    match from.recv_timeout(limit) {
        Ok(sent) => Some(sent),
        Err(RecvTimeoutError::Timeout) => None,
        Err(RecvTimeoutError::Disconnected) => {
            let panicked = thread.take().and_then(|thread| thread.join().err());
            std::panic::resume_unwind(panicked.expect("it sends before it ends"))
        }
    }
}
