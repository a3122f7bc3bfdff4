//! The status of a child as `/proc` shows it while it runs.

use std::fs;
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// The first pause between two looks: short, so that a short run is seen at all.
const FIRST_PAUSE: Duration = Duration::from_millis(1);

/// The longest pause. A look takes some 50 us, so looks cost a quarter of a per cent
/// of a core.
const LONGEST_PAUSE: Duration = Duration::from_millis(20);

/// The most that was seen at any look; `None` where nothing could be read. A peak between
/// two looks is not seen.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Peaks {
    /// Threads alive.
    pub(crate) threads: Option<u64>,
    /// Memory of the kernel for the process's page tables.
    pub(crate) page_table_bytes: Option<u64>,
    /// By how much the kernel stacks of the whole system grew: a thread has one of 16
    /// KiB on most systems. Nothing tells those of a process alone.
    pub(crate) kernel_stack_bytes: Option<u64>,
}

/// Looks at a process now and then.
#[derive(Debug)]
pub(crate) struct Watch {
    status: PathBuf,
    pause: Duration,
    next: Instant,
    kernel_stacks_before: Option<u64>,
    pub(crate) peaks: Peaks,
}

impl Watch {
    /// Over the process of that id; the first look is a pause away.
    pub(crate) fn over(process: u32) -> Self {
        Watch {
            status: format!("/proc/{process}/status").into(),
            pause: FIRST_PAUSE,
            next: Instant::now() + FIRST_PAUSE,
            kernel_stacks_before: kernel_stacks(),
            peaks: Peaks::default(),
        }
    }

    /// How long to wait before the next look.
    pub(crate) fn due_in(&self) -> Duration {
        self.next.saturating_duration_since(Instant::now())
    }

    pub(crate) fn look_if_due(&mut self) {
        if self.due_in().is_zero() {
            self.look();
            self.pause = (self.pause * 2).min(LONGEST_PAUSE);
            self.next = Instant::now() + self.pause;
        }
    }

    fn look(&mut self) {
        // There is no such file on other systems, nor after the process's end.
        let Ok(status) = fs::read_to_string(&self.status) else {
            return;
        };
        let threads = field(&status, "Threads:");
        let page_tables = field(&status, "VmPTE:").map(|kib| kib * 1024);
        self.peaks.threads = self.peaks.threads.max(threads);
        self.peaks.page_table_bytes = self.peaks.page_table_bytes.max(page_tables);
        let stacks = kernel_stacks().zip(self.kernel_stacks_before);
        let growth = stacks.map(|(now, before)| now.saturating_sub(before));
        self.peaks.kernel_stack_bytes = self.peaks.kernel_stack_bytes.max(growth);
    }
}

/// The memory of the kernel stacks of all threads of the system.
fn kernel_stacks() -> Option<u64> {
    let memory = fs::read_to_string("/proc/meminfo").ok()?;
    field(&memory, "KernelStack:").map(|kib| kib * 1024)
}

/// The number after `name` in a status file of `/proc`.
pub(crate) fn field(status: &str, name: &str) -> Option<u64> {
    let mut lines = status.lines();
    let value = lines.find_map(|line| line.strip_prefix(name))?;
    value.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(target_os = "linux")]
    fn this_process_has_a_thread_and_page_tables() {
        let mut watch = Watch::over(std::process::id());
        watch.look();
        assert!(watch.peaks.threads >= Some(1), "{watch:?}");
        assert!(watch.peaks.page_table_bytes > Some(0), "{watch:?}");
    }

    #[test]
    fn what_cannot_be_read_stays_unknown() {
        let mut watch = Watch::over(u32::MAX);
        watch.look();
        assert_eq!(watch.peaks, Peaks::default());
        assert_eq!(field("Threads:\tmany\n", "Threads:"), None);
    }
}
