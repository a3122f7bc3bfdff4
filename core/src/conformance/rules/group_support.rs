//! A context and short types for the rules about groups.

use crate::conformance::signals::{Member, STEP};
use crate::program::context::Context;
use crate::program::sink::Null;
use crate::program::speed::Speed;
use crate::program::task_group::TaskGroup;
use crate::program::task_group::error::{Cause, GroupError};
use crate::runtime::Runtime;
use crate::runtime::runner::Runner;

pub(super) type Group<Q> = TaskGroup<<Q as Runner>::Runtime, Null, &'static str>;

pub(super) type Outcome = Result<(), &'static str>;

/// Leaves the census slowly, so that a group that does not wait for it breaks the rule.
pub(super) struct SlowLeave<R: Runtime>(pub(super) R, pub(super) Option<Member>);

impl<R: Runtime> Drop for SlowLeave<R> {
    fn drop(&mut self) {
        self.0.block(5 * STEP);
        self.1.take();
    }
}

pub(super) fn context<R: Runtime>(rt: &R) -> Context<R, Null> {
    Context::new(rt.clone(), Null, Speed::REAL, rt.now())
}

/// The failed tasks and their errors, in the order of the report.
pub(super) fn failures(ended: Result<(), GroupError<&'static str>>) -> Vec<String> {
    let error = ended.expect_err("the group was to fail");
    let told = error.failures.iter().map(|failure| match &failure.cause {
        Cause::Failed(error) => format!("{}: {error}", failure.task),
        Cause::Lost(error) => format!("{}: {error}", failure.task),
    });
    told.collect()
}
