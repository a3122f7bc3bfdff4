//! Our side: everything through the `Runtime` trait, written once for all runtimes.

use std::future::Future;
use std::time::Duration;

use pollmark_core::transcript::Null;
use pollmark_core::{BuildError, Config, Context, Runner, Runtime, Speed};

use crate::Side;
use crate::work::{HOUR, channels, check_sum, number, poll_each};

/// The time that an idle runtime may take to end.
const SHUTDOWN_LIMIT: Duration = Duration::from_secs(10);

const ENDS: &str = "a task that cannot fail ends";

/// A runtime behind pollmark's trait.
#[derive(Debug)]
pub struct Pollmark<Q>(Q);

impl<Q: Runner> Pollmark<Q> {
    /// Builds the runtime with `workers` worker threads, if it has workers.
    ///
    /// # Errors
    ///
    /// As [`Runner::build`].
    ///
    /// # Panics
    ///
    /// Panics if `workers` is zero.
    pub fn build(workers: usize) -> Result<Self, BuildError> {
        Q::build(&Config::with_workers(workers)).map(Pollmark)
    }
}

impl<Q: Runner> Side for Pollmark<Q> {
    fn spawn_join(&self, count: u64) -> impl Future<Output = ()> + Send + use<Q> {
        let runtime = self.0.handle();
        async move {
            let mut sum = 0;
            for i in 0..count {
                sum += runtime.spawn(async move { number(i) }).await.expect(ENDS);
            }
            check_sum(sum, count);
        }
    }

    fn context_spawn_join(&self, count: u64) -> impl Future<Output = ()> + Send + use<Q> {
        let cx = Context::new(self.0.handle(), Null, Speed::REAL, Duration::ZERO);
        async move {
            let mut sum = 0;
            for i in 0..count {
                let task = cx.spawn("task", async move { number(i) });
                sum += task.await.expect(ENDS);
            }
            check_sum(sum, count);
        }
    }

    fn yields(&self, count: u64) -> impl Future<Output = ()> + Send + use<Q> {
        let runtime = self.0.handle();
        async move {
            for _ in 0..count {
                runtime.yield_now().await;
            }
        }
    }

    fn sleeps(&self, count: u64) -> impl Future<Output = ()> + Send + use<Q> {
        let runtime = self.0.handle();
        poll_each(count, move || runtime.sleep(HOUR))
    }

    fn round_trips(&self, count: u64) -> impl Future<Output = ()> + Send + use<Q> {
        let runtime = self.0.handle();
        async move {
            let (near, far) = channels();
            drop(runtime.spawn(far.answer()));
            near.round_trips(count).await;
        }
    }

    fn blocking_calls(&self, count: u64) -> impl Future<Output = ()> + Send + use<Q> {
        let runtime = self.0.handle();
        async move {
            let mut sum = 0;
            for i in 0..count {
                sum += runtime.spawn_blocking(move || number(i)).await.expect(ENDS);
            }
            check_sum(sum, count);
        }
    }

    fn run<F>(&self, root: F) -> F::Output
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        self.0.run(root, None).expect("the root ends")
    }

    fn shutdown(self) {
        // async-std has no shutdown, so threads that are left are no failure here.
        self.0.shutdown(SHUTDOWN_LIMIT);
    }
}
