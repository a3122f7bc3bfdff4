//! Results on their way out: to people, programs and files.

pub(crate) mod csv;
pub(crate) mod file;
pub(crate) mod human;
pub(crate) mod json;
pub(crate) mod markdown;
pub(crate) mod saved;
pub(crate) mod sink;
pub(crate) mod summary;
pub(crate) mod svg;
pub(crate) mod theme;
