//! Recording what each task of a run does, on any runtime.
//!
//! [`Traced`] is a decorator: itself a [`Runtime`](crate::Runtime), it wraps what is
//! spawned through it. Each spawn, poll, wake, cancel and end, each blocking call, and
//! each `block`, `spin` and `compute` inside of them is an event with its time, on the
//! runtime's own clock, and its OS thread. The [`Tracer`] collects them from all
//! threads and gives them in order as a [`Trace`](crate::trace::Trace).
//!
//! Runs that are not traced contain nothing of this.

pub(crate) mod calibration;
pub(crate) mod collector;
pub(crate) mod here;
pub(crate) mod judging;
pub(crate) mod link;
pub(crate) mod log;
pub(crate) mod merge;
pub(crate) mod model;
pub(crate) mod pipe;
pub(crate) mod runner;
pub(crate) mod runtime;
pub(crate) mod seat;
pub(crate) mod wakers;

pub use collector::Tracer;
pub use merge::Setting;
pub use runner::{DEFAULT_LIMIT, TracedRunner};
pub use runtime::{Traced, TracedBlockingHandle, TracedJoinHandle, TracedSleep};
