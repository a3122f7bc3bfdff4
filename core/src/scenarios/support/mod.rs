//! Tools that several scenarios share.

pub(crate) mod barrier;
pub(crate) mod fate;
pub(crate) mod heartbeat;
#[cfg(test)]
pub(crate) mod late;
pub(crate) mod poll_count;
pub(crate) mod tally;
pub(crate) mod timetable;
