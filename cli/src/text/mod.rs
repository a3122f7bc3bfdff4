//! Text for people: units and messages.

pub(crate) mod messages;
pub(crate) mod units;
