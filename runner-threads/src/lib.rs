//! Runs pollmark scenarios on threads.
