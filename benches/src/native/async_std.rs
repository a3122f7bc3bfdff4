//! async-std, as far as a process can have it twice.

use std::future::Future;

use async_std::task;
use pollmark_core::BuildError;
use pollmark_runner_async_std as runner;

use crate::work::{HOUR, channels, check_sum, number, poll_each};
use crate::{Pollmark, Side};

/// The process's async-std.
///
/// It is configured once a process, so this side runs on the threads that
/// pollmark's runner has started; its calls are async-std's own.
#[derive(Debug)]
pub struct AsyncStd(());

impl AsyncStd {
    /// Starts async-std with `workers` threads, if the process has not yet.
    ///
    /// # Errors
    ///
    /// As the runner's: if it runs with another number, or a thread is refused.
    pub fn build(workers: usize) -> Result<Self, BuildError> {
        Pollmark::<runner::AsyncStd>::build(workers)?;
        Ok(AsyncStd(()))
    }
}

impl Side for AsyncStd {
    fn spawn_join(&self, count: u64) -> impl Future<Output = ()> + Send + use<> {
        async move {
            let mut sum = 0;
            for i in 0..count {
                sum += task::spawn(async move { number(i) }).await;
            }
            check_sum(sum, count);
        }
    }

    fn yields(&self, count: u64) -> impl Future<Output = ()> + Send + use<> {
        async move {
            for _ in 0..count {
                task::yield_now().await;
            }
        }
    }

    fn sleeps(&self, count: u64) -> impl Future<Output = ()> + Send + use<> {
        poll_each(count, || task::sleep(HOUR))
    }

    fn round_trips(&self, count: u64) -> impl Future<Output = ()> + Send + use<> {
        async move {
            let (near, far) = channels();
            drop(task::spawn(far.answer()));
            near.round_trips(count).await;
        }
    }

    fn blocking_calls(&self, count: u64) -> impl Future<Output = ()> + Send + use<> {
        async move {
            let mut sum = 0;
            for i in 0..count {
                sum += task::spawn_blocking(move || number(i)).await;
            }
            check_sum(sum, count);
        }
    }

    fn run<F>(&self, root: F) -> F::Output
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        // Unlike async-std's `block_on`, this one leaves the timers to the workers.
        smol::future::block_on(task::spawn(root))
    }

    fn shutdown(self) {}
}
