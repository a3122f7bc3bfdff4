//! The recording of a run as plain data, and the analyses of it.
//!
//! A [`Trace`] comes from a [`Tracer`](crate::traced::Tracer). `--format json` prints it field by
//! field, as documented here, and it can be read back. Everything else in this module is a pure
//! function of it:
//!
//! - [`lives`]: the [`State`] of each task at any time.
//! - [`Axes`]: how concurrent, how parallel and how blocked the run was.
//! - [`critical_path()`]: the chain of polls and waits that made it take as long as it did.
//! - [`diagnose`]: findings that deserve a second look, in plain words.
//! - [`chrome()`]: the trace for Perfetto, and for Chrome's own viewer.
//!
//! Times are those of the runtime's own clock, which starts when the runtime is built;
//! [`Trace::scenario_time`] turns them into the times of a transcript.

pub(crate) mod axes;
pub(crate) mod blocking;
pub(crate) mod chrome;
pub(crate) mod critical_path;
pub(crate) mod data;
pub(crate) mod diagnosis;
#[cfg(test)]
pub(crate) mod drawn;
pub(crate) mod names;
pub(crate) mod sound;
pub(crate) mod states;
pub(crate) mod sweep;

pub use axes::{Axes, Concurrency, Parallelism};
pub use blocking::{Blocking, Delays, LongestPoll};
pub use chrome::{Drawn, chrome};
pub use critical_path::{Segment, SegmentKind, critical_path};
pub use data::{
    By, End, Event, Place, Recording, SpanKind, Task, TaskId, TaskKind, Thread, ThreadId, Trace,
    What,
};
pub use diagnosis::{Complaint, Finding, Severity, diagnose};
pub use sound::Unsound;
pub use states::{Life, Period, State, lives};
