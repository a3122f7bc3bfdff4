//! pollmark's core.
mod catalogue;
#[cfg(feature = "conformance")]
pub mod conformance;
mod context;
mod cpu;
mod name;
mod observed;
mod outcome;
pub mod params;
mod perform;
mod queue;
mod runner;
mod runtime;
mod scenario;
pub mod scenarios;
mod scope;
mod spawner;
mod speed;
mod task;
mod task_group;
pub mod time;
pub mod transcript;

pub use catalogue::{Flavour, Listing, catalogue, flavour};
pub use context::{Context, Elapsed, Timeout};
pub use name::Name;
pub use observed::{At, Observed};
pub use outcome::Outcome;
pub use params::{ParamError, ParamInfo, Params};
pub use perform::{Options, Report, Verdict, WATCH, perform};
pub use queue::{Closed, NothingOutstanding, Queue};
pub use runner::{
    BuildError, Clock, Config, Exception, MAX_BLOCKING_THREADS, MAX_WORKERS, RunError, Runner,
    RunnerInfo, ShutdownReport, Work, Workers, join_within,
};
pub use runtime::{JoinError, JoinHandle, Panic, Runtime};
pub use scenario::{Expected, Kind, Scenario, ScenarioInfo, VariantInfo};
pub use spawner::Spawner;
pub use speed::{InvalidSpeed, Speed};
pub use task_group::{Cause, Child, Failure, GroupError, NoValue, TaskGroup};
pub use transcript::{Entry, Event, Transcript};
