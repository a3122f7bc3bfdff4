//! A cell's process: its parent, itself, and the protocol between them.

pub(crate) mod attempt;
pub(crate) mod child;
pub(crate) mod hello;
pub(crate) mod ideal;
pub(crate) mod interrupt;
pub(crate) mod limits;
pub(crate) mod parent;
mod proc_status;
pub(crate) mod protocol;
pub(crate) mod side_by_side;
