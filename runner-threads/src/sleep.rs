//! Waiting for a point in time, on the thread that polls.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};
use std::thread;
use std::time::{Duration, Instant};

use crate::alarm::Alarm;
use crate::park::{Registration, current_parker};

/// Resolves once its deadline has passed, and never before.
///
/// The deadline is fixed when the sleep is made. The thread that polls it keeps
/// it among its own deadlines and looks at them whenever its task waits, so it
/// is late by the time that the thread is busy or blocked. A sleep that moves to
/// another task is kept by that task's thread from its next poll on.
///
/// A sleep can also be polled by a thread that is not this runtime's, such as
/// one inside another executor: then a thread is started that waits for this
/// one deadline, and ends with the sleep. If that thread is refused, by the
/// OS or because a thousand such threads wait already, each poll wakes its task
/// at once: the wait stays correct and uses CPU.
///
/// # Blocking
///
/// A task that calls another crate's `block_on` blocks the one thread that
/// could wake the sleeps inside. `futures::executor::block_on` is recognised and
/// served as a foreign thread; others wait for ever.
#[must_use = "futures do nothing unless polled"]
pub struct Sleep {
    /// `None` lies beyond the last instant that the clock can tell: never.
    deadline: Option<Instant>,
    source: Source,
}

/// The source of a sleep's wake.
enum Source {
    /// None: the sleep was not polled, or polls by waking itself.
    Unregistered,
    /// The thread that polls it, which this crate drives.
    Parker(Registration),
    /// A thread of its own.
    Alarm(Alarm),
}

impl Sleep {
    pub(crate) fn new(duration: Duration) -> Self {
        Sleep {
            deadline: Instant::now().checked_add(duration),
            source: Source::Unregistered,
        }
    }
}

impl Future for Sleep {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let Some(deadline) = self.deadline else {
            return Poll::Pending;
        };
        if Instant::now() >= deadline {
            self.source = Source::Unregistered;
            return Poll::Ready(());
        }
        let source = match (current_parker(), &self.source) {
            (Some(parker), Source::Parker(registration)) if registration.is_with(&parker) => {
                registration.rewake(cx.waker());
                None
            }
            (Some(parker), _) => {
                let registration = Registration::new(parker, deadline, cx.waker());
                Some(Source::Parker(registration))
            }
            (None, Source::Alarm(alarm)) => {
                alarm.rewake(cx.waker());
                None
            }
            (None, _) => Some(foreign(deadline, cx.waker())),
        };
        if let Some(source) = source {
            self.source = source;
        }
        Poll::Pending
    }
}

impl fmt::Debug for Sleep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sleep")
            .field("deadline", &self.deadline)
            .finish_non_exhaustive()
    }
}

fn foreign(deadline: Instant, waker: &Waker) -> Source {
    let alarm = Alarm::start(deadline, waker);
    alarm.map_or_else(
        |_| {
            thread::yield_now();
            waker.wake_by_ref();
            Source::Unregistered
        },
        Source::Alarm,
    )
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;
    use std::sync::{Arc, mpsc};

    use futures::stream::FuturesUnordered;
    use futures::{FutureExt, StreamExt};
    use pollmark_core::{Config, Runner, Runtime};

    use super::*;
    use crate::Threads;
    use crate::alarm::MAX_ALARMS;
    use crate::park::block_on;

    const SHORT: Duration = Duration::from_millis(20);
    const HOUR: Duration = Duration::from_secs(3_600);

    /// Polls `future` once on a thread that this crate drives, and leaves it.
    fn poll_once<F: Future + Unpin>(future: &mut F) -> Poll<F::Output> {
        block_on(poll_fn(|cx| Poll::Ready(future.poll_unpin(cx))))
    }

    #[test]
    fn one_task_holds_ten_thousand_timers() {
        let threads = Threads::build(&Config::default()).unwrap();
        let rt = threads.handle();
        let elapsed = threads.run(
            async move {
                let began = rt.now();
                let mut sleeps: FuturesUnordered<_> = (0..10_000u64)
                    .map(|number| {
                        // Neighbours in creation are far apart in time.
                        let duration = Duration::from_micros(number * 7_919 % 50_000);
                        let made = rt.now();
                        let sleep = rt.sleep(duration);
                        let rt = rt.clone();
                        sleep.map(move |()| assert!(rt.now() - made >= duration, "early"))
                    })
                    .collect();
                while sleeps.next().await.is_some() {}
                rt.now() - began
            },
            None,
        );
        let longest = (0..10_000).map(|number| number * 7_919 % 50_000).max();
        assert!(elapsed.unwrap() >= Duration::from_micros(longest.unwrap()));
    }

    #[test]
    fn dropped_timers_leave_nothing_behind() {
        block_on(async {
            let mut sleeps: Vec<_> = (0..100).map(|_| Sleep::new(HOUR)).collect();
            for sleep in &mut sleeps {
                assert!(sleep.now_or_never().is_none());
            }
            let parker = current_parker().expect("this thread is driven");
            assert_eq!(parker.waiting(), 100);
            drop(sleeps);
            assert_eq!(parker.waiting(), 0);
        });
    }

    #[test]
    fn a_sleep_moves_to_the_thread_that_polls_it() {
        let mut sleep = Sleep::new(SHORT);
        let began = Instant::now();
        let (hand_over, taken) = mpsc::channel();
        let (open, gate) = mpsc::channel::<()>();
        let there = thread::spawn(move || {
            block_on(poll_fn(|cx| {
                assert!(sleep.poll_unpin(cx).is_pending());
                hand_over.send(sleep_out(&mut sleep)).unwrap();
                // Blocked beyond the deadline: only the new thread can serve it.
                gate.recv().unwrap();
                Poll::Ready(())
            }));
        });
        block_on(taken.recv().unwrap());
        assert!(began.elapsed() >= SHORT);
        open.send(()).unwrap();
        there.join().unwrap();
    }

    fn sleep_out(sleep: &mut Sleep) -> Sleep {
        std::mem::replace(sleep, Sleep::new(Duration::ZERO))
    }

    #[test]
    fn a_sleep_outlives_the_thread_that_polled_it() {
        let mut sleep = Sleep::new(SHORT);
        let began = Instant::now();
        let sleep = thread::spawn(move || {
            assert!(poll_once(&mut sleep).is_pending());
            sleep
        });
        block_on(sleep.join().unwrap());
        assert!(began.elapsed() >= SHORT);
    }

    #[test]
    fn a_shared_sleep_survives_the_end_of_its_last_poller() {
        let shared = Sleep::new(SHORT).shared();
        let mut other = shared.clone();
        let mut shared = shared;
        let mut polled_elsewhere = false;
        let began = Instant::now();
        block_on(poll_fn(|cx| {
            let poll = shared.poll_unpin(cx);
            if !std::mem::replace(&mut polled_elsewhere, true) {
                let mut other = other.clone();
                let there = thread::spawn(move || poll_once(&mut other).is_pending());
                assert!(there.join().unwrap());
            }
            poll
        }));
        assert!(began.elapsed() >= SHORT);
        assert!(poll_once(&mut other).is_ready());
    }

    #[test]
    fn a_self_waking_neighbour_does_not_starve_a_sleep() {
        let threads = Threads::build(&Config::default()).unwrap();
        let rt = threads.handle();
        let ended = threads.run(
            async move {
                let busy = rt.clone();
                let busy = async move {
                    loop {
                        busy.yield_now().await;
                    }
                };
                let mut both = FuturesUnordered::new();
                both.push(rt.sleep(SHORT).boxed());
                both.push(busy.boxed());
                both.next().await
            },
            None,
        );
        assert_eq!(ended.unwrap(), Some(()));
    }

    #[test]
    fn foreign_threads_can_sleep() {
        let began = Instant::now();
        futures::executor::block_on(Sleep::new(SHORT));
        assert!(began.elapsed() >= SHORT);
    }

    #[test]
    fn a_task_can_sleep_in_a_foreign_block_on() {
        let began = Instant::now();
        block_on(async { futures::executor::block_on(Sleep::new(SHORT)) });
        assert!(began.elapsed() >= SHORT);
    }

    #[test]
    fn a_foreign_sleep_moves_home() {
        let began = Instant::now();
        let mut sleep = Sleep::new(SHORT);
        assert!((&mut sleep).now_or_never().is_none());
        assert!(matches!(
            sleep.source,
            Source::Alarm(_) | Source::Unregistered
        ));
        block_on(sleep);
        assert!(began.elapsed() >= SHORT);
    }

    #[test]
    fn refused_alarms_poll_instead_and_dropped_ones_end() {
        let mut sleeps: Vec<_> = (0..=MAX_ALARMS).map(|_| Sleep::new(HOUR)).collect();
        for sleep in &mut sleeps {
            assert!(sleep.now_or_never().is_none());
        }
        let refused = |sleep: &Sleep| matches!(sleep.source, Source::Unregistered);
        assert!(sleeps.iter().any(refused));
        let began = Instant::now();
        futures::executor::block_on(Sleep::new(SHORT));
        assert!(began.elapsed() >= SHORT);

        let alarms: Vec<_> = sleeps
            .iter()
            .filter_map(|sleep| match &sleep.source {
                Source::Alarm(alarm) => Some(Arc::downgrade(&alarm.waker)),
                _ => None,
            })
            .collect();
        assert!(!alarms.is_empty());
        drop(sleeps);
        while alarms.iter().any(|alarm| alarm.strong_count() > 0) {
            assert!(began.elapsed() < HOUR / 60, "an alarm outlives its sleep");
            thread::yield_now();
        }
    }

    #[test]
    fn a_sleep_beyond_the_clock_never_ends() {
        let mut sleep = Sleep::new(Duration::MAX);
        assert!(poll_once(&mut sleep).is_pending());
        assert!((&mut sleep).now_or_never().is_none());
    }
}
