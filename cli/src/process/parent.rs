//! Starting a child process, listening to it, and ending it when it takes too long.

use std::io::{BufRead, BufReader, Read};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use nix::sys::signal::Signal;

use super::interrupt::{self, Interrupted};
use super::proc_status::{Peaks, Watch};
use super::protocol::{Job, Message, Task};

/// Bytes of a child's standard error that are kept.
const STDERR_KEPT: u64 = 64 * 1024;

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
    mut hear: impl FnMut(Message),
) -> anyhow::Result<Ended> {
    if interrupt::asked() {
        bail!(Interrupted);
    }
    let job = Job {
        parent: std::process::id(),
        work: task,
    };
    let program = std::env::current_exe().context("cannot find the pollmark binary itself")?;
    let mut child = Command::new(program)
        .arg("__cell")
        .arg(serde_json::to_string(&job)?)
        .envs(environment.iter().copied())
        // Ends with this process; see `die_with`.
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        // A terminal sends Ctrl-C to the whole group of this process: what becomes of
        // the child then is for this process to say.
        .process_group(0)
        .spawn()
        .context("cannot start a process for a cell")?;
    let patience = job.work.patience(timeout);
    let mut deadline = Instant::now() + patience;

    let stdout = BufReader::new(child.stdout.take().context("the child has no output")?);
    let stderr = child.stderr.take().context("the child has no errors")?;
    let (sender, lines) = mpsc::channel();
    let listener = thread::spawn(move || {
        // What is not UTF-8 was printed by a scenario or a library, and is read past.
        for line in stdout.split(b'\n').map_while(Result::ok) {
            if sender.send(line).is_err() {
                break;
            }
        }
    });
    let complaints = thread::spawn(move || last_words(stderr));

    let mut watch = Watch::over(child.id());
    let in_time = loop {
        if interrupt::asked() {
            break false;
        }
        let left = deadline.saturating_duration_since(Instant::now());
        match lines.recv_timeout(left.min(watch.due_in())) {
            // What is no message was printed by a scenario or a library: not ours.
            Ok(line) => {
                serde_json::from_slice(&line)
                    .into_iter()
                    .for_each(&mut hear);
                if job.work.renews() {
                    deadline = Instant::now() + patience;
                }
                // Also of a child that always has something to say.
                watch.look_if_due();
            }
            Err(RecvTimeoutError::Disconnected) => break true,
            Err(RecvTimeoutError::Timeout) if Instant::now() < deadline => {
                watch.look_if_due();
            }
            Err(RecvTimeoutError::Timeout) => break false,
        }
    };
    let status = if in_time {
        wait_until(&mut child, deadline)?
    } else {
        None
    };
    let Some(status) = status else {
        child.kill().context("cannot end the process of a cell")?;
        child.wait()?;
        if interrupt::asked() {
            bail!(Interrupted);
        }
        return Ok(Ended {
            end: End::TookTooLong,
            peaks: watch.peaks,
        });
    };
    // Both pipes are closed by the child's end.
    let _ = listener.join();
    let complaints = complaints.join().unwrap_or_default();
    let end = match status.signal() {
        _ if status.success() => End::Done,
        Some(_) => End::Aborted(describe(status, &complaints)),
        None => End::Broke(describe(status, &complaints)),
    };
    Ok(Ended {
        end,
        peaks: watch.peaks,
    })
}

/// Waits for a child that has closed its output and is about to end.
fn wait_until(child: &mut Child, deadline: Instant) -> anyhow::Result<Option<ExitStatus>> {
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        if Instant::now() >= deadline || interrupt::asked() {
            return Ok(None);
        }
        thread::sleep(Duration::from_micros(200));
    }
}

fn last_words(mut stderr: impl Read) -> String {
    let mut kept = Vec::new();
    // What does not fit is read all the same, so that the child never blocks on it.
    let _ = stderr.by_ref().take(STDERR_KEPT).read_to_end(&mut kept);
    let _ = std::io::copy(&mut stderr, &mut std::io::sink());
    String::from_utf8_lossy(&kept).trim().to_owned()
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
