//! Runs pollmark scenarios on smol.
