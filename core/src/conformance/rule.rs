//! A rule: the configuration that it needs, and the check that can fail.

use std::fmt;
use std::future::Future;
use std::num::NonZeroUsize;
use std::time::Duration;

use crate::runtime::config::Config;
use crate::runtime::runner::{RunError, Runner};

/// The time that a rule allows for a shutdown. Only a faulty shutdown takes this long.
pub(crate) const SHUTDOWN: Duration = Duration::from_secs(10);

/// A rule of the suite, for the runner `Q`.
pub struct Rule<Q> {
    pub(crate) config: Config,
    pub(crate) check: Box<dyn FnOnce(Q)>,
}

impl<Q: Runner> Rule<Q> {
    /// A rule that holds if `root` ends without a panic, on a runtime with `workers` workers if the
    /// runner can set them.
    pub(crate) fn root<F>(workers: usize, root: impl FnOnce(Q::Runtime) -> F + 'static) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        Rule::runner(workers, |runner: Q| {
            run(&runner, root);
            runner.shutdown(SHUTDOWN);
        })
    }

    /// A rule about the runner itself; it holds if `check` returns.
    pub(crate) fn runner(workers: usize, check: impl FnOnce(Q) + 'static) -> Self {
        Rule {
            config: Config::with_workers(workers),
            check: Box::new(check),
        }
    }

    /// With at most `threads` blocking threads.
    ///
    /// # Panics
    ///
    /// Panics if `threads` is zero.
    pub(crate) fn blocking_threads(mut self, threads: usize) -> Self {
        let threads = NonZeroUsize::new(threads).expect("a pool needs at least one thread");
        self.config.blocking_threads = Some(threads);
        self
    }

    /// With a driver of input and output.
    pub(crate) fn io(mut self) -> Self {
        self.config.io = true;
        self
    }

    /// Builds the runner and checks the rule.
    ///
    /// # Panics
    ///
    /// Panics if the rule does not hold.
    pub(crate) fn check(self) {
        match Q::build(&self.config) {
            Ok(runner) => (self.check)(runner),
            Err(error) => panic!("{:?} cannot be built: {error}", self.config),
        }
    }
}

impl<Q> fmt::Debug for Rule<Q> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rule")
            .field("config", &self.config)
            .finish_non_exhaustive()
    }
}

/// Runs a root that is expected to succeed, and returns its output.
///
/// # Panics
///
/// Panics with the root's own message if it panicked.
pub(crate) fn run<Q: Runner, F>(runner: &Q, root: impl FnOnce(Q::Runtime) -> F) -> F::Output
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    match runner.run(root(runner.handle()), None) {
        Ok(output) => output,
        Err(RunError::Join(error)) => panic!("the root: {error}"),
        Err(error) => panic!("the root: {error}"),
    }
}

/// The number of workers that the runner has when `workers` are asked for; `None` if it has no
/// workers.
pub(crate) fn effective_workers<Q: Runner>(workers: usize) -> Option<usize> {
    Q::INFO.effective_workers(&Config::with_workers(workers))
}
