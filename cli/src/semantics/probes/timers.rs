//! Timers beside a task that computes.
//!
//! The computing task is woken by a timer of its own, like any task that works now and
//! then. If a worker drives the timers, the task therefore runs on that worker: the one
//! that was parked in tokio's driver, while the other is parked on a condition variable,
//! from which only a second ready task would wake it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use anyhow::Result;
use nix::time::{ClockId, clock_gettime};

use crate::semantics::answer::Answer;
use crate::semantics::observe::VALUE;
use crate::semantics::question::Info;
use crate::semantics::side::{Owns, Setup, Spawns};

/// When the computing task wakes up; every worker is parked long before.
const WAKES: Duration = Duration::from_millis(30);

/// The length of the sleep that is watched.
const SLEEP: Duration = Duration::from_millis(80);

/// The least time between the wake of the computing task and the end of the other's sleep.
/// If it were less, both might be woken together, and a second ready task wakes a second worker.
const MARGIN: Duration = Duration::from_millis(20);

/// The CPU time for which the task computes unless it sees that the sleep has ended: much
/// longer than the sleep. On a busy machine the other threads get their turns meanwhile.
const WORK: Duration = Duration::from_millis(200);

/// The most real time that the computing may take. A thread that gets less of a core than
/// this says nothing about the timers: the threads that drive them may have got as little.
const AT_THE_MOST: Duration = Duration::from_secs(1);

/// The number of rounds that must agree to be the answer: a busy machine can make any sleep
/// late, and any worker park late.
const AGREE: usize = 2;

/// The number of void rounds at which the probe gives up. A round is void if it began too
/// late or took too long.
const VOID: usize = 5;

pub(super) const TIMER_BESIDE_WORK: Info = Info {
    id: "timer-beside-work",
    title: "Do timers fire while a task computes and another worker is idle?",
    why: "A heartbeat or a timeout that stands still while one task computes does \
          not guard against that task; a second worker need not help it.",
    how: "On two workers two tasks sleep. The first to be woken computes until the \
          sleep of the other, of 80 ms, is seen to have ended, for 200 ms of CPU \
          time at the most. What two rounds agree in is the answer; one in which \
          that takes more than 1 s says nothing. No other probe runs beside it.",
    // One that computes, and one that is idle.
    workers: 2,
    needs_quiet: true,
    ..Info::PLAIN
};

pub(crate) fn beside_work<O: Owns>(setup: Setup) -> Result<Answer> {
    if O::ONE_WORKER {
        let reason = "it has one worker, which the task holds";
        return Ok(Answer::not_applicable(reason));
    }
    let owner = O::start(setup)?;
    let (mut rounds, mut void) = (Vec::new(), 0);
    loop {
        match owner.main(round(owner.spawner()))? {
            Some(round) => rounds.push(round),
            None => void += 1,
        }
        if let Some(answer) = answer(&rounds) {
            return Ok(answer);
        }
        anyhow::ensure!(
            void < VOID,
            "the machine is too busy: {VOID} rounds began too late or took too long"
        );
    }
}

/// The answer that enough rounds agree on, once they do.
fn answer(rounds: &[Round]) -> Option<Answer> {
    let fired = rounds.iter().filter(|round| round.meanwhile).count();
    let held = rounds.len() - fired;
    let answer = match (fired, held) {
        (AGREE, _) => Answer::seen("yes"),
        (_, AGREE) => Answer::seen("no, only when it has ended"),
        _ => return None,
    };
    let latest = rounds.iter().map(|round| round.late).max();
    Some(answer.detail(format!(
        "a sleep of {SLEEP:?} was {:.1?} late at the most; in {held} of {} rounds it ended only \
         after the task had",
        latest.unwrap_or_default(),
        rounds.len()
    )))
}

struct Round {
    /// Whether the sleeper was seen to wake up while the other task computed.
    meanwhile: bool,
    late: Duration,
}

/// The sleeper's report: when its sleep should end, and when it did.
#[derive(Clone, Default)]
struct Sleeper(Arc<Mutex<(Option<Instant>, Option<Instant>)>>);

impl Sleeper {
    fn tell(&self) -> MutexGuard<'_, (Option<Instant>, Option<Instant>)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn sleeps(self, spawner: impl Spawns) -> u32 {
        self.tell().0 = Some(Instant::now() + SLEEP);
        spawner.sleep(SLEEP).await;
        self.tell().1 = Some(Instant::now());
        VALUE
    }

    /// Computes until the sleeper is seen to be awake, or should have been long ago. Returns
    /// whether it was seen, or `None` if it is too late to begin or takes too long.
    fn is_seen_by_who_computes(&self) -> Option<bool> {
        let due = self.tell().0?;
        if Instant::now() + MARGIN > due {
            return None;
        }
        computes_until(|| self.tell().1.is_some(), WORK, AT_THE_MOST)
    }
}

/// Computes until `seen`, for `work` of CPU time at most. Returns whether it was seen, or
/// `None` if that takes longer than `limit`.
fn computes_until(seen: impl Fn() -> bool, work: Duration, limit: Duration) -> Option<bool> {
    let (begun, end) = (Instant::now(), cpu_time() + work);
    loop {
        if seen() {
            return Some(true);
        }
        if begun.elapsed() > limit {
            return None;
        }
        if cpu_time() >= end {
            return Some(false);
        }
        std::hint::spin_loop();
    }
}

/// The CPU time that the calling thread has used so far.
fn cpu_time() -> Duration {
    clock_gettime(ClockId::CLOCK_THREAD_CPUTIME_ID)
        .map(Duration::from)
        .expect("POSIX systems have a CPU clock per thread")
}

/// Returns `None` if the computing began too late to tell, or took too long.
async fn round<S: Spawns>(spawner: S) -> Option<Round> {
    let sleeper = Sleeper::default();
    let sleeping = spawner.spawn(sleeper.clone().sleeps(spawner.clone()));
    let seen = Arc::new(Mutex::new(None));
    let (tells, watched, own) = (Arc::clone(&seen), sleeper.clone(), spawner.clone());
    let computing = spawner.spawn(async move {
        own.sleep(WAKES).await;
        let meanwhile = watched.is_seen_by_who_computes();
        *tells.lock().unwrap_or_else(PoisonError::into_inner) = meanwhile;
        VALUE
    });
    computing.await;
    sleeping.await;
    let meanwhile = (*seen.lock().unwrap_or_else(PoisonError::into_inner))?;
    let (due, awake) = *sleeper.tell();
    let late = awake?.saturating_duration_since(due?);
    Some(Round { meanwhile, late })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(rounds: &[bool]) -> Option<Answer> {
        let round = |meanwhile: &bool| Round {
            meanwhile: *meanwhile,
            late: Duration::from_millis(match meanwhile {
                true => 1,
                false => 150,
            }),
        };
        answer(&rounds.iter().map(round).collect::<Vec<_>>())
    }

    #[test]
    fn who_gets_too_little_of_a_core_says_nothing() {
        let (no, long) = (Duration::ZERO, Duration::from_secs(3600));
        assert_eq!(computes_until(|| true, no, no), Some(true));
        assert_eq!(computes_until(|| false, no, long), Some(false));
        assert_eq!(computes_until(|| false, long, no), None);
    }

    #[test]
    fn two_rounds_that_agree_are_an_answer() {
        let text = |rounds: &[bool]| told(rounds).and_then(|answer| answer.answer);
        let no = "no, only when it has ended";
        assert_eq!(text(&[true; 2]).as_deref(), Some("yes"));
        assert_eq!(text(&[false; 2]).as_deref(), Some(no));
        assert_eq!(text(&[false, true]), None);
        let most = told(&[false, true, false]).unwrap();
        assert_eq!(most.answer.as_deref(), Some(no));
        assert_eq!(
            most.detail.as_deref(),
            Some(
                "a sleep of 80ms was 150.0ms late at the most; in 2 of 3 rounds it ended only \
                 after the task had"
            )
        );
    }
}
