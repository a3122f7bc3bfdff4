//! From samples to verdicts.

pub(crate) mod anew;
pub(crate) mod difference;
pub(crate) mod forecast;
pub(crate) mod intervals;
pub(crate) mod judge;
pub(crate) mod looks;
pub(crate) mod medians;
pub(crate) mod relation;
mod resampled;
#[cfg(test)]
#[path = "tests/simulated.rs"]
mod simulated;
