//! A trace as data: the tasks, the threads, and what happened in order.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::runtime::runner::Clock;

/// A task's index in [`Trace::tasks`].
pub type TaskId = usize;

/// A thread's index in [`Trace::threads`].
pub type ThreadId = usize;

/// Everything that was recorded of one run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Trace {
    /// The run itself.
    pub run: Recording,
    /// Who ran, in the order of their first events.
    pub threads: Vec<Thread>,
    /// The tasks and blocking calls, in the order in which they were spawned.
    pub tasks: Vec<Task>,
    /// What happened, in an order that agrees with the times and with cause and effect.
    pub events: Vec<Event>,
}

/// What holds for a trace as a whole.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Recording {
    /// Whether times are the machine's or a virtual clock's.
    #[serde(with = "clock")]
    pub clock: Clock,
    /// How many times faster than scenario time it ran.
    pub speed: f64,
    /// The workers that shared the tasks; null where each has a thread of its own.
    pub workers: Option<usize>,
    /// The most threads for blocking calls; null where it was left to the runtime.
    pub blocking_threads: Option<usize>,
    /// The root task; null where none was recorded.
    pub root: Option<TaskId>,
    /// When scenario time begins, on the runtime's clock: the root's first poll.
    #[serde(rename = "epoch_ns", with = "nanos")]
    pub epoch: Duration,
    /// When the recording ends. What tasks are at then, they are left at.
    #[serde(rename = "until_ns", with = "nanos")]
    pub until: Duration,
    /// The first event that belongs to the end of the runtime, not to the run; null
    /// where the runtime was not ended, or nothing happened any more.
    pub shutdown_event: Option<usize>,
    /// How many events could be kept.
    pub limit: usize,
    /// Events that are missing here, all of them at the end: past the limit nothing is
    /// kept, so that what is here is complete.
    pub dropped: u64,
    /// What recording one poll costs, measured on the spot: how much longer a poll
    /// takes that is recorded. Null where it was not measured.
    #[serde(rename = "poll_cost_ns", with = "nanos_or_null")]
    pub poll_cost: Option<Duration>,
}

/// An OS thread; on a virtual clock, a worker or a blocking thread of the model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Thread {
    /// Its place in the list.
    pub id: ThreadId,
    /// What it is called by the runtime, or `thread N`. On a virtual clock `worker N`
    /// and `blocking N`, by the lowest that is free; and `clock` for what happens in
    /// no task.
    pub name: String,
}

/// A task or a blocking call, from its spawn to its end.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Task {
    /// Its place in the list; no two are alike, whatever their names.
    pub id: TaskId,
    /// Its name; `task N` or `call N` by its id where it was given none.
    pub name: String,
    /// Whether it is polled, or runs on a blocking thread.
    pub kind: TaskKind,
    /// The task in whose poll it was spawned; null for the root, and for what was
    /// spawned from outside.
    pub parent: Option<TaskId>,
    /// Where in the program it was spawned.
    pub spawned_at: Place,
    /// When it was spawned.
    #[serde(rename = "spawned_ns", with = "nanos")]
    pub spawned: Duration,
    /// When its first poll began; null if it was never polled.
    #[serde(rename = "started_ns", with = "nanos_or_null")]
    pub started: Option<Duration>,
    /// When it ended; null if it had not by the end of the recording.
    #[serde(rename = "ended_ns", with = "nanos_or_null")]
    pub ended: Option<Duration>,
    /// How it ended; null if it had not.
    pub end: Option<End>,
    /// How often it was polled. A blocking call runs in one poll.
    pub polls: u64,
    /// How often it was woken.
    pub wakes: u64,
}

/// What kind of work a task is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TaskKind {
    /// A future that is polled on a worker.
    Task,
    /// A call on a thread that may block.
    Call,
}

/// How a task ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum End {
    /// With its output.
    Finished,
    /// With an error, as far as the program says that an output is one.
    Failed,
    /// By a panic.
    Panicked,
    /// Its future was dropped before that: cancelled, or left to the runtime's end.
    Dropped,
}

/// A place in a source file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// The file, as the compiler was given it.
    pub file: String,
    /// The line, from 1.
    pub line: u32,
}

/// `core/src/scenarios/waiter.rs:196`
impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file, self.line)
    }
}

/// Something that happened to a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// When.
    #[serde(rename = "at_ns", with = "nanos")]
    pub at: Duration,
    /// On which thread: that of the poll, or of who spawned, woke or aborted it.
    pub thread: ThreadId,
    /// To which task.
    pub task: TaskId,
    /// What. In JSON, its name is in the field `event`.
    #[serde(flatten)]
    pub what: What,
    /// Of a wake by a timer, how long after its time the timer fired, to the microsecond
    /// below; absent from other events. The time is that which the sleep was made for.
    #[serde(
        rename = "late_ns",
        with = "nanos_or_null",
        default,
        skip_serializing_if = "Option::is_none"
    )]
    pub late: Option<Duration>,
}

/// What can happen to a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum What {
    /// It was spawned, by its parent; it is ready from now on.
    Spawned,
    /// A poll of it began. Of a blocking call: it began.
    PollStarted,
    /// Its poll ended and it waits, or is ready again if it was woken in the meantime.
    Suspended,
    /// Its last poll ended and it with it.
    Ended {
        /// How: by itself, so never [`End::Dropped`].
        end: End,
    },
    /// Its future is gone though it had not ended.
    Dropped,
    /// It was woken. A task that is ready already may be woken again.
    Woken {
        /// By whom.
        by: By,
    },
    /// Its end was asked for through its handle.
    Aborted {
        /// By whom: a task, or from outside.
        by: By,
    },
    /// Inside its poll, something began that holds the thread.
    SpanStarted {
        /// What.
        span: SpanKind,
    },
    /// It is over. Spans of one task may be nested.
    SpanEnded,
}

/// Who caused something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum By {
    /// A task, in its poll. It may be the same task: a yield.
    Task(TaskId),
    /// The end of a task, which its handle was awaited for.
    EndOf(TaskId),
    /// A sleep that was over.
    Timer,
    /// A pipe that could be read, or whose other end was gone. Who wrote into it is not
    /// told: that goes past the runtime, through the OS. Where a runtime has a task polled
    /// again that it made yield at a pipe, as tokio does at the end of a budget, that
    /// cannot be told apart and is the pipe's wake too.
    Pipe,
    /// No task: the runtime, or a thread that is none of its.
    Outside,
}

/// What holds a thread inside a poll.
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

impl Task {
    /// Counts an event of this task in its summary.
    pub(crate) fn note(&mut self, event: &Event) {
        match event.what {
            What::PollStarted => {
                self.polls += 1;
                self.started.get_or_insert(event.at);
            }
            What::Woken { .. } => self.wakes += 1,
            What::Ended { end } => (self.ended, self.end) = (Some(event.at), Some(end)),
            What::Dropped => (self.ended, self.end) = (Some(event.at), Some(End::Dropped)),
            What::Spawned
            | What::Suspended
            | What::Aborted { .. }
            | What::SpanStarted { .. }
            | What::SpanEnded => {}
        }
    }
}

impl Trace {
    /// From the root's first poll to its end, or to where the run was given up or the
    /// recording ends if it did not end; `None` if the root was never polled.
    pub fn window(&self) -> Option<(Duration, Duration)> {
        let root = &self.tasks[self.run.root?];
        let shutdown = self.run.shutdown_event.map(|index| self.events[index].at);
        let given_up = shutdown.unwrap_or(self.run.until);
        let to = root.ended.map_or(given_up, |ended| ended.min(given_up));
        let from = root.started?;
        // A runtime that is being ended may begin to poll the root all the same.
        Some((from, to.max(from)))
    }

    /// Scenario time at `at` of the runtime's clock; zero before it begins.
    pub fn scenario_time(&self, at: Duration) -> Duration {
        self.scenario_span(at.saturating_sub(self.run.epoch))
    }

    /// A span of the runtime's time as scenario time.
    pub fn scenario_span(&self, length: Duration) -> Duration {
        if self.run.speed == 1.0 {
            return length;
        }
        length.mul_f64(self.run.speed)
    }

    /// The events of the run itself, without those of the runtime's end.
    pub fn events_of_the_run(&self) -> &[Event] {
        let end = self.run.shutdown_event.unwrap_or(self.events.len());
        &self.events[..end]
    }
}

/// A duration as whole nanoseconds.
pub(super) mod nanos {
    use std::time::Duration;

    use serde::{Deserialize, Deserializer, Serializer};

    pub(crate) fn serialize<S: Serializer>(duration: &Duration, to: S) -> Result<S::Ok, S::Error> {
        crate::time::nanos(duration, to)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Duration, D::Error> {
        u64::deserialize(from).map(Duration::from_nanos)
    }
}

/// A duration as whole nanoseconds, or null.
pub(super) mod nanos_or_null {
    use std::time::Duration;

    use serde::{Deserialize, Deserializer, Serializer};

    pub(crate) fn serialize<S: Serializer>(
        duration: &Option<Duration>,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        match duration {
            Some(duration) => crate::time::nanos(duration, to),
            None => to.serialize_none(),
        }
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Option<Duration>, D::Error> {
        Ok(Option::<u64>::deserialize(from)?.map(Duration::from_nanos))
    }
}

/// `real` or `virtual`.
mod clock {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use crate::runtime::runner::Clock;

    #[derive(Serialize, Deserialize)]
    #[serde(rename_all = "snake_case")]
    enum Spelt {
        Real,
        Virtual,
    }

    pub(super) fn serialize<S: Serializer>(clock: &Clock, to: S) -> Result<S::Ok, S::Error> {
        let spelt = match clock {
            Clock::Real => Spelt::Real,
            Clock::Virtual => Spelt::Virtual,
        };
        spelt.serialize(to)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Clock, D::Error> {
        Ok(match Spelt::deserialize(from)? {
            Spelt::Real => Clock::Real,
            Spelt::Virtual => Clock::Virtual,
        })
    }
}
