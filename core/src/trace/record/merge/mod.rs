//! Merges the threads' logs into a trace: in one order, with consecutive task ids and a summary of
//! each task. A [`Reader`] hands the logs out in [`Part`]s, of which a [`TraceBuilder`] makes the
//! trace, in the same process or in another one.

mod builder;
mod by_cause;
mod by_number;
mod model_threads;
mod part;
mod reader;
mod waits;

use std::time::Duration;

use self::builder::Author;
pub use self::builder::TraceBuilder;
use self::by_cause::by_cause;
use self::by_number::ByNumber;
use self::model_threads::model_threads;
use self::part::Spawned;
pub use self::part::{Damaged, Part};
pub use self::reader::Reader;
use self::waits::tell_waits;
use super::current::Wait;
use super::log::{Kind, Packed, Record};
use super::setting::Setting;
use super::tracer::Tracer;
use super::tracer::marks::Look;
use crate::runtime::runner_info::Clock;
use crate::trace::data::kinds::classify;
use crate::trace::data::threads::nameless;
use crate::trace::data::{
    By, End, Recording, SourceLocation, SpanKind, Task, TaskId, Trace, TraceEvent, What,
};

impl Tracer {
    /// The recording so far, as a trace.
    ///
    /// Best called when the runtime has ended: from threads that are still busy, only the events
    /// before the call are included.
    pub fn trace(&self, setting: &Setting) -> Trace {
        let mut builder = TraceBuilder::default();
        Reader::new(self.clone()).look(|part| {
            builder.add(part).expect("a reader damages nothing");
        });
        builder.trace(setting)
    }
}

/// Events closer than this may have been read in the wrong order by two threads: the CPU may read
/// its counter early, by as much as it works ahead.
const CLOSE: Duration = Duration::from_micros(1);

impl TraceBuilder {
    /// The trace of the parts so far. If the runtime's end was not recorded, the trace goes to the
    /// time of the last look.
    pub fn trace(self, setting: &Setting) -> Trace {
        Merge::new(self).trace(setting)
    }
}

struct Merge {
    look: Look,
    events: Vec<(Packed, u32)>,
    threads: Vec<Author>,
    spawned: ByNumber<Spawned>,
    places: Vec<SourceLocation>,
    waits: Vec<Wait>,
    /// Tasks in the order in which they were spawned.
    ids: ByNumber<TaskId>,
    missing: u64,
}

impl Merge {
    fn new(recorded: TraceBuilder) -> Self {
        let TraceBuilder {
            mut events,
            threads,
            spawned,
            places,
            waits,
            look,
        } = recorded;
        let mut missing = look.lost;
        events.retain(|(event, _)| {
            let record = Record::unpacked(*event);
            if record.order >= look.complete_to {
                missing += u64::from(record.order < look.so_far);
                return false;
            }
            // Without its facts, this spawn was still under way at the last look, so nothing has
            // followed from it yet.
            record.kind != Kind::Spawned || spawned.has(record.task)
        });
        // The order begins with the time, the place follows. Each thread's events are in order
        // already, which a stable sort makes use of.
        events.sort_by_key(|([at, order, _], thread)| (*at, *order, *thread));
        if let Some(scale) = look.scale {
            by_cause(&mut events, scale.ticks(CLOSE));
        }
        let mut ids = ByNumber::default();
        let records = events.iter().map(|(event, _)| Record::unpacked(*event));
        let spawns = records.filter(|record| record.kind == Kind::Spawned);
        for (id, record) in spawns.enumerate() {
            ids.set(record.task, id);
        }
        Merge {
            look,
            events,
            threads,
            spawned,
            places,
            waits,
            ids,
            missing,
        }
    }

    fn trace(mut self, setting: &Setting) -> Trace {
        let mut tasks: Vec<Task> = Vec::new();
        let recorded = std::mem::take(&mut self.events);
        let mut events = Vec::with_capacity(recorded.len());
        let mut of_the_run = 0;
        let mut at = Duration::ZERO;
        let shutdown = self.look.marks.shutdown;
        for (event, thread) in recorded {
            let record = &Record::unpacked(event);
            let task = self.ids.get(record.task).copied();
            let spawned = |task: &TaskId| *task < tasks.len() || record.kind == Kind::Spawned;
            // An event of a task without a known spawn could not be attributed.
            let Some(task) = task.filter(spawned) else {
                self.missing += 1;
                continue;
            };
            // A cause may have been read a moment after its effect.
            at = at.max(self.look.time(record.at));
            let event = TraceEvent {
                at,
                thread: thread as usize,
                task,
                what: self.what(record, &tasks),
                late: late(record),
            };
            if event.what == What::Spawned {
                let task = self.task(record.task, &event, &tasks);
                tasks.push(task);
            }
            tasks[event.task].note(&event);
            events.push(event);
            // The last event with an earlier place counts, not the first: on a virtual clock a
            // thread may read the time and then be held up, so that the shutdown begins before the
            // thread takes its number.
            if shutdown.is_none_or(|(_, from)| record.order < from) {
                of_the_run = events.len();
            }
        }
        let shutdown_event = (of_the_run < events.len()).then_some(of_the_run);
        let mut threads = match setting.clock {
            Clock::Real => (0..)
                .zip(self.threads.drain(..))
                .map(|(id, author)| author.named(id))
                .collect(),
            Clock::Virtual => model_threads(&tasks, &mut events),
        };
        let shared = (self.root(), setting.workers);
        classify(&mut threads, &tasks, &events, shared);
        let last = events.last().map(|event| event.at);
        let stop = self.look.marks.stop.as_ref();
        let ended = stop.map(|stop| stop.at);
        let ended = ended.or(shutdown.map(|(at, _)| at)).or(self.look.now);
        let ended = ended.filter(|_| self.missing == 0);
        tell_waits(&self.waits, &self.ids, &mut tasks);
        Trace {
            run: Recording {
                clock: setting.clock,
                speed: setting.speed.factor(),
                workers: setting.workers,
                blocking_threads: setting.blocking_threads,
                root: self.root(),
                epoch: self.epoch(&tasks),
                until: last.max(ended).unwrap_or_default(),
                shutdown_event,
                stopped: stop.is_some(),
                limit: self.look.limit,
                dropped: self.missing,
                poll_cost: setting.poll_cost,
            },
            threads,
            tasks,
            events,
        }
    }

    fn root(&self) -> Option<TaskId> {
        self.ids.get(self.look.marks.root?).copied()
    }

    fn epoch(&self, tasks: &[Task]) -> Duration {
        let first_poll = || tasks[self.root()?].started;
        let marked = self.look.marks.epoch;
        marked.or_else(first_poll).unwrap_or_default()
    }

    fn task(&mut self, number: u32, spawn: &TraceEvent, tasks: &[Task]) -> Task {
        let spawned = self.spawned.take(number).expect("others are left out");
        let Spawned(_, kind, name, parent, place) = spawned;
        let parent = parent.and_then(|parent| self.ids.get(parent).copied());
        let nameless = || {
            let parent = parent.and_then(|parent| tasks.get(parent));
            let parent = parent.map(|parent| parent.name.as_str());
            nameless(kind, spawn.task, parent)
        };
        Task {
            id: spawn.task,
            name: name.unwrap_or_else(nameless),
            kind,
            parent,
            spawned_at: self.places[place as usize].clone(),
            spawned: spawn.at,
            started: None,
            ended: None,
            end: None,
            polls: 0,
            wakes: 0,
            awaits: Vec::new(),
            sleeps: false,
        }
    }

    fn what(&self, record: &Record, tasks: &[Task]) -> What {
        let other = self.ids.get(record.other).copied();
        let task = |by: fn(TaskId) -> By| other.map_or(By::Outside, by);
        // A runtime may use the waker of a join handle for its own purposes: tokio does, to re-poll
        // a task that has used up its budget.
        let has_ended = |other: &TaskId| tasks.get(*other).is_some_and(|task| task.end.is_some());
        let end = || other.filter(has_ended).map_or(By::Outside, By::EndOf);
        let woken = |by| What::Woken { by };
        let ended = |end| What::Ended { end };
        let started = |span| What::SpanStarted { span };
        match record.kind {
            Kind::Spawned => What::Spawned,
            Kind::PollStarted => What::PollStarted,
            Kind::Pending => What::Suspended,
            Kind::Finished => ended(End::Finished),
            Kind::Failed => ended(End::Failed),
            Kind::Panicked => ended(End::Panicked),
            Kind::Dropped => What::Dropped,
            Kind::WokenByTask => woken(task(By::Task)),
            Kind::WokenByEnd => woken(end()),
            Kind::WokenByTimer => woken(By::Timer),
            Kind::WokenByPipe => woken(By::Pipe),
            Kind::WokenFromOutside => woken(By::Outside),
            Kind::AbortedByTask => What::Aborted { by: task(By::Task) },
            Kind::AbortedFromOutside => What::Aborted { by: By::Outside },
            Kind::BlockStarted => started(SpanKind::Block),
            Kind::SpinStarted => started(SpanKind::Spin),
            Kind::ComputeStarted => started(SpanKind::Compute),
            Kind::SpanEnded => What::SpanEnded,
        }
    }
}

fn late(record: &Record) -> Option<Duration> {
    (record.kind == Kind::WokenByTimer).then(|| Duration::from_micros(record.other.into()))
}

#[cfg(test)]
mod tests;
