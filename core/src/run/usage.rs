//! What a process uses of the machine.

use std::ops::Sub;
use std::time::Duration;

use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::{TimeVal, TimeValLike};

/// CPU time and context switches of the whole process, all its threads together.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Usage {
    /// CPU time in the program.
    pub user: Duration,
    /// CPU time in the kernel.
    pub system: Duration,
    /// Times that a thread gave its core away.
    pub voluntary_switches: u64,
    /// Times that a core was taken from a thread.
    pub involuntary_switches: u64,
}

impl Usage {
    /// What this process has used so far; `None` where the system does not tell.
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

/// What was used since `before`.
impl Sub for Usage {
    type Output = Usage;

    fn sub(self, before: Usage) -> Usage {
        Usage {
            // The system divides CPU time into its two kinds by estimate, and may take
            // a little back from one.
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
        // Other tests of this process may compute meanwhile.
        assert!(used.cpu() >= Duration::from_millis(19), "{used:?}");
    }
}
