//! The time limit of a child, in the time in which this process was there to wait.

use std::time::{Duration, Instant};

/// A wait that takes this much longer than asked means that this process stood still meanwhile,
/// as after Ctrl-Z, or had no core.
const ABSENT: Duration = Duration::from_millis(100);

/// The time after its deadline for which a child that says something all the while is still heard:
/// what it wrote in time may be read late.
const LATE: Duration = Duration::from_secs(5);

/// The time for which a child is waited for. The time in which this process did not run does
/// not count.
#[derive(Debug)]
pub(crate) struct Patience {
    given: Duration,
    deadline: Instant,
    /// The last time at which this process is known to have run.
    seen: Instant,
}

impl Patience {
    pub(crate) fn of(given: Duration) -> Self {
        let seen = Instant::now();
        Patience {
            given,
            deadline: seen + given,
            seen,
        }
    }

    pub(crate) fn left(&self) -> Duration {
        self.deadline.saturating_duration_since(Instant::now())
    }

    pub(crate) fn is_over(&self) -> bool {
        self.left().is_zero()
    }

    pub(crate) fn is_long_over(&self) -> bool {
        Instant::now() >= self.deadline + LATE
    }

    /// Tells that this process has waited, for `asked` if it was not kept from running.
    pub(crate) fn waited(&mut self, asked: Duration) {
        self.waited_until(Instant::now(), asked);
    }

    fn waited_until(&mut self, now: Instant, asked: Duration) {
        let more = now.duration_since(self.seen).saturating_sub(asked);
        if more > ABSENT {
            self.deadline += more;
        }
        self.seen = now;
    }

    /// Begins anew.
    pub(crate) fn renew(&mut self) {
        *self = Patience::of(self.given);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_of_a_stopped_command_does_not_count() {
        let mut patience = Patience::of(Duration::from_secs(10));
        let (begun, asked) = (patience.seen, Duration::from_millis(20));
        let deadline = patience.deadline;
        // The waits of a busy machine take somewhat longer.
        patience.waited_until(begun + 3 * asked, asked);
        assert_eq!(patience.deadline, deadline);
        let hour = Duration::from_secs(3600);
        patience.waited_until(begun + 4 * asked + hour, asked);
        assert_eq!(patience.deadline, deadline + hour);
        patience.waited_until(begun + 5 * asked + hour, asked);
        assert_eq!(patience.deadline, deadline + hour);
    }
}
