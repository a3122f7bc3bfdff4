//! How concurrent, how parallel and how blocked a run was: three separate figures.

use std::time::Duration;

use serde::Serialize;

use super::blocking::{Blocking, share};
use super::found::Found;
use super::in_flight::{own_times, with_futures};
use super::intervals::{Interval, Levels, clip, levels};
use super::timeline::{Life, Lives};
use crate::trace::data::{TaskKind, Trace};

/// The three axes of a run, over its [`window`](Trace::window).
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Axes {
    /// How many tasks were in flight.
    pub concurrency: Concurrency,
    /// How many of them ran at the same moment, on different threads.
    pub parallelism: Parallelism,
    /// How much they kept each other from running.
    pub blocking: Blocking,
}

/// How many tasks were in flight: begun, not ended, and with work of their own.
///
/// This is the one meaning of "in flight" everywhere:
///
/// - A task counts from its spawn to its end, whether it waits, is ready or is polled. A blocking
///   call counts like a task, and a future with a name
///   ([`Context::named`](crate::Context::named)) from its first poll to its end.
/// - None counts while it waits for the end of another task: that time is the other's. A task that
///   does nothing but such waits never counts. A wait counts as one for the end of another task if
///   that end is seen to finish it: through the other task's handle, if that is still awaited, or by
///   a wake in its last poll. A handle that was dropped ends no wait, even if a runtime keeps its
///   waker.
/// - A task does not count while a named future inside of it does: that time is the future's. The
///   futures of one `join!` are as many waits at once, in one task.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Concurrency {
    /// The mean over the time of the run; null if the run took no time.
    pub mean: Option<f64>,
    /// The most at a time.
    pub max: usize,
    /// The most different tasks at a time: a task and all futures inside of it are one.
    pub max_tasks: usize,
}

/// How many polls and blocking calls overlapped on different threads, whether they used the CPU or
/// merely held their thread: a poll that sleeps keeps a thread from others just as one that
/// computes. The share of CPU tells the two apart.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Parallelism {
    /// The mean over the time in which there was at least one; null if polls took no time, as is
    /// the case for polls that do not block on a virtual clock.
    pub mean: Option<f64>,
    /// The most at a time.
    pub max: usize,
    /// CPU time used divided by the time of the run; null if it was not given, or the run took no
    /// time.
    pub cpu_per_wall: Option<f64>,
}

impl Axes {
    /// Computes the axes from a trace. `cpu` is the CPU time that the process used in the run, if
    /// that was measured.
    pub fn of(trace: &Trace, cpu: Option<Duration>) -> Self {
        Self::of_found(&Found::of(trace), cpu)
    }

    pub(super) fn of_found(analysis: &Found<'_>, cpu: Option<Duration>) -> Self {
        let (trace, lives) = (analysis.trace, &analysis.lives);
        let window = trace.window().unwrap_or_default();
        Axes {
            concurrency: concurrency(trace, lives, window),
            parallelism: parallelism(trace, lives, window, cpu),
            blocking: Blocking::of(analysis, window),
        }
    }
}

fn concurrency(trace: &Trace, lives: &Lives, window: Interval) -> Concurrency {
    let own = own_times(trace, lives);
    let any = !own.is_empty();
    let all = levels(own.iter().rev().filter_map(|(_, time)| clip(*time, window)));
    let all = Sums::of(all, any);
    let total = (window.1 - window.0).as_secs_f64();
    Concurrency {
        mean: (total > 0.0).then(|| all.weight / total),
        max: all.most,
        // Without futures the two are one, also of a million tasks.
        max_tasks: match trace.tasks.iter().any(|task| task.kind == TaskKind::Future) {
            true => {
                let times = with_futures(trace, &own).into_iter();
                let times = times.filter_map(|time| clip(time, window));
                Sums::of(levels(times), any).most
            }
            false => all.most,
        },
    }
}

fn parallelism(
    trace: &Trace,
    lives: &Lives,
    window: Interval,
    cpu: Option<Duration>,
) -> Parallelism {
    // A future is polled on the thread of its task, which is held once.
    let of_task = |life: &Life<'_>| trace.tasks[life.task].kind != TaskKind::Future;
    let lives = || lives.iter().filter(of_task);
    let periods = || lives().flat_map(|life| life.periods);
    let polled = || periods().filter(|period| period.is_polled());
    let levels = levels(polled().filter_map(|period| clip((period.from, period.to), window)));
    let sums = Sums::of(levels, polled().next().is_some());
    Parallelism {
        mean: (sums.length > 0.0).then(|| sums.weight / sums.length),
        max: sums.most,
        cpu_per_wall: cpu.and_then(|cpu| share(Some(cpu), window.1 - window.0)),
    }
}

/// Levels summed up.
struct Sums {
    /// The time that they take, in seconds.
    length: f64,
    /// The same, each level as often as it counts.
    weight: f64,
    /// The highest of them; 1 if there were `any` intervals but all of them took no time, as those
    /// overlap with nothing.
    most: usize,
}

impl Sums {
    fn of(levels: Levels, any: bool) -> Self {
        let mut sums = Sums {
            length: 0.0,
            weight: 0.0,
            most: usize::from(any),
        };
        for level in levels {
            let length = level.length().as_secs_f64();
            sums.length += length;
            sums.weight += level.count as f64 * length;
            sums.most = sums.most.max(level.count);
        }
        sums
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace::analysis::blocking::LongestPoll;
    use crate::trace::data::By;
    use crate::trace::testing::{Drawing, secs, waiter_blocking, waiter_tasks};

    #[test]
    fn waits_overlap_on_one_worker_without_being_parallel() {
        let axes = Axes::of(&waiter_tasks(), Some(secs(4)));
        assert_eq!(
            axes.concurrency,
            Concurrency {
                mean: Some(27.0 / 16.0),
                max: 3,
                max_tasks: 3,
            }
        );
        let expected = Parallelism {
            mean: None,
            max: 1,
            cpu_per_wall: Some(0.25),
        };
        assert_eq!(axes.parallelism, expected);
        assert_eq!(axes.blocking.held, Some(0.0));
        assert_eq!(axes.blocking.delay.max, secs(0));
        // Three first polls, three wakes of cooks, and main's own: woken twice.
        assert_eq!(axes.blocking.delay.count, 8);
    }

    #[test]
    fn blocking_tasks_hold_the_worker_from_each_other() {
        let axes = Axes::of(&waiter_blocking(), None);
        assert_eq!(axes.concurrency.max, 3);
        assert_eq!(
            axes.parallelism,
            Parallelism {
                mean: Some(1.0),
                max: 1,
                cpu_per_wall: None
            }
        );
        let longest = LongestPoll {
            task: 3,
            from: secs(11),
            length: secs(16),
        };
        assert_eq!(axes.blocking.longest_poll, Some(longest));
        // Salad is ready for 8 s, Chops for 11 s, and main from 8 s to 27 s.
        assert_eq!(axes.blocking.held, Some(1.0));
        assert_eq!(axes.blocking.delay.max, secs(19));
        assert_eq!(axes.blocking.delay.p50, secs(8));
        assert_eq!(axes.blocking.delay.mean, secs(38) / 4);
    }

    #[test]
    fn a_task_that_waits_for_itself_first_counts_until_it_joins() {
        let mut drawing = Drawing::new(1);
        drawing.poll(0, 0, 0);
        let child = drawing.spawn(0, "child", Some(0));
        drawing.suspend(0, 0);
        drawing.poll(0, 0, child);
        drawing.suspend(0, child);
        drawing.wake(4, 0, By::Timer);
        drawing.poll(4, 0, 0);
        drawing.suspend(4, 0);
        drawing.wake(10, child, By::Timer);
        drawing.poll(10, 0, child);
        // The child wakes main by a channel when it ends, in its last poll.
        drawing.wake(10, 0, By::Task(child));
        drawing.end(10, child);
        drawing.poll(10, 0, 0);
        drawing.end(10, 0);
        let axes = Axes::of(&drawing.until(10), None);
        assert_eq!(
            axes.concurrency,
            Concurrency {
                mean: Some(1.4),
                max: 2,
                max_tasks: 2,
            }
        );
    }

    #[test]
    fn a_root_that_is_first_polled_when_the_runtime_ends_takes_no_time() {
        let mut drawing = Drawing::new(1);
        let other = drawing.spawn(0, "other", None);
        drawing.poll(0, 0, other);
        drawing.shutdown();
        drawing.end(3, other);
        drawing.poll(4, 0, 0);
        drawing.end(5, 0);
        let trace = drawing.until(5);
        assert_eq!(trace.window(), Some((secs(4), secs(4))));
        assert_eq!(Axes::of(&trace, Some(secs(1))).concurrency.mean, None);
    }

    #[test]
    fn polls_on_two_workers_and_a_call_are_three_at_a_time() {
        let mut drawing = Drawing::new(2);
        drawing.poll(0, 0, 0);
        let other = drawing.spawn(0, "other", Some(0));
        let call = drawing.call(0, "call", 0);
        drawing.poll(1, 1, other);
        drawing.poll(2, 2, call);
        drawing.end(4, call);
        drawing.end(5, other);
        drawing.end(8, 0);
        let axes = Axes::of(&drawing.until(8), None);
        assert_eq!(axes.parallelism.max, 3);
        assert_eq!(axes.parallelism.mean, Some((8.0 + 4.0 + 2.0) / 8.0));
        assert_eq!(axes.blocking.call_delay.max, secs(2));
        // Only `other` was ready while both workers were held, and never at all.
        assert_eq!(axes.blocking.held, Some(0.0));
    }
}
