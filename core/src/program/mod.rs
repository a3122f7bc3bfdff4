//! The tools a program is written with: context, transcript, task groups and the queue.

pub(crate) mod context;
pub(crate) mod queue;
pub(crate) mod sink;
pub(crate) mod spawned;
pub(crate) mod speed;
pub(crate) mod task_group;
pub mod transcript;
pub(crate) mod until;
pub(crate) mod watched;
pub(crate) mod wrapped_waker;
