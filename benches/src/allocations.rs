//! Counting what a process allocates.

#![expect(
    unsafe_code,
    reason = "a global allocator is unsafe to implement; this one only counts and passes on"
)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicU64, Ordering};

static COUNT: AtomicU64 = AtomicU64::new(0);
static BYTES: AtomicU64 = AtomicU64::new(0);

/// The system's allocator, counting. A binary that wants [`allocations`] to be
/// more than zero names it:
///
/// ```
/// use pollmark_benches::allocations::{Counting, allocations};
///
/// #[global_allocator]
/// static ALLOCATOR: Counting = Counting;
///
/// let before = allocations();
/// let boxed = Box::new([7_u8; 100]);
/// let after = allocations();
/// assert_eq!(after.count - before.count, 1);
/// assert_eq!(after.bytes - before.bytes, 100);
/// # drop(boxed);
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Counting;

/// What the process has asked of its allocator so far. What it gave back is not
/// taken off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Allocations {
    /// How many times it asked, growing and shrinking included.
    pub count: u64,
    /// How many bytes it asked for; one that grows or shrinks counts anew.
    pub bytes: u64,
}

/// Reads the counters: those of all threads together, zero where the process
/// does not use [`Counting`].
pub fn allocations() -> Allocations {
    Allocations {
        count: COUNT.load(Ordering::Relaxed),
        bytes: BYTES.load(Ordering::Relaxed),
    }
}

fn count(bytes: usize) {
    COUNT.fetch_add(1, Ordering::Relaxed);
    BYTES.fetch_add(bytes as u64, Ordering::Relaxed);
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
