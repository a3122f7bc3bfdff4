//! The threads of this process, as `/proc` shows them; without it nothing is known of any.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::os::unix::fs::MetadataExt;
use std::sync::Mutex;
use std::time::Duration;

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

/// The number of the calling thread.
fn tid() -> Option<u32> {
    let path = fs::read_link("/proc/thread-self").ok()?;
    path.file_name()?.to_str()?.parse().ok()
}

/// The life of the calling thread as a simulator's, until it is dropped there.
pub(crate) struct Entered(Option<u32>);

impl Entered {
    /// Notes that the calling thread is the simulator thread that was started.
    pub(crate) fn begins() -> Self {
        mark(true);
        let tid = tid();
        let mut own = lock(&OWN);
        own.starting -= 1;
        own.tids.extend(tid);
        Entered(tid)
    }

    /// The number of the thread, if it can be known.
    pub(crate) fn tid(&self) -> Option<u32> {
        self.0
    }
}

impl Drop for Entered {
    fn drop(&mut self) {
        // First of all: while it ends, it must not look like a thread that the program started.
        mark(false);
        if let Some(tid) = self.0 {
            lock(&OWN).tids.remove(&tid);
        }
    }
}

/// Blocks a signal that is sent to no thread, or lets it through again. Threads inherit the
/// block, so that those that the program starts can be told from those of others, such as a test
/// beside this one.
#[cfg(target_os = "linux")]
fn mark(blocks: bool) {
    let mut set = nix::sys::signal::SigSet::empty();
    set.add(nix::sys::signal::Signal::SIGPWR);
    let _ = match blocks {
        true => set.thread_block(),
        false => set.thread_unblock(),
    };
}

#[cfg(not(target_os = "linux"))]
fn mark(_: bool) {}

/// Whether a thread descends from one of a simulator; `None` if that cannot be known now: a
/// thread that is starting, or starts another, or ends, blocks all signals for a moment.
#[cfg(target_os = "linux")]
pub(crate) fn is_marked(tid: u32) -> Option<bool> {
    let bit = 1_u64 << (nix::sys::signal::Signal::SIGPWR as u32 - 1);
    let blocked = blocked_signals(tid)?;
    (blocked.count_ones() < u64::BITS / 2).then_some(blocked & bit != 0)
}

#[cfg(target_os = "linux")]
fn blocked_signals(tid: u32) -> Option<u64> {
    let status = fs::read_to_string(format!("{TASKS}/{tid}/status")).ok()?;
    let mut lines = status.lines();
    let mask = lines.find_map(|line| line.strip_prefix("SigBlk:"))?;
    u64::from_str_radix(mask.trim(), 16).ok()
}

#[cfg(not(target_os = "linux"))]
pub(crate) fn is_marked(_: u32) -> Option<bool> {
    Some(false)
}

/// The CPU time that a thread has used; `None` if it has ended, or that cannot be known.
#[cfg(target_os = "linux")]
pub(crate) fn cpu_of(tid: u32) -> Option<Duration> {
    let stat = fs::read_to_string(format!("{TASKS}/{tid}/stat")).ok()?;
    // After the name, which may hold anything, the times in user and system code are the 12th and
    // the 13th word.
    let (_, words) = stat.rsplit_once(')')?;
    let times = words.split_ascii_whitespace().skip(11).take(2);
    let ticks: u64 = times.filter_map(|time| time.parse::<u64>().ok()).sum();
    let a_second = nix::unistd::sysconf(nix::unistd::SysconfVar::CLK_TCK).ok()??;
    Some(Duration::from_secs(ticks) / u32::try_from(a_second).ok()?)
}

#[cfg(not(target_os = "linux"))]
pub(crate) fn cpu_of(_: u32) -> Option<Duration> {
    None
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

    /// The number of threads that are no simulator's; `None` while one of a simulator is being
    /// started, which may count or not.
    pub(crate) fn others(&self) -> Option<usize> {
        let own = lock(&OWN);
        let (own, starting) = (own.tids.len(), own.starting);
        (starting == 0).then(|| self.living()?.checked_sub(own))?
    }

    /// The threads that are no simulator's, and whether one of a simulator that is being started
    /// may be among them.
    pub(crate) fn list(&self) -> Option<(BTreeSet<u32>, bool)> {
        let names = fs::read_dir(TASKS).ok()?.filter_map(Result::ok);
        let tids = names.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
        let tids: BTreeSet<u32> = tids.collect();
        let own = lock(&OWN);
        Some((&tids - &own.tids, own.starting > 0))
    }
}

/// Whether there is a thread of this number.
pub(crate) fn is_there(tid: u32) -> bool {
    fs::exists(format!("{TASKS}/{tid}")).unwrap_or(true)
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, mpsc};

    use pollmark_core::{Config, Runner, Runtime};

    use super::*;
    use crate::Virtual;
    use crate::sim::Sim;

    #[test]
    #[cfg_attr(not(target_os = "linux"), ignore = "needs /proc")]
    fn a_thread_that_ends_after_the_shutdown_is_forgotten() {
        let sim = Sim::new(&Config::with_workers(2));
        let runner = Virtual::on(Arc::clone(&sim)).expect("one thread starts");
        let rt = runner.handle();
        let (release, released) = mpsc::channel::<()>();
        let (tell, told) = mpsc::channel();
        let root = async move {
            rt.spawn(async move {
                tell.send(tid().expect("there is /proc"))
                    .expect("the test waits");
                released.recv().ok();
            });
            rt.yield_now().await;
        };
        runner.run(root, None).expect("it ends");
        let hangs = told.recv().expect("it is told");
        assert!(!runner.shutdown(Duration::ZERO).complete);
        assert!(lock(&OWN).tids.contains(&hangs));
        drop(release);
        let handles = std::mem::take(&mut sim.lock().threads.handles);
        for handle in handles {
            handle.join().expect("it ends");
        }
        assert!(!lock(&OWN).tids.contains(&hangs));
    }
}
