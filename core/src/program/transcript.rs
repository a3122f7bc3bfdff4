//! The events of a run, in order, with scenario time.
//!
//! A [`Sink`] receives the events of tasks. [`Null`] ignores them and compiles away; [`Recorder`]
//! writes a [`Transcript`]. A scenario is generic over the sink, so a timed run pays nothing for
//! the events that a lesson shows.

use std::cell::RefCell;
use std::fmt;
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
    /// The line that the task said; null for every other event.
    pub text: Option<String>,
}

/// Scenario time in seconds, the task, and the event or the line that was said.
impl fmt::Display for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let at = self.at.as_secs_f64();
        match &self.text {
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
    entries: Mutex<Vec<Entry>>,
    live: Option<Live>,
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
            entries: Mutex::default(),
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
        self.lock().clone()
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Entry>> {
        self.0
            .entries
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Transcript {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.lock().iter()).finish()
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
    fn record(&self, task: Name, event: Event, text: Option<String>) {
        let mut entries = self.transcript.lock();
        // The clock is read under the lock, so that entries are in the order of their times.
        let entry = Entry {
            at: (self.clock)(),
            task,
            event,
            text,
        };
        if let Some(live) = &self.transcript.0.live {
            live(&entry);
        }
        entries.push(entry);
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
        TaskWatch {
            desk: self.0.clone(),
            name: name.clone(),
            started: false,
            ended: false,
        }
    }

    fn note(&self, line: &dyn fmt::Display) {
        let task = CURRENT.with_borrow(Clone::clone);
        let task = task.unwrap_or_else(|| Name::from("(no task)"));
        self.0.record(task, Event::Note, Some(line.to_string()));
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
    name: Name,
    started: bool,
    ended: bool,
}

impl TaskWatch {
    fn record(&self, event: Event) {
        self.desk.record(self.name.clone(), event, None);
    }
}

impl Watch for TaskWatch {
    fn poll<T>(&mut self, poll: impl FnOnce() -> T) -> T {
        if !self.started {
            self.started = true;
            self.record(Event::Started);
        }
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
mod tests {
    use super::*;

    fn recorder(transcript: &Transcript) -> Recorder {
        transcript.recorder(|| Duration::from_secs(3))
    }

    fn events(transcript: &Transcript) -> Vec<(String, Event)> {
        let entries = transcript.entries();
        let pair = |entry: Entry| (entry.task.to_string(), entry.event);
        entries.into_iter().map(pair).collect()
    }

    #[test]
    fn a_note_belongs_to_the_innermost_task_being_polled() {
        let transcript = Transcript::new();
        let sink = recorder(&transcript);
        let mut outer = sink.watch(&"outer".into());
        let mut inner = sink.watch(&"inner".into());
        outer.poll(|| {
            inner.poll(|| sink.note(&"a"));
            sink.note(&"b");
        });
        inner.finish(Ending::Finished);
        outer.finish(Ending::Failed);
        let expected = [
            ("outer", Event::Started),
            ("inner", Event::Started),
            ("inner", Event::Note),
            ("outer", Event::Note),
            ("inner", Event::Finished),
            ("outer", Event::Failed),
        ];
        assert_eq!(
            events(&transcript),
            expected.map(|(task, event)| (task.to_owned(), event))
        );
    }

    #[test]
    fn a_watch_dropped_early_is_a_cancel_and_dropped_by_a_panic_a_failure() {
        let transcript = Transcript::new();
        let sink = recorder(&transcript);
        drop(sink.watch(&"quiet".into()));
        let mut loud = sink.watch(&"loud".into());
        let panic = std::panic::AssertUnwindSafe(move || {
            loud.poll(|| std::panic::resume_unwind(Box::new(())))
        });
        assert!(std::panic::catch_unwind(panic).is_err());
        let expected = [
            ("quiet", Event::Cancelled),
            ("loud", Event::Started),
            ("loud", Event::Failed),
        ];
        assert_eq!(
            events(&transcript),
            expected.map(|(task, event)| (task.to_owned(), event))
        );
    }
}
