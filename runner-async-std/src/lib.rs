//! Runs pollmark scenarios on async-std.
