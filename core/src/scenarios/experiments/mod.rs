//! Programs that each test a claim.

pub(crate) mod await_cost;
pub(crate) mod cancel_latency;
pub(crate) mod crunch;
pub(crate) mod fairness;
pub(crate) mod hog;
pub(crate) mod poll_order;
pub(crate) mod visitors;
