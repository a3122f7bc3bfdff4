//! The threads of a virtual clock's model, which replace the simulator's own.

use std::collections::{BTreeSet, HashMap};

use crate::trace::data::{Task, TaskKind, Thread, ThreadId, ThreadKind, TraceEvent, What};

/// Moves each event from the simulator's thread to a thread of the model: a poll to the lowest free
/// worker, a call to the lowest free blocking thread, and a future inside of a poll to the thread of
/// that poll. The simulator determines how many polls go on at a time; all workers are alike to its
/// ideal scheduler.
pub(super) fn model_threads(tasks: &[Task], events: &mut [TraceEvent]) -> Vec<Thread> {
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
                    TaskKind::Future => polls.last().copied().unwrap_or(Role::Clock),
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
            let kind = ThreadKind::default();
            threads.push(Thread { id, name, kind });
            id
        });
        if ends {
            let is_inside = tasks[event.task].kind == TaskKind::Future;
            match polls.pop().filter(|_| !is_inside) {
                Some(Role::Worker(number)) => workers.give_back(number),
                Some(Role::Blocking(number)) => blocking.give_back(number),
                Some(Role::Clock) | None => {}
            };
        }
    }
    threads
}

/// Numbers from 0; the lowest free number is handed out first.
#[derive(Default)]
struct Numbers {
    free: BTreeSet<usize>,
    /// From here on, no number was ever taken.
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
