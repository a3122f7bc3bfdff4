//! Runs pollmark scenarios on a virtual clock: exact, repeatable and ideal.
//!
//! [`Virtual`] is a discrete-event simulator of an ideal scheduler. Futures are
//! polled for real, but time is a number: if nothing can run at this
//! instant, the clock moves to the next instant at which something is due.
//! Twenty-seven seconds of a lesson take microseconds, and take exactly 27.
//!
//! ```
//! use std::time::Duration;
//!
//! use pollmark_core::{Config, Runner, Runtime};
//! use pollmark_runner_virtual::Virtual;
//!
//! // Three dishes that each keep a cook busy, and two cooks: 8 and 16 on one
//! // side would be 24, but the cook that has done the 3 begins the 16.
//! let runner = Virtual::build(&Config::with_workers(2))?;
//! let rt = runner.handle();
//! let kitchen = rt.clone();
//! runner.run(
//!     async move {
//!         let dishes = [8, 3, 16].map(|seconds| {
//!             let cook = kitchen.clone();
//!             kitchen.spawn(async move { cook.block(Duration::from_secs(seconds)) })
//!         });
//!         for dish in dishes {
//!             dish.await.expect("no dish fails");
//!         }
//!     },
//!     None,
//! )?;
//! assert_eq!(rt.now(), Duration::from_secs(19));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # The model
//!
//! - There are N workers ([`Config::workers`]), or as many as there are tasks
//!   ([`Config::worker_per_task`]). While a worker is free and a task is ready,
//!   the task is polled. A poll takes no time, so its worker is free again at once.
//!   With the setting [`NO_STEAL`](pollmark_core::NO_STEAL) a task stays with the
//!   worker that it was placed on, one worker after the other in turn.
//! - *Waiting* ([`sleep`](Runtime::sleep)) holds nothing. *Blocking*
//!   ([`block`](Runtime::block)) holds the worker. *Spinning*
//!   ([`spin`](Runtime::spin), [`compute`](Runtime::compute)) holds the worker
//!   and one of C cores ([`Config::cores`]); a poll that finds none free waits
//!   for one, first come, first served. A duration of zero is no event.
//! - [`spawn_blocking`](Runtime::spawn_blocking) holds a thread of a pool with a
//!   cap of its own ([`BLOCKING_THREADS`] unless [`Config::blocking_threads`] says
//!   otherwise), and no worker.
//! - Everything that is due at one instant comes about before anything runs at
//!   it. Then blocked polls go on first, queued blocking calls next, ready tasks
//!   last, each in the order in which they came; [`Config::seed`] shuffles the
//!   ready tasks instead.
//!
//! The scheduler is ideal because it is work-conserving and costs nothing:
//! switching, waking, queues, caches and the OS are free. The time that a real
//! runtime takes beyond this is its own.
//!
//! Time is kept in whole nanoseconds and ends after 584 years; an event that
//! would be due later never comes. Two runs of one program with one configuration are equal
//! to the last event, as long as the program itself is deterministic.
//!
//! # How blocking works
//!
//! A poll that blocks keeps its OS stack, so the simulator goes on on another
//! thread and hands back when the clock has come to the end of the block. One
//! thread runs at any time, but for the exceptions below. Programs that only wait use one thread.
//!
//! # Exceptions
//!
//! - Threads that the program starts, and the timers of other runtimes, run outside of the
//!   clock. If one is alive when the clock is to jump, the clock goes with real time from then
//!   on until the run ends, and at a standstill the simulator waits up to 10 s for a wake. The run
//!   is then measured and not exact, and [`Runner::inexact`] names the thread; so it does if
//!   a thread is alive at the end, or a thread that lived before wakes a task. (A poll may
//!   *block* on a foreign thread, by joining it for instance: then time rests.)
//! - A poll or a call that waits inside for another thread, without a limit (a `std` mutex held
//!   across a block, a `std` channel between two tasks, a nested `block_on`), is left to wait
//!   after 0.25 s in which no thread uses the CPU: the simulator goes on without it, and time passes once it
//!   waits again. If nothing can go on, that is a deadlock ([`RunError::Stuck`]). The order of
//!   such a run may differ from time to time, so it is not exact.
//! - Both go by `/proc`. Where there is none, only a wake by a foreign thread is known: a future
//!   that only such a thread will wake counts as one that will not be woken, and a poll that
//!   waits for another thread does not come back.
//! - A program that polls a condition in a loop of yields would stop time. After
//!   a million polls that did nothing but yield, time passes all the same.
//! - [`block`](Runtime::block) and [`spin`](Runtime::spin) return at once on a
//!   thread that is inside no task or call of the simulator.

mod clock;
mod foreign;
mod handle;
mod handover;
mod runner;
mod shutdown;
mod sim;
mod state;
mod task;
mod timer;
mod unwind;

#[cfg(doc)]
use pollmark_core::{Config, RunError, Runner, Runtime};

pub use handle::VirtualHandle;
pub use runner::Virtual;
pub use state::BLOCKING_THREADS;
pub use task::join::{VirtualBlockingHandle, VirtualJoinHandle};
pub use timer::Sleep;

/// The runners of this crate, for programs that choose one by its name.
pub static FLAVOURS: &[&dyn pollmark_core::Flavour] = &[pollmark_core::flavour::<Virtual>()];
