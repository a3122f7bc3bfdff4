//! Runs pollmark scenarios on async-std.
//!
//! async-std is discontinued: its README has pointed to smol since 2025, and
//! RUSTSEC-2025-0052 marks it unmaintained. It runs on the same executor, the
//! same timers and the same blocking pool as smol, so a gap between the two in a
//! result is to be read as configuration, not as two runtimes.
//!
//! Things that a reader of results should know about async-std itself:
//!
//! - It is configured once a process and has no shutdown. [`AsyncStd`] says so
//!   in its exceptions: after its shutdown nothing new is spawned, and tasks and
//!   calls that were spawned before go on until they end or the process does.
//! - Its own `sleep` starts at the first poll. [`AsyncStdSleep`] uses the timer
//!   underneath, whose deadline is fixed by the call, as the contract has it.
//! - A blocking call costs a task on top, which waits for it.
//! - A cancelled task that ends in the poll that was under way loses its output:
//!   a cancel gives [`Cancelled`](pollmark_core::JoinError::Cancelled) then.
//! - The blocking pool grows to
//!   [`Config::blocking_threads`](pollmark_core::Config::blocking_threads), a cap for
//!   the whole process (see [`AsyncStd`]'s `build`). If none was ever set it grows
//!   to 500 threads, or to `BLOCKING_MAX_THREADS`, which it reads once. If the OS
//!   refuses it a thread it retries without end (smol-rs/blocking#79), and the
//!   call's handle waits, instead of saying [`Spawn`](pollmark_core::JoinError::Spawn).
//! - A future that panics in its drop aborts the process (async-task).
//!
//! ```
//! use std::time::Duration;
//!
//! use pollmark_core::{Config, Runner, Runtime};
//! use pollmark_runner_async_std::AsyncStd;
//!
//! let async_std = AsyncStd::build(&Config::with_workers(2))?;
//! let runtime = async_std.handle();
//! let root = async move { runtime.spawn(async { 6 * 7 }).await };
//! assert_eq!(async_std.run(root, None)??, 42);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod handle;
mod join;
mod pipe;
mod process;
mod runner;

pub use handle::{AsyncStdHandle, AsyncStdSleep};
pub use join::AsyncStdJoinHandle;
pub use runner::AsyncStd;

/// The runners of this crate, for programs that choose one by its name.
pub static FLAVOURS: &[&dyn pollmark_core::Flavour] = &[pollmark_core::flavour::<AsyncStd>()];
