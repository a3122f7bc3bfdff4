//! An object-safe view of a [`Runner`]: build the runtime, run one boxed root task, shut it down.
//!
//! A timed program is compiled for each runtime. Lessons and traces are not: they are
//! compiled once, over [`Erased`], and launched on any runner.

use std::marker::PhantomData;
use std::time::Duration;

use futures::future::BoxFuture;

use super::plan::{Ended, SHUTDOWN};
use super::root::Finish;
use crate::runtime::Runtime;
use crate::runtime::config::{BuildError, Config};
use crate::runtime::erased::Erased;
use crate::runtime::runner::Runner;
use crate::runtime::runner_info::RunnerInfo;

/// Builds a runtime, runs one root on it, and ends it.
pub(crate) trait Launch {
    fn info(&self) -> &'static RunnerInfo;

    /// Builds the runtime, runs the future that `root` makes of its handle, tells
    /// `before_shutdown` the time, and ends the runtime. A run that is given up tells `on_stop`
    /// the time, before anything is aborted. Returns how the run ended, and the handle, which
    /// still tells the time.
    fn launch(
        &self,
        config: &Config,
        limit: Option<Duration>,
        root: MakeRoot<'_>,
        on_stop: &dyn Fn(Duration),
        before_shutdown: &dyn Fn(Duration),
    ) -> Result<(Ended, Erased), BuildError>;
}

/// Makes the root task's future of a runtime's handle.
pub(crate) type MakeRoot<'a> = Box<dyn FnOnce(Erased) -> BoxFuture<'static, Finish> + 'a>;

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
        root: MakeRoot<'_>,
        on_stop: &dyn Fn(Duration),
        before_shutdown: &dyn Fn(Duration),
    ) -> Result<(Ended, Erased), BuildError> {
        let runner = Q::build(config)?;
        let erased = Erased::new(runner.handle());
        let stop = || on_stop(erased.now());
        let finish = runner.run_or_stop(root(erased.clone()), limit, stop);
        let work = runner.work();
        before_shutdown(erased.now());
        let shutdown = runner.shutdown(SHUTDOWN);
        let ended = Ended {
            root: finish,
            work,
            shutdown: Some(shutdown),
            transcript: None,
        };
        Ok((ended, erased))
    }
}
