//! Checks that a trace is one that could have been recorded.

use std::time::Duration;

use super::data::summary::Summary;
use super::data::{By, TaskId, TaskKind, ThreadId, Trace, What};
use super::nesting::Nesting;

/// The reason why a trace could not have been recorded.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Unsound {
    /// It refers to a task that it does not list.
    #[error("it speaks of task {0}, which it does not list")]
    UnknownTask(TaskId),
    /// It refers to a thread that it does not list.
    #[error("it speaks of thread {0}, which it does not list")]
    UnknownThread(ThreadId),
    /// The run ends after the last event.
    #[error("its run ends at event {0}, which it does not list")]
    UnknownEvent(usize),
    /// An event is earlier than the one before it, or lies past the end.
    #[error("event {0} is out of order")]
    OutOfOrder(usize),
    /// An event that is impossible for its task: before its spawn, after its end, or for a poll
    /// that is not under way or already is.
    #[error("event {0} cannot happen to its task")]
    Impossible(usize),
    /// Two polls overlap on one thread, and the inner one is not that of a named future.
    #[error("event {0} begins a poll inside of another on the same thread")]
    Overlap(usize),
    /// The cause of an event is a task that is not being polled at that moment, or the end of a
    /// task that has not ended.
    #[error("event {0} has a cause that cannot be")]
    Uncaused(usize),
    /// The summary of a task does not follow from its events.
    #[error("what is said of task {0} is not what happened to it")]
    Misjudged(TaskId),
    /// Scenario time cannot pass at such a speed.
    #[error("scenario time does not pass at {0} times the speed of the run")]
    Speed(f64),
}

impl Trace {
    /// Checks that the trace is one that could have been recorded: tasks and threads exist, events
    /// are in order, each task lives once, and no thread polls two tasks at a time, only named
    /// futures inside of one. The analyses take this for granted and may panic otherwise, so check a
    /// trace that comes from elsewhere.
    ///
    /// # Errors
    ///
    /// The first fault that is found.
    pub fn validate(&self) -> Result<(), Unsound> {
        self.check_tasks()?;
        if !(self.run.speed.is_finite() && self.run.speed > 0.0) {
            return Err(Unsound::Speed(self.run.speed));
        }
        let mut standings = vec![Standing::Unspawned; self.tasks.len()];
        let mut polling = Nesting::default();
        let mut last = Duration::ZERO;
        for (index, event) in self.events.iter().enumerate() {
            self.known(event.task)?;
            let by = match event.what {
                What::Woken { by } | What::Aborted { by } => by,
                _ => By::Outside,
            };
            if let By::Task(other) | By::EndOf(other) = by {
                self.known(other)?;
            }
            if event.thread >= self.threads.len() {
                return Err(Unsound::UnknownThread(event.thread));
            }
            let polled = polling.on(event.thread);
            if event.at < last || event.at > self.run.until {
                return Err(Unsound::OutOfOrder(index));
            }
            last = event.at;
            if event.late.is_some() && by != By::Timer {
                return Err(Unsound::Impossible(index));
            }
            let is_caused = match by {
                By::Task(other) => polled.contains(&other),
                By::EndOf(other) => standings[other] == Standing::Ended,
                By::Timer | By::Pipe | By::Outside => true,
            };
            if !is_caused {
                return Err(Unsound::Uncaused(index));
            }
            let may_nest = self.tasks[event.task].kind == TaskKind::Future;
            match event.what {
                What::PollStarted if !polled.is_empty() && !may_nest => {
                    return Err(Unsound::Overlap(index));
                }
                What::Suspended | What::Ended { .. } if polled.last() != Some(&event.task) => {
                    return Err(Unsound::Impossible(index));
                }
                _ => polling.tell(event),
            }
            let standing = &mut standings[event.task];
            let next = standing.after(event.what);
            *standing = next.ok_or(Unsound::Impossible(index))?;
        }
        self.check_summaries()
    }

    /// Checks that the summaries of the tasks agree with their events.
    fn check_summaries(&self) -> Result<(), Unsound> {
        let mut told = vec![Summary::default(); self.tasks.len()];
        for event in &self.events {
            told[event.task].note(event);
        }
        let mut pairs = self.tasks.iter().zip(&told);
        match pairs.find(|(task, told)| task.summary() != **told) {
            Some((task, _)) => Err(Unsound::Misjudged(task.id)),
            None => Ok(()),
        }
    }

    fn check_tasks(&self) -> Result<(), Unsound> {
        let listed = self.tasks.iter().enumerate();
        let misplaced = listed.filter(|(index, task)| *index != task.id);
        if let Some((_, task)) = misplaced.into_iter().next() {
            return Err(Unsound::UnknownTask(task.id));
        }
        let parents = self.tasks.iter().filter_map(|task| task.parent);
        let awaited = self.tasks.iter().flat_map(|task| task.awaits.clone());
        parents
            .chain(awaited)
            .chain(self.run.root)
            .try_for_each(|task| self.known(task))?;
        match self.run.shutdown_event {
            Some(event) if event >= self.events.len() => Err(Unsound::UnknownEvent(event)),
            _ => Ok(()),
        }
    }

    fn known(&self, task: TaskId) -> Result<(), Unsound> {
        match task < self.tasks.len() {
            true => Ok(()),
            false => Err(Unsound::UnknownTask(task)),
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Standing {
    Unspawned,
    Suspended,
    Polled,
    Ended,
}

impl Standing {
    /// The standing of a task after an event; `None` if that event cannot happen to it.
    fn after(self, what: What) -> Option<Standing> {
        match (what, self) {
            (What::Spawned, Standing::Unspawned) => Some(Standing::Suspended),
            (What::PollStarted, Standing::Suspended) => Some(Standing::Polled),
            (What::Suspended, Standing::Polled) => Some(Standing::Suspended),
            (What::Ended { .. }, Standing::Polled) => Some(Standing::Ended),
            (What::Dropped, Standing::Suspended) => Some(Standing::Ended),
            (What::SpanStarted { .. } | What::SpanEnded, Standing::Polled) => Some(self),
            // Wakers and handles outlive their tasks.
            (What::Woken { .. } | What::Aborted { .. }, _) if self != Standing::Unspawned => {
                Some(self)
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace::testing::{Drawing, waiter_blocking, waiter_tasks};

    #[test]
    fn traces_that_can_be_are_sound() {
        assert_eq!(waiter_tasks().validate(), Ok(()));
        assert_eq!(waiter_blocking().validate(), Ok(()));
    }

    #[test]
    fn what_cannot_be_is_found() {
        let spoilt = |spoil: fn(&mut Trace)| {
            let mut trace = waiter_tasks();
            spoil(&mut trace);
            trace.validate().expect_err("it cannot be")
        };
        assert_eq!(
            spoilt(|trace| trace.events[3].task = 9),
            Unsound::UnknownTask(9)
        );
        assert_eq!(
            spoilt(|trace| trace.tasks[1].parent = Some(7)),
            Unsound::UnknownTask(7)
        );
        assert_eq!(
            spoilt(|trace| trace.threads.clear()),
            Unsound::UnknownThread(0)
        );
        let late = |trace: &mut Trace| trace.run.shutdown_event = Some(99);
        assert_eq!(spoilt(late), Unsound::UnknownEvent(99));
        let early = |trace: &mut Trace| trace.events[14].at = Duration::ZERO;
        assert_eq!(spoilt(early), Unsound::OutOfOrder(14));
        let twice = |trace: &mut Trace| trace.events[6].what = What::Spawned;
        assert_eq!(spoilt(twice), Unsound::Impossible(6));
        let backwards = |trace: &mut Trace| trace.tasks[2].ended = Some(Duration::ZERO);
        assert_eq!(spoilt(backwards), Unsound::Misjudged(2));
        let late = |trace: &mut Trace| trace.tasks[1].spawned = Duration::from_secs(1);
        assert_eq!(spoilt(late), Unsound::Misjudged(1));
        let late = |trace: &mut Trace| trace.events[6].late = Some(Duration::ZERO);
        assert_eq!(spoilt(late), Unsound::Impossible(6));
        let stopped = |trace: &mut Trace| trace.run.speed = 0.0;
        assert_eq!(spoilt(stopped), Unsound::Speed(0.0));
    }

    #[test]
    fn nobody_is_woken_by_who_sleeps_or_by_the_end_of_who_goes_on() {
        for (by, expected) in [
            (By::Task(1), Err(Unsound::Uncaused(3))),
            (By::EndOf(1), Err(Unsound::Uncaused(3))),
            (By::Task(0), Ok(())),
        ] {
            let mut drawing = Drawing::new(1);
            drawing.spawn(0, "other", Some(0));
            drawing.poll(0, 0, 0);
            drawing.wake(0, 0, by);
            assert_eq!(drawing.until(1).validate(), expected, "{by:?}");
        }
    }

    #[test]
    fn two_polls_on_one_thread_do_not_overlap() {
        let mut drawing = Drawing::new(1);
        drawing.poll(0, 0, 0);
        let other = drawing.spawn(0, "other", Some(0));
        drawing.poll(1, 0, other);
        assert_eq!(drawing.until(2).validate(), Err(Unsound::Overlap(3)));
    }

    #[test]
    fn a_named_future_is_polled_inside_of_its_tasks_poll_and_suspends_before_it() {
        let inside = |is_closed: bool| {
            let mut drawing = Drawing::new(1);
            drawing.poll(0, 0, 0);
            let future = drawing.future(0, "future", 0);
            drawing.poll(0, 0, future);
            drawing.wake(1, 0, By::Task(0));
            if is_closed {
                drawing.suspend(1, future);
            }
            drawing.suspend(1, 0);
            drawing.until(2).validate()
        };
        assert_eq!(inside(true), Ok(()));
        assert_eq!(inside(false), Err(Unsound::Impossible(5)));
    }
}
