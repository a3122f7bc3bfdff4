//! Pure functions of a trace: states over time, axes, critical path, findings.

pub(crate) mod axes;
pub(crate) mod blocking;
pub(crate) mod critical_path;
pub(crate) mod diagnosis;
pub(crate) mod in_flight;
pub(crate) mod intervals;
pub(crate) mod timeline;
pub(crate) mod workers;
