//! The note on a run that took longer than its waits: by how much in real time, and why.

use std::time::Duration;

use crate::program::speed::Speed;
use crate::time::seconds;

/// How late a wait on the critical path may end before the run is called late: this share of the
/// wait ...
const LATE_SHARE: f64 = 0.02;

/// ... and this much of real time, for each wait.
const LATE_PER_WAIT: Duration = Duration::from_millis(2);

/// The largest part of a time shown that may be real time that the speed has multiplied.
const MOST_MULTIPLIED: f64 = 0.1;

/// A run beside the time that it must take.
#[derive(Debug, Clone, Copy)]
pub(super) struct Lateness {
    /// The time that it must take, in scenario time.
    pub(super) expected: Duration,
    /// The time that it took, in scenario time.
    pub(super) elapsed: Duration,
    /// The consecutive waits in it.
    pub(super) waits: u32,
    pub(super) speed: Speed,
    /// The CPU time that the process used meanwhile, all threads together; `None` if not known.
    pub(super) cpu: Option<Duration>,
}

impl Lateness {
    /// The note; `None` if the run was not late, and its speed hides nothing.
    ///
    /// The cost of a runtime and the step of its timers are real time, and the speed multiplies
    /// them in the time that is shown. The machine is only blamed for what they do not explain.
    pub(super) fn note(self) -> Option<String> {
        let over = self
            .speed
            .to_runtime(self.elapsed.saturating_sub(self.expected));
        let must = self.speed.to_runtime(self.expected);
        let allowed = must.mul_f64(LATE_SHARE) + LATE_PER_WAIT * self.waits;
        // More than the CPU time that it used is not the cost of the program.
        let own = match self.cpu {
            Some(cpu) if over > allowed && cpu * 2 < over => cpu,
            _ => over,
        };
        let fitting = self.fitting(must, own);
        if over <= allowed && fitting.is_none() {
            return None;
        }
        let used = |cpu| format!("it used {} of CPU time", short(cpu));
        let cause = match self.cpu {
            Some(cpu) if cpu * 2 >= over => used(cpu),
            _ if over <= allowed => "the step of the timers".to_owned(),
            Some(cpu) if fitting.is_some() => format!("the machine was busy, and {}", used(cpu)),
            Some(_) => "the machine was busy".to_owned(),
            None => "its own cost, or a busy machine".to_owned(),
        };
        let advice = fitting.map(|fitting| {
            let (share, speed) = (share(over, must) * 100.0, self.speed.factor());
            format!(
                "; that is {share:.0} % of the time shown: speed {speed} is too high, and \
                 --speed {fitting} fits"
            )
        });
        let (over, expected) = (short(over), seconds(self.expected));
        let advice = advice.unwrap_or_default();
        Some(format!(
            "late: {over} of real time over the {expected} of the program: {cause}{advice}"
        ))
    }

    /// The highest round speed at which `own` of real time is no more than a tenth of the whole, if
    /// it is more at this one; `None` also if there is none, as for a program that takes no time.
    fn fitting(self, must: Duration, own: Duration) -> Option<f64> {
        if self.speed <= Speed::REAL || share(own, must) <= MOST_MULTIPLIED {
            return None;
        }
        let most = self.expected.as_secs_f64() * MOST_MULTIPLIED
            / ((1.0 - MOST_MULTIPLIED) * own.as_secs_f64());
        if !(Speed::MIN..=Speed::MAX).contains(&most) {
            return None;
        }
        let ten = 10_f64.powf(most.log10().floor());
        let rounds = [5.0, 2.0, 1.0].into_iter();
        rounds.map(|round| round * ten).find(|round| *round <= most)
    }
}

/// The part of a time shown that is real time beyond what it must take.
fn share(over: Duration, must: Duration) -> f64 {
    over.as_secs_f64() / (must + over).as_secs_f64()
}

/// To three digits or so: more of them would say nothing.
fn short(time: Duration) -> String {
    let step = match time.as_nanos() {
        ..1_000_000 => 1_000,
        1_000_000..100_000_000 => 10_000,
        _ => 1_000_000,
    };
    let nanos = u64::try_from(time.as_nanos() / step * step).unwrap_or(u64::MAX);
    seconds(Duration::from_nanos(nanos)).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A program of `expected` seconds with `waits` at `speed`, with real times in milliseconds.
    fn note(expected: f64, waits: u32, speed: f64, over: f64, cpu: f64) -> Option<String> {
        let speed = Speed::new(speed).expect("a speed");
        let expected = Duration::from_secs_f64(expected);
        let lateness = Lateness {
            expected,
            elapsed: expected + speed.to_scenario(Duration::from_secs_f64(over / 1e3)),
            waits,
            speed,
            cpu: Some(Duration::from_secs_f64(cpu / 1e3)),
        };
        lateness.note()
    }

    #[test]
    fn the_cost_of_ten_thousand_tasks_is_no_busy_machine() {
        let told = "late: 0.296 s of real time over the 5 s of the program: it used 0.31 s of CPU \
                    time; that is 54 % of the time shown: speed 20 is too high, and --speed 1 fits";
        assert_eq!(note(5.0, 1, 20.0, 296.0, 310.0).as_deref(), Some(told));
        // Nothing is multiplied at the speed that fits.
        let told = "late: 0.296 s of real time over the 5 s of the program: it used 0.31 s of CPU \
                    time";
        assert_eq!(note(5.0, 1, 1.0, 296.0, 310.0).as_deref(), Some(told));
    }

    #[test]
    fn a_step_of_the_timers_is_told_where_the_speed_makes_much_of_it() {
        assert_eq!(note(16.0, 1, 20.0, 1.3, 0.2), None);
        let told = "late: 1.3 ms of real time over the 16 s of the program: the step of the \
                    timers; that is 89 % of the time shown: speed 100000 is too high, and --speed \
                    1000 fits";
        assert_eq!(note(16.0, 1, 100_000.0, 1.3, 0.2).as_deref(), Some(told));
        assert!(note(16.0, 1, 2_000.0, 1.55, 0.2).is_some());
        assert_eq!(note(16.0, 1, 1_000.0, 1.55, 0.2), None);
    }

    #[test]
    fn the_machine_is_blamed_for_the_rest() {
        let told = "late: 0.112 s of real time over the 16 s of the program: the machine was busy";
        assert_eq!(note(16.0, 3, 20.0, 112.0, 2.0).as_deref(), Some(told));
        let told = "late: 0.6 s of real time over the 5 s of the program: the machine was busy, \
                    and it used 0.25 s of CPU time; that is 71 % of the time shown: speed 20 is too \
                    high, and --speed 2 fits";
        assert_eq!(note(5.0, 1, 20.0, 600.0, 250.0).as_deref(), Some(told));
    }

    #[test]
    fn a_program_without_waits_has_no_speed_that_fits() {
        assert_eq!(note(0.0, 1, 20.0, 0.17, 0.1), None);
        let told = note(0.0, 1, 20.0, 30.0, 1.0).expect("it is late");
        assert!(told.ends_with("the machine was busy"), "{told}");
    }

    #[test]
    fn a_speed_that_fits_is_a_round_number() {
        for (over, fits) in [(990.0, "1"), (150.0, "5"), (1.1, "500"), (3_000.0, "0.2")] {
            let told = note(9.0, 1, 1_000.0, over, over).expect("it is too high");
            let end = format!("--speed {fits} fits");
            assert!(told.ends_with(&end), "{told}");
        }
    }
}
