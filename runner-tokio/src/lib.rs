//! Runs pollmark scenarios on tokio.
