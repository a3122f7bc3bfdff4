//! The threads of a run by their work: workers, threads of the blocking pool, and a task's own; and
//! names that tell them, and tasks, apart.

use std::collections::{BTreeSet, HashMap};

use super::{TaskId, TaskKind, Thread, ThreadId, ThreadKind, Trace, What};

/// A row of a picture by thread.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ThreadRow {
    /// The thread; `None` for a worker that never polled, of which no more is known.
    pub thread: Option<ThreadId>,
    /// Its work.
    pub kind: ThreadKind,
    /// A name that no other row has and that says its work: `worker 0`, `worker 1 (idle)`,
    /// `blocking (hash)`, `thread of main`.
    pub name: String,
}

impl Trace {
    /// The name of each task, in order; with its id, as in `cook #3`, if several tasks have that
    /// name.
    pub fn task_names(&self) -> Vec<String> {
        let names: Vec<&str> = self.tasks.iter().map(|task| task.name.as_str()).collect();
        told_apart(&names)
    }

    /// The threads that polled a task or ran a call, and the workers that polled nothing, in the
    /// order in which they are best drawn: the workers by their numbers, then threads that tasks
    /// have to themselves, then the blocking pool.
    ///
    /// The number of a worker is the one at the end of its thread's name, if those of all workers
    /// are different numbers below that of the workers; otherwise, the workers are numbered in the
    /// order of their first events.
    pub fn thread_rows(&self) -> Vec<ThreadRow> {
        let of = |kind| {
            self.threads
                .iter()
                .filter(move |thread| thread.kind == kind)
        };
        let row = |thread: &Thread, name| ThreadRow {
            thread: Some(thread.id),
            kind: thread.kind,
            name,
        };
        let workers: Vec<&Thread> = of(ThreadKind::Worker).collect();
        let numbers = self.worker_numbers(&workers);
        let mut rows: Vec<(usize, ThreadRow)> = Vec::new();
        for (thread, number) in workers.into_iter().zip(&numbers) {
            rows.push((*number, row(thread, format!("worker {number}"))));
        }
        let all = 0..self.run.workers.unwrap_or_default();
        let idle = all.filter(|number| !numbers.contains(number));
        let missing = self
            .run
            .workers
            .unwrap_or_default()
            .saturating_sub(numbers.len());
        for number in idle.take(missing) {
            let idle = ThreadRow {
                thread: None,
                kind: ThreadKind::Worker,
                name: format!("worker {number} (idle)"),
            };
            rows.push((number, idle));
        }
        rows.sort_by_key(|(number, _)| *number);
        let mut rows: Vec<ThreadRow> = rows.into_iter().map(|(_, row)| row).collect();
        let ran = self.ran();
        for thread in of(ThreadKind::Own) {
            let name = match ran[thread.id].iter().collect::<Vec<_>>()[..] {
                [task] => format!("thread of {}", self.tasks[*task].name),
                _ => thread.name.clone(),
            };
            rows.push(row(thread, name));
        }
        for thread in of(ThreadKind::Blocking) {
            let name = match ran[thread.id].iter().collect::<Vec<_>>()[..] {
                [call] => format!("blocking ({})", self.purpose(*call)),
                ref calls => format!("blocking ({} calls)", calls.len()),
            };
            rows.push(row(thread, name));
        }
        let names: Vec<&str> = rows.iter().map(|row| row.name.as_str()).collect();
        let names = told_apart(&names);
        for (row, name) in rows.iter_mut().zip(names) {
            row.name = name;
        }
        rows
    }

    /// The name of each thread, in order: that of its [row](Trace::thread_rows), or the thread's
    /// own name if it has no row, with its id if several such threads have that name.
    pub fn thread_names(&self) -> Vec<String> {
        let names = self.threads.iter().map(|thread| thread.name.as_str());
        let mut names = told_apart(&names.collect::<Vec<_>>());
        for row in self.thread_rows() {
            if let Some(thread) = row.thread {
                names[thread] = row.name;
            }
        }
        names
    }

    fn worker_numbers(&self, workers: &[&Thread]) -> Vec<usize> {
        let limit = self.run.workers.unwrap_or_default();
        let told = workers.iter().map(|thread| number_in(&thread.name));
        let told: Option<Vec<usize>> = told.collect();
        let differ = |numbers: &[usize]| {
            numbers.iter().collect::<BTreeSet<_>>().len() == numbers.len()
                && numbers.iter().all(|number| *number < limit)
        };
        let told = told.filter(|numbers| differ(numbers));
        told.unwrap_or_else(|| (0..workers.len()).collect())
    }

    /// The tasks and calls that each thread polled, but for the workers, which may have polled all.
    fn ran(&self) -> Vec<BTreeSet<TaskId>> {
        let mut ran = vec![BTreeSet::new(); self.threads.len()];
        for event in &self.events {
            let is_worker = || self.threads[event.thread].kind == ThreadKind::Worker;
            if event.what == What::PollStarted && !is_worker() {
                ran[event.thread].insert(event.task);
            }
        }
        ran
    }

    /// The name of a call; of a nameless one, that of the task that made it.
    fn purpose(&self, call: TaskId) -> &str {
        let told = &self.tasks[call];
        let maker = told.parent.map(|parent| self.tasks[parent].name.as_str());
        let is_nameless = told.name == nameless(told.kind, call, maker);
        maker.filter(|_| is_nameless).unwrap_or(&told.name)
    }
}

/// The name of a task or call that was given none; of a call, with the name of its `parent`.
pub(in crate::trace) fn nameless(kind: TaskKind, id: TaskId, parent: Option<&str>) -> String {
    match (kind, parent) {
        (TaskKind::Task, _) => format!("task {id}"),
        (TaskKind::Future, _) => format!("future {id}"),
        (TaskKind::Call, None) => format!("call {id}"),
        (TaskKind::Call, Some(parent)) => format!("call {id} ({parent})"),
    }
}

/// The number at the end of a name: 1 for `smol-1`.
fn number_in(name: &str) -> Option<usize> {
    let digits = name.bytes().rev().take_while(u8::is_ascii_digit).count();
    name[name.len() - digits..].parse().ok()
}

/// Each name once: with its place, as in `cook #3`, if there are several of it.
fn told_apart(names: &[&str]) -> Vec<String> {
    let mut counts: HashMap<&str, usize> = HashMap::new();
    for name in names {
        *counts.entry(name).or_default() += 1;
    }
    let numbered = |(id, name): (usize, &&str)| match counts[name] {
        1 => (*name).to_owned(),
        _ => format!("{name} #{id}"),
    };
    names.iter().enumerate().map(numbered).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace::data::kinds::classify;
    use crate::trace::testing::Drawing;

    fn rows(trace: &Trace) -> Vec<(Option<ThreadId>, String)> {
        let rows = trace.thread_rows().into_iter();
        rows.map(|row| (row.thread, row.name)).collect()
    }

    #[test]
    fn only_names_that_several_have_are_numbered() {
        assert_eq!(
            told_apart(&["main", "cook", "waiter", "cook"]),
            ["main", "cook #1", "waiter", "cook #3"]
        );
    }

    /// Two tasks and two calls, one of them nameless, on threads of these names.
    fn kitchen(workers: usize, names: [&str; 4]) -> Trace {
        let mut drawing = Drawing::new(workers);
        drawing.poll(0, 2, 0);
        let cook = drawing.spawn(0, "cook", Some(0));
        let [hash, call] = ["hash", "call 3 (cook)"].map(|name| drawing.call(0, name, cook));
        drawing.suspend(1, 0);
        drawing.poll(1, 0, cook);
        drawing.poll(1, 1, hash);
        drawing.poll(1, 3, call);
        let mut trace = drawing.until(2);
        for (thread, name) in trace.threads.iter_mut().zip(names) {
            thread.name = name.to_owned();
        }
        assert_eq!(trace.validate(), Ok(()));
        trace
    }

    #[test]
    fn workers_come_first_by_their_numbers_and_idle_ones_have_a_row() {
        let expected = [
            (None, "worker 0 (idle)"),
            (Some(2), "worker 1"),
            (Some(0), "worker 2"),
            (Some(1), "blocking (hash)"),
            (Some(3), "blocking (cook)"),
        ];
        let expected = expected.map(|(thread, name)| (thread, name.to_owned()));
        let trace = kitchen(3, ["smol-2", "pool-1", "smol-1", "pool-2"]);
        assert_eq!(rows(&trace), expected);
        // One name for all of them, or numbers that are no workers'.
        for names in [["rt"; 4], ["rt-7", "rt-8", "rt-9", "rt-10"]] {
            let found: Vec<_> = rows(&kitchen(3, names)).into_iter().take(3).collect();
            let expected = [
                (Some(0), "worker 0"),
                (Some(2), "worker 1"),
                (None, "worker 2 (idle)"),
            ];
            assert_eq!(
                found,
                expected.map(|(thread, name)| (thread, name.to_owned()))
            );
        }
    }

    #[test]
    fn a_thread_that_a_task_has_to_itself_is_named_by_it() {
        let mut trace = kitchen(1, ["x"; 4]);
        // Two threads polled tasks, and there is one worker: the root has the other to itself.
        let names = [
            "worker 0",
            "blocking (hash)",
            "thread of main",
            "blocking (cook)",
        ];
        assert_eq!(trace.thread_names(), names);
        let (root, run) = (trace.run.root, &mut trace.threads);
        classify(run, &trace.tasks, &trace.events, (root, None));
        trace.run.workers = None;
        assert_eq!(trace.thread_names()[0], "thread of cook");
        assert_eq!(rows(&trace)[2].1, "blocking (hash)");
    }

    #[test]
    fn several_calls_of_one_thread_are_counted() {
        let mut drawing = Drawing::new(1);
        drawing.poll(0, 0, 0);
        for at in 0..2 {
            for thread in [1, 2] {
                let call = drawing.call(at, "hash", 0);
                drawing.poll(at, thread, call);
                drawing.end(at + 1, call);
            }
        }
        let names = ["worker 0", "blocking (2 calls) #1", "blocking (2 calls) #2"];
        assert_eq!(drawing.until(2).thread_names(), names);
    }
}
