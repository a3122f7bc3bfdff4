//! Counting the allocations of a process, in the runs that are for that.

#![expect(
    unsafe_code,
    reason = "a global allocator is unsafe to implement; this one only counts and passes on"
)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

static COUNTING: AtomicBool = AtomicBool::new(false);
static COUNT: AtomicU64 = AtomicU64::new(0);
static BYTES: AtomicU64 = AtomicU64::new(0);

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// The system's allocator. In a process that is to be timed it counts nothing:
/// the cost there is one branch on a flag that does not change.
struct Counting;

/// The requests of the process to its allocator since the counting began. Memory that it
/// gave back is not taken off.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Allocations {
    /// How many times it asked, growing and shrinking included.
    pub(crate) count: u64,
    /// How many bytes it asked for; one that grows or shrinks counts anew.
    pub(crate) bytes: u64,
}

/// Counts from now on, in all threads. Returns the counters as they are now.
pub(crate) fn count_from_now() -> Allocations {
    COUNTING.store(true, Ordering::SeqCst);
    so_far()
}

/// The counters as they are now.
pub(crate) fn so_far() -> Allocations {
    Allocations {
        count: COUNT.load(Ordering::SeqCst),
        bytes: BYTES.load(Ordering::SeqCst),
    }
}

#[inline]
fn count(bytes: usize) {
    if COUNTING.load(Ordering::Relaxed) {
        COUNT.fetch_add(1, Ordering::Relaxed);
        BYTES.fetch_add(bytes as u64, Ordering::Relaxed);
    }
}

// SAFETY: each method passes its arguments on to `System` unchanged and returns
// what that returns; counting neither allocates nor unwinds.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size());
        // SAFETY: the caller keeps the contract of this method, which is `System`'s.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        count(layout.size());
        // SAFETY: as for `alloc`.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        count(new_size);
        // SAFETY: as for `alloc`; `block` came from `System` through `alloc`.
        unsafe { System.realloc(block, layout, new_size) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: as for `realloc`.
        unsafe { System.dealloc(block, layout) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_box_is_counted_once_it_counts() {
        let before = count_from_now();
        let boxed = std::hint::black_box(Box::new([7_u8; 1000]));
        let after = so_far();
        drop(boxed);
        // Other tests of this process may allocate meanwhile.
        assert!(after.count > before.count);
        assert!(after.bytes >= before.bytes + 1000);
    }
}
