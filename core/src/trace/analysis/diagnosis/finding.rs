//! A finding: the problem, how bad it is, and the tasks that have it.

use std::time::Duration;

use serde::Serialize;

use crate::trace::data::TaskId;

/// Something to look at, worst first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// The kind of problem.
    pub complaint: Complaint,
    /// How bad it is.
    pub severity: Severity,
    /// The task that it affects most.
    pub task: TaskId,
    /// The other tasks with the same problem.
    pub others: Vec<TaskId>,
    /// Its length for that task, on the runtime's clock; null if it has no length.
    #[serde(rename = "length_ns", with = "crate::time::as_nanos_or_null")]
    pub length: Option<Duration>,
    /// A description with names and figures; times are in scenario time.
    pub text: String,
    /// The advice.
    pub advice: &'static str,
}

/// The kinds of problem.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Complaint {
    /// The run did not end: a task waits, and nothing wakes it.
    NeverWoken,
    /// The run did not end: every thread of the blocking pool is held by a call that has made
    /// another call, which is queued for a thread.
    PoolExhausted,
    /// A poll longer than 10 ms seems to wait for another task without giving way, as a nested
    /// `block_on` does.
    WaitsInPoll,
    /// A poll took longer than 10 ms; severe past 100 ms.
    LongPoll,
    /// A task did all of its work in one poll longer than 10 ms.
    NeverYields,
    /// A task was ready for longer than 10 ms while others held every worker.
    Starved,
    /// A task was ready for longer than 10 ms though a worker was free: it waited for the end of
    /// the poll that had woken or spawned it.
    ReadyBesideFreeWorker,
    /// A timer fired more than 100 ms late, and polls longer than 10 ms had held the thread
    /// that fired it for half of that time or more.
    LateTimer,
    /// A blocking call waited for longer than 10 ms while others held every thread.
    CallsQueued,
    /// A task was woken but not polled again, though a worker was free.
    LostWake,
    /// A task was never polled.
    NeverPolled,
    /// A task had not ended when the root ended.
    LeftBehind,
    /// A task's future was dropped before its end.
    Dropped,
    /// A poll took longer than 10 ms, and another thread took its worker over meanwhile.
    WorkerTakenOver,
    /// A named future inside of a task was ready for longer than 10 ms while its task awaited, or
    /// ran, something else.
    SetAside,
    /// A task dropped a named future inside of it before that future's end.
    FutureDropped,
    /// The root ended at once, and nothing in the run was asynchronous. It may have created futures
    /// without awaiting them: those leave no trace.
    NothingAwaited,
    /// On a virtual clock, a poll had not returned when the recording ended: it keeps the clock.
    NeverReturned,
}

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// It may be intended.
    Note,
    /// It slows the run down, or loses work.
    Warning,
    /// It stops other tasks, or the run itself.
    Severe,
}

/// A task with a problem, and how much of it.
pub(super) type Case = (TaskId, Duration);

/// Of equally bad cases, the first.
pub(super) fn worst(cases: &[Case]) -> Option<Case> {
    let worse = |worst: Case, case: Case| if case.1 > worst.1 { case } else { worst };
    cases.iter().copied().reduce(worse)
}

pub(super) fn finding(
    complaint: Complaint,
    severity: Severity,
    cases: &[Case],
    text: String,
    advice: &'static str,
) -> Finding {
    let (task, length) = worst(cases).unwrap_or_default();
    let others = cases.iter().map(|(task, _)| *task);
    Finding {
        complaint,
        severity,
        task,
        others: others.filter(|other| *other != task).collect(),
        length: Some(length),
        text,
        advice,
    }
}
