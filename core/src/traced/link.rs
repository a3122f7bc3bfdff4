//! Futures that wake a task for a known reason: a sleep, a pipe, the end of another task.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};

use pin_project_lite::pin_project;

use super::collector::Tracer;
use super::here::Cause;
use super::wakers::Wrapped;

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
    pub(super) fn new(future: F, tracer: &Tracer, cause: Cause) -> Self {
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
        let waker = this.link.waker(cx.waker());
        this.future.poll(&mut Context::from_waker(waker))
    }
}

pub(super) struct Link {
    tracer: Tracer,
    cause: Cause,
    wakers: Wrapped,
}

impl Link {
    pub(super) fn new(tracer: &Tracer, cause: Cause) -> Self {
        Link {
            tracer: tracer.clone(),
            cause,
            wakers: Wrapped::default(),
        }
    }

    /// A waker that names the cause and wakes `inner`.
    pub(super) fn waker(&mut self, inner: &Waker) -> &Waker {
        let (tracer, cause) = (&self.tracer, self.cause);
        self.wakers.around(inner, |inner| {
            let tracer = tracer.clone();
            Waker::from(Arc::new(Bell {
                tracer,
                cause,
                inner,
            }))
        })
    }
}

struct Bell {
    tracer: Tracer,
    cause: Cause,
    inner: Waker,
}

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        let _entered = self.tracer.enter(self.cause);
        self.inner.wake_by_ref();
    }
}
