//! Runs pollmark scenarios on smol.
//!
//! smol's own `smol::spawn` uses a global executor of one thread that cannot be
//! ended. [`Smol`] owns an [`Executor`](smol::Executor) instead, and the threads
//! that run it: as many workers as it is told, and an end.
//!
//! Things that a reader of results should know about smol itself:
//!
//! - Its tasks are cancelled when their handle is dropped, and a panic unwinds
//!   the thread that awaits it. [`SmolJoinHandle`] levels both to the contract.
//! - A cancelled task that ends in the poll that was under way loses its output:
//!   a cancel gives [`Cancelled`](pollmark_core::JoinError::Cancelled) then.
//! - Timers and the blocking pool belong to the process and outlive a runtime.
//!   The pool grows to [`Config::blocking_threads`](pollmark_core::Config::blocking_threads),
//!   a cap for the whole process (see [`Smol`]'s `build`). If none was ever set
//!   it grows to 500 threads, or to `BLOCKING_MAX_THREADS`, which it reads once.
//!   If the OS refuses it a thread it retries without end (smol-rs/blocking#79), and the
//!   call's handle waits, instead of saying [`Spawn`](pollmark_core::JoinError::Spawn).
//! - A future that panics in its drop aborts the process (async-task).
//!
//! ```
//! use std::time::Duration;
//!
//! use pollmark_core::{Config, Runner, Runtime};
//! use pollmark_runner_smol::Smol;
//!
//! let smol = Smol::build(&Config::with_workers(2))?;
//! let runtime = smol.handle();
//! let root = async move { runtime.spawn(async { 6 * 7 }).await };
//! assert_eq!(smol.run(root, None)??, 42);
//! assert!(smol.shutdown(Duration::from_secs(5)).complete);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod core;
mod handle;
mod join;
mod pipe;
mod runner;

pub use handle::{SmolHandle, SmolSleep};
pub use join::SmolJoinHandle;
pub use runner::Smol;

/// The runners of this crate, for programs that choose one by its name.
pub static FLAVOURS: &[&dyn pollmark_core::Flavour] = &[pollmark_core::flavour::<Smol>()];
