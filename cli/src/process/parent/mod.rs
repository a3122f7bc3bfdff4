//! Starting a child process, listening to it, and ending it when it takes too long.

mod patience;
mod pipes;

use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::Duration;

use anyhow::{Context, bail};
use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;

use self::patience::Patience;
use self::pipes::Pipes;
use super::interrupt::{self, Interrupted};
use super::limits;
use super::proc_status::{Peaks, Watch};
use super::protocol::{Message, Task};

/// The command of a child.
pub(crate) const CELL: &str = "__cell";

/// The end of a child, and its peaks until then.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) end: End,
    pub(crate) peaks: Peaks,
}

/// How a child ended.
#[derive(Debug)]
pub(crate) enum End {
    /// By itself, with success.
    Done,
    /// It had to be killed.
    TookTooLong,
    /// By a signal, as a process that aborts does; which, and the last that it said.
    Aborted(String),
    /// Otherwise; how, and the last that it said.
    Broke(String),
}

/// Runs `task` in a process of its own, with these variables besides its parent's, and
/// hands each of its messages to `hear`.
///
/// The calling thread must live until this returns, or the child is killed with it.
///
/// # Errors
///
/// [`Interrupted`] where Ctrl-C was pressed: the child has been ended. Otherwise the
/// system would not start, watch or end it.
pub(crate) fn run(
    task: Task,
    environment: &[(&str, &str)],
    timeout: Duration,
    hear: impl FnMut(Message),
) -> anyhow::Result<Ended> {
    lines(None, task, environment, timeout, messages(hear))
}

/// As [`run`], in a process of another binary if one is named.
pub(crate) fn run_by(
    program: Option<&Path>,
    task: Task,
    timeout: Duration,
    hear: impl FnMut(Message),
) -> anyhow::Result<Ended> {
    lines(program, task, &[], timeout, messages(hear))
}

/// Hears the lines that are messages. Others were printed by a scenario or a library: not ours.
fn messages(mut hear: impl FnMut(Message)) -> impl FnMut(&[u8]) {
    move |line| serde_json::from_slice(line).into_iter().for_each(&mut hear)
}

/// As [`run_by`], but hands on each line, whatever it is.
pub(super) fn lines(
    program: Option<&Path>,
    task: Task,
    environment: &[(&str, &str)],
    timeout: Duration,
    mut hear: impl FnMut(&[u8]),
) -> anyhow::Result<Ended> {
    if interrupt::asked() {
        bail!(Interrupted);
    }
    let mut job = serde_json::to_vec(&task)?;
    job.push(b'\n');
    let mut child = start(program, &task, environment)?;
    let mut pipes = Pipes::to(&mut child, job)?;
    let mut patience = Patience::of(task.patience(timeout));
    let mut watch = Watch::over(child.id());
    let is_heard_out = loop {
        if interrupt::asked() || pipes.is_flooded() {
            break false;
        }
        let wait = patience.left().min(watch.due_in());
        let heard = pipes.wait(wait, &mut hear)?;
        patience.waited(wait);
        // Also of a child that always has something to say.
        watch.look_if_due();
        if pipes.are_closed() {
            break true;
        }
        if heard && task.renews() {
            patience.renew();
        }
        // A message that came in time counts, also where it is read late; but not for ever.
        if patience.is_over() && (!heard || patience.is_long_over()) {
            break false;
        }
    };
    let status = if is_heard_out {
        wait_until(&mut child, &mut patience)?
    } else {
        None
    };
    let Some(status) = status else {
        kill(&mut child)?;
        if interrupt::asked() {
            bail!(Interrupted);
        }
        let end = match pipes.is_flooded() {
            true => End::Broke(pipes::flood()),
            false => End::TookTooLong,
        };
        return Ok(Ended {
            end,
            peaks: watch.peaks,
        });
    };
    let complaints = pipes.complaints();
    let how = describe(status, &complaints);
    let is_limited = limits::behind(&complaints).is_some();
    let end = match status.signal() {
        _ if status.success() => End::Done,
        Some(signal) if is_of_a_fault(signal) && !is_limited => End::Aborted(how),
        _ => End::Broke(how),
    };
    Ok(Ended {
        end,
        peaks: watch.peaks,
    })
}

/// Starts a process of `program`, or from the file that this process runs, which a build may have
/// replaced since.
fn start(
    program: Option<&Path>,
    task: &Task,
    environment: &[(&str, &str)],
) -> anyhow::Result<Child> {
    let linked = Path::new("/proc/self/exe");
    let program = match program {
        Some(program) => program.to_owned(),
        None if linked.exists() => linked.to_owned(),
        None => own_file()?,
    };
    let started = Command::new(program)
        .arg0("pollmark")
        .arg(CELL)
        .arg(std::process::id().to_string())
        .args(task.words())
        .envs(environment.iter().copied())
        // The runtimes' threads would have stacks of that size, or be refused.
        .env_remove("RUST_MIN_STACK")
        // A build of tokio with `tokio_unstable` would run otherwise than its settings say.
        .env_remove("TOKIO_UNSTABLE_SHARDED_BLOCKING_QUEUE")
        // Ends with this process; see `die_with_standard_input`.
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        // A terminal sends Ctrl-C to the whole group of this process: what becomes of
        // the child then is for this process to say.
        .process_group(0)
        .spawn();
    started.map_err(|error| limits::refused("a process for a cell", error))
}

/// Kills a child, with the processes that it has started: another binary may be a script.
fn kill(child: &mut Child) -> anyhow::Result<()> {
    let group = Pid::from_raw(i32::try_from(child.id())?);
    // The group is gone if the child was waited for; then so is the child.
    let _ = killpg(group, Signal::SIGKILL);
    child.kill().context("cannot end the process of a cell")?;
    child.wait()?;
    Ok(())
}

fn own_file() -> anyhow::Result<PathBuf> {
    std::env::current_exe().context("cannot find the pollmark binary itself")
}

/// Whether a fault of the process itself raises the signal. Any other one comes from outside,
/// as SIGKILL does where the system is short of memory.
fn is_of_a_fault(signal: i32) -> bool {
    matches!(
        Signal::try_from(signal),
        Ok(Signal::SIGABRT
            | Signal::SIGBUS
            | Signal::SIGFPE
            | Signal::SIGILL
            | Signal::SIGSEGV
            | Signal::SIGSYS
            | Signal::SIGTRAP)
    )
}

/// Waits for a child that has closed its output and is about to end.
fn wait_until(child: &mut Child, patience: &mut Patience) -> anyhow::Result<Option<ExitStatus>> {
    const PAUSE: Duration = Duration::from_micros(200);
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        if patience.is_over() || interrupt::asked() {
            return Ok(None);
        }
        thread::sleep(PAUSE);
        patience.waited(PAUSE);
    }
}

fn describe(status: ExitStatus, complaints: &str) -> String {
    let end = match (status.code(), status.signal()) {
        (Some(code), _) => format!("its process ended with code {code}"),
        (None, Some(signal)) => {
            let name = Signal::try_from(signal).map_or("unknown", Signal::as_str);
            format!("its process was killed by signal {signal} ({name})")
        }
        (None, None) => "its process ended".to_owned(),
    };
    let end = match limits::behind(complaints) {
        Some(limit) => format!("{end}; {limit}"),
        None => end,
    };
    let meaningful = complaints
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with("note: run with"));
    let last: Vec<&str> = meaningful.collect();
    match &last[last.len().saturating_sub(2)..] {
        [] => end,
        last => format!("{end}: {}", last.join(" ")),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    /// How a shell script ends that is given so many seconds.
    fn end_of(script: &str, seconds: u64) -> End {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("script");
        fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        let ended = lines(
            Some(&path),
            Task::Hello,
            &[],
            Duration::from_secs(seconds),
            |_| (),
        );
        ended.unwrap().end
    }

    #[test]
    fn a_child_that_talks_without_end_is_stopped() {
        assert!(matches!(end_of("exec yes", 1), End::TookTooLong));
        let End::Broke(why) = end_of("exec cat /dev/zero", 60) else {
            panic!("it broke");
        };
        assert_eq!(why, "its process wrote a line of more than 64 MiB");
    }
}
