//! The threads of this process, as `/proc` shows them; without it nothing is known of any.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::os::unix::fs::MetadataExt;
use std::sync::Mutex;

use pollmark_core::support::lock;

/// The name of every simulator thread.
pub(crate) const NAME: &str = "virtual";

const TASKS: &str = "/proc/self/task";

/// The threads of all simulators of this process.
struct Own {
    tids: BTreeSet<u32>,
    /// Those that were asked for and have not told their numbers.
    starting: usize,
}

static OWN: Mutex<Own> = Mutex::new(Own {
    tids: BTreeSet::new(),
    starting: 0,
});

/// Notes that a simulator thread is about to be started.
pub(crate) fn starts() {
    lock(&OWN).starting += 1;
}

/// Notes that it was refused.
pub(crate) fn was_refused() {
    lock(&OWN).starting -= 1;
}

/// Notes that the calling thread is the simulator thread that was started; its number.
pub(crate) fn enters() -> Option<u32> {
    mark();
    let path = fs::read_link("/proc/thread-self").ok();
    let tid = path.and_then(|path| path.file_name()?.to_str()?.parse().ok());
    let mut own = lock(&OWN);
    own.starting -= 1;
    own.tids.extend(tid);
    tid
}

/// Notes that a simulator thread has ended, and was waited for.
pub(crate) fn has_ended(tid: u32) {
    lock(&OWN).tids.remove(&tid);
}

/// Blocks a signal that is sent to no thread. Threads inherit it, so that those that the
/// program starts can be told from those of others, such as a test beside this one.
#[cfg(target_os = "linux")]
fn mark() {
    let mut set = nix::sys::signal::SigSet::empty();
    set.add(nix::sys::signal::Signal::SIGPWR);
    let _ = set.thread_block();
}

#[cfg(not(target_os = "linux"))]
fn mark() {}

/// Whether a thread descends from one of a simulator. A thread that is starting, or starts
/// another, blocks all signals for a moment.
#[cfg(target_os = "linux")]
fn is_marked(tid: u32) -> bool {
    const LOOKS: u32 = 500;

    let bit = 1_u64 << (nix::sys::signal::Signal::SIGPWR as u32 - 1);
    for _ in 0..LOOKS {
        let blocked = blocked_signals(tid).unwrap_or_default();
        if blocked.count_ones() < u64::BITS / 2 {
            return blocked & bit != 0;
        }
        std::thread::sleep(std::time::Duration::from_micros(100));
    }
    true
}

#[cfg(target_os = "linux")]
fn blocked_signals(tid: u32) -> Option<u64> {
    let status = fs::read_to_string(format!("{TASKS}/{tid}/status")).ok()?;
    let mut lines = status.lines();
    let mask = lines.find_map(|line| line.strip_prefix("SigBlk:"))?;
    u64::from_str_radix(mask.trim(), 16).ok()
}

#[cfg(not(target_os = "linux"))]
fn is_marked(_: u32) -> bool {
    false
}

/// The system call in which a thread waits without a limit for another thread of this process
/// (a lock, a channel, a parked thread): its number, its arguments and its place in the program.
/// `None` in any other case, or if it cannot be known.
#[cfg(target_os = "linux")]
pub(crate) fn parked(tid: u32) -> Option<String> {
    let call = fs::read_to_string(format!("{TASKS}/{tid}/syscall")).ok()?;
    let mut words = call.split_ascii_whitespace();
    let is_futex = words.next()?.parse() == Ok(nix::libc::SYS_futex);
    // After the address, the operation and the value comes the limit.
    (is_futex && words.nth(3)? == "0x0").then_some(call)
}

#[cfg(not(target_os = "linux"))]
pub(crate) fn parked(_: u32) -> Option<String> {
    None
}

/// The name of a thread in quotation marks, or words for one that has none: it has the name of
/// the simulator thread that started it.
pub(crate) fn told(name: Option<&str>) -> String {
    match name.filter(|name| *name != NAME) {
        Some(name) => format!("`{name}`"),
        None => "a thread without a name".to_owned(),
    }
}

pub(crate) fn name_of(tid: u32) -> Option<String> {
    let name = fs::read_to_string(format!("{TASKS}/{tid}/comm")).ok()?;
    Some(name.trim_end().to_owned())
}

/// The folder of the threads: its number of links counts them, at less than a microsecond.
pub(crate) struct Folder(File);

impl Folder {
    pub(crate) fn open() -> Option<Self> {
        File::open(TASKS).ok().map(Folder)
    }

    fn living(&self) -> Option<usize> {
        let links = self.0.metadata().ok()?.nlink();
        let living = usize::try_from(links).ok()?.checked_sub(2);
        living.filter(|living| *living > 0)
    }

    /// The number of threads that are no simulator's.
    pub(crate) fn others(&self) -> Option<usize> {
        let own = lock(&OWN);
        let own = own.tids.len() + own.starting;
        self.living()?.checked_sub(own)
    }

    /// The threads that are no simulator's, each with `known`, or else `true` if it descends
    /// from one; `None` while a simulator thread is being started, which cannot be told from them.
    pub(crate) fn list(&self, known: impl Fn(u32) -> Option<bool>) -> Option<Vec<(u32, bool)>> {
        let names = fs::read_dir(TASKS).ok()?.filter_map(Result::ok);
        let tids = names.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
        let mut tids: Vec<u32> = tids.collect();
        let own = lock(&OWN);
        let starting = own.starting > 0;
        tids.retain(|tid| !own.tids.contains(tid));
        drop(own);
        let judged = |tid| {
            let known = known(tid);
            (known.is_some() || !starting).then(|| (tid, known.unwrap_or_else(|| is_marked(tid))))
        };
        tids.into_iter().map(judged).collect()
    }
}
