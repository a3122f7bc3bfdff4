//! Counts how often a future is polled.

use std::future::{Future, poll_fn};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The number of polls of a future so far. A clone is another handle to the count.
#[derive(Debug, Clone, Default)]
pub(crate) struct PollCount(Arc<AtomicUsize>);

impl PollCount {
    /// Wraps a future to count each of its polls.
    pub(crate) fn of<F: Future>(
        &self,
        future: F,
    ) -> impl Future<Output = F::Output> + Unpin + use<F> {
        let count = self.0.clone();
        let mut future = Box::pin(future);
        poll_fn(move |cx| {
            count.fetch_add(1, Ordering::SeqCst);
            future.as_mut().poll(cx)
        })
    }

    /// The number of polls so far.
    pub(crate) fn count(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }
}

#[cfg(test)]
mod tests {
    use std::task::{Context, Poll, Waker};

    use futures::FutureExt;

    use super::*;

    #[test]
    fn polls_are_counted_and_making_a_future_is_none() {
        let polls = PollCount::default();
        let mut yields = false;
        let mut future = polls.of(poll_fn(|_| {
            yields = !yields;
            if yields {
                Poll::Pending
            } else {
                Poll::Ready(())
            }
        }));
        assert_eq!(polls.count(), 0);
        let mut cx = Context::from_waker(Waker::noop());
        assert!(future.poll_unpin(&mut cx).is_pending());
        assert!(future.poll_unpin(&mut cx).is_ready());
        assert_eq!(polls.count(), 2);
    }
}
