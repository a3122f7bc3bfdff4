//! Small programs that each show one thing.

pub(crate) mod async_for;
pub(crate) mod cafe;
pub(crate) mod count;
pub(crate) mod divisibles;
pub(crate) mod done;
pub(crate) mod factorial;
pub(crate) mod gather;
pub(crate) mod greeter;
pub(crate) mod hello;
pub(crate) mod io;
pub(crate) mod jobs;
pub(crate) mod phases;
pub(crate) mod schedule;
pub(crate) mod shops;
pub(crate) mod slow_resource;
pub(crate) mod sums;
pub(crate) mod task_group;
pub(crate) mod waiter;
