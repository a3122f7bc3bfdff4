//! The limits of the system: threads with stacks of a known size, and the error where a thread
//! or a process is refused.

use std::thread::Builder;
use std::{fmt, io};

use nix::errno::Errno;
use nix::sys::resource::{Resource, getrlimit};

/// The stack of a thread that carries out a command, or a cell where the main thread has less.
/// The deepest command needs some 200 KiB in a build without optimisation.
const COMMAND_STACK: usize = 8 << 20;

/// The stack of a thread that waits for a process and reads its messages.
const WAITING_STACK: usize = 2 << 20;

/// A thread that waits for processes. Its size does not depend on `RUST_MIN_STACK`.
pub(crate) fn waiting_thread() -> Builder {
    Builder::new().stack_size(WAITING_STACK)
}

/// Does `work` on a thread with a large stack, regardless of `ulimit -s`.
///
/// # Errors
///
/// The system refuses the thread.
///
/// # Panics
///
/// As `work` does.
pub(crate) fn with_stack<T: Send>(work: impl FnOnce() -> T + Send) -> anyhow::Result<T> {
    std::thread::scope(|scope| {
        let builder = Builder::new().name("command".to_owned());
        let thread = builder.stack_size(COMMAND_STACK).spawn_scoped(scope, work);
        let done = thread.map_err(|error| refused("a thread", error))?.join();
        Ok(done.unwrap_or_else(|payload| std::panic::resume_unwind(payload)))
    })
}

/// As [`with_stack`], on the calling thread if its stack may grow as large: in the process of
/// a cell one more thread would be counted as the cell's.
///
/// # Errors
///
/// As [`with_stack`].
pub(crate) fn with_stack_of_main<T: Send>(work: impl FnOnce() -> T + Send) -> anyhow::Result<T> {
    match getrlimit(Resource::RLIMIT_STACK) {
        Ok((most, _)) if most >= COMMAND_STACK as u64 => Ok(work()),
        _ => with_stack(work),
    }
}

/// The error where the system would not start `what`, with the limit that it ran into.
pub(crate) fn refused(what: &str, error: io::Error) -> anyhow::Error {
    let limit = match error.raw_os_error().map(Errno::from_raw) {
        Some(Errno::EAGAIN) => Some(threads_and_processes()),
        Some(Errno::EMFILE) => Some("open files (see `ulimit -n`)"),
        Some(Errno::ENFILE) => Some("open files, over all processes"),
        Some(Errno::ENOMEM) => Some("memory (see `ulimit -v`)"),
        _ => None,
    };
    let limit = limit.map(|limit| format!(": the system refuses more {limit}"));
    let told = format!("cannot start {what}{}", limit.unwrap_or_default());
    anyhow::Error::new(error).context(Refused(told))
}

/// The context of an error of the system, which would not start a thread or a process.
#[derive(Debug)]
pub(crate) struct Refused(String);

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A thread is refused for want of memory for its stack too, with the same error.
fn threads_and_processes() -> &'static str {
    match memory_is_limited() {
        true => "processes and threads (see `ulimit -u` and `ulimit -v`)",
        false => "processes and threads (see `ulimit -u`)",
    }
}

/// Whether `ulimit -v` is set, for this process and for those that it starts.
fn memory_is_limited() -> bool {
    getrlimit(Resource::RLIMIT_AS).is_ok_and(|(most, _)| most != nix::sys::resource::RLIM_INFINITY)
}

/// The limit behind the last words of a process, if they tell of one and do not name it.
pub(crate) fn behind(complaints: &str) -> Option<&'static str> {
    let tells = |words| complaints.contains(words) && !complaints.contains("ulimit");
    if tells("memory allocation of") && memory_is_limited() {
        return Some("the memory is limited (see `ulimit -v`)");
    }
    if tells("Resource temporarily unavailable") {
        return Some("the processes and threads are limited (see `ulimit -u`)");
    }
    tells("Too many open files").then_some("the open files are limited (see `ulimit -n`)")
}

/// From now on a panic because of a refused thread ends this process, and says so. A runtime
/// that panics on one of its threads, or while it is built, may wait for ever otherwise: tokio
/// (1.54) waits for the workers that it has.
pub(crate) fn end_at_a_refused_thread() {
    let usual = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        let told = info.to_string();
        if !tells_of_a_refused_thread(&told) {
            return usual(info);
        }
        let cause = told.lines().last().unwrap_or_default();
        let more = threads_and_processes();
        eprintln!("the system refuses more {more}: {cause}");
        std::process::exit(1);
    }));
}

fn tells_of_a_refused_thread(panic: &str) -> bool {
    panic.contains("Resource temporarily unavailable")
        && (panic.contains("spawn") || panic.contains("thread"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_names_the_limit() {
        let told = |errno: Errno| format!("{:#}", refused("a process", io::Error::from(errno)));
        for (errno, limit) in [
            (Errno::EAGAIN, "`ulimit -u`"),
            (Errno::EMFILE, "`ulimit -n`"),
            (Errno::ENOMEM, "`ulimit -v`"),
        ] {
            let told = told(errno);
            assert!(told.starts_with("cannot start a process: "), "{told}");
            assert!(told.contains(limit), "{told}");
        }
        assert!(!told(Errno::ENOENT).contains("ulimit"));
    }

    #[test]
    fn the_panics_of_refused_threads_are_known() {
        let error = io::Error::from(Errno::EAGAIN);
        assert!(tells_of_a_refused_thread(&format!(
            "OS can't spawn worker thread: {error}"
        )));
        assert!(tells_of_a_refused_thread(&format!(
            "cannot spawn executor threads: {error:?}"
        )));
        assert!(!tells_of_a_refused_thread("burnt"));
    }

    #[test]
    fn last_words_tell_of_a_limit() {
        let refused = io::Error::from(Errno::EAGAIN).to_string();
        assert!(behind(&refused).is_some_and(|told| told.contains("ulimit -u")));
        assert_eq!(behind(&format!("see `ulimit -u`: {refused}")), None);
        assert_eq!(behind("burnt"), None);
    }

    #[test]
    fn a_stack_of_its_own_is_large() {
        fn deep(levels: usize) -> usize {
            let room = std::hint::black_box([levels as u8; 1024]);
            match levels {
                0 => 0,
                _ => deep(levels - 1) + usize::from(room[7] == levels as u8),
            }
        }
        assert_eq!(with_stack(|| deep(3000)).unwrap(), 3000);
    }
}
