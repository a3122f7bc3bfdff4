//! A trace as data: the tasks, the threads, and the events in order.

pub(crate) mod kinds;
mod shared_text;
pub(crate) mod summary;
pub(crate) mod threads;

use std::fmt;
use std::ops::Not;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::runtime::runner_info::Clock;
use crate::time::{as_nanos, as_nanos_or_null};

/// A task's index in [`Trace::tasks`].
pub type TaskId = usize;

/// A thread's index in [`Trace::threads`].
pub type ThreadId = usize;

/// Everything that was recorded of one run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Trace {
    /// The run itself.
    pub run: Recording,
    /// The threads that ran tasks, in the order of their first events.
    pub threads: Vec<Thread>,
    /// The tasks, blocking calls and named futures, in the order in which they were spawned.
    pub tasks: Vec<Task>,
    /// The events, in an order that agrees with their times and with cause and effect.
    pub events: Vec<TraceEvent>,
}

/// Facts about a trace as a whole.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Recording {
    /// Whether times are the machine's or a virtual clock's.
    pub clock: Clock,
    /// How many times faster than scenario time the run went.
    pub speed: f64,
    /// The number of workers that shared the tasks; null if each task has a thread of its own.
    pub workers: Option<usize>,
    /// The most threads for blocking calls; null if that was left to the runtime.
    pub blocking_threads: Option<usize>,
    /// The root task; null if none was recorded.
    pub root: Option<TaskId>,
    /// When scenario time begins, on the runtime's clock: the root's first poll.
    #[serde(rename = "epoch_ns", with = "as_nanos")]
    pub epoch: Duration,
    /// When the recording ends. Tasks keep their last state up to here.
    #[serde(rename = "until_ns", with = "as_nanos")]
    pub until: Duration,
    /// The first event that belongs to the end of the runtime, not to the run; null if the runtime
    /// was not ended, or nothing happened after that.
    pub shutdown_event: Option<usize>,
    /// Whether pollmark stopped the run, at its limit or in a deadlock. The recording then ends at
    /// that moment: tasks that had not ended have no end.
    #[serde(default)]
    pub stopped: bool,
    /// The most events that could be kept.
    pub limit: usize,
    /// The number of events that are missing. All of them are at the end: no event is kept past the
    /// limit, so the events up to there are complete.
    pub dropped: u64,
    /// The cost of recording one poll, measured on the run's own runtime: how much longer a
    /// recorded poll takes than an unrecorded one. Null if it was not measured.
    #[serde(rename = "poll_cost_ns", with = "as_nanos_or_null")]
    pub poll_cost: Option<Duration>,
}

/// An OS thread; on a virtual clock, a worker or a blocking thread of the model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Thread {
    /// Its index in the list.
    pub id: ThreadId,
    /// The name that the runtime gave it, or `thread N`. On a virtual clock, `worker N` and
    /// `blocking N` with the lowest free number, and `clock` for events outside any task.
    pub name: String,
    /// Its work.
    #[serde(default)]
    pub kind: ThreadKind,
}

/// The work of a thread, as its polls show it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ThreadKind {
    /// It polled tasks that it shares with the other workers. A thread of the blocking pool that
    /// took over a worker is one from then on, and counts as one.
    Worker,
    /// It polled tasks of its own: each task has a thread, or the root has one beside the workers.
    Own,
    /// It ran blocking calls and polled no task.
    Blocking,
    /// It polled nothing.
    #[default]
    Other,
}

/// A task, a blocking call or a named future, from its spawn to its end.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Task {
    /// Its index in the list, which is unique even if names are not.
    pub id: TaskId,
    /// Its name; if it was given none, `task N`, or `call N (TASK)` after the task that made it,
    /// with N its id.
    pub name: String,
    /// Whether it is polled, inside of another or not, or runs on a blocking thread.
    pub kind: TaskKind,
    /// The task that spawned it, in a poll; null for the root, and for a task spawned from outside.
    /// For a named future, the task or named future inside of which its first poll was.
    pub parent: Option<TaskId>,
    /// The place in the program that spawned it, or gave the future its name.
    pub spawned_at: SourceLocation,
    /// When it was spawned; for a named future, when its first poll began.
    #[serde(rename = "spawned_ns", with = "as_nanos")]
    pub spawned: Duration,
    /// When its first poll began; null if it was never polled.
    #[serde(rename = "started_ns", with = "as_nanos_or_null")]
    pub started: Option<Duration>,
    /// When it ended; null if it had not ended by the end of the recording.
    #[serde(rename = "ended_ns", with = "as_nanos_or_null")]
    pub ended: Option<Duration>,
    /// How it ended; null if it had not ended.
    pub end: Option<End>,
    /// How often it was polled. A blocking call runs in one poll.
    pub polls: u64,
    /// How often it was woken.
    pub wakes: u64,
    /// The tasks whose ends it awaited when the run was stopped; empty for any other run.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub awaits: Vec<TaskId>,
    /// Whether a timer, or a pipe, was to wake it when the run was stopped.
    #[serde(default, skip_serializing_if = "Not::not")]
    pub sleeps: bool,
}

/// The kind of work that a task is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TaskKind {
    /// A future that is polled on a worker.
    Task,
    /// A call on a thread that may block.
    Call,
    /// A future with a name that is awaited in place: polled inside of the polls of its task, on
    /// their threads. What happens in its polls besides (wakes, spawns, spans) is its task's.
    Future,
}

/// How a task ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum End {
    /// With its output.
    Finished,
    /// With an error, if the program says that such an output is one.
    Failed,
    /// By a panic.
    Panicked,
    /// Its future was dropped before it ended: cancelled, or left to the end of the runtime.
    Dropped,
}

/// A place in a source file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceLocation {
    /// The file, as the compiler was given it. Tasks that were spawned in one place share it.
    #[serde(with = "shared_text")]
    pub file: Arc<str>,
    /// The line, from 1.
    pub line: u32,
}

/// For example `core/src/scenarios/lessons/waiter.rs:196`.
impl fmt::Display for SourceLocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file, self.line)
    }
}

/// Something that happened to a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct TraceEvent {
    /// When it happened.
    #[serde(rename = "at_ns", with = "as_nanos")]
    pub at: Duration,
    /// The thread on which it happened: that of the poll, or that of the task or thread that
    /// spawned, woke or aborted it.
    pub thread: ThreadId,
    /// The task that it happened to.
    pub task: TaskId,
    /// The kind of event. In JSON, its name is in the field `event`.
    #[serde(flatten)]
    pub what: What,
    /// For a wake by a timer, how late the timer fired, rounded down to whole microseconds; absent
    /// from other events. Lateness counts from the time that the sleep was created for.
    #[serde(
        rename = "late_ns",
        with = "as_nanos_or_null",
        default,
        skip_serializing_if = "Option::is_none"
    )]
    pub late: Option<Duration>,
}

/// The kinds of event that a task can have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum What {
    /// Its parent spawned it; it is ready from now on. A named future is first polled at once.
    Spawned,
    /// A poll of it began; for a blocking call, the call began. Polls of named futures lie inside
    /// of others on the same thread.
    PollStarted,
    /// Its poll ended and it waits, or is ready again if it was woken in the meantime.
    Suspended,
    /// Its last poll ended, and the task with it.
    Ended {
        /// How it ended: by itself, so never [`End::Dropped`].
        end: End,
    },
    /// Its future was dropped before it had ended.
    Dropped,
    /// It was woken. A task that is ready already may be woken again.
    Woken {
        /// The cause of the wake.
        by: By,
    },
    /// It was asked to end, through its handle.
    Aborted {
        /// The cause: a task, or something outside.
        by: By,
    },
    /// Inside its poll, something that holds the thread began.
    SpanStarted {
        /// The kind of span.
        span: SpanKind,
    },
    /// The innermost span is over. Spans of one task may be nested.
    SpanEnded,
}

/// The cause of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum By {
    /// A task, in its poll. It may be the same task: a yield.
    Task(TaskId),
    /// The end of a task with a handle that was being awaited.
    EndOf(TaskId),
    /// A sleep that was over.
    Timer,
    /// A pipe that could be read, or whose other end was gone. The task that wrote into it is not
    /// recorded: the data goes through the OS, past the runtime. A runtime may also make a task
    /// yield at a pipe and poll it again, as tokio does at the end of a budget; that wake looks the
    /// same and counts as the pipe's.
    Pipe,
    /// No task: the runtime, or a thread outside it. Also a sleep or a task that was awaited and no
    /// longer is: a runtime may keep the waker of a handle that was dropped.
    Outside,
}

/// How a thread is held inside a poll.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SpanKind {
    /// It waits without using CPU.
    Block,
    /// It burns CPU.
    Spin,
    /// It computes.
    Compute,
}

impl Trace {
    /// The time from the root's first poll to its end. If the root did not end, the window closes
    /// when the run was given up or the recording ends. `None` if the root was never polled.
    pub fn window(&self) -> Option<(Duration, Duration)> {
        let root = &self.tasks[self.run.root?];
        let shutdown = self.run.shutdown_event.map(|index| self.events[index].at);
        let given_up = shutdown.unwrap_or(self.run.until);
        let to = root.ended.map_or(given_up, |ended| ended.min(given_up));
        let from = root.started?;
        // A runtime that is shutting down may still begin to poll the root.
        Some((from, to.max(from)))
    }

    /// The scenario time at `at` on the runtime's clock; zero before scenario time begins.
    pub fn scenario_time(&self, at: Duration) -> Duration {
        self.scenario_span(at.saturating_sub(self.run.epoch))
    }

    /// A length of the runtime's time as scenario time.
    pub fn scenario_span(&self, length: Duration) -> Duration {
        if self.run.speed == 1.0 {
            return length;
        }
        length.mul_f64(self.run.speed)
    }

    /// The events of the run itself, without those of the runtime's end.
    pub fn events_of_the_run(&self) -> &[TraceEvent] {
        let end = self.run.shutdown_event.unwrap_or(self.events.len());
        &self.events[..end]
    }
}
