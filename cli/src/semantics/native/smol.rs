//! smol: an executor and threads that run it, as in smol's documentation.

use std::future::Future;
use std::io;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result};
use futures::{AsyncReadExt as _, Stream, StreamExt as _};
use smol::channel::{Sender, bounded};
use smol::net::unix::UnixStream;
use smol::{Executor, Task, Timer};

use crate::semantics::fate::Fate;
use crate::semantics::side::{Bare, Cancels, Ends, Owns, Setup, Spawns};

pub(crate) struct Smol {
    executor: Arc<Executor<'static>>,
    workers: Vec<thread::JoinHandle<()>>,
    /// The workers run until this is dropped.
    stop: Sender<()>,
}

impl Owns for Smol {
    type Spawner = Arc<Executor<'static>>;

    /// The cap on blocking threads is per process.
    fn start(setup: Setup) -> Result<Self> {
        if let Some(threads) = setup.blocking_threads {
            blocking::set_max_blocking_threads(threads);
        }
        let executor = Arc::new(Executor::new());
        let (stop, stopped) = bounded::<()>(1);
        let worker = |_| {
            let (runs, stopped) = (Arc::clone(&executor), stopped.clone());
            thread::Builder::new()
                .spawn(move || _ = smol::block_on(runs.run(stopped.recv())))
                .context("cannot start a worker")
        };
        let workers = (0..setup.workers).map(worker).collect::<Result<_>>()?;
        Ok(Smol {
            executor,
            workers,
            stop,
        })
    }

    fn spawner(&self) -> Arc<Executor<'static>> {
        Arc::clone(&self.executor)
    }

    fn main<T: Send + 'static>(&self, main: impl Future<Output = T> + Send + 'static) -> Result<T> {
        // Unlike `smol::block_on`, this one leaves the timers to the workers.
        Ok(smol::future::block_on(Executor::spawn(
            &self.executor,
            main,
        )))
    }
}

impl Ends for Smol {
    /// Ends the workers and drops the executor, unless a spawner still has it.
    fn shutdown(self) {
        drop(self.stop);
        for worker in self.workers {
            // A worker panics only if the drop of a task does, and then the probe sees that.
            _ = worker.join();
        }
        drop(self.executor);
    }
}

impl Bare for Smol {
    fn block_on(future: impl Future<Output = ()>) {
        smol::block_on(future);
    }

    fn interval(period: Duration) -> impl Stream<Item = ()> + Send + Unpin {
        Timer::interval(period).map(drop)
    }
}

impl Spawns for Arc<Executor<'static>> {
    type Task = Task<u32>;
    type Call = Task<()>;

    fn spawn(&self, body: impl Future<Output = u32> + Send + 'static) -> Task<u32> {
        Executor::spawn(self, body)
    }

    fn free_spawn(&self, body: impl Future<Output = u32> + Send + 'static) -> Task<u32> {
        smol::spawn(body)
    }

    fn detach(task: Task<u32>) {
        task.detach();
    }

    fn fate(output: u32) -> Fate {
        Fate::Value(output)
    }

    fn sleep(&self, duration: Duration) -> impl Future<Output = ()> + Send + 'static {
        let timer = Timer::after(duration);
        async move { _ = timer.await }
    }

    async fn read(self) -> io::Result<()> {
        let (mut reader, _) = UnixStream::pair()?;
        reader.read(&mut [0]).await.map(drop)
    }

    fn spawn_blocking(&self, call: impl FnOnce() + Send + 'static) -> Task<()> {
        smol::unblock(call)
    }
}

impl Cancels for Arc<Executor<'static>> {
    fn cancel(task: Task<u32>) -> impl Future<Output = Fate> + Send + 'static {
        let request = task.cancel();
        async move { request.await.map_or(Fate::Nothing, Fate::Value) }
    }
}
