//! Runs pollmark scenarios on tokio, in both of its flavours, and in one made of them.
//!
//! [`Tokio`] is the multi-thread scheduler with work stealing, and
//! [`TokioCurrentThread`] the scheduler that runs every task on the thread that
//! called [`run`](pollmark_core::Runner::run). [`TokioPerCore`] is a current-thread scheduler for
//! each of several threads, between which no task moves. The two share the handle that
//! scenarios see, [`TokioHandle`], and differ only in how they are built.
//!
//! Things that a reader of results should know about tokio itself:
//!
//! - Its timer counts in milliseconds, so a wait of 100 µs takes about 1.1 ms.
//! - A task that is always ready is made to yield after a budget of operations.
//! - The current-thread flavour runs tasks only while `run` does: a task that
//!   a root leaves behind stays frozen until the next `run` or the shutdown.
//! - Its driver of input and output runs only if a scenario awaits pipes: with it,
//!   a worker parks in the driver and is woken through it.
//! - The blocking pool grows to 512 threads if no other cap is set. If the OS
//!   refuses it a thread, the call waits for those that it has; if it has none, the
//!   call's handle says [`Spawn`](pollmark_core::JoinError::Spawn), but the call stays
//!   queued, and runs if a later one gets a thread.
//! - A wait that is polled after the shutdown panics: the timers are gone.
//!
//! ```
//! use std::time::Duration;
//!
//! use pollmark_core::{Config, Runner, Runtime};
//! use pollmark_runner_tokio::Tokio;
//!
//! let tokio = Tokio::build(&Config::with_workers(2))?;
//! let runtime = tokio.handle();
//! let root = async move { runtime.spawn(async { 6 * 7 }).await };
//! assert_eq!(tokio.run(root, None)??, 42);
//! assert!(tokio.shutdown(Duration::from_secs(5)).complete);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod entered;
mod handle;
mod join;
mod per_core;
mod pipe;
mod runner;
mod settings;

pub use handle::TokioHandle;
pub use join::{TokioBlockingHandle, TokioJoinHandle};
pub use per_core::{PerCoreHandle, TokioPerCore};
pub use runner::{Tokio, TokioCurrentThread};
pub use settings::configure;

/// The runners of this crate, for programs that choose one by its name.
pub static FLAVOURS: &[&dyn pollmark_core::Flavour] = &[
    pollmark_core::flavour::<Tokio>(),
    pollmark_core::flavour::<TokioCurrentThread>(),
    pollmark_core::flavour::<TokioPerCore>(),
];
