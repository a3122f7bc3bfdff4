//! CPU time of the calling thread.

use std::hint::black_box;
use std::time::Duration;

use nix::time::{ClockId, clock_gettime};

/// Rounds between two reads of the clock: short beside the microsecond or so that a read costs, so
/// that `spin` ends within a few microseconds of its mark.
const ROUNDS: u32 = 2_000;

/// CPU time that the calling thread has used so far.
pub(crate) fn thread_time() -> Duration {
    clock_gettime(ClockId::CLOCK_THREAD_CPUTIME_ID)
        .map(Duration::from)
        .expect("POSIX systems have a CPU clock per thread")
}

/// Keeps the calling thread busy until it has used `duration` of CPU time.
pub(crate) fn spin(duration: Duration) {
    let end = thread_time() + duration;
    while thread_time() < end {
        let mut x = 1u32;
        for round in 0..ROUNDS {
            x = black_box(x.wrapping_mul(31).wrapping_add(round));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spin_uses_the_cpu_it_was_asked_for() {
        let asked = Duration::from_millis(5);
        let before = thread_time();
        spin(asked);
        assert!(thread_time() - before >= asked);
    }
}
