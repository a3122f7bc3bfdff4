//! Results on their way out.

pub(crate) mod saved;
pub(crate) mod sink;
