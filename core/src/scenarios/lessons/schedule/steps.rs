//! The recorder of steps: it sees on any runtime the states of tasks that a scheduler knows.
//!
//! A step is one poll. A [`Board`] wraps futures and the wakers that they are polled with, so that
//! every start and end of a poll and every wake tells the board, and the runtime is not asked.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use pin_project_lite::pin_project;

use super::step::{Step, StepEnd, StepStart};
use crate::program::wrapped_waker::WrappedWaker;
use crate::runtime::name::Name;

/// Watches tasks and keeps their steps. A clone is another handle to it.
#[derive(Clone)]
pub(super) struct Board(Arc<Shared>);

struct Shared {
    clock: Box<dyn Fn() -> Duration + Send + Sync>,
    tell: Box<dyn Fn(&Step) + Send + Sync>,
    state: Mutex<State>,
}

impl Board {
    /// A board without tasks that reads the time from `clock`, and hands each step to `tell` when
    /// it is over, on the thread of the poll and under the board's lock.
    pub(super) fn new(
        clock: impl Fn() -> Duration + Send + Sync + 'static,
        tell: impl Fn(&Step) + Send + Sync + 'static,
    ) -> Self {
        Board(Arc::new(Shared {
            clock: Box::new(clock),
            tell: Box::new(tell),
            state: Mutex::default(),
        }))
    }

    /// Puts a future on the board. It counts as ready from now on, like a task that is about to be
    /// spawned, and leaves the board when it ends or is dropped.
    pub(super) fn track<F: Future>(&self, name: impl Into<Name>, future: F) -> Tracked<F> {
        let mut state = self.0.lock();
        let task = state.names.len();
        state.names.push(name.into());
        state.place(task, Some(Standing::Ready));
        Tracked {
            future,
            guard: StepGuard {
                board: self.0.clone(),
                task,
                begun: false,
                waker: WrappedWaker::default(),
            },
        }
    }

    /// The steps so far, in the order in which they ended.
    pub(super) fn steps(&self) -> Vec<Step> {
        self.0.lock().steps.clone()
    }
}

impl fmt::Debug for Board {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Board").field(&self.0.lock().steps).finish()
    }
}

/// The state of a task that has not ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing {
    Ready,
    Running,
    /// Running, and woken since its step began.
    RunningWoken,
    Waiting,
}

#[derive(Default)]
struct State {
    /// By number, in the order in which they were put on the board.
    names: Vec<Name>,
    /// Those that have not ended, in the order of their last change.
    standings: Vec<(usize, Standing)>,
    steps: Vec<Step>,
}

impl State {
    /// Moves a task behind those of its new state; `None` if it has ended.
    fn place(&mut self, task: usize, standing: Option<Standing>) {
        self.standings.retain(|(known, _)| *known != task);
        self.standings.extend(standing.map(|place| (task, place)));
    }

    fn standing(&self, task: usize) -> Option<Standing> {
        let mut standings = self.standings.iter();
        let (_, place) = standings.find(|(known, _)| *known == task)?;
        Some(*place)
    }

    fn those(&self, places: &[Standing]) -> Vec<Name> {
        let there = self.standings.iter();
        there
            .filter(|(_, place)| places.contains(place))
            .map(|(task, _)| self.names[*task].clone())
            .collect()
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn woken(&self, task: usize) {
        let mut state = self.lock();
        match state.standing(task) {
            Some(Standing::Waiting) => state.place(task, Some(Standing::Ready)),
            Some(Standing::Running) => state.place(task, Some(Standing::RunningWoken)),
            Some(Standing::Ready | Standing::RunningWoken) | None => {}
        }
    }

    fn begun(&self, task: usize) {
        self.lock().place(task, Some(Standing::Running));
    }

    fn ended(&self, task: usize, event: StepStart, done: bool) {
        let mut state = self.lock();
        let (then, standing) = match state.standing(task) {
            _ if done => (StepEnd::Done, None),
            Some(Standing::RunningWoken) => (StepEnd::Yields, Some(Standing::Ready)),
            _ => (StepEnd::Waits, Some(Standing::Waiting)),
        };
        state.place(task, standing);
        let step = Step {
            step: format!("T{}", state.steps.len()),
            at: (self.clock)(),
            task: state.names[task].clone(),
            event,
            then,
            ready: state.those(&[Standing::Ready]),
            running: state.those(&[Standing::Running, Standing::RunningWoken]),
            waiting: state.those(&[Standing::Waiting]),
        };
        (self.tell)(&step);
        state.steps.push(step);
    }
}

pin_project! {
    /// A future on a [`Board`].
    pub(super) struct Tracked<F> {
        #[pin]
        future: F,
        guard: StepGuard,
    }
}

impl<F: Future> Future for Tracked<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        let event = this.guard.begin();
        let waker = this.guard.waker(cx.waker());
        let polled = this.future.poll(&mut Context::from_waker(waker));
        this.guard
            .board
            .ended(this.guard.task, event, polled.is_ready());
        polled
    }
}

/// A task's place on the board; dropped, the task has left it.
struct StepGuard {
    board: Arc<Shared>,
    task: usize,
    begun: bool,
    waker: WrappedWaker,
}

impl StepGuard {
    fn begin(&mut self) -> StepStart {
        self.board.begun(self.task);
        match std::mem::replace(&mut self.begun, true) {
            false => StepStart::Starts,
            true => StepStart::Resumes,
        }
    }

    /// A waker that tells the board before it wakes the task.
    fn waker(&mut self, inner: &Waker) -> &Waker {
        let (board, task) = (&self.board, self.task);
        self.waker.around(inner, || {
            let board = board.clone();
            move |inner| {
                board.woken(task);
                inner.wake_by_ref();
            }
        })
    }
}

impl Drop for StepGuard {
    fn drop(&mut self) {
        self.board.lock().place(self.task, None);
    }
}

#[cfg(test)]
mod tests {
    use std::future::{pending, poll_fn};
    use std::pin::pin;

    use futures::channel::oneshot;

    use super::*;

    fn board() -> Board {
        Board::new(|| Duration::from_secs(7), |_| {})
    }

    fn poll(future: Pin<&mut Tracked<impl Future>>) {
        let _ = future.poll(&mut Context::from_waker(Waker::noop()));
    }

    fn lines(board: &Board) -> Vec<String> {
        let told = |step: Step| format!("{} {step}", step.task);
        board.steps().into_iter().map(told).collect()
    }

    #[test]
    fn a_wake_makes_a_waiting_task_ready_and_its_end_takes_it_off() {
        let board = board();
        let (sender, receiver) = oneshot::channel::<()>();
        let mut waiter = pin!(board.track("waiter", receiver));
        let mut caller = pin!(board.track("caller", async { sender.send(()) }));
        poll(waiter.as_mut());
        poll(caller.as_mut());
        poll(waiter.as_mut());
        assert_eq!(
            lines(&board),
            [
                "waiter T0: starts, then waits | ready: caller | waiting: waiter",
                "caller T1: starts, is done | ready: waiter",
                "waiter T2: resumes, is done | nobody is left",
            ]
        );
    }

    #[test]
    fn a_task_woken_in_its_own_step_is_ready_again() {
        let board = board();
        let mut task = pin!(board.track(
            "task",
            poll_fn(|cx| {
                cx.waker().wake_by_ref();
                Poll::<()>::Pending
            })
        ));
        poll(task.as_mut());
        assert_eq!(
            lines(&board),
            ["task T0: starts, is ready again | ready: task"]
        );
    }

    #[test]
    fn a_task_that_is_dropped_leaves_the_board() {
        let board = board();
        let mut stays = pin!(board.track("stays", pending::<()>()));
        let mut goes = Box::pin(board.track("goes", pending::<()>()));
        poll(goes.as_mut());
        drop(goes);
        poll(stays.as_mut());
        assert_eq!(
            lines(&board)[1],
            "stays T1: starts, then waits | waiting: stays"
        );
    }

    #[test]
    fn a_step_under_way_elsewhere_is_seen_as_running() {
        let board = board();
        let mut inner = Box::pin(board.track("inner", pending::<()>()));
        let mut outer = pin!(board.track(
            "outer",
            poll_fn(|_| {
                poll(inner.as_mut());
                Poll::Ready(())
            })
        ));
        poll(outer.as_mut());
        assert_eq!(
            lines(&board)[0],
            "inner T0: starts, then waits | running: outer | waiting: inner"
        );
    }

    #[test]
    fn a_step_serialises_with_its_time_in_nanoseconds() {
        let board = board();
        let mut task = pin!(board.track("task", async {}));
        poll(task.as_mut());
        let json = serde_json::to_value(board.steps()).unwrap();
        let expected = serde_json::json!([{
            "step": "T0", "at_ns": 7_000_000_000_u64, "task": "task", "event": "starts",
            "then": "done", "ready": [], "running": [], "waiting": [],
        }]);
        assert_eq!(json, expected);
    }
}
