//! The work that every side does alike, so that only the runtime's calls differ.

use std::future::{Future, poll_fn};
use std::hint::black_box;
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use futures::channel::mpsc::{Receiver, Sender, channel};
use futures::{SinkExt, StreamExt};

/// Longer than any measurement: a wait that is polled and does not end.
pub(crate) const HOUR: Duration = Duration::from_secs(3600);

/// Tokio lets a task poll 128 times before it makes it yield, after which a
/// wait is not registered at all.
const POLLS_A_TURN: u64 = 64;

/// The number that a task or a call is there to return.
#[inline]
pub(crate) fn number(number: u64) -> u64 {
    black_box(number)
}

/// Panics unless `sum` is that of the numbers below `count`.
pub(crate) fn check_sum(sum: u64, count: u64) {
    assert_eq!(sum, (0..count).sum::<u64>(), "a task's output was lost");
}

/// Polls each of `count` waits once and drops it.
pub(crate) async fn poll_each<F: Future>(count: u64, wait: impl Fn() -> F) {
    for number in 0..count {
        poll_once(wait()).await;
        if number % POLLS_A_TURN == 0 {
            take_a_turn().await;
        }
    }
}

async fn poll_once(wait: impl Future) {
    let mut wait = pin!(wait);
    let ended = poll_fn(|cx| Poll::Ready(wait.as_mut().poll(cx).is_ready())).await;
    assert!(!ended, "an hour has passed");
}

/// A yield that knows no runtime.
async fn take_a_turn() {
    let mut taken = false;
    poll_fn(|cx| {
        if taken {
            return Poll::Ready(());
        }
        taken = true;
        cx.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

/// Two tasks' ends of a pair of channels that hold one message each way.
pub(crate) fn channels() -> (Near, Far) {
    let (there, far_inbox) = channel(0);
    let (back, near_inbox) = channel(0);
    (Near(there, near_inbox), Far(back, far_inbox))
}

/// The end of the task that counts.
pub(crate) struct Near(Sender<u64>, Receiver<u64>);

impl Near {
    /// Sends `count` numbers, each once the one before is back.
    pub(crate) async fn round_trips(mut self, count: u64) {
        let mut sum = 0;
        for number in 0..count {
            self.0.send(number).await.expect("the far end is open");
            sum += self.1.next().await.expect("the far end answers");
        }
        check_sum(sum, count);
    }
}

/// The end of the task that answers.
pub(crate) struct Far(Sender<u64>, Receiver<u64>);

impl Far {
    /// Sends back each number, until the near end is dropped.
    pub(crate) async fn answer(mut self) {
        while let Some(number) = self.1.next().await {
            if self.0.send(number).await.is_err() {
                return;
            }
        }
    }
}
