//! Write the concurrent program once; run it on any runtime.
//!
//! This crate holds everything in pollmark that is not a runtime: the contract that runtimes meet,
//! the tools a program is written with, the programs themselves, and the checks that judge a run.
//! No runtime crate is among its dependencies; each runtime has a runner crate of its own, which
//! depends on this one.
//!
//! # Guided tour
//!
//! The modules in the order in which they are best read. Each imports only from those before it:
//!
//! - [`time`]: durations as text and as nanoseconds.
//! - `runtime`: the contract. [`Runtime`] is a scenario's view of a runtime, [`JoinHandle`] and
//!   [`JoinError`] are its tasks' ends. A [`Runner`] owns the threads, is built from a [`Config`]
//!   and runs a root task; it declares in its [`RunnerInfo`] what it cannot do. [`support`] has
//!   the parts that every author of a runner needs.
//! - `program`: the tools a program is written with. A [`Context`] has `wait`, `block`, `spin`,
//!   `spawn`, `timeout`, `say` and more, in scenario time, scaled by a [`Speed`]. A [`TaskGroup`] is
//!   structured concurrency, and a [`Queue`] knows when its work is done. The [`transcript`] tells
//!   what happened, in order; its sink is a type parameter, and [`Null`](transcript::Null), the
//!   sink of timed runs, compiles away.
//! - `scenario`: a [`Scenario`] is a program in variants; [`Observed`] is the view of a finished
//!   run that its check gets.
//! - [`scenarios`]: the programs that pollmark brings, by kind, one per file. [`builtin()`] lists
//!   them as data.
//! - [`trace`]: the recording of a run as data, the analyses of it, and the recorder that wraps a
//!   runtime: [`Traced`] and [`Tracer`].
//! - `run`: [`perform()`] is one run from building the runtime to the verdict, and a [`Session`] is
//!   many of them on one runtime.
//! - `catalogue`: dispatches to the scenarios of [`builtin()`] by id. A [`Flavour`] is a runner
//!   without its type, one virtual call per run.
//! - `conformance` (feature `conformance`): the suite that every runtime passes.
//!
//! Generic inside the clock, dyn outside: scenarios are generic over the runtime, so that a run
//! costs as much as the same code costs natively.
//!
//! # A scenario of one's own
//!
//! An enum of the variants that implements [`Scenario`]; any runner takes it.
//!
//! ```
//! use std::time::Duration;
//!
//! use pollmark_core::transcript::Sink;
//! use pollmark_core::{
//!     Context, Kind, Observed, Options, Outcome, Params, Runner, Runtime, Scenario,
//!     ScenarioInfo, VariantInfo, Verdict, perform,
//! };
//!
//! /// Two kettles, heated one after the other or together.
//! #[derive(Clone, Copy)]
//! enum Kettles {
//!     InTurn,
//!     Together,
//! }
//!
//! const HEATING: Duration = Duration::from_secs(3);
//!
//! impl Scenario for Kettles {
//!     const INFO: ScenarioInfo = ScenarioInfo {
//!         id: "kettles",
//!         kind: Kind::Lesson,
//!         summary: "two kettles of 3 s each",
//!         source: "a kitchen",
//!         text: "",
//!         prose: "",
//!         params: &[],
//!     };
//!     const VARIANTS: &'static [Self] = &[Kettles::InTurn, Kettles::Together];
//!
//!     fn info(self) -> VariantInfo {
//!         let shows = "Waits that overlap cost the longest, not the sum.";
//!         match self {
//!             Kettles::InTurn => VariantInfo::new("in-turn", "one after the other", shows),
//!             Kettles::Together => VariantInfo::new("together", "both at once", shows),
//!         }
//!     }
//!
//!     async fn run<R: Runtime, S: Sink>(self, cx: Context<R, S>, _: Params) -> Outcome {
//!         let (first, second) = match self {
//!             Kettles::InTurn => {
//!                 let first = cx.spawn("first", cx.wait(HEATING)).await;
//!                 (first, cx.spawn("second", cx.wait(HEATING)).await)
//!             }
//!             Kettles::Together => {
//!                 let first = cx.spawn("first", cx.wait(HEATING));
//!                 let second = cx.spawn("second", cx.wait(HEATING));
//!                 (first.await, second.await)
//!             }
//!         };
//!         Outcome::new().with("hot", first.is_ok() && second.is_ok())
//!     }
//!
//!     fn check(self, seen: &mut Observed<'_>) {
//!         seen.value("hot", true);
//!         let turns = match self {
//!             Kettles::InTurn => 2,
//!             Kettles::Together => 1,
//!         };
//!         seen.takes(HEATING * turns, turns);
//!     }
//! }
//!
//! fn run_on<Q: Runner>() -> Result<(), pollmark_core::BuildError> {
//!     for variant in Kettles::VARIANTS {
//!         let report = perform::<Q, _>(*variant, &Options::default())?;
//!         assert_eq!(report.verdict, Verdict::Ok);
//!     }
//!     Ok(())
//! }
//! ```
//!
//! `run_on::<pollmark_runner_smol::Smol>()` runs it on smol, and so on; each runner crate has an
//! example of this kind, such as `cafe_smol`.
//!
//! # A runtime of one's own
//!
//! A type that implements [`Runtime`] and one that implements [`Runner`]: about 500 lines with
//! documentation, some 330 of them code, if there is an executor already. The example
//! `own_runtime` of this crate brings its own executor. The suite in `conformance` then names
//! every rule that is not met.

mod runtime;
pub use runtime::config::{
    BuildError, Config, MAX_BLOCKING_THREADS, MAX_TASK_THREADS, MAX_WORKERS,
};
pub use runtime::erased::{Erased, ErasedBlockingHandle, ErasedJoinHandle, ErasedRunner};
pub use runtime::futures_spawn::Spawner;
pub use runtime::join_error::{JoinError, Panic};
pub use runtime::name::Name;
pub use runtime::pipe::ReadByte;
pub use runtime::runner::{RunError, Runner, ShutdownReport, Work};
pub use runtime::runner_info::{Clock, Exception, NO_STEAL, Placement, RunnerInfo, Workers};
pub use runtime::settings::{
    Needs, SettingError, SettingInfo, SettingKind, SettingValue, Settings,
};
pub use runtime::{JoinHandle, Runtime, support};

mod program;
pub use program::context::{Context, Elapsed, Timeout};
pub use program::queue::{Closed, NothingOutstanding, Queue};
pub use program::spawned::Spawned;
pub use program::speed::{InvalidSpeed, Speed};
pub use program::task_group::TaskGroup;
pub use program::task_group::child::{Child, NoValue};
pub use program::task_group::error::{Cause, Failure, GroupError};
pub use program::transcript::{self, Entry, Event, Transcript};

mod scenario;
pub use scenario::distribution::Distribution;
pub use scenario::lesson::{Lesson, LessonError, LessonFault};
pub use scenario::observed::{At, Line, Observed};
pub use scenario::outcome::Outcome;
pub use scenario::params::{self, ParamError, ParamInfo, Params};
pub use scenario::variant::{Expected, Measure, Unit, VariantInfo};
pub use scenario::{Kind, Listing, Scenario, ScenarioInfo};

pub mod scenarios;
pub use scenarios::builtin;

mod run;
pub use run::options::Options;
pub use run::plan::INEXACT;
pub use run::report::{Report, Verdict};
pub use run::session::Session;
pub use run::usage::Usage;
pub use run::verdict::WATCH;
pub use run::{perform, perform_traced};

pub mod trace;
pub use trace::record::{Traced, TracedRunner, Tracer};

mod catalogue;
pub use catalogue::{Flavour, flavour};

#[cfg(feature = "conformance")]
pub mod conformance;

pub mod time;
