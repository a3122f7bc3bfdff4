//! Text for people: lines that fit the terminal, units, tables, messages.

pub(crate) mod escape;
pub(crate) mod fit;
pub(crate) mod lists;
pub(crate) mod messages;
pub(crate) mod progress;
pub(crate) mod styles;
pub(crate) mod suggest;
pub(crate) mod table;
pub(crate) mod units;
pub(crate) mod wrap;
