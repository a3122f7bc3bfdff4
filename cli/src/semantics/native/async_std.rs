//! async-std has one runtime per process; the parent of the process sets its workers.

use std::future::Future;
use std::io;
use std::time::Duration;

use anyhow::Result;
use async_std::os::unix::net::UnixStream;
use async_std::task::{self, JoinHandle};
use futures::{AsyncReadExt as _, Stream};

use crate::semantics::fate::Fate;
use crate::semantics::side::{Bare, Cancels, Owns, Setup, Spawns};

pub(crate) struct AsyncStd;

/// Spawns on the process's executor, as `async_std::task::spawn` does anywhere.
#[derive(Clone)]
pub(crate) struct Global;

impl Owns for AsyncStd {
    type Spawner = Global;

    /// Both settings are per process: the workers, from `ASYNC_STD_THREAD_COUNT`, and the cap
    /// on blocking threads.
    fn start(setup: Setup) -> Result<Self> {
        if let Some(threads) = setup.blocking_threads {
            blocking::set_max_blocking_threads(threads);
        }
        Ok(AsyncStd)
    }

    fn spawner(&self) -> Global {
        Global
    }

    fn main<T: Send + 'static>(&self, main: impl Future<Output = T> + Send + 'static) -> Result<T> {
        // Unlike async-std's `block_on`, this one leaves the timers to the workers.
        Ok(smol::future::block_on(task::spawn(main)))
    }
}

impl Bare for AsyncStd {
    fn block_on(future: impl Future<Output = ()>) {
        task::block_on(future);
    }

    fn interval(period: Duration) -> impl Stream<Item = ()> + Send + Unpin {
        async_std::stream::interval(period)
    }
}

impl Spawns for Global {
    type Task = JoinHandle<u32>;
    type Call = JoinHandle<()>;

    fn spawn(&self, body: impl Future<Output = u32> + Send + 'static) -> JoinHandle<u32> {
        task::spawn(body)
    }

    fn detach(task: JoinHandle<u32>) {
        drop(task);
    }

    fn fate(output: u32) -> Fate {
        Fate::Value(output)
    }

    fn sleep(&self, duration: Duration) -> impl Future<Output = ()> + Send + 'static {
        task::sleep(duration)
    }

    async fn read(self) -> io::Result<()> {
        let (mut reader, _) = UnixStream::pair()?;
        reader.read(&mut [0]).await.map(drop)
    }

    fn spawn_blocking(&self, call: impl FnOnce() + Send + 'static) -> JoinHandle<()> {
        task::spawn_blocking(call)
    }
}

impl Cancels for Global {
    fn cancel(task: JoinHandle<u32>) -> impl Future<Output = Fate> + Send + 'static {
        let request = task.cancel();
        async move { request.await.map_or(Fate::Nothing, Fate::Value) }
    }
}
