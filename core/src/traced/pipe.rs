//! Pipes with wakes that are recorded as such.

use std::future::{Future, poll_fn};
use std::io;
use std::pin::pin;
use std::task::Context;

use super::collector::Tracer;
use super::here::Cause;
use super::link::Link;
use crate::runtime::pipe::ReadByte;

/// The pipe `P`: a wake by its reactor is attributed to the pipe.
pub(super) struct TracedPipe<P> {
    pipe: P,
    link: Link,
}

impl<P> TracedPipe<P> {
    pub(super) fn new(pipe: P, tracer: &Tracer) -> Self {
        let link = Link::new(tracer, Cause::Pipe);
        TracedPipe { pipe, link }
    }
}

impl<P: ReadByte> ReadByte for TracedPipe<P> {
    async fn read_byte(&mut self) -> io::Result<Option<u8>> {
        let mut read = pin!(self.pipe.read_byte());
        poll_fn(|cx| {
            let waker = self.link.waker(cx.waker());
            read.as_mut().poll(&mut Context::from_waker(waker))
        })
        .await
    }
}
