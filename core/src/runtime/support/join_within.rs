//! Awaiting a root task for a limited time.

use std::time::Duration;

use futures::future::{Either, select};

use crate::runtime::runner::RunError;
use crate::runtime::{JoinHandle, Runtime};

/// Awaits a root task's handle, for `limit` of the runtime's time at most: the future that most
/// runners' [`run_or_stop`](crate::Runner::run_or_stop) drives. Past the limit `on_stop` is called, then
/// the root is aborted, and its end is not waited for.
///
/// # Errors
///
/// [`RunError::Join`] and [`RunError::TimedOut`].
pub async fn join_within<R: Runtime, T: Send + 'static>(
    runtime: &R,
    handle: R::JoinHandle<T>,
    limit: Option<Duration>,
    on_stop: impl FnOnce(),
) -> Result<T, RunError> {
    let Some(limit) = limit else {
        return handle.await.map_err(RunError::Join);
    };
    let deadline = std::pin::pin!(runtime.sleep(limit));
    match select(handle, deadline).await {
        Either::Left((output, _)) => output.map_err(RunError::Join),
        Either::Right(((), handle)) => {
            on_stop();
            handle.abort();
            Err(RunError::TimedOut { limit })
        }
    }
}
