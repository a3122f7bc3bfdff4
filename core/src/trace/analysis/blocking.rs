//! How much tasks kept each other from running.

use std::time::Duration;

use serde::Serialize;

use super::found::Found;
use super::intervals::{Interval, clip, levels};
use super::timeline::{Lives, Period, State, polls};
use crate::time::as_nanos;
use crate::trace::data::{TaskId, TaskKind, Trace, What};

/// How long tasks kept others from running.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Blocking {
    /// The poll that took longest; null if there was none.
    pub longest_poll: Option<LongestPoll>,
    /// The time from ready to polled, for each poll: the scheduling delay. The root's first poll has
    /// none: the run begins with it.
    pub delay: Delays,
    /// The time from its spawn to its start, for each blocking call.
    pub call_delay: Delays,
    /// The share of the run in which a task was ready while other tasks held every worker; null if
    /// each task has a thread of its own, or the run took no time.
    pub held: Option<f64>,
}

/// The poll that took longest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct LongestPoll {
    /// The task that was polled.
    pub task: TaskId,
    /// When it began.
    #[serde(rename = "from_ns", with = "as_nanos")]
    pub from: Duration,
    /// How long it took.
    #[serde(rename = "length_ns", with = "as_nanos")]
    pub length: Duration,
}

/// The distribution of a set of delays; all fields are zero if there were no delays.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Delays {
    /// The number of delays.
    pub count: usize,
    /// The mean.
    #[serde(rename = "mean_ns", with = "as_nanos")]
    pub mean: Duration,
    /// The median: half of the delays are at most this long.
    #[serde(rename = "p50_ns", with = "as_nanos")]
    pub p50: Duration,
    /// The 90th percentile.
    #[serde(rename = "p90_ns", with = "as_nanos")]
    pub p90: Duration,
    /// The 99th percentile.
    #[serde(rename = "p99_ns", with = "as_nanos")]
    pub p99: Duration,
    /// The longest delay.
    #[serde(rename = "max_ns", with = "as_nanos")]
    pub max: Duration,
}

impl Blocking {
    pub(super) fn of(analysis: &Found<'_>, window: Interval) -> Self {
        let (trace, lives) = (analysis.trace, &analysis.lives);
        let held = held(analysis, window);
        Blocking {
            longest_poll: longest_poll(trace, lives, window),
            delay: delays(trace, lives, window, TaskKind::Task),
            call_delay: delays(trace, lives, window, TaskKind::Call),
            held: share(held, window.1 - window.0),
        }
    }
}

pub(crate) fn share(part: Option<Duration>, whole: Duration) -> Option<f64> {
    let part = part.filter(|_| !whole.is_zero())?;
    Some(part.as_secs_f64() / whole.as_secs_f64())
}

fn longest_poll(trace: &Trace, lives: &Lives, window: Interval) -> Option<LongestPoll> {
    let tasks = lives
        .iter()
        .filter(|life| trace.tasks[life.task].kind == TaskKind::Task);
    let polls = tasks.flat_map(|life| {
        let polls = polls(life.periods)
            .filter_map(|poll| Some((poll.from, poll.to.min(window.1).checked_sub(poll.from)?)));
        let polls = polls.filter(|(from, _)| *from >= window.0);
        polls.map(move |(from, length)| LongestPoll {
            task: life.task,
            from,
            length,
        })
    });
    // Of equally long polls, the first.
    polls.reduce(|longest, poll| match poll.length > longest.length {
        true => poll,
        false => longest,
    })
}

fn delays(trace: &Trace, lives: &Lives, window: Interval, kind: TaskKind) -> Delays {
    // The run begins with the root's first poll. Its wait for that is before the run.
    let root = trace.run.root.map(|root| &lives[root]);
    let first = root.and_then(|root| root.iter().find(|period| period.is_polled()));
    let begin = first.map_or(0, |poll| poll.begun_by);
    let lives = lives
        .iter()
        .filter(|life| trace.tasks[life.task].kind == kind);
    let periods = lives.flat_map(|life| life.periods);
    let polled = |period: &&Period| {
        let next = period.ended_by.map(|event| trace.events[event].what);
        let in_the_run = period.begun_by >= begin && period.to <= window.1;
        in_the_run && period.state == State::Ready && next == Some(What::PollStarted)
    };
    let mut delays: Vec<Duration> = periods.filter(polled).map(Period::length).collect();
    delays.sort_unstable();
    let Some(last) = delays.len().checked_sub(1) else {
        return Delays::default();
    };
    let percentile = |percent: usize| delays[(delays.len() * percent).div_ceil(100) - 1];
    let count = u32::try_from(delays.len()).unwrap_or(u32::MAX);
    Delays {
        count: delays.len(),
        mean: delays.iter().sum::<Duration>() / count,
        p50: percentile(50),
        p90: percentile(90),
        p99: percentile(99),
        max: delays[last],
    }
}

fn of_tasks<'a>(trace: &'a Trace, lives: &'a Lives) -> impl Iterator<Item = &'a Period> {
    let tasks = lives
        .iter()
        .filter(|life| trace.tasks[life.task].kind == TaskKind::Task);
    tasks.flat_map(|life| life.periods)
}

/// The total time for which a task was ready while every worker was held.
fn held(analysis: &Found<'_>, window: Interval) -> Option<Duration> {
    let held = analysis.held.as_ref()?;
    let ready =
        of_tasks(analysis.trace, &analysis.lives).filter(|period| period.state == State::Ready);
    let ready = ready.filter_map(|period| clip((period.from, period.to), window));
    Some(held.within_all(levels(ready)))
}
