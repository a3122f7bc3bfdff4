//! Write the concurrent program once; run it on any runtime.
//!
//! This crate holds everything in pollmark that is not a runtime: the contract
//! that runtimes meet, what a program is handed, the programs themselves, and the
//! checks that say whether a run was right. No runtime crate is among its
//! dependencies; each has a runner crate of its own, which depends on this one.
//!
//! # Guided tour
//!
//! The modules in the order in which they are best read:
//!
//! - `runtime`: [`Runtime`], [`JoinHandle`] and [`JoinError`], the contract.
//! - `runner`: [`Runner`] owns the threads, is built from a [`Config`] and runs a
//!   root task. What a runtime cannot do is declared in its [`RunnerInfo`].
//! - `context`: [`Context`], what a program is handed: `wait`, `block`, `spin`,
//!   `spawn`, `timeout`, `say`, ... in scenario time, scaled by a [`Speed`].
//! - `task_group` and `queue`: [`TaskGroup`], structured concurrency, and
//!   [`Queue`], which knows when its work is done; both on every runtime.
//! - [`transcript`]: what happened, in order. The sink is a type parameter: in
//!   timed runs it is [`Null`](transcript::Null) and compiles away.
//! - `scenario`: [`Scenario`], a program in variants, and `observed`:
//!   [`Observed`], what its check may ask.
//! - [`scenarios`]: the programs that pollmark brings, one a file.
//! - `run`: [`perform()`], one run from building the runtime to the verdict, and
//!   [`Session`], many of them on one runtime.
//! - [`traced`] and [`trace`]: the same run with every poll recorded, and what can be
//!   read from the record; `erased` compiles it once for all runtimes.
//! - `catalogue`: dispatches to the scenarios of [`builtin()`] by id; [`Flavour`] is a
//!   runner without its type, one virtual call a run.
//! - `conformance` (feature `conformance`): the suite that every runtime passes.
//!
//! Generic inside the clock, dyn outside: scenarios are generic over the runtime,
//! so that a run costs what the same code costs natively.
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
//! `run_on::<pollmark_runner_smol::Smol>()` runs it on smol, and so on; each runner
//! crate has an example of this kind, such as `cafe_smol`.
//!
//! # A runtime of one's own
//!
//! A type that implements [`Runtime`] and one that implements [`Runner`], some 150
//! lines where there is an executor already; the example `own_runtime` of this crate
//! brings one of its own. The suite in `conformance` then says what is missing.

mod runtime;
pub use runtime::config::{
    BuildError, Config, MAX_BLOCKING_THREADS, MAX_TASK_THREADS, MAX_WORKERS,
};
pub use runtime::erased::{Erased, ErasedBlockingHandle, ErasedJoinHandle, ErasedRunner};
pub use runtime::futures_spawn::Spawner;
pub use runtime::join_error::{JoinError, Panic};
pub use runtime::name::Name;
pub use runtime::pipe::{ReadByte, byte_read};
pub use runtime::runner::{
    Clock, Exception, RunError, Runner, RunnerInfo, ShutdownReport, Work, Workers, join_within,
};
pub use runtime::{JoinHandle, Runtime};

mod program;
pub use program::context::{Context, Elapsed, Timeout};
pub use program::queue::{Closed, NothingOutstanding, Queue};
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
pub use run::report::{Report, Verdict};
pub use run::session::Session;
pub use run::usage::Usage;
pub use run::verdict::WATCH;
pub use run::{perform, perform_traced};

pub mod trace;

pub use trace::record::{self as traced, Traced, TracedRunner, Tracer};

mod catalogue;
pub use catalogue::{Flavour, flavour};

#[cfg(feature = "conformance")]
pub mod conformance;

pub mod time;
