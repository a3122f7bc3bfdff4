//! A runner without its type, on which roots of one type are run.
//!
//! What is generic over the runtime is compiled once for each. Lessons and traces do
//! not need that: their programs are compiled once, over [`Erased`], and run on the
//! stage that a runner sets for them.

use std::marker::PhantomData;
use std::time::Duration;

use futures::future::BoxFuture;

use crate::erased::Erased;
use crate::perform::{Finish, Ran, SHUTDOWN};
use crate::runner::{BuildError, Config, Runner, RunnerInfo};
use crate::runtime::Runtime;

/// Builds a runtime, runs one root on it, and ends it.
pub(crate) trait Stage {
    fn info(&self) -> &'static RunnerInfo;

    /// Builds the runtime, runs what `root` makes of its handle, and ends the runtime,
    /// after telling `before_shutdown` the time. Gives what came of it, and the handle,
    /// which still tells the time.
    fn run(
        &self,
        config: &Config,
        limit: Option<Duration>,
        root: MakeRoot<'_>,
        before_shutdown: &dyn Fn(Duration),
    ) -> Result<(Ran, Erased), BuildError>;
}

/// Makes the root of a runtime's handle.
pub(crate) type MakeRoot<'a> = Box<dyn FnOnce(Erased) -> BoxFuture<'static, Finish> + 'a>;

/// The stage of runner `Q`.
pub(crate) fn stage<Q: Runner>() -> impl Stage {
    On::<Q>(PhantomData)
}

struct On<Q>(PhantomData<fn() -> Q>);

impl<Q: Runner> Stage for On<Q> {
    fn info(&self) -> &'static RunnerInfo {
        const { &Q::INFO }
    }

    fn run(
        &self,
        config: &Config,
        limit: Option<Duration>,
        root: MakeRoot<'_>,
        before_shutdown: &dyn Fn(Duration),
    ) -> Result<(Ran, Erased), BuildError> {
        let runner = Q::build(config)?;
        let erased = Erased::new(runner.handle());
        let ran = runner.run(root(erased.clone()), limit);
        let work = runner.work();
        before_shutdown(erased.now());
        let shutdown = runner.shutdown(SHUTDOWN);
        let ran = Ran {
            ran,
            work,
            shutdown: Some(shutdown),
            transcript: None,
        };
        Ok((ran, erased))
    }
}
