//! The recording of a run as plain data, and the analyses of it.
//!
//! A [`Trace`] comes from a [`Tracer`](crate::trace::record::Tracer). `--format json` prints it
//! field by field, as documented here, and it can be read back. Everything else in this module is a
//! pure function of it:
//!
//! - [`lives`]: the [`State`] of each task at any time.
//! - [`Axes`]: how concurrent, how parallel and how blocked the run was.
//! - [`critical_path()`]: the chain of polls and waits that made it take as long as it did.
//! - [`diagnose`]: findings that deserve a second look, in plain words.
//! - [`Analysis`]: all of these for one trace, at less cost.
//! - [`chrome()`]: the trace for Perfetto, and for Chrome's own viewer.
//!
//! Times are those of the runtime's own clock, which starts when the runtime is built;
//! [`Trace::scenario_time`] turns them into the times of a transcript.

pub(crate) mod analysis;
pub(crate) mod chrome;
pub(crate) mod data;
pub(crate) mod nesting;
pub mod record;
#[cfg(test)]
pub(crate) mod testing;
pub(crate) mod validate;

pub use analysis::Analysis;
pub use analysis::axes::{Axes, Concurrency, Parallelism};
pub use analysis::blocking::{Blocking, Delays, LongestPoll};
pub use analysis::critical_path::{Segment, SegmentKind, critical_path};
pub use analysis::diagnosis::diagnose;
pub use analysis::diagnosis::finding::{Complaint, Finding, Severity};
pub use analysis::timeline::{Life, Lives, Period, State, lives};
pub use chrome::{ChromeSheet, Drawn, chrome};
pub use data::threads::ThreadRow;
pub use data::{
    By, End, Recording, SourceLocation, SpanKind, Task, TaskId, TaskKind, Thread, ThreadId,
    ThreadKind, Trace, TraceEvent, What,
};
pub use validate::Unsound;
