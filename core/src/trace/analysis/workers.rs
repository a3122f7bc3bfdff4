//! Whether a long poll kept its worker, or another thread took the worker over meanwhile.

use std::time::Duration;

use super::timeline::Period;
use crate::runtime::runner_info::Clock;
use crate::trace::data::{TaskKind, Trace, What};

/// A poll longer than this keeps other tasks waiting for longer than they should.
pub(crate) const LONG_POLL: Duration = Duration::from_millis(10);

/// The fate of a poll's worker while the poll went on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    /// The poll held it, as far as the events show.
    Held,
    /// The thread of the poll never polled again, while others did: it may have lost its worker.
    Unknown,
    /// Another thread took it over: more threads than workers polled.
    TakenOver,
}

/// The beginnings of the polls of tasks in the run, by thread.
#[derive(Debug)]
pub(crate) struct WorkerThreads<'a> {
    trace: &'a Trace,
    /// For each thread, the events that began its polls.
    polls: Vec<Vec<usize>>,
}

impl<'a> WorkerThreads<'a> {
    pub(crate) fn of(trace: &'a Trace) -> Self {
        let mut polls = vec![Vec::new(); trace.threads.len()];
        for (index, event) in trace.events_of_the_run().iter().enumerate() {
            let is_task = trace.tasks[event.task].kind == TaskKind::Task;
            if is_task && event.what == What::PollStarted {
                polls[event.thread].push(index);
            }
        }
        WorkerThreads { trace, polls }
    }

    /// The fate of the worker on whose thread `poll` began. A poll that is not long has hardly lost
    /// it. A runtime gives a worker to another thread only if the poll asks for it, as tokio's
    /// `block_in_place` does.
    pub(crate) fn fate(&self, poll: &Period) -> Fate {
        // On a virtual clock none is given away.
        let may_lose_it = poll.length() > LONG_POLL && self.trace.run.clock == Clock::Real;
        let (Some(workers), true) = (self.trace.run.workers, may_lose_it) else {
            return Fate::Held;
        };
        let thread = self.trace.events[poll.begun_by].thread;
        let own = &self.polls[thread];
        let next = own
            .get(own.partition_point(|poll_| *poll_ <= poll.begun_by))
            .copied();
        let others = || {
            let others = self.polls.iter().enumerate();
            others
                .filter(|(other, _)| *other != thread)
                .map(|(_, polls)| polls)
        };
        // The number of the other threads that began a poll before this one began its next.
        let meanwhile = others().filter(|polls| {
            let first = polls.get(polls.partition_point(|other| *other < poll.begun_by));
            first.is_some_and(|first| next.is_none_or(|next| *first < next))
        });
        let went_on =
            |end: usize| others().any(|polls| polls.last().is_some_and(|last| *last > end));
        match () {
            () if meanwhile.count() >= workers => Fate::TakenOver,
            () if next.is_some() => Fate::Held,
            () if poll.ended_by.is_some_and(went_on) => Fate::Unknown,
            () => Fate::Held,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace::analysis::timeline::lives;
    use crate::trace::analysis::timeline::polls;
    use crate::trace::data::ThreadId;
    use crate::trace::testing::Drawing;

    /// The fate of the worker of `hog`, which is polled on thread 0 from 0 to 5; other tasks are
    /// polled on these threads at these times.
    fn fate(workers: usize, others: &[(u64, ThreadId)]) -> Fate {
        let mut drawing = Drawing::new(workers);
        let hog = drawing.spawn(0, "hog", None);
        drawing.poll(0, 0, hog);
        let mut over = false;
        for &(at, thread) in others {
            if at > 5 && !over {
                drawing.end(5, hog);
                over = true;
            }
            drawing.poll(at, thread, 0);
            drawing.suspend(at, 0);
        }
        if !over {
            drawing.end(5, hog);
        }
        let mut trace = drawing.until(9);
        trace.run.clock = Clock::Real;
        let hog = polls(&lives(&trace)[hog]).next().expect("it was polled");
        WorkerThreads::of(&trace).fate(&hog)
    }

    #[test]
    fn a_worker_is_taken_over_if_more_threads_than_workers_poll() {
        assert_eq!(fate(1, &[(1, 1)]), Fate::TakenOver);
        assert_eq!(fate(1, &[(6, 1)]), Fate::TakenOver);
        assert_eq!(fate(2, &[(1, 1), (2, 2)]), Fate::TakenOver);
        assert_eq!(fate(2, &[(1, 1), (6, 2)]), Fate::TakenOver);
        // The thread has become a worker again.
        assert_eq!(fate(1, &[(1, 1), (6, 0)]), Fate::TakenOver);
    }

    #[test]
    fn a_worker_is_held_if_its_thread_goes_on_or_no_other_does() {
        for others in [&[][..], &[(6, 0)], &[(1, 1)], &[(1, 1), (6, 0), (7, 2)]] {
            assert_eq!(fate(2, others), Fate::Held, "{others:?}");
        }
        assert_eq!(fate(2, &[(1, 1), (6, 1)]), Fate::Unknown);
    }
}
