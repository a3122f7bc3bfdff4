//! Commands that a test watches while they run, and their processes.

use std::fs;
use std::path::Path;
use std::process::{Child, Output};
use std::thread;
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::sys::signal::{SigHandler, Signal, kill, killpg, signal};
use nix::unistd::{Pid, getpgid};
use serde_json::Value;

/// How long a test waits for something that must happen.
const PATIENCE: Duration = Duration::from_secs(60);

/// Waits until `look` finds something.
#[track_caller]
pub(crate) fn until<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(Instant::now() < deadline, "waited in vain until {what}");
        thread::sleep(Duration::from_millis(2));
    }
}

/// A running command. Its drop kills the command, even if the test failed.
pub(crate) struct Running(Option<Child>);

impl Running {
    pub(crate) fn of(child: Child) -> Self {
        Running(Some(child))
    }

    pub(crate) fn pid(&self) -> Pid {
        let id = self.0.as_ref().expect("it was not waited for").id();
        Pid::from_raw(i32::try_from(id).unwrap())
    }

    pub(crate) fn signal(&self, signal: Signal) {
        kill(self.pid(), signal).unwrap();
    }

    /// Signals its whole process group, as a terminal does; it has a group of its own.
    pub(crate) fn signal_group(&self, signal: Signal) {
        killpg(self.pid(), signal).unwrap();
    }

    pub(crate) fn end(mut self) -> Output {
        let child = self.0.take().expect("it was not waited for");
        child.wait_with_output().unwrap()
    }
}

/// The output of a command that is to end by itself; fails the test where it does not.
#[track_caller]
pub(crate) fn until_ended(running: Running) -> Output {
    while_it_runs(running, || {})
}

/// As [`until_ended`], and does `work` again and again until then.
#[track_caller]
pub(crate) fn while_it_runs(running: Running, mut work: impl FnMut()) -> Output {
    let pid = running.pid();
    let ending = thread::spawn(|| running.end());
    let deadline = Instant::now() + PATIENCE;
    while !ending.is_finished() {
        if Instant::now() >= deadline {
            let _ = kill(pid, Signal::SIGKILL);
            panic!("it hangs: {:?}", ending.join());
        }
        work();
        thread::sleep(Duration::from_millis(2));
    }
    ending.join().unwrap()
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(child) = &mut self.0 {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// Lets signals end the processes that this one starts, even if the tests themselves were
/// started with them ignored, as by `nohup` or with `&` in a script: children inherit that.
#[expect(
    unsafe_code,
    reason = "nix leaves the disposition of signals to its caller"
)]
pub(crate) fn obey_signals() {
    for asked in [Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP] {
        // SAFETY: the default disposition runs no code of ours.
        unsafe { signal(asked, SigHandler::SigDfl) }.unwrap();
    }
}

/// A process of a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Process(Pid);

impl Process {
    /// Its process group, as long as it lives.
    pub(crate) fn group(self) -> Pid {
        getpgid(Some(self.0)).unwrap()
    }

    /// The number of its threads; 0 once it has ended.
    pub(crate) fn threads(self) -> usize {
        fs::read_dir(format!("/proc/{}/task", self.0)).map_or(0, Iterator::count)
    }

    /// The CPU time that its threads have used; none once it has ended.
    pub(crate) fn cpu_time(self) -> Duration {
        let threads = fs::read_dir(format!("/proc/{}/task", self.0));
        let nanos = threads
            .into_iter()
            .flatten()
            .flatten()
            .filter_map(|thread| {
                let stat = fs::read_to_string(thread.path().join("schedstat")).ok()?;
                stat.split_whitespace().next()?.parse::<u64>().ok()
            });
        Duration::from_nanos(nanos.sum())
    }

    /// Sends `signal`. Returns whether there is a process to receive it.
    pub(crate) fn signal(self, signal: Signal) -> bool {
        match kill(self.0, signal) {
            Ok(()) => true,
            Err(Errno::ESRCH) => false,
            Err(error) => panic!("cannot send {signal}: {error}"),
        }
    }
}

/// The live processes that `parent` started to run cells or samples, only those of `runner`
/// if one is named.
pub(crate) fn processes_of(parent: Pid, runner: Option<&str>) -> Vec<Process> {
    working(parent, &["cell", "sample"], runner)
}

/// The live processes that `parent` started for one of these `works`. They carry their parent
/// in their command line, so those that were reparented count too.
pub(crate) fn working(parent: Pid, works: &[&str], runner: Option<&str>) -> Vec<Process> {
    let mut found = Vec::new();
    for entry in fs::read_dir("/proc").unwrap().flatten() {
        let Some(pid) = entry
            .file_name()
            .to_str()
            .and_then(|name| name.parse().ok())
        else {
            continue;
        };
        // A process that has ended, waited for or not, has no command line.
        let command = fs::read(entry.path().join("cmdline")).unwrap_or_default();
        let command = String::from_utf8_lossy(&command);
        let words: Vec<&str> = command.split('\0').collect();
        let [_, "__cell", of, work, cell, ..] = words[..] else {
            continue;
        };
        let runs = runner.is_none_or(|runner| cell.ends_with(&format!("@{runner}")));
        if of == parent.to_string() && runs && works.contains(&work) {
            found.push(Process(Pid::from_raw(pid)));
        }
    }
    found
}

/// Waits for the last process of a cell to end. Kills one that does not.
#[track_caller]
pub(crate) fn none_is_left(parent: Pid) {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let left = processes_of(parent, None);
        if left.is_empty() {
            return;
        }
        if Instant::now() >= deadline {
            for process in &left {
                process.signal(Signal::SIGKILL);
            }
            panic!("still there: {left:?}");
        }
        thread::sleep(Duration::from_millis(2));
    }
}

/// The saved results, which are complete at any time.
#[track_caller]
pub(crate) fn saved(path: &Path) -> Option<Value> {
    let bytes = fs::read(path).ok()?;
    Some(serde_json::from_slice(&bytes).expect("what is saved is whole"))
}
