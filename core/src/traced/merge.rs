//! From what the threads wrote to a trace: one order, small numbers, whole tasks.

use std::collections::{BTreeSet, HashMap};
use std::time::Duration;

use super::Tracer;
use super::collector::{Recorded, Spawned};
use super::log::{Entry, Kind};
use crate::trace::{
    By, End, Event, Place, Recording, SpanKind, Task, TaskId, TaskKind, Thread, ThreadId, Trace,
    What,
};
use crate::{Clock, Config, RunnerInfo, Speed};

/// What a trace says of its run that nobody records.
#[derive(Debug, Clone)]
pub struct Setting {
    /// Whose time it is.
    pub clock: Clock,
    /// The workers, where there are any to count.
    pub workers: Option<usize>,
    /// The cap on blocking threads, where there is one.
    pub blocking_threads: Option<usize>,
    /// How fast scenario time passes.
    pub speed: Speed,
    /// What recording one poll costs, where it was measured.
    pub poll_cost: Option<Duration>,
}

impl Setting {
    /// What holds for the runner of `info` with `config`; the cost is not measured.
    pub fn of(info: &RunnerInfo, config: &Config, speed: Speed) -> Self {
        let workers = info.effective_workers(config);
        Setting {
            clock: info.clock,
            workers: workers.filter(|_| !config.worker_per_task),
            blocking_threads: config.blocking_threads.map(|threads| threads.get()),
            speed,
            poll_cost: None,
        }
    }
}

impl Tracer {
    /// What was recorded so far, as a trace.
    ///
    /// Best asked for once the runtime has ended: the events of threads that are still
    /// busy then are those that came before the call.
    pub fn trace(&self, setting: &Setting) -> Trace {
        Merge::new(self.recorded()).trace(setting)
    }
}

struct Merge {
    recorded: Recorded,
    /// With the thread that wrote it.
    entries: Vec<(Entry, ThreadId)>,
    spawned: ByNumber<Spawned>,
    /// Tasks in the order in which they were spawned.
    ids: ByNumber<TaskId>,
    missing: u64,
}

impl Merge {
    fn new(recorded: Recorded) -> Self {
        let mut entries = Vec::new();
        let mut spawned = ByNumber::default();
        let mut missing = recorded.lost;
        for (thread, log) in recorded.logs.iter().enumerate() {
            for entry in log.entries() {
                if entry.sequence < recorded.complete_to {
                    entries.push((entry, thread));
                } else {
                    missing += 1;
                }
            }
            for told in log.spawned() {
                spawned.set(told.task, told);
            }
        }
        entries.sort_unstable_by_key(|(entry, _)| (entry.at, entry.sequence));
        let mut ids = ByNumber::default();
        let spawns = entries
            .iter()
            .filter(|(entry, _)| entry.kind == Kind::Spawned);
        for (id, (entry, _)) in spawns.enumerate() {
            ids.set(entry.task, id);
        }
        Merge {
            recorded,
            entries,
            spawned,
            ids,
            missing,
        }
    }

    fn trace(mut self, setting: &Setting) -> Trace {
        let mut tasks: Vec<Task> = Vec::new();
        let mut events = Vec::with_capacity(self.entries.len());
        let mut shutdown_event = None;
        let shutdown = self.recorded.marks.shutdown;
        for (entry, thread) in &self.entries {
            let task = self.ids.get(entry.task).copied();
            let spawned = |task: &TaskId| *task < tasks.len() || entry.kind == Kind::Spawned;
            // An event of a task whose spawn is not known would belong to nobody.
            let Some(task) = task.filter(spawned) else {
                self.missing += 1;
                continue;
            };
            let event = Event {
                at: Duration::from_nanos(entry.at),
                thread: *thread,
                task,
                what: self.what(entry),
            };
            if event.what == What::Spawned {
                tasks.push(self.task(entry.task, &event));
            }
            tasks[event.task].note(&event);
            if shutdown.is_some_and(|(_, from)| entry.sequence > from) {
                shutdown_event.get_or_insert(events.len());
            }
            events.push(event);
        }
        let threads = match setting.clock {
            Clock::Real => self.threads(),
            Clock::Virtual => model_threads(&tasks, &mut events),
        };
        let last = events.last().map(|event| event.at);
        let ended = shutdown.map(|(at, _)| at).filter(|_| self.missing == 0);
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
                limit: self.recorded.limit,
                dropped: self.missing,
                poll_cost: setting.poll_cost,
            },
            threads,
            tasks,
            events,
        }
    }

    fn root(&self) -> Option<TaskId> {
        self.ids.get(self.recorded.marks.root?).copied()
    }

    fn epoch(&self, tasks: &[Task]) -> Duration {
        let first_poll = || tasks[self.root()?].started;
        let marked = self.recorded.marks.epoch;
        marked.or_else(first_poll).unwrap_or_default()
    }

    fn task(&self, number: u32, spawn: &Event) -> Task {
        let known = self.spawned.get(number);
        let kind = known.map_or(TaskKind::Task, |spawned| spawned.kind);
        let nameless = match kind {
            TaskKind::Task => "task",
            TaskKind::Call => "call",
        };
        let name = known.and_then(|spawned| spawned.name.as_ref());
        let place = known.map(|spawned| spawned.place);
        Task {
            id: spawn.task,
            name: name.map_or_else(
                || format!("{nameless} {}", spawn.task),
                |name| name.to_string(),
            ),
            kind,
            parent: known.and_then(|spawned| self.ids.get(spawned.parent?).copied()),
            spawned_at: Place {
                file: place.map_or("", |place| place.file()).to_owned(),
                line: place.map_or(0, |place| place.line()),
            },
            spawned: spawn.at,
            started: None,
            ended: None,
            end: None,
            polls: 0,
            wakes: 0,
        }
    }

    fn what(&self, entry: &Entry) -> What {
        let task =
            |by: fn(TaskId) -> By| self.ids.get(entry.other).map_or(By::Outside, |id| by(*id));
        let woken = |by| What::Woken { by };
        let ended = |end| What::Ended { end };
        let started = |span| What::SpanStarted { span };
        match entry.kind {
            Kind::Spawned => What::Spawned,
            Kind::PollStarted => What::PollStarted,
            Kind::Pending => What::Suspended,
            Kind::Finished => ended(End::Finished),
            Kind::Failed => ended(End::Failed),
            Kind::Panicked => ended(End::Panicked),
            Kind::Dropped => What::Dropped,
            Kind::WokenByTask => woken(task(By::Task)),
            Kind::WokenByEnd => woken(task(By::EndOf)),
            Kind::WokenByTimer => woken(By::Timer),
            Kind::WokenFromOutside => woken(By::Outside),
            Kind::AbortedByTask => What::Aborted { by: task(By::Task) },
            Kind::AbortedFromOutside => What::Aborted { by: By::Outside },
            Kind::BlockStarted => started(SpanKind::Block),
            Kind::SpinStarted => started(SpanKind::Spin),
            Kind::ComputeStarted => started(SpanKind::Compute),
            Kind::SpanEnded => What::SpanEnded,
        }
    }

    fn threads(&self) -> Vec<Thread> {
        let named = |(id, log): (ThreadId, &std::sync::Arc<super::log::Log>)| Thread {
            id,
            name: log.name.clone().unwrap_or_else(|| format!("thread {id}")),
        };
        self.recorded.logs.iter().enumerate().map(named).collect()
    }
}

/// Puts each event on the thread of the model instead of the simulator's: a poll on the
/// lowest worker that is free, a call on the lowest blocking thread. The simulator says
/// how many polls go on at a time, and to its ideal scheduler all workers are alike.
fn model_threads(tasks: &[Task], events: &mut [Event]) -> Vec<Thread> {
    #[derive(Clone, Copy, PartialEq, Eq, Hash)]
    enum Role {
        Clock,
        Worker(usize),
        Blocking(usize),
    }

    let (mut workers, mut blocking) = (Numbers::default(), Numbers::default());
    // The polls that are under way on each of the simulator's threads.
    let mut polls: HashMap<ThreadId, Vec<Role>> = HashMap::new();
    let mut ids: HashMap<Role, ThreadId> = HashMap::new();
    let mut threads = Vec::new();
    for event in events {
        let polls = polls.entry(event.thread).or_default();
        let mut ends = false;
        match event.what {
            What::PollStarted => {
                polls.push(match tasks[event.task].kind {
                    TaskKind::Task => Role::Worker(workers.take()),
                    TaskKind::Call => Role::Blocking(blocking.take()),
                });
            }
            What::Suspended | What::Ended { .. } => ends = true,
            _ => {}
        }
        let role = polls.last().copied().unwrap_or(Role::Clock);
        event.thread = *ids.entry(role).or_insert_with(|| {
            let id = threads.len();
            let name = match role {
                Role::Clock => "clock".to_owned(),
                Role::Worker(number) => format!("worker {number}"),
                Role::Blocking(number) => format!("blocking {number}"),
            };
            threads.push(Thread { id, name });
            id
        });
        if ends {
            match polls.pop() {
                Some(Role::Worker(number)) => workers.give_back(number),
                Some(Role::Blocking(number)) => blocking.give_back(number),
                Some(Role::Clock) | None => {}
            };
        }
    }
    threads
}

/// Something for each task, by the number that it was recorded with.
struct ByNumber<T>(Vec<Option<T>>);

impl<T> ByNumber<T> {
    fn set(&mut self, number: u32, value: T) {
        let index = number as usize;
        if index >= self.0.len() {
            self.0.resize_with(index + 1, || None);
        }
        self.0[index] = Some(value);
    }

    fn get(&self, number: u32) -> Option<&T> {
        self.0.get(number as usize)?.as_ref()
    }
}

impl<T> Default for ByNumber<T> {
    fn default() -> Self {
        ByNumber(Vec::new())
    }
}

/// Numbers from 0, the lowest that is free first.
#[derive(Default)]
struct Numbers {
    free: BTreeSet<usize>,
    /// From here on none was ever taken.
    next: usize,
}

impl Numbers {
    fn take(&mut self) -> usize {
        self.free.pop_first().unwrap_or_else(|| {
            self.next += 1;
            self.next - 1
        })
    }

    fn give_back(&mut self, number: usize) {
        self.free.insert(number);
    }
}
