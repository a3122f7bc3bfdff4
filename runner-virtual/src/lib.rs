//! Runs pollmark scenarios on virtual.
