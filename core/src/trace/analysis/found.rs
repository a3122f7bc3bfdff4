//! The facts about a trace from which several analyses follow.

use super::intervals::{Times, levels};
use super::timeline::{Lives, lives, polls};
use super::workers::{Fate, WorkerThreads};
use crate::trace::data::{TaskKind, Trace};

/// A trace, and the facts about it that several analyses need.
#[derive(Debug)]
pub(super) struct Found<'a> {
    pub(super) trace: &'a Trace,
    pub(super) lives: Lives,
    pub(super) threads: WorkerThreads<'a>,
    /// The times in which polls held every worker; `None` if workers are not shared.
    pub(super) held: Option<Times>,
}

impl<'a> Found<'a> {
    pub(super) fn of(trace: &'a Trace) -> Self {
        let (lives, threads) = (lives(trace), WorkerThreads::of(trace));
        Found {
            trace,
            held: all_held(trace, &lives, &threads),
            lives,
            threads,
        }
    }
}

/// The times in which polls hold every worker; `None` if workers are not shared.
fn all_held(trace: &Trace, lives: &Lives, threads: &WorkerThreads<'_>) -> Option<Times> {
    let workers = trace.run.workers?;
    let tasks = lives
        .iter()
        .filter(|life| trace.tasks[life.task].kind == TaskKind::Task);
    let polls = tasks
        .flat_map(|life| polls(life.periods))
        .filter(|poll| threads.fate(poll) != Fate::TakenOver);
    let levels = levels(polls.map(|period| (period.from, period.to)));
    Some(Times::of(levels, |count| count >= workers))
}
