//! tokio, both flavours.

use std::future::Future;
use std::io;
use std::marker::PhantomData;
use std::time::Duration;

use anyhow::{Context, Result};
use futures::{Stream, stream};
use tokio::net::UnixStream;
use tokio::runtime::{Builder, Handle, Runtime};
use tokio::task::{JoinError, JoinHandle};

use crate::semantics::fate::Fate;
use crate::semantics::side::{Bare, Cancels, Ends, Owns, Setup, Spawns};

/// The flavour whose workers steal from each other.
pub(crate) struct MultiThread;

/// The flavour that runs on the thread that calls `block_on`.
pub(crate) struct CurrentThread;

pub(crate) trait Flavour: Send + 'static {
    const ONE_WORKER: bool;

    fn builder(workers: usize) -> Builder;
}

impl Flavour for MultiThread {
    const ONE_WORKER: bool = false;

    fn builder(workers: usize) -> Builder {
        let mut builder = Builder::new_multi_thread();
        builder.worker_threads(workers);
        builder
    }
}

impl Flavour for CurrentThread {
    const ONE_WORKER: bool = true;

    fn builder(_: usize) -> Builder {
        Builder::new_current_thread()
    }
}

pub(crate) struct Tokio<F>(Runtime, PhantomData<F>);

impl<F: Flavour> Owns for Tokio<F> {
    type Spawner = Handle;

    const ONE_WORKER: bool = F::ONE_WORKER;

    fn start(setup: Setup) -> Result<Self> {
        let mut builder = F::builder(setup.workers);
        builder.enable_time();
        if setup.io {
            builder.enable_io();
        }
        if let Some(threads) = setup.blocking_threads {
            builder.max_blocking_threads(threads.get());
        }
        pollmark_runner_tokio::configure(&mut builder, &setup.settings);
        let runtime = builder.build().context("cannot build the runtime")?;
        Ok(Tokio(runtime, PhantomData))
    }

    fn spawner(&self) -> Handle {
        self.0.handle().clone()
    }

    fn main<T: Send + 'static>(&self, main: impl Future<Output = T> + Send + 'static) -> Result<T> {
        let main = self.0.spawn(main);
        self.0.block_on(main).context("the main task did not end")
    }
}

impl<F: Flavour> Ends for Tokio<F> {
    fn shutdown(self) {
        drop(self.0);
    }
}

impl<F: Flavour> Bare for Tokio<F> {
    fn block_on(future: impl Future<Output = ()>) {
        Handle::current().block_on(future);
    }

    fn interval(period: Duration) -> impl Stream<Item = ()> + Send + Unpin {
        let interval = tokio::time::interval(period);
        Box::pin(stream::unfold(interval, |mut interval| async {
            interval.tick().await;
            Some(((), interval))
        }))
    }
}

impl Spawns for Handle {
    type Task = JoinHandle<u32>;
    type Call = JoinHandle<()>;

    fn spawn(&self, body: impl Future<Output = u32> + Send + 'static) -> JoinHandle<u32> {
        Handle::spawn(self, body)
    }

    fn free_spawn(&self, body: impl Future<Output = u32> + Send + 'static) -> JoinHandle<u32> {
        tokio::spawn(body)
    }

    fn detach(task: JoinHandle<u32>) {
        drop(task);
    }

    fn fate(output: Result<u32, JoinError>) -> Fate {
        match output {
            Ok(value) => Fate::Value(value),
            Err(error) if error.is_panic() => Fate::Panicked,
            Err(_) => Fate::Cancelled,
        }
    }

    fn sleep(&self, duration: Duration) -> impl Future<Output = ()> + Send + 'static {
        tokio::time::sleep(duration)
    }

    async fn read(self) -> io::Result<()> {
        UnixStream::pair()?.0.readable().await
    }

    fn spawn_blocking(&self, call: impl FnOnce() + Send + 'static) -> JoinHandle<()> {
        Handle::spawn_blocking(self, call)
    }
}

impl Cancels for Handle {
    fn cancel(task: JoinHandle<u32>) -> impl Future<Output = Fate> + Send + 'static {
        task.abort();
        async move { Self::fate(task.await) }
    }
}
