//! tokio, both flavours.

use std::future::Future;
use std::io;

use tokio::runtime::{Builder, Runtime};
use tokio::{task, time};

use crate::Side;
use crate::work::{HOUR, channels, check_sum, number, poll_each};

const ENDS: &str = "a task that cannot fail ends";

/// A tokio runtime of either flavour.
#[derive(Debug)]
pub struct Tokio(Runtime);

impl Tokio {
    /// The flavour with workers that steal from each other.
    ///
    /// # Errors
    ///
    /// The OS's error if it refuses a thing that the timer and the runtime need.
    pub fn multi_thread(workers: usize) -> io::Result<Self> {
        Tokio::build(Builder::new_multi_thread().worker_threads(workers))
    }

    /// The flavour that runs every task on the thread that calls [`Side::run`].
    ///
    /// # Errors
    ///
    /// As [`Tokio::multi_thread`].
    pub fn current_thread() -> io::Result<Self> {
        Tokio::build(&mut Builder::new_current_thread())
    }

    fn build(builder: &mut Builder) -> io::Result<Self> {
        builder.enable_time().build().map(Tokio)
    }
}

impl Side for Tokio {
    fn spawn_join(&self, count: u64) -> impl Future<Output = ()> + Send + use<> {
        async move {
            let mut sum = 0;
            for i in 0..count {
                sum += task::spawn(async move { number(i) }).await.expect(ENDS);
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
        poll_each(count, || time::sleep(HOUR))
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
                sum += task::spawn_blocking(move || number(i)).await.expect(ENDS);
            }
            check_sum(sum, count);
        }
    }

    fn run<F>(&self, root: F) -> F::Output
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        let root = self.0.spawn(root);
        self.0.block_on(root).expect("the root ends")
    }

    fn shutdown(self) {}
}
