//! Parts of a runner that every author of one needs.
//!
//! A [`Runtime`](crate::Runtime) and a [`Runner`](crate::Runner) can be written without
//! them. They hold the parts of the contract that are the same on every runtime and easily
//! done wrong:
//!
//! - [`JoinCell`] keeps a task's outcome for its join handle: for runtimes with tasks
//!   that have no handle of their own.
//! - [`caught`] and [`caught_poll`] turn a panic of user code into [`JoinError::Panicked`];
//!   [`contain`] and [`Contained`] end it on the spot; [`lock`] goes on after it.
//! - [`join_within`] awaits a root task for a limited time.
//! - [`byte_read`] is the result of a read from a pipe.
//! - [`requested_now`] makes a lazy request at the call, as `cancel` must.
//!
//! With the feature `counting-allocator`, `allocations` counts the allocations of a process.
//!
//! [`JoinError::Panicked`]: crate::JoinError::Panicked

#[cfg(feature = "counting-allocator")]
pub mod allocations;
mod byte_read;
mod join_cell;
mod join_within;
mod request;
mod unwind;

pub use byte_read::byte_read;
pub use join_cell::JoinCell;
pub use join_within::join_within;
pub use request::requested_now;
pub use unwind::{Contained, caught, caught_poll, contain, lock};
