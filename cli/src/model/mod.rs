//! The model: cells, runners, and results in their stable form.

pub(crate) mod build;
pub(crate) mod cell;
pub(crate) mod column;
pub(crate) mod comparison;
pub(crate) mod environment;
pub(crate) mod ideal;
pub(crate) mod metric;
pub(crate) mod program_text;
pub(crate) mod result;
pub(crate) mod runners;
pub(crate) mod select;
