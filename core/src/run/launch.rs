//! An object-safe view of a [`Runner`]: build the runtime, run one boxed root task, shut it down.
//!
//! A timed program is compiled for each runtime. Lessons and traces are not: they are
//! compiled once, over [`Erased`], and launched on any runner.

use std::marker::PhantomData;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::future::BoxFuture;

use super::limited::limited;
use super::plan::{Ended, SHUTDOWN};
use super::root::Finish;
use crate::runtime::Runtime;
use crate::runtime::config::{BuildError, Config};
use crate::runtime::erased::Erased;
use crate::runtime::runner::Runner;
use crate::runtime::runner_info::RunnerInfo;
use crate::scenario::outcome::Life;

/// Builds a runtime, runs one root on it, and ends it.
pub(crate) trait Launch {
    fn info(&self) -> &'static RunnerInfo;

    /// Builds the runtime, runs the future that `root` makes of its handle, tells
    /// `before_shutdown` the time, and ends the runtime. A run that is given up tells `on_stop`
    /// the time, before anything is aborted. Returns how the run ended, and the handle, which
    /// still tells the time. A run that does not come back after `patience` of real time is given
    /// up and left behind.
    fn launch(
        &self,
        config: &Config,
        limit: Option<Duration>,
        patience: Duration,
        root: MakeRoot,
        on_stop: OnStop,
        before_shutdown: BeforeShutdown,
    ) -> Result<(Ended, Erased), BuildError>;
}

/// Makes the root task's future of a runtime's handle.
pub(crate) type MakeRoot = Box<dyn FnOnce(Erased) -> BoxFuture<'static, Finish> + Send>;

/// Hears the time at which the run is given up.
pub(crate) type OnStop = Arc<dyn Fn(Duration) + Send + Sync>;

/// Hears the time at which the runtime begins to end.
pub(crate) type BeforeShutdown = Box<dyn FnOnce(Duration) + Send>;

/// The runner `Q` as a value, to be reached through `dyn` [`Launch`].
pub(crate) struct Launcher<Q>(PhantomData<fn() -> Q>);

impl<Q> Launcher<Q> {
    pub(crate) const fn new() -> Self {
        Launcher(PhantomData)
    }
}

impl<Q: Runner> Launch for Launcher<Q> {
    fn info(&self) -> &'static RunnerInfo {
        const { &Q::INFO }
    }

    fn launch(
        &self,
        config: &Config,
        limit: Option<Duration>,
        patience: Duration,
        root: MakeRoot,
        on_stop: OnStop,
        before_shutdown: BeforeShutdown,
    ) -> Result<(Ended, Erased), BuildError> {
        let began = Instant::now();
        let runner = Q::build(config)?;
        let build = began.elapsed();
        let erased = Erased::new(runner.handle());
        let (handle, stop) = (erased.clone(), on_stop.clone());
        let run = move |runner: &Q| {
            let root = root(handle.clone());
            let asked = Instant::now();
            let finish = runner.run_or_stop(root, limit, || stop(handle.now()));
            let ended = Ended {
                life: Life {
                    build,
                    root: asked.elapsed(),
                    ..Life::default()
                },
                ..Ended::of(finish, runner.work(), runner.inexact())
            };
            before_shutdown(handle.now());
            ended
        };
        let ended = limited(
            runner,
            patience,
            run,
            |runner| runner.shutdown(SHUTDOWN),
            || on_stop(erased.now()),
        )?;
        Ok((ended, erased))
    }
}
