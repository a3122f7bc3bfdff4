//! The times in which tasks are in flight, as [`Concurrency`](super::axes::Concurrency) defines it.

use super::intervals::{Interval, Level, levels, without};
use super::timeline::{Life, Lives, Period, State};
use crate::trace::data::{By, TaskId, Trace, What};
use crate::trace::nesting::Nesting;

/// The times in which each task is in flight, as a list.
pub(crate) fn in_flight(trace: &Trace, lives: &Lives) -> impl Iterator<Item = Interval> {
    let own = own_times(trace, lives).into_iter();
    own.map(|(_, time)| time)
}

/// The times in which a task is in flight itself, and not the futures inside of it, each with its
/// task, beginning with the last task.
pub(super) fn own_times(trace: &Trace, lives: &Lives) -> Vec<(TaskId, Interval)> {
    let works = works(trace);
    let mut own = Vec::new();
    let mut joins = Vec::new();
    // The times of the futures inside of each task. They come after it in the list.
    let mut inside = vec![Vec::new(); lives.len()];
    for life in lives.iter().rev() {
        find_joins(trace, lives, life, &mut joins);
        let periods = || life.periods.iter().zip(&joins);
        let mut waits = periods().filter(|(period, _)| period.state == State::Waiting);
        let only_joins = joins.contains(&true) && waits.all(|(_, is_join)| *is_join);
        let futures: Vec<Level> = levels(std::mem::take(&mut inside[life.task])).collect();
        let first = own.len();
        if !only_joins || works[life.task] {
            let counted = periods().filter(|(_, is_join)| !**is_join);
            let counted = counted.map(|(period, _)| (period.from, period.to));
            without(counted, &futures, |time| own.push((life.task, time)));
        }
        if let Some(parent) = trace.outer(life.task) {
            let futures = futures.iter().map(|level| (level.from, level.to));
            let own = own[first..].iter().map(|(_, time)| *time);
            inside[parent].extend(own.chain(futures));
        }
    }
    own
}

/// Whether each task computes or blocks in its polls, as far as the program says so.
fn works(trace: &Trace) -> Vec<bool> {
    let mut works = vec![false; trace.tasks.len()];
    let mut polling = Nesting::default();
    for event in &trace.events {
        polling.tell(event);
        if matches!(event.what, What::SpanStarted { .. }) {
            works[event.task] = true;
            polling
                .inside(event)
                .iter()
                .for_each(|future| works[*future] = true);
        }
    }
    works
}

/// Finds, for each period of a life, whether it is a wait for the end of another task. A future is
/// also polled if another one inside of its task was woken: its wait goes on after such a poll.
fn find_joins(trace: &Trace, lives: &Lives, life: Life<'_>, joins: &mut Vec<bool>) {
    joins.clear();
    joins.resize(life.periods.len(), false);
    let mut next = false;
    for (index, period) in life.periods.iter().enumerate().rev() {
        if period.state != State::Waiting {
            continue;
        }
        let is_polled = |end: usize| trace.events[end].what == What::PollStarted;
        next = match period.ended_by {
            Some(end) if is_polled(end) => next,
            _ => is_join(trace, lives, life.task, period),
        };
        joins[index] = next;
    }
}

/// Whether the wait is one for the end of another task.
fn is_join(trace: &Trace, lives: &Lives, task: TaskId, period: &Period) -> bool {
    let Some(end) = period.ended_by else {
        return false;
    };
    match trace.events[end].what {
        What::Woken { by: By::EndOf(_) } => true,
        What::Woken {
            by: By::Task(other),
        } if other != trace.path(task)[0] => {
            // The wake came in its last poll: it ended in that poll, without another state in
            // between.
            let theirs = lives[other].last();
            let ended = trace.tasks[other].ended.is_some();
            ended && theirs.is_some_and(|last| last.is_polled() && last.begun_by < end)
        }
        _ => false,
    }
}

/// The times of each task and of the futures inside of it, each time once for each task.
pub(super) fn with_futures(trace: &Trace, own: &[(TaskId, Interval)]) -> Vec<Interval> {
    let mut of_task = vec![Vec::new(); trace.tasks.len()];
    for (task, time) in own {
        let outwards = std::iter::successors(Some(*task), |inner| trace.outer(*inner));
        of_task[outwards.last().unwrap_or(*task)].push(*time);
    }
    let once = of_task.into_iter().flat_map(levels);
    once.map(|level| (level.from, level.to)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace::analysis::axes::{Axes, Concurrency};
    use crate::trace::testing::Drawing;

    /// `main` joins two named futures: one waits to 4, the other to 10 for a timer, or for the end
    /// of a task.
    fn joined(waits_for_a_task: bool) -> Trace {
        let mut drawing = Drawing::new(1);
        drawing.poll(0, 0, 0);
        let futures = ["one", "two"].map(|name| drawing.future(0, name, 0));
        for future in futures {
            drawing.poll(0, 0, future);
            drawing.suspend(0, future);
        }
        let task = waits_for_a_task.then(|| drawing.spawn(0, "task", Some(0)));
        drawing.suspend(0, 0);
        if let Some(task) = task {
            drawing.poll(0, 0, task);
            drawing.suspend(0, task);
        }
        drawing.wake(4, futures[0], By::Timer);
        drawing.wake(4, 0, By::Timer);
        drawing.poll(4, 0, 0);
        drawing.poll(4, 0, futures[0]);
        drawing.end(4, futures[0]);
        // A join polls both.
        drawing.poll(4, 0, futures[1]);
        drawing.suspend(4, futures[1]);
        drawing.suspend(4, 0);
        let mut by = By::Timer;
        if let Some(task) = task {
            drawing.wake(10, task, By::Timer);
            drawing.poll(10, 0, task);
            drawing.end(10, task);
            by = By::EndOf(task);
        }
        drawing.wake(10, futures[1], by);
        drawing.wake(10, 0, by);
        drawing.poll(10, 0, 0);
        drawing.poll(10, 0, futures[1]);
        drawing.block(10, 12, 0);
        drawing.end(12, futures[1]);
        drawing.end(12, 0);
        let trace = drawing.until(12);
        assert_eq!(trace.validate(), Ok(()));
        trace
    }

    #[test]
    fn named_futures_are_concurrent_in_one_task_and_hold_its_thread_once() {
        let axes = Axes::of(&joined(false), None);
        let expected = Concurrency {
            mean: Some((4.0 + 12.0) / 12.0),
            max: 2,
            max_tasks: 1,
        };
        assert_eq!(axes.concurrency, expected);
        assert_eq!(
            (axes.parallelism.mean, axes.parallelism.max),
            (Some(1.0), 1)
        );
        assert_eq!(axes.blocking.longest_poll.map(|poll| poll.task), Some(0));
        // Those of `main` alone, from its first poll on.
        assert_eq!(axes.blocking.delay.count, 2);
    }

    #[test]
    fn a_named_future_that_waits_for_a_task_counts_once_with_it_also_if_it_is_polled_again() {
        let axes = Axes::of(&joined(true), None);
        let expected = Concurrency {
            mean: Some((4.0 + 10.0 + 2.0) / 12.0),
            max: 2,
            max_tasks: 2,
        };
        assert_eq!(axes.concurrency, expected);
    }
}
