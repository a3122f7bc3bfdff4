//! The future that a context spawns: the scenario's own future, watched by a sink.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use pin_project_lite::pin_project;

use crate::program::sink::{Ending, Watch};

pin_project! {
    /// Polls `future` under `watch`. With the null sink it is just the future: the same size, and
    /// the same code after inlining. (An `async` block instead would hold the future twice:
    /// rust-lang/rust#62958.)
    #[derive(Debug)]
    pub(crate) struct Watched<F, W, J> {
        #[pin]
        future: F,
        // Dropped after the future, so that a cancel is recorded once the future is gone.
        watch: W,
        judge: J,
    }
}

/// Watches `future`; `judge` derives from its output how it ended.
pub(crate) fn watched<F, W, J>(future: F, watch: W, judge: J) -> Watched<F, W, J>
where
    F: Future,
    W: Watch,
    J: Fn(&F::Output) -> Ending,
{
    Watched {
        future,
        watch,
        judge,
    }
}

impl<F, W, J> Future for Watched<F, W, J>
where
    F: Future,
    W: Watch,
    J: Fn(&F::Output) -> Ending,
{
    type Output = F::Output;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        this.watch.poll_future(this.future, cx, &*this.judge)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::program::sink::Null;

    #[test]
    fn the_null_sink_adds_no_byte_to_a_task() {
        let future = std::future::pending::<[u64; 9]>;
        let plain = size_of_val(&future());
        let task = watched(future(), Null, |_| Ending::Finished);
        assert_eq!(size_of_val(&task), plain);
    }
}
