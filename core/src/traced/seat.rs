//! A task as the tracer sees it: its polls, its wakes, its end.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};

use pin_project_lite::pin_project;

use super::Traced;
use super::here::{Cause, Entered};
use super::log::Kind;
use crate::Runtime;

pin_project! {
    /// A task's future, whose polls are recorded.
    pub(super) struct Polled<F, R>
    where
        R: Runtime,
    {
        #[pin]
        future: F,
        // Dropped after the future, so that its end is recorded once it is true.
        seat: Seat<R>,
    }
}

impl<F, R: Runtime> Polled<F, R> {
    pub(super) fn new(future: F, seat: Seat<R>) -> Self {
        Polled { future, seat }
    }
}

impl<F: Future, R: Runtime> Future for Polled<F, R> {
    type Output = F::Output;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        this.seat.prepare_waker(cx.waker());
        let turn = this.seat.begin();
        let polled = this.future.poll(&mut Context::from_waker(turn.waker()));
        turn.end(polled.is_ready());
        polled
    }
}

/// Records what becomes of one task or blocking call; dropped before its end, it is
/// the task's end.
pub(super) struct Seat<R: Runtime> {
    traced: Traced<R>,
    task: u32,
    /// The waker that the task was last polled with, and ours around it. Ours is used
    /// again where it would do the same, as wakers are compared by those who keep them.
    wakers: Option<(Waker, Waker)>,
    ended: bool,
}

impl<R: Runtime> Seat<R> {
    pub(super) fn new(traced: Traced<R>, task: u32) -> Self {
        Seat {
            traced,
            task,
            wakers: None,
            ended: false,
        }
    }

    #[inline]
    fn prepare_waker(&mut self, inner: &Waker) {
        if let Some((last, _)) = &self.wakers
            && last.will_wake(inner)
        {
            return;
        }
        let bell = Arc::new(Bell {
            traced: self.traced.clone(),
            task: self.task,
            inner: inner.clone(),
        });
        self.wakers = Some((inner.clone(), Waker::from(bell)));
    }

    /// A poll begins, or the call itself.
    #[inline]
    pub(super) fn begin(&mut self) -> Turn<'_, R> {
        self.traced.record(Kind::PollStarted, self.task);
        let entered = self.traced.tracer().enter(Cause::Task(self.task));
        Turn {
            seat: self,
            entered,
            over: false,
        }
    }
}

impl<R: Runtime> Drop for Seat<R> {
    fn drop(&mut self) {
        if !self.ended {
            self.traced.record(Kind::Dropped, self.task);
        }
    }
}

/// A poll that is under way; dropped before [`end`](Turn::end) it has panicked.
pub(super) struct Turn<'a, R: Runtime> {
    seat: &'a mut Seat<R>,
    entered: Entered,
    over: bool,
}

impl<R: Runtime> Turn<'_, R> {
    fn waker(&self) -> &Waker {
        let (_, ours) = self.seat.wakers.as_ref().expect("it was prepared");
        ours
    }

    #[inline]
    pub(super) fn end(mut self, ready: bool) {
        self.over = true;
        let kind = match ready {
            false => Kind::Pending,
            true if self.entered.failed() => Kind::Failed,
            true => Kind::Finished,
        };
        self.seat.ended = ready;
        self.seat.traced.record(kind, self.seat.task);
    }
}

impl<R: Runtime> Drop for Turn<'_, R> {
    fn drop(&mut self) {
        if !self.over {
            self.seat.ended = true;
            self.seat.traced.record(Kind::Panicked, self.seat.task);
        }
    }
}

/// Records a wake before it wakes the task.
struct Bell<R> {
    traced: Traced<R>,
    task: u32,
    inner: Waker,
}

impl<R: Runtime> Wake for Bell<R> {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        let at = self.traced.runtime().now();
        self.traced.tracer().record_wake(at, self.task);
        self.inner.wake_by_ref();
    }
}
