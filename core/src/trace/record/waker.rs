//! Futures that wake a task for a known reason: a sleep, a pipe, the end of another task.

use std::future::{Future, poll_fn};
use std::io;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use pin_project_lite::pin_project;

use super::current::WakeCause;
use super::tracer::Tracer;
use crate::program::wrapped_waker::WrappedWaker;
use crate::runtime::pipe::ReadByte;

pin_project! {
    /// Polls `future` with a waker that names the cause of its wakes. The cause survives
    /// combinators between the future and the task, even though these have wakers of their own.
    pub(super) struct Linked<F> {
        #[pin]
        future: F,
        link: Link,
    }
}

impl<F> Linked<F> {
    pub(super) fn new(future: F, tracer: &Tracer, cause: WakeCause) -> Self {
        let link = Link::new(tracer, cause);
        Linked { future, link }
    }

    /// The future, and the link with which another future can take its place.
    pub(super) fn into_parts(self) -> (F, Link) {
        (self.future, self.link)
    }

    pub(super) fn from_parts(future: F, link: Link) -> Self {
        Linked { future, link }
    }
}

impl<F: Future> Future for Linked<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        // Before the poll, since the wake that ends the wait may come in it.
        this.link.begin_wait();
        let waker = this.link.waker(cx.waker());
        let polled = this.future.poll(&mut Context::from_waker(waker));
        if polled.is_ready() {
            this.link.end_wait();
        }
        polled
    }
}

pub(super) struct Link {
    tracer: Tracer,
    cause: WakeCause,
    wakers: WrappedWaker,
    /// The number under which the tracer knows the future.
    number: u64,
    /// Whether the future was polled and has not ended.
    waits: bool,
    /// Dropped with the link. A runtime may keep the waker for longer: smol does, for a handle that
    /// was dropped. Its wakes then end no wait for the cause.
    is_awaited: Arc<()>,
}

impl Link {
    pub(super) fn new(tracer: &Tracer, cause: WakeCause) -> Self {
        Link {
            tracer: tracer.clone(),
            cause,
            wakers: WrappedWaker::default(),
            number: tracer.waits().number(),
            waits: false,
            is_awaited: Arc::default(),
        }
    }

    fn begin_wait(&mut self) {
        if let Some(task) = self.tracer.current() {
            self.waits = true;
            self.tracer.waits().begin(self.number, (task, self.cause));
        }
    }

    fn end_wait(&mut self) {
        self.waits = false;
        self.tracer.waits().end(self.number);
    }

    /// A waker that names the cause and wakes `inner`.
    pub(super) fn waker(&mut self, inner: &Waker) -> &Waker {
        let (tracer, cause, number) = (&self.tracer, self.cause, self.number);
        self.wakers.around(inner, || {
            let tracer = tracer.clone();
            let is_awaited = Arc::downgrade(&self.is_awaited);
            move |inner| {
                tracer.waits().end(number);
                let _entered = tracer.enter(match is_awaited.strong_count() {
                    0 => WakeCause::Outside,
                    _ => cause,
                });
                inner.wake_by_ref();
            }
        })
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        if self.waits {
            self.end_wait();
        }
    }
}

/// The pipe `P`: a wake by its reactor is attributed to the pipe.
pub(super) struct TracedPipe<P> {
    pipe: P,
    link: Link,
}

impl<P> TracedPipe<P> {
    pub(super) fn new(pipe: P, tracer: &Tracer) -> Self {
        let link = Link::new(tracer, WakeCause::Pipe);
        TracedPipe { pipe, link }
    }
}

impl<P: ReadByte> ReadByte for TracedPipe<P> {
    async fn read_byte(&mut self) -> io::Result<Option<u8>> {
        let mut read = pin!(self.pipe.read_byte());
        poll_fn(|cx| {
            self.link.begin_wait();
            let waker = self.link.waker(cx.waker());
            let polled = read.as_mut().poll(&mut Context::from_waker(waker));
            if polled.is_ready() {
                self.link.end_wait();
            }
            polled
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    use std::panic::Location;
    use std::task::Wake;
    use std::time::Duration;

    use super::*;
    use crate::program::speed::Speed;
    use crate::runtime::runner_info::Clock;
    use crate::trace::data::{By, TaskKind, What};
    use crate::trace::record::setting::Setting;
    use crate::trace::record::tracer::ticks::Stamp;

    fn stamp(tracer: &Tracer, at: u64) -> Stamp {
        Stamp {
            at,
            order: tracer.next(),
        }
    }

    /// Wakes task 0.
    struct Root(Tracer);

    impl Wake for Root {
        fn wake(self: Arc<Self>) {
            let now = Duration::from_nanos(2);
            self.0.record_wake(stamp(&self.0, 2), || now, 0);
        }
    }

    #[test]
    fn a_wake_by_what_is_no_longer_awaited_comes_from_outside() {
        let tracer = Tracer::new(Clock::Virtual, 100);
        let place = Location::caller();
        let spawn = || tracer.spawn(stamp(&tracer, 0), TaskKind::Task, None, place);
        assert_eq!(spawn(), 0);
        let due = WakeCause::Timer {
            earliest: 1,
            due: 1,
        };
        let mut link = Link::new(&tracer, due);
        let waker = Waker::from(Arc::new(Root(tracer.clone())));
        let waker = link.waker(&waker).clone();
        waker.wake_by_ref();
        drop(link);
        waker.wake();
        let trace = tracer.trace(&Setting {
            clock: Clock::Virtual,
            workers: None,
            blocking_threads: None,
            speed: Speed::REAL,
            poll_cost: None,
        });
        let woken = trace.events[1..].iter().map(|event| event.what);
        let expected = [By::Timer, By::Outside].map(|by| What::Woken { by });
        assert_eq!(woken.collect::<Vec<_>>(), expected);
    }
}
