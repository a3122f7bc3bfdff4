//! Recording the events of a run's tasks, on any runtime.
//!
//! [`Traced`] is a decorator: it is itself a [`Runtime`](crate::Runtime), and wraps the tasks
//! spawned through it. Each spawn, poll, wake, cancel and end, each blocking call, and each
//! `block`, `spin` and `compute` inside them is an event with its time, on the runtime's own clock,
//! and its OS thread. The [`Tracer`] collects the events of all threads and returns them in order
//! as a [`Trace`](crate::trace::Trace). While the run goes on, a [`Reader`] hands them out in
//! [`Part`]s, and a [`TraceBuilder`] makes the same trace of these, where the process of the run may
//! have ended.
//!
//! Runs that are not traced contain none of this code.

pub(crate) mod current;
pub(crate) mod log;
pub(crate) mod merge;
pub(crate) mod named;
pub(crate) mod overhead;
pub(crate) mod polled;
pub(crate) mod runner;
pub(crate) mod runtime;
pub(crate) mod setting;
pub(crate) mod tracer;
pub(crate) mod waker;

pub use merge::{Damaged, Part, Reader, TraceBuilder};
pub use runner::{DEFAULT_LIMIT, TracedRunner};
pub use runtime::{Traced, TracedBlockingHandle, TracedJoinHandle, TracedSleep};
pub use setting::Setting;
pub use tracer::Tracer;
