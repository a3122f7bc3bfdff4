//! smol: an executor and the threads that run it.

use std::future::Future;
use std::io;
use std::sync::Arc;
use std::thread;

use smol::channel::{Sender, bounded};
use smol::{Executor, Timer};

use crate::Side;
use crate::work::{HOUR, channels, check_sum, number, poll_each};

/// A smol executor with threads of its own, as smol's documentation has it.
#[derive(Debug)]
pub struct Smol {
    executor: Arc<Executor<'static>>,
    workers: Vec<thread::JoinHandle<()>>,
    /// The workers run until it is dropped.
    stop: Sender<()>,
}

impl Smol {
    /// Starts `workers` threads that run the executor.
    ///
    /// # Errors
    ///
    /// The OS's error if it refuses a thread.
    pub fn build(workers: usize) -> io::Result<Self> {
        let executor = Arc::new(Executor::new());
        let (stop, stopped) = bounded(1);
        let worker = |number: usize| {
            let (executor, stopped) = (Arc::clone(&executor), stopped.clone());
            thread::Builder::new()
                .name(format!("smol-{number}"))
                .spawn(move || _ = smol::block_on(executor.run(stopped.recv())))
        };
        let workers = (0..workers).map(worker).collect::<Result<_, _>>()?;
        Ok(Smol {
            executor,
            workers,
            stop,
        })
    }
}

impl Side for Smol {
    fn spawn_join(&self, count: u64) -> impl Future<Output = ()> + Send + use<> {
        let executor = Arc::clone(&self.executor);
        async move {
            let mut sum = 0;
            for i in 0..count {
                sum += executor.spawn(async move { number(i) }).await;
            }
            check_sum(sum, count);
        }
    }

    fn yields(&self, count: u64) -> impl Future<Output = ()> + Send + use<> {
        async move {
            for _ in 0..count {
                smol::future::yield_now().await;
            }
        }
    }

    fn sleeps(&self, count: u64) -> impl Future<Output = ()> + Send + use<> {
        poll_each(count, || Timer::after(HOUR))
    }

    fn round_trips(&self, count: u64) -> impl Future<Output = ()> + Send + use<> {
        let executor = Arc::clone(&self.executor);
        async move {
            let (near, far) = channels();
            executor.spawn(far.answer()).detach();
            near.round_trips(count).await;
        }
    }

    fn blocking_calls(&self, count: u64) -> impl Future<Output = ()> + Send + use<> {
        async move {
            let mut sum = 0;
            for i in 0..count {
                sum += smol::unblock(move || number(i)).await;
            }
            check_sum(sum, count);
        }
    }

    fn run<F>(&self, root: F) -> F::Output
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        // Unlike `smol::block_on`, this one leaves the timers to the workers.
        smol::future::block_on(self.executor.spawn(root))
    }

    fn shutdown(self) {
        drop(self.stop);
        for worker in self.workers {
            worker.join().expect("a worker ends when it is told");
        }
    }
}
