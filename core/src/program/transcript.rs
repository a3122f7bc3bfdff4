//! The events of a run, in order, with scenario time.
//!
//! A [`Sink`] receives the events of tasks. [`Null`] ignores them and compiles away; [`Recorder`]
//! writes a [`Transcript`]. A scenario is generic over the sink, so a timed run pays nothing for
//! the events that a lesson shows.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt;
use std::mem;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde::Serialize;

pub use super::sink::{Ending, Null, Sink, Watch};
use crate::runtime::name::Name;

/// One line of a transcript.
#[derive(Debug, Clone, Serialize)]
pub struct Entry {
    /// Scenario time since the root task began, in nanoseconds.
    #[serde(rename = "at_ns", serialize_with = "crate::time::as_nanos::serialize")]
    pub at: Duration,
    /// The task that it happened to.
    pub task: Name,
    /// The kind of event.
    pub event: Event,
    /// The line that the task said; if the run was stopped, `still running` or `still waiting`;
    /// null for every other event.
    pub text: Option<String>,
}

/// Scenario time in seconds, the task, and the event or the line that was said.
impl fmt::Display for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let at = self.at.as_secs_f64();
        match &self.text {
            Some(text) if self.event == Event::Stopped => {
                write!(
                    f,
                    "{at:>8.3}  {:<14}  {text}, stopped by pollmark",
                    self.task
                )
            }
            Some(text) => write!(f, "{at:>8.3}  {:<14}  \"{text}\"", self.task),
            None => write!(f, "{at:>8.3}  {:<14}  {}", self.task, self.event),
        }
    }
}

/// The kinds of event that a task can have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// It was polled for the first time.
    Started,
    /// It ended with its output.
    Finished,
    /// Its future was dropped before its end, whether it had been polled or not.
    Cancelled,
    /// It ended with an error or a panic.
    Failed,
    /// It had not ended when pollmark stopped the run, at its limit or in a deadlock. No event of
    /// the run follows.
    Stopped,
    /// It said a line.
    Note,
}

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Event::Started => "started",
            Event::Finished => "finished",
            Event::Cancelled => "cancelled",
            Event::Failed => "failed",
            Event::Stopped => "stopped",
            Event::Note => "note",
        })
    }
}

/// The events of a run, in the order in which they happened.
///
/// A clone is another handle to the same transcript.
#[derive(Clone, Default)]
pub struct Transcript(Arc<Shared>);

#[derive(Default)]
struct Shared {
    log: Mutex<Log>,
    live: Option<Live>,
}

#[derive(Default)]
struct Log {
    entries: Vec<Entry>,
    /// The tasks that have not ended, in the order in which they were spawned.
    watched: BTreeMap<u64, Watched>,
    spawned: u64,
    /// Whether pollmark stopped the run: nothing that happens from then on is the program's doing.
    stopped: bool,
}

struct Watched {
    desk: Arc<Desk>,
    name: Name,
    polled: Arc<AtomicBool>,
}

type Live = Box<dyn Fn(&Entry) + Send + Sync>;

impl Transcript {
    /// An empty transcript.
    pub fn new() -> Self {
        Transcript::default()
    }

    /// An empty transcript that passes each new entry to `live`, under the transcript's lock.
    pub fn live(live: impl Fn(&Entry) + Send + Sync + 'static) -> Self {
        Transcript(Arc::new(Shared {
            log: Mutex::default(),
            live: Some(Box::new(live)),
        }))
    }

    /// A sink that writes to this transcript and reads scenario time from `clock`.
    pub fn recorder(&self, clock: impl Fn() -> Duration + Send + Sync + 'static) -> Recorder {
        Recorder(Arc::new(Desk {
            transcript: self.clone(),
            clock: Box::new(clock),
        }))
    }

    /// The entries recorded so far.
    pub fn entries(&self) -> Vec<Entry> {
        self.lock().entries.clone()
    }

    /// Records each task that has not ended as stopped, and ignores every later event.
    pub(crate) fn stop(&self) {
        let mut log = self.lock();
        log.stopped = true;
        let watched = mem::take(&mut log.watched);
        let at = watched.values().next().map(|first| (first.desk.clock)());
        for task in watched.values() {
            let doing = match task.polled.load(Ordering::Relaxed) {
                true => "still running",
                false => "still waiting",
            };
            let entry = Entry {
                at: at.unwrap_or_default(),
                task: task.name.clone(),
                event: Event::Stopped,
                text: Some(doing.to_owned()),
            };
            self.push(&mut log, entry);
        }
        // A clock may be the last owner of its runtime's handle.
        drop(log);
    }

    fn push(&self, log: &mut Log, entry: Entry) {
        if let Some(live) = &self.0.live {
            live(&entry);
        }
        log.entries.push(entry);
    }

    fn lock(&self) -> MutexGuard<'_, Log> {
        self.0.log.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Transcript {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(&self.lock().entries).finish()
    }
}

/// The sink that writes a [`Transcript`].
#[derive(Clone)]
pub struct Recorder(Arc<Desk>);

struct Desk {
    transcript: Transcript,
    clock: Box<dyn Fn() -> Duration + Send + Sync>,
}

impl Desk {
    fn watch(self: &Arc<Self>, name: &Name) -> TaskWatch {
        let polled = Arc::new(AtomicBool::new(false));
        let watched = Watched {
            desk: Arc::clone(self),
            name: name.clone(),
            polled: Arc::clone(&polled),
        };
        let mut log = self.transcript.lock();
        log.spawned += 1;
        let number = log.spawned;
        log.watched.insert(number, watched);
        drop(log);
        TaskWatch {
            desk: Arc::clone(self),
            number,
            name: name.clone(),
            polled,
            started: false,
            ended: false,
        }
    }

    /// Records an event; `ends` is the number of the task that it ends.
    fn record(&self, task: Name, event: Event, text: Option<String>, ends: Option<u64>) {
        let mut log = self.transcript.lock();
        if log.stopped {
            return;
        }
        if let Some(number) = ends {
            log.watched.remove(&number);
        }
        // The clock is read under the lock, so that entries are in the order of their times.
        let entry = Entry {
            at: (self.clock)(),
            task,
            event,
            text,
        };
        self.transcript.push(&mut log, entry);
    }
}

impl fmt::Debug for Recorder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Recorder").field(&self.0.transcript).finish()
    }
}

impl Sink for Recorder {
    type Watch = TaskWatch;

    fn watch(&self, name: &Name) -> TaskWatch {
        self.0.watch(name)
    }

    fn note(&self, line: &dyn fmt::Display) {
        let task = CURRENT.with_borrow(Clone::clone);
        let task = task.unwrap_or_else(|| Name::from("(no task)"));
        self.0
            .record(task, Event::Note, Some(line.to_string()), None);
    }
}

thread_local! {
    /// The task that is being polled on this thread. A note is attributed to this task, no matter
    /// which context was given to the code that says it.
    static CURRENT: RefCell<Option<Name>> = const { RefCell::new(None) };
}

/// The [`Recorder`]'s watch over one task.
pub struct TaskWatch {
    desk: Arc<Desk>,
    number: u64,
    name: Name,
    polled: Arc<AtomicBool>,
    started: bool,
    ended: bool,
}

impl TaskWatch {
    fn record(&self, event: Event) {
        let ends = (event != Event::Started).then_some(self.number);
        self.desk.record(self.name.clone(), event, None, ends);
    }
}

impl Watch for TaskWatch {
    fn poll<T>(&mut self, poll: impl FnOnce() -> T) -> T {
        if !self.started {
            self.started = true;
            self.record(Event::Started);
        }
        self.polled.store(true, Ordering::Relaxed);
        let outer = CURRENT.replace(Some(self.name.clone()));
        let _turn = Turn { task: self, outer };
        poll()
    }

    fn finish(&mut self, ending: Ending) {
        self.ended = true;
        self.record(match ending {
            Ending::Finished => Event::Finished,
            Ending::Failed => Event::Failed,
        });
    }
}

impl Drop for TaskWatch {
    fn drop(&mut self) {
        if !self.ended {
            self.record(Event::Cancelled);
        }
    }
}

/// A poll under way. A panic drops it, which is the task's failure.
struct Turn<'a> {
    task: &'a mut TaskWatch,
    outer: Option<Name>,
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        CURRENT.set(self.outer.take());
        self.task.polled.store(false, Ordering::Relaxed);
        if std::thread::panicking() {
            self.task.finish(Ending::Failed);
        }
    }
}

impl fmt::Debug for TaskWatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("TaskWatch").field(&self.name).finish()
    }
}

#[cfg(test)]
mod tests;
