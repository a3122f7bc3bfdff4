//! Runs pollmark scenarios on plain OS threads: one thread a task, nothing shared.
//!
//! It shows concurrency without an async runtime. A task's thread
//! polls its future and parks until it is woken or until the nearest of the
//! task's own deadlines; the operating system does the scheduling. There is no
//! pool of workers, no queue of tasks and no timer thread, so a task that blocks
//! delays no other task, and each task pays for a thread.
//!
//! In reading order: [`Threads`] (`runner`) owns the threads and [`ThreadsHandle`]
//! (`handle`) is the runtime that scenarios get; `task` runs a future on a thread, `park` is its
//! loop, `sleep` its waiting for time; `blocking` runs calls that block; `registry` counts, caps
//! and joins the threads of all of them; `join` carries an outcome to a handle, and `stop` a
//! request for the end to a task.

mod alarm;
mod blocking;
mod handle;
mod join;
mod park;
mod pipe;
mod registry;
mod runner;
mod sleep;
mod stop;
mod task;

pub use handle::ThreadsHandle;
pub use join::{BlockingHandle, TaskHandle};
pub use runner::Threads;
pub use sleep::Sleep;

/// The runners of this crate, for programs that choose one by its name.
pub static FLAVOURS: &[&dyn pollmark_core::Flavour] = &[pollmark_core::flavour::<Threads>()];
