//! The state of each task at any time.

use std::ops::Index;
use std::time::Duration;

use crate::trace::data::{SpanKind, Task, TaskId, TaskKind, Trace, What};
use crate::trace::nesting::Nesting;

/// The state of a task that has not ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum State {
    /// It can go on and waits for a worker; a blocking call waits for a thread.
    Ready,
    /// It is being polled.
    Running,
    /// It holds its thread inside `block`; a blocking call does so from its beginning to its end.
    Blocking,
    /// It waits for something to happen.
    Waiting,
}

/// A stretch of time in which a task is in one state. On a virtual clock many take no time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period {
    /// When it began.
    pub from: Duration,
    /// When it ended: at the beginning of the next period, or at the task's end.
    pub to: Duration,
    /// The task's state in it.
    pub state: State,
    /// The event that began it, as an index into [`Trace::events`]; that of a named future may be
    /// the beginning or the end of a span of its task.
    pub begun_by: usize,
    /// The event that ended it; `None` if the recording ended first.
    pub ended_by: Option<usize>,
}

impl Period {
    /// A place for a period.
    const NONE: Self = Period {
        from: Duration::ZERO,
        to: Duration::ZERO,
        state: State::Ready,
        begun_by: 0,
        ended_by: None,
    };

    /// The time from its beginning to its end.
    pub fn length(&self) -> Duration {
        self.to - self.from
    }

    /// Whether it holds a thread.
    pub fn is_polled(&self) -> bool {
        matches!(self.state, State::Running | State::Blocking)
    }
}

/// The life of one task, from its spawn to its end or to the end of the recording: its periods
/// follow one another without a gap.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Life<'a> {
    /// The task that lived it.
    pub task: TaskId,
    /// In order.
    pub periods: &'a [Period],
}

/// The lives of all tasks, in the order of [`Trace::tasks`]; indexed by a task, the periods of its
/// life. All of them are in one list, since most of many lives are short.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lives {
    periods: Vec<Period>,
    /// Where the periods of each task begin; one more than there are tasks.
    begins: Vec<usize>,
}

impl Lives {
    /// The life of each task.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = Life<'_>> + ExactSizeIterator + Clone {
        (0..self.len()).map(|task| Life {
            task,
            periods: &self[task],
        })
    }

    /// The number of tasks.
    pub fn len(&self) -> usize {
        self.begins.len() - 1
    }

    /// Whether there is no task.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl Index<TaskId> for Lives {
    type Output = [Period];

    fn index(&self, task: TaskId) -> &[Period] {
        &self.periods[self.begins[task]..self.begins[task + 1]]
    }
}

/// The period in which an event of the trace falls.
pub(crate) fn during(periods: &[Period], event: usize) -> Option<usize> {
    let after = periods.partition_point(|period| period.begun_by <= event);
    after.checked_sub(1)
}

/// The life of each task, in the order of [`Trace::tasks`].
pub fn lives(trace: &Trace) -> Lives {
    // Told twice: how many periods each life has says where the next one begins.
    let mut begins = vec![0; trace.tasks.len() + 1];
    tell(trace, |task, _| begins[task + 1] += 1);
    for task in 0..trace.tasks.len() {
        begins[task + 1] += begins[task];
    }
    let mut ends = begins.clone();
    let mut periods = vec![Period::NONE; ends.last().copied().unwrap_or_default()];
    tell(trace, |task, period| {
        periods[ends[task]] = period;
        ends[task] += 1;
    });
    Lives { periods, begins }
}

/// Tells `hear` the periods of all tasks, those of each one in order.
fn tell(trace: &Trace, mut hear: impl FnMut(TaskId, Period)) {
    let mut stories: Vec<_> = trace.tasks.iter().map(Story::new).collect();
    let mut polling = Nesting::default();
    for (index, event) in trace.events.iter().enumerate() {
        let mut tell = |task: TaskId| {
            let period = stories[task].tell(index, event.at, event.what);
            period.into_iter().for_each(|period| hear(task, period));
        };
        tell(event.task);
        polling.tell(event);
        if matches!(event.what, What::SpanStarted { .. } | What::SpanEnded) {
            // A span is its task's, and holds the thread of the futures polled inside as well.
            polling.inside(event).iter().copied().for_each(tell);
        }
    }
    for (task, mut story) in stories.into_iter().enumerate() {
        let last = story.close(trace.run.until, None);
        last.into_iter().for_each(|period| hear(task, period));
    }
}

/// A life up to an event.
struct Story {
    is_call: bool,
    /// The period that is under way.
    now: Option<(Duration, State, usize)>,
    woken: bool,
    /// The spans that are under way, the innermost last.
    spans: Vec<SpanKind>,
}

impl Story {
    fn new(task: &Task) -> Self {
        Story {
            is_call: task.kind == TaskKind::Call,
            now: None,
            woken: false,
            spans: Vec::new(),
        }
    }

    /// Goes on with an event, and returns the period that it ends, if it ends one.
    fn tell(&mut self, index: usize, at: Duration, what: What) -> Option<Period> {
        let state = self.now.map(|(_, state, _)| state);
        let next = match what {
            What::Spawned => Some(State::Ready),
            What::PollStarted => {
                self.woken = false;
                self.spans.clear();
                Some(self.polled())
            }
            What::SpanStarted { span } => {
                self.spans.push(span);
                Some(self.polled())
            }
            What::SpanEnded => {
                self.spans.pop();
                Some(self.polled())
            }
            What::Woken { .. } if state == Some(State::Waiting) => Some(State::Ready),
            What::Woken { .. } => {
                self.woken = true;
                state
            }
            What::Suspended if self.woken => Some(State::Ready),
            What::Suspended => Some(State::Waiting),
            What::Ended { .. } | What::Dropped => None,
            What::Aborted { .. } => state,
        };
        // Events after the end change nothing: wakers outlive their tasks.
        let ended = state.is_none() && what != What::Spawned;
        if next == state || ended {
            return None;
        }
        let period = self.close(at, Some(index));
        self.now = next.map(|state| (at, state, index));
        period
    }

    fn polled(&self) -> State {
        match self.is_call || self.spans.contains(&SpanKind::Block) {
            true => State::Blocking,
            false => State::Running,
        }
    }

    fn close(&mut self, to: Duration, ended_by: Option<usize>) -> Option<Period> {
        let (from, state, begun_by) = self.now.take()?;
        Some(Period {
            from,
            to,
            state,
            begun_by,
            ended_by,
        })
    }
}

/// The polls of a task: each from its beginning to its end, across any spans inside it.
pub(crate) fn polls(periods: &[Period]) -> impl DoubleEndedIterator<Item = Period> {
    let stretches = periods.chunk_by(|a, b| a.is_polled() && b.is_polled());
    stretches.filter_map(|stretch| {
        let (first, last) = (stretch.first()?, stretch.last()?);
        let whole = Period {
            to: last.to,
            ended_by: last.ended_by,
            ..*first
        };
        first.is_polled().then_some(whole)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace::data::By;
    use crate::trace::testing::Drawing;

    fn told(periods: &[Period]) -> Vec<(State, u64, u64)> {
        let told = periods
            .iter()
            .map(|period| (period.state, period.from.as_secs(), period.to.as_secs()));
        told.collect()
    }

    #[test]
    fn a_life_is_told_without_gaps_and_ends_with_the_task() {
        let mut drawing = Drawing::new(1);
        drawing.poll(1, 0, 0);
        drawing.block(2, 5, 0);
        drawing.suspend(6, 0);
        drawing.wake(9, 0, By::Outside);
        drawing.wake(10, 0, By::Timer);
        drawing.poll(11, 0, 0);
        drawing.wake(12, 0, By::Task(0));
        drawing.suspend(13, 0);
        drawing.poll(14, 0, 0);
        drawing.end(15, 0);
        drawing.wake(16, 0, By::Timer);
        let expected = [
            (State::Ready, 0, 1),
            (State::Running, 1, 2),
            (State::Blocking, 2, 5),
            (State::Running, 5, 6),
            (State::Waiting, 6, 9),
            (State::Ready, 9, 11),
            (State::Running, 11, 13),
            (State::Ready, 13, 14),
            (State::Running, 14, 15),
        ];
        assert_eq!(told(&lives(&drawing.until(20))[0]), expected);
    }

    #[test]
    fn what_has_not_ended_goes_on_to_the_end_of_the_recording() {
        let mut drawing = Drawing::new(1);
        let call = drawing.call(1, "call", 0);
        drawing.poll(2, 1, call);
        drawing.block(3, 4, call);
        let lives = lives(&drawing.until(20));
        assert_eq!(told(&lives[0]), [(State::Ready, 0, 20)]);
        assert_eq!(
            told(&lives[call]),
            [(State::Ready, 1, 2), (State::Blocking, 2, 20)]
        );
        assert_eq!(lives[call][1].ended_by, None);
    }
}
