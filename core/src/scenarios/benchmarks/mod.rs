//! Workloads to compare speeds with.

pub(crate) mod blocking_flood;
pub(crate) mod brigade;
pub(crate) mod chained_spawn;
pub(crate) mod fan;
pub(crate) mod memory;
pub(crate) mod ping_pong;
pub(crate) mod skew;
pub(crate) mod spawn;
pub(crate) mod timer_storm;
pub(crate) mod yield_storm;
