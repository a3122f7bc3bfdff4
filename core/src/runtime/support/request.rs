//! Requests that a runtime makes late, and the contract at the call.

use std::future::poll_fn;
use std::task::{Context, Poll, Waker};

/// Polls `poll` once by this call, then as often as the future that is returned is polled.
///
/// For `cancel`: smol and async-std request the end of a task when their own future is
/// first polled, and the contract wants it requested by the call. The first poll gets a
/// waker that does nothing, which the next one replaces.
///
/// # Panics
///
/// Passes on a panic of `poll`.
///
/// # Cancellation
///
/// The request stands when the future is dropped unpolled.
pub fn requested_now<T: Send>(
    mut poll: impl FnMut(&mut Context<'_>) -> Poll<T> + Send,
) -> impl Future<Output = T> + Send {
    let requested = poll(&mut Context::from_waker(Waker::noop()));
    async {
        match requested {
            Poll::Ready(output) => output,
            Poll::Pending => poll_fn(poll).await,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_request_is_made_by_the_call_and_the_outcome_awaited() {
        let mut polls = 0;
        let mut request = |_: &mut Context<'_>| {
            polls += 1;
            if polls < 3 {
                return Poll::Pending;
            }
            Poll::Ready(polls)
        };
        let mut future = std::pin::pin!(requested_now(&mut request));
        let mut cx = Context::from_waker(Waker::noop());
        assert!(future.as_mut().poll(&mut cx).is_pending());
        assert_eq!(future.as_mut().poll(&mut cx), Poll::Ready(3));
    }

    #[test]
    fn an_outcome_that_is_there_at_the_request_is_given() {
        let future = requested_now(|_| Poll::Ready(7));
        assert_eq!(futures::executor::block_on(future), 7);
    }
}
