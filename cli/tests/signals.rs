//! Signals at random moments, to the command and to the processes of its cells: no process is
//! left, the exit code is right, and saved files are readable.
//!
//! The moments come from a seed, the number of the trial: an event that is seen, and a delay
//! after it. Any moment is right, so no check depends on which one it came to be.
//! `POLLMARK_SIGNALS=300` sends that many signals instead of a few.
#![cfg(target_os = "linux")]

mod common;

use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::{Path, PathBuf};
use std::process::{Child, ExitStatus, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use std::{env, fs, thread};

use nix::sys::signal::{SigHandler, Signal, kill, signal};
use nix::unistd::Pid;
use serde_json::Value;
use tempfile::TempDir;

use common::{HANGS, process};

/// Signals to the command, where the variable names no other number.
const FEW: usize = 24;
/// Trials at the same time.
const LANES: usize = 4;

/// In the environment of a trial's command and of the processes that it starts.
const MARK: &str = "POLLMARK_TRIAL";

/// The most that a seed delays a signal, in milliseconds.
const DELAY: u64 = 400;

/// An event to wait for before the delay.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Moment {
    Started,
    Child,
    Line,
    /// The save file has a cell.
    Saved,
}

struct Plan {
    args: &'static [&'static str],
    saves: bool,
    moments: &'static [Moment],
}

/// Commands that would go on for longer than any delay.
const LONG: [Plan; 4] = [
    Plan {
        args: &["run", "waiter", "cafe", "--speed", "20", "--jobs", "2"],
        saves: true,
        moments: &[
            Moment::Started,
            Moment::Child,
            Moment::Line,
            Moment::Saved,
            Moment::Saved,
        ],
    },
    Plan {
        args: &[
            "compare",
            "io",
            "--speed",
            "1000",
            "--runner",
            "tokio,smol",
            "--samples",
            "10000",
            "--runs",
            "1",
        ],
        saves: true,
        moments: &[Moment::Started, Moment::Child, Moment::Saved, Moment::Saved],
    },
    Plan {
        args: &["trace", "waiter", "cafe", "--speed", "20"],
        saves: true,
        moments: &[Moment::Started, Moment::Child, Moment::Child],
    },
    Plan {
        args: &["semantics"],
        saves: false,
        moments: &[Moment::Started, Moment::Child, Moment::Child],
    },
];

/// Commands that end by themselves, with all cells ok.
const SHORT: [Plan; 4] = [
    Plan {
        args: &[
            "run",
            "waiter/sync",
            "waiter/tasks",
            "--runner",
            "tokio,smol,virtual",
            "--speed",
            "20",
            "--jobs",
            "2",
            "--format",
            "json",
        ],
        saves: true,
        moments: &[Moment::Child],
    },
    Plan {
        args: &[
            "compare",
            "io",
            "--speed",
            "100",
            "--runner",
            "tokio,smol",
            "--samples",
            "4",
            "--format",
            "json",
        ],
        saves: true,
        moments: &[Moment::Child],
    },
    Plan {
        args: &[
            "trace",
            "waiter/sync",
            "waiter/tasks",
            "--runner",
            "tokio,smol",
            "--speed",
            "20",
            "--format",
            "json",
        ],
        saves: true,
        moments: &[Moment::Child],
    },
    Plan {
        args: &["semantics", "--runner", "smol", "--format", "json"],
        saves: false,
        moments: &[Moment::Child],
    },
];

const TO_THE_COMMAND: [Signal; 4] = [
    Signal::SIGINT,
    Signal::SIGTERM,
    Signal::SIGHUP,
    Signal::SIGKILL,
];

const TO_A_CHILD: [Signal; 9] = [
    Signal::SIGKILL,
    Signal::SIGTERM,
    Signal::SIGINT,
    Signal::SIGHUP,
    Signal::SIGQUIT,
    Signal::SIGABRT,
    Signal::SIGSEGV,
    Signal::SIGBUS,
    Signal::SIGPIPE,
];

/// A command under way. Its drop kills it.
struct Trial {
    child: Child,
    mark: String,
    folder: TempDir,
    saves: bool,
}

impl Drop for Trial {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Trial {
    fn start(plan: &Plan, name: &str) -> Trial {
        let folder = tempfile::tempdir().unwrap();
        let mark = format!("{}-{name}", std::process::id());
        let create = |name: &str| fs::File::create(folder.path().join(name)).unwrap();
        let mut command = process();
        command.args(plan.args).env(MARK, &mark).process_group(0);
        if plan.saves {
            command.arg("--save").arg(folder.path().join("saved"));
        }
        let child = command
            .stdin(Stdio::null())
            .stdout(create("stdout"))
            .stderr(create("stderr"))
            .spawn()
            .unwrap();
        Trial {
            child,
            mark,
            folder,
            saves: plan.saves,
        }
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn text(&self, name: &str) -> String {
        String::from_utf8_lossy(&fs::read(self.file(name)).unwrap()).into_owned()
    }

    fn pid(&self) -> Pid {
        Pid::from_raw(i32::try_from(self.child.id()).unwrap())
    }

    /// The live processes with the trial's mark, but for the command itself.
    fn children(&self) -> Vec<Pid> {
        let mark = format!("{MARK}={}\0", self.mark);
        let processes = fs::read_dir("/proc").unwrap().flatten();
        let ids = processes.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
        ids.filter(|id| *id != self.pid().as_raw())
            .filter(|id| {
                // A process that has ended, waited for or not, has no environment.
                let environment = fs::read(format!("/proc/{id}/environ")).unwrap_or_default();
                String::from_utf8_lossy(&environment).contains(&mark)
            })
            .map(Pid::from_raw)
            .collect()
    }

    /// Waits for the moment; none if the command ended before it.
    fn wait_for(&mut self, moment: Moment) -> Option<()> {
        let text = |path: &Path| fs::read_to_string(path).unwrap_or_default();
        let deadline = Instant::now() + HANGS;
        while Instant::now() < deadline {
            let is_there = match moment {
                Moment::Started => true,
                Moment::Child => !self.children().is_empty(),
                Moment::Line => text(&self.file("stdout")).contains('\n'),
                Moment::Saved => text(&self.file("saved")).contains("\"scenario\":"),
            };
            if is_there {
                return Some(());
            }
            if self.child.try_wait().unwrap().is_some() {
                return None;
            }
            thread::sleep(Duration::from_millis(3));
        }
        None
    }

    /// Waits for the command, and for the last of its children.
    fn end(&mut self) -> Result<ExitStatus, String> {
        let deadline = Instant::now() + HANGS;
        let mut status = None;
        while Instant::now() < deadline {
            status = status.or(self.child.try_wait().unwrap());
            if let Some(status) = status
                && self.children().is_empty()
            {
                return Ok(status);
            }
            thread::sleep(Duration::from_millis(3));
        }
        let left = self.children();
        for child in &left {
            let _ = kill(*child, Signal::SIGKILL);
        }
        Err(match status {
            Some(_) => format!("left behind: {left:?}"),
            None => "it hangs".to_owned(),
        })
    }

    /// Holds for every trial: no panic, and a saved file that is readable.
    fn is_sound(&self, plan: &Plan) -> Result<(), String> {
        let told = self.text("stderr");
        if told.contains("panicked") {
            return Err(told);
        }
        let path = self.file("saved");
        let Some(bytes) = self.saves.then(|| fs::read(&path).ok()).flatten() else {
            return Ok(());
        };
        let is_trace = plan.args[0] == "trace";
        let saved: Value =
            serde_json::from_slice(&bytes).map_err(|error| format!("the saved file: {error}"))?;
        if is_trace {
            let is_known = saved["schema"].as_str().is_some_and(|it| !it.is_empty());
            return is_known
                .then_some(())
                .ok_or_else(|| "the trace has no schema".into());
        }
        let diff = process()
            .args(["diff", "--"])
            .args([&path, &path])
            .output()
            .unwrap();
        let told = String::from_utf8_lossy(&diff.stderr);
        let words = told.split_whitespace().collect::<Vec<_>>().join(" ");
        let is_without_cells = saved["cells"].as_array().is_some_and(Vec::is_empty);
        match diff.status.code() {
            Some(0) => Ok(()),
            Some(_) if is_without_cells && words.contains("have no cell in common") => Ok(()),
            code => Err(format!("diff of the saved file: {code:?}, {told}")),
        }
    }
}

/// The default disposition, even if the tests were started with one ignored, as by `nohup`:
/// children inherit that.
#[expect(
    unsafe_code,
    reason = "nix leaves the disposition of signals to its caller"
)]
fn obey() {
    for each in [
        Signal::SIGINT,
        Signal::SIGTERM,
        Signal::SIGHUP,
        Signal::SIGQUIT,
    ] {
        // SAFETY: the default disposition runs no code of ours.
        unsafe { signal(each, SigHandler::SigDfl) }.unwrap();
    }
}

/// Performs the trials, some at the same time, and fails with those that failed.
#[track_caller]
fn perform(count: usize, trial: impl Fn(usize) -> Result<String, String> + Sync) {
    obey();
    let next = AtomicUsize::new(0);
    let ends = Mutex::new(std::collections::BTreeMap::<String, usize>::new());
    let failures = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..LANES {
            scope.spawn(|| {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= count {
                        break;
                    }
                    match trial(number) {
                        Ok(end) => *ends.lock().unwrap().entry(end).or_default() += 1,
                        Err(why) => failures.lock().unwrap().push(why),
                    }
                }
            });
        }
    });
    for (end, count) in ends.into_inner().unwrap() {
        println!("{count:5}  {end}");
    }
    let failures = failures.into_inner().unwrap();
    let few = failures.len();
    assert!(
        failures.is_empty(),
        "{few} of {count}:\n{}",
        failures.join("\n\n")
    );
}

fn signals() -> usize {
    let number = env::var("POLLMARK_SIGNALS").ok();
    number.map_or(FEW, |number| {
        number
            .parse()
            .expect("POLLMARK_SIGNALS is a number of signals")
    })
}

/// The signal ends the command as it ends any: by itself, or with the code that a shell gives.
fn ended_by(status: ExitStatus, signal: Signal, moment: Moment) -> bool {
    let number = signal as i32;
    let by_itself = status.signal() == Some(number);
    let by_code = status.code() == Some(128 + number);
    match (signal, moment) {
        (Signal::SIGKILL, _) => by_itself,
        // Here `run` and `compare` listen for it, to show the results that there are.
        (Signal::SIGINT, Moment::Line | Moment::Saved) => by_code,
        _ => by_itself || by_code,
    }
}

#[test]
fn the_command_ends_at_any_moment() {
    perform(signals(), |number| {
        let mut random = fastrand::Rng::with_seed(number as u64);
        let plan = &LONG[number % LONG.len()];
        let signal = TO_THE_COMMAND[(number + number / LONG.len()) % TO_THE_COMMAND.len()];
        let moment = plan.moments[random.usize(..plan.moments.len())];
        let delay = Duration::from_millis(random.u64(..DELAY));
        let command = plan.args[0];
        let name = format!("trial {number}: {signal} to {command}, {moment:?} + {delay:?}");

        let mut trial = Trial::start(plan, &format!("command-{number}"));
        let seen = trial.wait_for(moment);
        thread::sleep(delay);
        let over = trial.child.try_wait().unwrap();
        if let (None, Some(())) = (over, seen) {
            kill(trial.pid(), signal).unwrap();
        }
        let status = trial.end().map_err(|why| format!("{name}: {why}"))?;
        let told = || format!("{name}: {status}, {}", trial.text("stderr"));
        trial
            .is_sound(plan)
            .map_err(|why| format!("{}\n{why}", told()))?;
        match over {
            Some(_) => Err(format!("it ended before the signal: {}", told())),
            None if ended_by(status, signal, moment) => {
                Ok(format!("{command}, {signal}: {status}"))
            }
            None => Err(told()),
        }
    });
}

#[test]
fn the_command_outlives_its_children() {
    let count = TO_A_CHILD.len().max(signals() * 6 / 25);
    perform(count, |number| {
        let mut random = fastrand::Rng::with_seed(number as u64);
        let plan = &SHORT[(number % TO_A_CHILD.len() + number / TO_A_CHILD.len()) % SHORT.len()];
        let signal = TO_A_CHILD[number % TO_A_CHILD.len()];
        let before = Duration::from_millis(random.u64(..DELAY));
        let command = plan.args[0];
        let name = format!("trial {number}: {signal} to a child of {command}, {before:?}");

        let mut trial = Trial::start(plan, &format!("child-{number}"));
        // A child that is there some time after the first one; a command that has ended has none.
        let _seen = trial.wait_for(Moment::Child);
        thread::sleep(before);
        let _seen = trial.wait_for(Moment::Child);
        let children = trial.children();
        if !children.is_empty() {
            let _ended_meanwhile = kill(children[random.usize(..children.len())], signal);
        }
        let status = trial.end().map_err(|why| format!("{name}: {why}"))?;
        let told = || format!("{name}: {status}, {}", trial.text("stderr"));
        trial
            .is_sound(plan)
            .map_err(|why| format!("{}\n{why}", told()))?;
        let results: Value = serde_json::from_str(&trial.text("stdout"))
            .map_err(|error| format!("{}: {error}", told()))?;
        let lost = lost(&results).map_err(|why| format!("{}\n{why}", told()))?;
        let is_right = match command {
            "semantics" => matches!(status.code(), Some(0 | 1)),
            _ => lost <= 1 && status.code() == Some(i32::from(lost > 0)),
        };
        if is_right {
            return Ok(format!("{command}, {signal}: {lost} lost, {status}"));
        }
        Err(format!("{lost} cells are lost: {}", told()))
    });
}

/// How many cells are not ok; each gives its reason.
fn lost(results: &Value) -> Result<usize, String> {
    let mut lost = 0;
    for cell in results["cells"].as_array().into_iter().flatten() {
        if cell["status"] == "ok" {
            continue;
        }
        lost += 1;
        let reason = cell["error"].as_str().unwrap_or_default();
        if reason.is_empty() {
            return Err(format!("lost without a reason: {cell}"));
        }
    }
    Ok(lost)
}
