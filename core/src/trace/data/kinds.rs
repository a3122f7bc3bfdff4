//! The kinds of threads, by what they are seen to poll.

use std::collections::{BTreeSet, HashMap};
use std::time::Duration;

use super::{Task, TaskId, TaskKind, Thread, ThreadId, ThreadKind, TraceEvent, What};

/// A poll that is shorter has hardly lost its worker to another thread.
const SHORT: Duration = Duration::from_millis(10);

/// Finds the kind of each thread. `workers` is the number of those that share the tasks; `None` if
/// each task has a thread.
pub(in crate::trace) fn classify(
    threads: &mut [Thread],
    tasks: &[Task],
    events: &[TraceEvent],
    (root, workers): (Option<TaskId>, Option<usize>),
) {
    // The tasks that each thread polled: none, one, or several.
    let mut polled: Vec<Polled> = vec![Polled::None; threads.len()];
    let mut roots = BTreeSet::new();
    for event in events
        .iter()
        .filter(|event| event.what == What::PollStarted)
    {
        match tasks[event.task].kind {
            TaskKind::Task => polled[event.thread].add(event.task),
            TaskKind::Call => threads[event.thread].kind = ThreadKind::Blocking,
            // Its task is polled around it.
            TaskKind::Future => {}
        }
        if Some(event.task) == root {
            roots.insert(event.thread);
        }
    }
    let polled = polled.into_iter().enumerate();
    let polled = polled.filter(|(_, polled)| *polled != Polled::None);
    let more_than_workers = workers.is_some_and(|workers| {
        polled.clone().count() > workers && are_too_many(workers, tasks, events)
    });
    for (thread, polled) in polled {
        let only_root = roots.len() == 1 && roots.contains(&thread) && polled != Polled::Several;
        threads[thread].kind = match workers.is_none() || only_root && more_than_workers {
            true => ThreadKind::Own,
            false => ThreadKind::Worker,
        };
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Polled {
    None,
    One(TaskId),
    Several,
}

impl Polled {
    fn add(&mut self, task: TaskId) {
        *self = match *self {
            Polled::None => Polled::One(task),
            Polled::One(one) if one == task => Polled::One(one),
            Polled::One(_) | Polled::Several => Polled::Several,
        };
    }
}

/// Whether the threads that polled tasks cannot all have been `workers`, even if each long poll gave
/// its worker to a thread that began to poll meanwhile, as in tokio's `block_in_place`.
fn are_too_many(workers: usize, tasks: &[Task], events: &[TraceEvent]) -> bool {
    // The polls on each thread: where each begins, and the length of those that are not short.
    let mut polls: HashMap<ThreadId, Vec<(usize, Option<usize>)>> = HashMap::new();
    let of_tasks = events.iter().enumerate();
    let of_tasks = of_tasks.filter(|(_, event)| tasks[event.task].kind == TaskKind::Task);
    for (index, event) in of_tasks.clone() {
        let on_thread = polls.entry(event.thread).or_default();
        match event.what {
            What::PollStarted => on_thread.push((index, Some(usize::MAX))),
            What::Suspended | What::Ended { .. } => {
                if let Some((begin, end)) = on_thread.last_mut() {
                    let is_long = event.at.saturating_sub(events[*begin].at) > SHORT;
                    *end = is_long.then_some(index);
                }
            }
            _ => {}
        }
    }
    // The threads that have a worker, each with the number of polls that it has begun.
    let mut holders: HashMap<ThreadId, usize> = HashMap::new();
    let mut begun: HashMap<ThreadId, usize> = HashMap::new();
    for (index, event) in of_tasks.filter(|(_, event)| event.what == What::PollStarted) {
        let count = begun.entry(event.thread).or_default();
        *count += 1;
        holders.insert(event.thread, *count);
        if holders.len() <= workers {
            continue;
        }
        // Of the polls that may have lost it, the one whose thread polls again last: any other
        // choice needs at least as many workers.
        let next = |thread: ThreadId, count: usize| {
            let next = polls[&thread].get(count);
            next.map_or(usize::MAX, |(begin, _)| *begin)
        };
        let may_lose = holders.iter().filter(|(thread, count)| {
            let (_, end) = polls[thread][**count - 1];
            **thread != event.thread && end.is_some_and(|end| end > index)
        });
        let loses = may_lose.max_by_key(|(thread, count)| (next(**thread, **count), **thread));
        let Some(loses) = loses.map(|(thread, _)| *thread) else {
            return true;
        };
        holders.remove(&loses);
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace::data::By;
    use crate::trace::testing::Drawing;

    #[test]
    fn a_worker_beside_a_thread_that_took_one_over_is_not_the_roots_own() {
        for goes_on in [false, true] {
            let mut drawing = Drawing::new(2);
            drawing.poll(0, 0, 0);
            let [gives_way, other] =
                ["gives way", "other"].map(|name| drawing.spawn(0, name, Some(0)));
            drawing.suspend(0, 0);
            drawing.poll(0, 1, gives_way);
            drawing.poll(1, 2, other);
            drawing.suspend(1, other);
            drawing.block(1, 5, gives_way);
            drawing.suspend(5, gives_way);
            if goes_on {
                // Three threads have workers, and no poll is under way that would have lost one.
                drawing.wake(6, gives_way, By::Timer);
                drawing.poll(6, 1, gives_way);
                drawing.suspend(6, gives_way);
            }
            drawing.wake(7, 0, By::Timer);
            drawing.poll(7, 0, 0);
            drawing.end(7, 0);
            let trace = drawing.until(7);
            assert_eq!(trace.validate(), Ok(()));
            let expected = match goes_on {
                true => ThreadKind::Own,
                false => ThreadKind::Worker,
            };
            assert_eq!(trace.threads[0].kind, expected);
        }
    }
}
