//! The one configuration that async-std takes in a process.

use std::any::Any;
use std::io;
use std::num::NonZeroUsize;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::{env, thread};

use async_global_executor::GlobalExecutorConfig;
use pollmark_core::BuildError;

/// The workers that async-std runs with, once it has been started here.
static WORKERS: Mutex<Option<usize>> = Mutex::new(None);

/// The number of threads for which the executor has asked a name.
static NAMED: AtomicUsize = AtomicUsize::new(0);

/// Makes the process run async-std with `workers` threads.
///
/// # Errors
///
/// [`BuildError::AlreadyConfigured`] if it runs with another number already,
/// [`BuildError::Os`] if the OS refuses a thread.
pub(crate) fn run_with(workers: usize) -> Result<(), BuildError> {
    let mut running = WORKERS.lock().unwrap_or_else(PoisonError::into_inner);
    let existing = match *running {
        Some(existing) => existing,
        None => {
            // If the thread of the reactor is refused, async-io aborts the process.
            BuildError::check_threads(workers + 1)?;
            let started = start(workers);
            let existing = existing_threads(started.is_ok());
            *running = Some(existing);
            started.map_err(BuildError::Os)?;
            existing
        }
    };
    if existing == workers {
        return Ok(());
    }
    Err(BuildError::AlreadyConfigured { existing })
}

fn start(workers: usize) -> io::Result<()> {
    let config = GlobalExecutorConfig::default()
        // The variable of this name would override the number of threads; no
        // variable can have it.
        .with_env_var("=")
        .with_min_threads(workers)
        .with_max_threads(workers)
        .with_thread_name_fn(|| format!("async-std-{}", NAMED.fetch_add(1, Ordering::Relaxed)));
    // The executor panics when a thread is refused all the same.
    catch_unwind(AssertUnwindSafe(|| {
        async_global_executor::init_with_config(config)
    }))
    .map_err(refusal)
}

fn existing_threads(all_granted: bool) -> usize {
    match NAMED.load(Ordering::Relaxed) {
        // Other code in this process was first, and async-std configured itself.
        0 => threads_by_default(),
        named if all_granted => named,
        named => named - 1,
    }
}

/// The number of threads that async-std starts if it is not configured.
fn threads_by_default() -> usize {
    let variable = env::var("ASYNC_STD_THREAD_COUNT").ok();
    let threads = variable.and_then(|threads| threads.parse::<usize>().ok());
    threads.map_or_else(
        || thread::available_parallelism().map_or(1, NonZeroUsize::get),
        |threads| threads.max(1),
    )
}

fn refusal(payload: Box<dyn Any + Send>) -> io::Error {
    let message = payload.downcast_ref::<String>().cloned();
    let message = message.unwrap_or_else(|| "no thread for a worker".into());
    io::Error::new(io::ErrorKind::WouldBlock, message)
}
