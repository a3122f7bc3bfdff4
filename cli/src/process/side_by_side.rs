//! Work for each of many items, on a fixed number of threads: the calling thread is one of them.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use anyhow::Result;

use super::limits::waiting_thread;

/// Does `take` for each, `jobs` at a time; fewer where the system refuses the threads. After an
/// error none begins any more; those that have begun come to their end.
///
/// # Errors
///
/// The error of the first thread that had one.
pub(crate) fn side_by_side(
    indices: &[usize],
    jobs: usize,
    take: impl Fn(usize) -> Result<()> + Sync,
) -> Result<()> {
    let next = AtomicUsize::new(0);
    let work = || -> Result<()> {
        while let Some(&index) = indices.get(next.fetch_add(1, Ordering::Relaxed)) {
            let taken = take(index);
            if taken.is_err() {
                next.store(indices.len(), Ordering::Relaxed);
                return taken;
            }
        }
        Ok(())
    };
    thread::scope(|scope| {
        let others = (1..jobs.min(indices.len()))
            .map_while(|_| waiting_thread().spawn_scoped(scope, work).ok());
        let others: Vec<_> = others.collect();
        let own = work();
        others.into_iter().fold(own, |worked, other| {
            let other = other.join();
            worked.and(other.unwrap_or_else(|payload| std::panic::resume_unwind(payload)))
        })
    })
}
