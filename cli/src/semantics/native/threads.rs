//! OS threads through the standard library: a thread for each task.

use std::future::Future;
use std::io::{self, Read as _};
use std::os::unix::net::UnixStream;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::thread;
use std::time::Duration;

use anyhow::{Context as _, Result, anyhow};

use crate::semantics::fate::Fate;
use crate::semantics::side::{Owns, Setup, Spawns};

#[derive(Clone)]
pub(crate) struct Threads;

/// A thread's handle. Its one poll is the join, and blocks.
pub(crate) struct Joins(Option<io::Result<thread::JoinHandle<u32>>>);

impl Future for Joins {
    type Output = thread::Result<u32>;

    fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Self::Output> {
        let thread = self.0.take().expect("polled after it was ready");
        Poll::Ready(match thread {
            Ok(thread) => thread.join(),
            Err(refused) => Err(Box::new(refused)),
        })
    }
}

impl Owns for Threads {
    type Spawner = Threads;

    /// Only the OS limits the number of threads.
    fn start(_: Setup) -> Result<Self> {
        Ok(Threads)
    }

    fn spawner(&self) -> Threads {
        Threads
    }

    fn main<T: Send + 'static>(&self, main: impl Future<Output = T> + Send + 'static) -> Result<T> {
        let main = thread::Builder::new().spawn(|| futures::executor::block_on(main));
        let main = main.context("the system refuses the main thread")?;
        main.join().map_err(|_| anyhow!("the main thread panicked"))
    }
}

impl Spawns for Threads {
    type Task = Joins;
    /// No thread, where the system refuses it: a probe then waits in vain for the call.
    type Call = io::Result<thread::JoinHandle<()>>;

    fn spawn(&self, body: impl Future<Output = u32> + Send + 'static) -> Joins {
        let task = thread::Builder::new().spawn(|| futures::executor::block_on(body));
        Joins(Some(task))
    }

    fn detach(task: Joins) {
        drop(task);
    }

    fn fate(output: thread::Result<u32>) -> Fate {
        match output {
            Ok(value) => Fate::Value(value),
            Err(payload) => payload
                .downcast::<io::Error>()
                .map_or(Fate::Panicked, |refused| Fate::Refused(refused.to_string())),
        }
    }

    fn sleep(&self, duration: Duration) -> impl Future<Output = ()> + Send + 'static {
        futures::future::lazy(move |_| thread::sleep(duration))
    }

    async fn read(self) -> io::Result<()> {
        let (mut reader, _) = UnixStream::pair()?;
        reader.read(&mut [0]).map(drop)
    }

    fn spawn_blocking(&self, call: impl FnOnce() + Send + 'static) -> Self::Call {
        thread::Builder::new().spawn(call)
    }
}
