//! From samples to verdicts.

pub(crate) mod intervals;
pub(crate) mod judge;
pub(crate) mod medians;
mod resampled;
