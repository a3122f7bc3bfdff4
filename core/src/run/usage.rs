//! The resources of the machine that a process uses.

use std::ops::Sub;
use std::time::Duration;

use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::{TimeVal, TimeValLike};

/// CPU time and context switches of the whole process, all its threads together.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Usage {
    /// CPU time spent in the program.
    pub user: Duration,
    /// CPU time spent in the kernel.
    pub system: Duration,
    /// The number of times that a thread gave its core away.
    pub voluntary_switches: u64,
    /// The number of times that a core was taken from a thread.
    pub involuntary_switches: u64,
}

impl Usage {
    /// The usage of this process so far; `None` if the system does not report it.
    pub fn of_this_process() -> Option<Self> {
        let usage = getrusage(UsageWho::RUSAGE_SELF).ok()?;
        let time = |time: TimeVal| u64::try_from(time.num_microseconds()).ok();
        Some(Usage {
            user: Duration::from_micros(time(usage.user_time())?),
            system: Duration::from_micros(time(usage.system_time())?),
            voluntary_switches: usage.voluntary_context_switches().try_into().ok()?,
            involuntary_switches: usage.involuntary_context_switches().try_into().ok()?,
        })
    }

    /// User and system time together.
    pub fn cpu(&self) -> Duration {
        self.user + self.system
    }
}

/// The usage since `before`.
impl Sub for Usage {
    type Output = Usage;

    fn sub(self, before: Usage) -> Usage {
        Usage {
            // The system divides CPU time into its two kinds by an estimate, and may take a little
            // back from one of them.
            user: self.user.saturating_sub(before.user),
            system: self.system.saturating_sub(before.system),
            voluntary_switches: self
                .voluntary_switches
                .saturating_sub(before.voluntary_switches),
            involuntary_switches: self
                .involuntary_switches
                .saturating_sub(before.involuntary_switches),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn computing_is_seen() {
        let before = Usage::of_this_process().unwrap();
        crate::runtime::cpu::spin(Duration::from_millis(20));
        let used = Usage::of_this_process().unwrap() - before;
        // Other tests of this process may compute at the same time.
        assert!(used.cpu() >= Duration::from_millis(19), "{used:?}");
    }
}
