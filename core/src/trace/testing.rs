//! Hand-made traces, in whole seconds, for the tests of the analyses.

use std::time::Duration;

use super::data::kinds::classify;
use super::data::{
    By, End, Recording, SourceLocation, SpanKind, Task, TaskId, TaskKind, Thread, ThreadId,
    ThreadKind, Trace, TraceEvent, What,
};
use crate::runtime::runner_info::Clock;

pub(super) const fn secs(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// A trace under construction: events are added in the order in which they happened.
pub(super) struct Drawing(Trace);

impl Drawing {
    /// With the root `main`, spawned at 0.
    pub(super) fn new(workers: usize) -> Self {
        let mut drawing = Drawing(Trace {
            run: Recording {
                clock: Clock::Virtual,
                speed: 1.0,
                workers: Some(workers),
                blocking_threads: Some(1),
                root: Some(0),
                epoch: Duration::ZERO,
                until: Duration::ZERO,
                shutdown_event: None,
                stopped: false,
                limit: 1_000,
                dropped: 0,
                poll_cost: None,
            },
            threads: Vec::new(),
            tasks: Vec::new(),
            events: Vec::new(),
        });
        drawing.spawn(0, "main", None);
        drawing
    }

    pub(super) fn spawn(&mut self, at: u64, name: &str, parent: Option<TaskId>) -> TaskId {
        self.spawned(at, name, parent, TaskKind::Task)
    }

    pub(super) fn call(&mut self, at: u64, name: &str, parent: TaskId) -> TaskId {
        self.spawned(at, name, Some(parent), TaskKind::Call)
    }

    /// A named future inside of `parent`, at its first poll.
    pub(super) fn future(&mut self, at: u64, name: &str, parent: TaskId) -> TaskId {
        self.spawned(at, name, Some(parent), TaskKind::Future)
    }

    fn spawned(&mut self, at: u64, name: &str, parent: Option<TaskId>, kind: TaskKind) -> TaskId {
        let id = self.0.tasks.len();
        self.0.tasks.push(Task {
            id,
            name: name.to_owned(),
            kind,
            parent,
            spawned_at: SourceLocation {
                file: "drawn.rs".into(),
                line: 1,
            },
            spawned: secs(at),
            started: None,
            ended: None,
            end: None,
            polls: 0,
            wakes: 0,
            awaits: Vec::new(),
            sleeps: false,
        });
        let thread = parent.map_or(0, |parent| self.thread_of(parent));
        self.tell(at, thread, id, What::Spawned);
        id
    }

    /// A poll begins on `thread`.
    pub(super) fn poll(&mut self, at: u64, thread: ThreadId, task: TaskId) {
        self.tell(at, thread, task, What::PollStarted);
    }

    pub(super) fn suspend(&mut self, at: u64, task: TaskId) {
        self.there(at, task, What::Suspended);
    }

    pub(super) fn end(&mut self, at: u64, task: TaskId) {
        self.there(at, task, What::Ended { end: End::Finished });
    }

    /// A poll that blocks from `from` to `to`, then goes on.
    pub(super) fn block(&mut self, from: u64, to: u64, task: TaskId) {
        self.block_begins(from, task);
        self.block_ends(to, task);
    }

    pub(super) fn block_begins(&mut self, at: u64, task: TaskId) {
        self.span_begins(at, task, SpanKind::Block);
    }

    pub(super) fn span_begins(&mut self, at: u64, task: TaskId, span: SpanKind) {
        self.there(at, task, What::SpanStarted { span });
    }

    pub(super) fn block_ends(&mut self, at: u64, task: TaskId) {
        self.there(at, task, What::SpanEnded);
    }

    pub(super) fn wake(&mut self, at: u64, task: TaskId, by: By) {
        self.tell(at, 0, task, What::Woken { by });
    }

    /// A timer that fires on `thread`, `late` seconds late.
    pub(super) fn ring(&mut self, at: u64, thread: ThreadId, task: TaskId, late: u64) {
        self.tell(at, thread, task, What::Woken { by: By::Timer });
        let wake = self.0.events.last_mut().expect("it was told");
        wake.late = Some(secs(late));
    }

    pub(super) fn abort(&mut self, at: u64, task: TaskId, by: TaskId) {
        self.tell(at, 0, task, What::Aborted { by: By::Task(by) });
    }

    pub(super) fn dropped(&mut self, at: u64, task: TaskId) {
        self.tell(at, 0, task, What::Dropped);
    }

    /// Events added from now on belong to the end of the runtime.
    pub(super) fn shutdown(&mut self) {
        self.0.run.shutdown_event = Some(self.0.events.len());
    }

    /// Ends the recording at `until`.
    pub(super) fn until(mut self, until: u64) -> Trace {
        let trace = &mut self.0;
        trace.run.until = secs(until);
        let shared = (trace.run.root, trace.run.workers);
        classify(&mut trace.threads, &trace.tasks, &trace.events, shared);
        self.0
    }

    fn there(&mut self, at: u64, task: TaskId, what: What) {
        self.tell(at, self.thread_of(task), task, what);
    }

    /// The thread that polled a task last.
    fn thread_of(&self, task: TaskId) -> ThreadId {
        let mut events = self.0.events.iter().rev();
        let poll = events.find(|event| event.task == task && event.what == What::PollStarted);
        poll.map_or(0, |event| event.thread)
    }

    fn tell(&mut self, at: u64, thread: ThreadId, task: TaskId, what: What) {
        let event = TraceEvent {
            at: secs(at),
            thread,
            task,
            what,
            late: None,
        };
        for id in self.0.threads.len()..=thread {
            let name = format!("worker {id}");
            let kind = ThreadKind::default();
            self.0.threads.push(Thread { id, name, kind });
        }
        self.0.tasks[task].note(&event);
        self.0.events.push(event);
    }
}

/// Three tasks of 8, 3 and 16 s that `main` spawns and awaits in turn, on one worker;
/// polls take no time.
pub(super) fn waiter_tasks() -> Trace {
    let mut drawing = Drawing::new(1);
    drawing.poll(0, 0, 0);
    let cooks = ["Pasta", "Salad", "Chops"].map(|name| drawing.spawn(0, name, Some(0)));
    drawing.suspend(0, 0);
    for cook in cooks {
        drawing.poll(0, 0, cook);
        drawing.suspend(0, cook);
    }
    for (at, cook, awaited) in [(3, 2, false), (8, 1, true), (16, 3, true)] {
        drawing.wake(at, cook, By::Timer);
        drawing.poll(at, 0, cook);
        drawing.end(at, cook);
        if awaited {
            drawing.wake(at, 0, By::EndOf(cook));
            drawing.poll(at, 0, 0);
            match at {
                16 => drawing.end(at, 0),
                _ => drawing.suspend(at, 0),
            }
        }
    }
    drawing.until(16)
}

/// The same three, each blocking its worker: 27 s on one worker, one after the other.
pub(super) fn waiter_blocking() -> Trace {
    let mut drawing = Drawing::new(1);
    drawing.poll(0, 0, 0);
    let cooks = ["Pasta", "Salad", "Chops"].map(|name| drawing.spawn(0, name, Some(0)));
    drawing.suspend(0, 0);
    for (cook, from, to) in [(cooks[0], 0, 8), (cooks[1], 8, 11), (cooks[2], 11, 27)] {
        drawing.poll(from, 0, cook);
        drawing.block(from, to, cook);
        drawing.end(to, cook);
        if cook == cooks[0] {
            drawing.wake(to, 0, By::EndOf(cook));
        }
    }
    drawing.poll(27, 0, 0);
    drawing.end(27, 0);
    drawing.until(27)
}
