//! A recorded task: its polls, wakes and end.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use pin_project_lite::pin_project;

use super::current::{self, Entered, WakeCause};
use super::log::Kind;
use super::tracer::Tracer;
use crate::program::wrapped_waker::WrappedWaker;
use crate::runtime::Runtime;

pin_project! {
    /// A task's future, with its polls recorded.
    pub(super) struct Polled<F, R>
    where
        R: Runtime,
    {
        #[pin]
        future: F,
        // Dropped after the future, so that the end is recorded once the future is gone.
        recorder: TaskRecorder<R>,
    }
}

impl<F, R: Runtime> Polled<F, R> {
    pub(super) fn new(future: F, recorder: TaskRecorder<R>) -> Self {
        Polled { future, recorder }
    }
}

impl<F: Future, R: Runtime> Future for Polled<F, R> {
    type Output = F::Output;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        let mut turn = this.recorder.begin();
        let polled = this
            .future
            .poll(&mut Context::from_waker(turn.waker(cx.waker())));
        turn.end(polled.is_ready());
        polled
    }
}

/// Records the polls and the end of one task or blocking call. If it is dropped before that end,
/// the drop is the end.
pub(super) struct TaskRecorder<R: Runtime> {
    runtime: R,
    tracer: Tracer,
    task: u32,
    wakers: WrappedWaker,
    ended: bool,
}

impl<R: Runtime> TaskRecorder<R> {
    pub(super) fn new(runtime: R, tracer: Tracer, task: u32) -> Self {
        TaskRecorder {
            runtime,
            tracer,
            task,
            wakers: WrappedWaker::default(),
            ended: false,
        }
    }

    #[inline]
    fn record(&self, kind: Kind) {
        let stamp = self.tracer.stamp(&self.runtime);
        self.tracer.record(stamp, kind, self.task);
    }

    /// Begins a poll, or the call itself.
    #[inline]
    pub(super) fn begin(&mut self) -> Turn<'_, R> {
        self.record(Kind::PollStarted);
        let entered = self.tracer.enter(WakeCause::Task(self.task));
        Turn {
            recorder: self,
            entered,
            over: false,
        }
    }

    /// Begins a poll of a named future, inside of the poll of its task.
    pub(super) fn begin_inside(&mut self) -> Turn<'_, R> {
        self.record(Kind::PollStarted);
        let entered = current::enter_future(self.task);
        Turn {
            recorder: self,
            entered,
            over: false,
        }
    }
}

impl<R: Runtime> Drop for TaskRecorder<R> {
    fn drop(&mut self) {
        if !self.ended {
            self.record(Kind::Dropped);
        }
    }
}

/// A poll that is under way; if it is dropped before [`end`](Turn::end), the poll has panicked.
pub(super) struct Turn<'a, R: Runtime> {
    recorder: &'a mut TaskRecorder<R>,
    entered: Entered,
    over: bool,
}

impl<R: Runtime> Turn<'_, R> {
    /// The task's own waker, with its wakes recorded.
    #[inline]
    pub(super) fn waker(&mut self, inner: &Waker) -> &Waker {
        let TaskRecorder {
            runtime,
            tracer,
            task,
            wakers,
            ..
        } = &mut *self.recorder;
        wakers.around(inner, || {
            let (runtime, tracer, task) = (runtime.clone(), tracer.clone(), *task);
            move |inner| {
                tracer.record_wake(tracer.stamp(&runtime), || runtime.now(), task);
                inner.wake_by_ref();
            }
        })
    }

    #[inline]
    pub(super) fn end(self, ready: bool) {
        let kind = match ready {
            false => Kind::Pending,
            true if self.entered.failed() => Kind::Failed,
            true => Kind::Finished,
        };
        self.end_by(kind);
    }

    #[inline]
    pub(super) fn end_by(mut self, kind: Kind) {
        self.over = true;
        self.recorder.ended = kind != Kind::Pending;
        self.recorder.record(kind);
    }
}

impl<R: Runtime> Drop for Turn<'_, R> {
    fn drop(&mut self) {
        if !self.over {
            self.recorder.ended = true;
            self.recorder.record(Kind::Panicked);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;
    use std::time::Duration;

    use super::*;
    use crate::program::speed::Speed;
    use crate::runtime::JoinHandle;
    use crate::runtime::join_error::JoinError;
    use crate::runtime::runner_info::Clock;
    use crate::trace::data::{By, Trace, What};
    use crate::trace::record::runtime::Traced;
    use crate::trace::record::setting::Setting;
    use crate::trace::record::tracer::Tracer;

    /// A runtime with a clock that stands still, on which nothing ever runs.
    #[derive(Clone)]
    struct Still;

    type Never<T> = std::future::Pending<Result<T, JoinError>>;

    impl<T: Send + 'static> JoinHandle<T> for Never<T> {
        fn abort(self) {}

        fn cancel(self) -> impl Future<Output = Result<T, JoinError>> + Send {
            self
        }
    }

    impl Runtime for Still {
        type JoinHandle<T: Send + 'static> = Never<T>;
        type BlockingHandle<T: Send + 'static> = Never<T>;
        type Sleep = std::future::Pending<()>;

        fn spawn<F>(&self, _: F) -> Never<F::Output>
        where
            F: Future + Send + 'static,
            F::Output: Send + 'static,
        {
            std::future::pending()
        }

        fn spawn_blocking<T, F>(&self, _: F) -> Never<T>
        where
            T: Send + 'static,
            F: FnOnce() -> T + Send + 'static,
        {
            std::future::pending()
        }

        fn sleep(&self, _: Duration) -> Self::Sleep {
            std::future::pending()
        }

        async fn yield_now(&self) {}

        fn now(&self) -> Duration {
            Duration::from_secs(7)
        }
    }

    fn traced() -> Traced<Still> {
        Traced::new(Still, Tracer::new(Clock::Virtual, 1_000))
    }

    fn trace(traced: &Traced<Still>) -> Trace {
        traced.tracer().trace(&Setting {
            clock: Clock::Real,
            workers: None,
            blocking_threads: None,
            speed: Speed::REAL,
            poll_cost: None,
        })
    }

    fn events(traced: &Traced<Still>) -> Vec<What> {
        trace(traced)
            .events
            .iter()
            .map(|event| event.what)
            .collect()
    }

    #[test]
    fn a_task_is_told_from_its_spawn_to_its_drop_with_who_woke_it() {
        let traced = traced();
        let mut future = Box::pin(traced.root(poll_fn(|cx| {
            cx.waker().wake_by_ref();
            Poll::<()>::Pending
        })));
        let polled = future
            .as_mut()
            .poll(&mut Context::from_waker(Waker::noop()));
        assert!(polled.is_pending());
        drop(future);
        let expected = [
            What::Spawned,
            What::PollStarted,
            What::Woken { by: By::Task(0) },
            What::Suspended,
            What::Dropped,
        ];
        assert_eq!(events(&traced), expected);
        assert_eq!(trace(&traced).tasks[0].name, "main");
    }

    #[test]
    fn a_panic_is_an_end_and_no_drop() {
        let traced = traced();
        let mut future = Box::pin(traced.root(poll_fn(|_| -> Poll<()> {
            std::panic::resume_unwind(Box::new(()))
        })));
        let poll = std::panic::AssertUnwindSafe(|| {
            let _ = future
                .as_mut()
                .poll(&mut Context::from_waker(Waker::noop()));
        });
        assert!(std::panic::catch_unwind(poll).is_err());
        drop(future);
        let end = crate::trace::data::End::Panicked;
        let expected = [What::Spawned, What::PollStarted, What::Ended { end }];
        assert_eq!(events(&traced), expected);
    }

    #[test]
    fn the_tasks_of_another_recording_are_strangers() {
        let (outer, inner) = (traced(), traced());
        let strange = inner.clone();
        let mut future = Box::pin(outer.root(async move {
            drop(strange.spawn(async {}));
        }));
        let polled = future
            .as_mut()
            .poll(&mut Context::from_waker(Waker::noop()));
        assert!(polled.is_ready());
        assert_eq!(trace(&inner).tasks[0].parent, None);
        assert_eq!(trace(&outer).tasks.len(), 1);
    }
}
