//! pollmark's core.
#[cfg(feature = "conformance")]
pub mod conformance;
mod context;
mod cpu;
mod name;
mod queue;
mod runner;
mod runtime;
mod scope;
mod spawner;
mod speed;
mod task;
mod task_group;
pub mod transcript;

pub use context::{Context, Elapsed, Timeout};
pub use name::Name;
pub use queue::{Closed, NothingOutstanding, Queue};
pub use runner::{
    BuildError, Clock, Config, Exception, MAX_BLOCKING_THREADS, MAX_WORKERS, RunError, Runner,
    RunnerInfo, ShutdownReport, Work, Workers, join_within,
};
pub use runtime::{JoinError, JoinHandle, Panic, Runtime};
pub use spawner::Spawner;
pub use speed::{InvalidSpeed, Speed};
pub use task_group::{Cause, Child, Failure, GroupError, NoValue, TaskGroup};
pub use transcript::{Entry, Event, Transcript};

/// Serialises scenario time as whole nanoseconds.
fn scenario_nanos<S: serde::Serializer>(
    at: &std::time::Duration,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.serialize_u64(u64::try_from(at.as_nanos()).unwrap_or(u64::MAX))
}
