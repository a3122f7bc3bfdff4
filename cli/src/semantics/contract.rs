//! The same questions, asked through pollmark's contract: one source for every runner.

use std::future::Future;
use std::io::{self, Write as _};
use std::time::Duration;

use anyhow::{Context, Result};
use pollmark_core::{Config, JoinError, JoinHandle, ReadByte as _, Runner, Runtime, Workers};

use super::fate::Fate;
use super::side::{Cancels, Ends, Owns, Setup, Spawns};

/// The time that a shutdown gets: more than it needs here.
const SHUTDOWN: Duration = Duration::from_millis(500);

pub(crate) struct Contract<Q>(Q);

/// The configuration for `setup`.
pub(crate) fn config(setup: Setup) -> Config {
    Config {
        blocking_threads: setup.blocking_threads,
        io: setup.io,
        settings: setup.settings,
        ..Config::with_workers(setup.workers)
    }
}

impl<Q: Runner> Owns for Contract<Q> {
    type Spawner = Through<Q::Runtime>;

    const MANY: usize = match Q::INFO.workers {
        Workers::Any | Workers::One => 10_000,
        // Each task is a thread, and all of them are alive at once.
        Workers::PerTask => 1_000,
    };

    const ONE_WORKER: bool = matches!(Q::INFO.workers, Workers::One);

    fn start(setup: Setup) -> Result<Self> {
        let runner = Q::build(&config(setup));
        let runner = runner.with_context(|| format!("cannot build {}", Q::INFO.id))?;
        Ok(Contract(runner))
    }

    fn spawner(&self) -> Through<Q::Runtime> {
        Through(self.0.handle())
    }

    fn main<T: Send + 'static>(&self, main: impl Future<Output = T> + Send + 'static) -> Result<T> {
        Ok(self.0.run(main, None)?)
    }
}

impl<Q: Runner> Ends for Contract<Q> {
    const LIMIT: Option<Duration> = Some(SHUTDOWN);

    fn shutdown(self) {
        self.0.shutdown(SHUTDOWN);
    }
}

/// A runner's handle.
#[derive(Clone)]
pub(crate) struct Through<R>(R);

impl<R: Runtime> Spawns for Through<R> {
    type Task = R::JoinHandle<u32>;
    type Call = R::BlockingHandle<()>;

    fn spawn(&self, body: impl Future<Output = u32> + Send + 'static) -> Self::Task {
        self.0.spawn(body)
    }

    fn detach(task: Self::Task) {
        drop(task);
    }

    fn fate(output: Result<u32, JoinError>) -> Fate {
        match output {
            Ok(value) => Fate::Value(value),
            Err(JoinError::Cancelled) => Fate::Cancelled,
            Err(JoinError::Panicked(_)) => Fate::Panicked,
            Err(JoinError::Shutdown) => Fate::Shutdown,
            Err(JoinError::Spawn(error)) => Fate::Refused(error.to_string()),
        }
    }

    fn sleep(&self, duration: Duration) -> impl Future<Output = ()> + Send + 'static {
        self.0.sleep(duration)
    }

    async fn read(self) -> io::Result<()> {
        let (reader, mut writer) = io::pipe()?;
        writer.write_all(b"x")?;
        self.0.pipe_reader(reader)?.read_byte().await.map(drop)
    }

    fn spawn_blocking(&self, call: impl FnOnce() + Send + 'static) -> Self::Call {
        self.0.spawn_blocking(call)
    }
}

impl<R: Runtime> Cancels for Through<R> {
    fn cancel(task: Self::Task) -> impl Future<Output = Fate> + Send + 'static {
        let request = task.cancel();
        async move { Self::fate(request.await) }
    }
}
