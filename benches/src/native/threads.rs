//! Plain threads, for the operations that they have too.

use std::io;
use std::thread;
use std::time::{Duration, Instant};

use crate::work::{check_sum, number};

/// The stack that the runner `threads` gives each of its threads. The size matters: it
/// decides whether glibc keeps a stack for the next thread.
const STACK_SIZE: usize = 4 * 1024 * 1024;

/// Starts a thread that returns its number and joins it, `count` times, from a
/// thread of the same kind, and returns the time that it took there.
///
/// # Errors
///
/// The OS's error if it refuses a thread.
///
/// # Panics
///
/// Panics if a thread's number is lost.
pub fn spawn_join_threads(count: u64) -> io::Result<Duration> {
    let root = start(move || {
        let started = Instant::now();
        let mut sum = 0;
        for i in 0..count {
            sum += join(start(move || number(i))?);
        }
        let took = started.elapsed();
        check_sum(sum, count);
        Ok(took)
    })?;
    join(root)
}

fn start<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> io::Result<thread::JoinHandle<T>> {
    thread::Builder::new().stack_size(STACK_SIZE).spawn(work)
}

fn join<T>(thread: thread::JoinHandle<T>) -> T {
    thread.join().expect("a thread that cannot fail ends")
}
