//! The sink of a recorded run: tells the recorder which futures have names, and which tasks failed.

use std::fmt;
use std::future::Future;
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll};

use super::current;
use super::log::Kind;
use super::polled::TaskRecorder;
use super::runtime::Traced;
use crate::program::sink::{Ending, Sink, Watch};
use crate::runtime::Runtime;
use crate::runtime::name::Name;

/// The sink `S`, for a run on a [`Traced`] runtime.
#[derive(Debug, Clone)]
pub(crate) struct NamedSink<S, R> {
    sink: S,
    traced: Traced<R>,
}

impl<S, R> NamedSink<S, R> {
    pub(crate) fn new(sink: S, traced: Traced<R>) -> Self {
        NamedSink { sink, traced }
    }
}

impl<S: Sink, R: Runtime> Sink for NamedSink<S, R> {
    type Watch = NamedWatch<S::Watch, R>;

    fn watch(&self, name: &Name) -> Self::Watch {
        NamedWatch {
            watch: self.sink.watch(name),
            future: None,
        }
    }

    #[track_caller]
    fn watch_named(&self, name: &Name) -> Self::Watch {
        NamedWatch {
            watch: self.sink.watch_named(name),
            future: Some(NamedFuture {
                traced: self.traced.clone(),
                name: name.clone(),
                place: Location::caller(),
                recorder: None,
            }),
        }
    }

    fn note(&self, line: &dyn fmt::Display) {
        self.sink.note(line);
    }
}

/// The watch `W`, over a task or a call, or over a named future, which is recorded.
pub(crate) struct NamedWatch<W, R: Runtime> {
    watch: W,
    future: Option<NamedFuture<R>>,
}

struct NamedFuture<R: Runtime> {
    traced: Traced<R>,
    name: Name,
    place: &'static Location<'static>,
    /// From the first poll on: a future does nothing before, and belongs to no task.
    recorder: Option<TaskRecorder<R>>,
}

impl<R: Runtime> NamedFuture<R> {
    fn recorder(&mut self) -> Option<&mut TaskRecorder<R>> {
        if self.recorder.is_none() {
            self.recorder = self.traced.future(&self.name, self.place);
        }
        self.recorder.as_mut()
    }
}

impl<W: Watch, R: Runtime> Watch for NamedWatch<W, R> {
    fn poll<T>(&mut self, poll: impl FnOnce() -> T) -> T {
        current::nested(|| self.watch.poll(poll))
    }

    fn poll_future<F: Future>(
        &mut self,
        future: Pin<&mut F>,
        cx: &mut Context<'_>,
        judge: impl FnOnce(&F::Output) -> Ending,
    ) -> Poll<F::Output> {
        let NamedWatch { watch, future: own } = self;
        let mut ending = None;
        let judge = |output: &F::Output| *ending.insert(judge(output));
        let recorder = own.as_mut().and_then(NamedFuture::recorder);
        let polled = match recorder.map(TaskRecorder::begin_inside) {
            None => current::nested(|| watch.poll_future(future, cx, judge)),
            Some(mut turn) => {
                let waker = turn.waker(cx.waker());
                let polled = watch.poll_future(future, &mut Context::from_waker(waker), judge);
                turn.end_by(match ending {
                    None => Kind::Pending,
                    Some(Ending::Finished) => Kind::Finished,
                    Some(Ending::Failed) => Kind::Failed,
                });
                polled
            }
        };
        if ending == Some(Ending::Failed) {
            current::fail();
        }
        polled
    }

    fn finish(&mut self, ending: Ending) {
        if ending == Ending::Failed {
            current::fail();
        }
        self.watch.finish(ending);
    }
}
