//! The terminal in which a trace is stepped through, and its restoration.

use std::io::{self, Write};
use std::mem;
use std::os::fd::AsFd;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use crossterm::event::{self, Event};
use crossterm::terminal::{self, EnterAlternateScreen, LeaveAlternateScreen};
use crossterm::{cursor, execute};
use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::unistd::dup2_stdin;
use signal_hook::consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM};
use signal_hook::flag;

use crate::output::file::trouble::FileTrouble;

/// Whether the terminal is in the state that [`restore`] ends.
static IS_CHANGED: AtomicBool = AtomicBool::new(false);

/// The alternate screen, in which keys are read one by one. Its drop restores the terminal.
#[derive(Debug)]
pub(super) struct Screen {
    /// The signal that arrived; 0 before.
    signal: Arc<AtomicUsize>,
    /// Whether a signal ends this process at once again.
    is_left: Arc<AtomicBool>,
    /// Whether the terminal is gone.
    is_gone: Arc<AtomicBool>,
}

impl Screen {
    pub(super) fn enter() -> Result<Self> {
        let screen = Screen {
            signal: Arc::default(),
            is_left: Arc::default(),
            is_gone: Arc::default(),
        };
        watch(Arc::clone(&screen.is_gone)).context("cannot start a thread")?;
        for signal in [SIGTERM, SIGINT, SIGHUP, SIGQUIT] {
            flag::register_conditional_default(signal, Arc::clone(&screen.is_left))?;
            flag::register_usize(
                signal,
                Arc::clone(&screen.signal),
                signal.unsigned_abs() as usize,
            )?;
        }
        let usual = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            // Before its message, which the alternate screen would take with it.
            restore();
            usual(info);
        }));
        terminal::enable_raw_mode().context("this terminal cannot be read key by key")?;
        IS_CHANGED.store(true, Ordering::Relaxed);
        execute!(io::stdout(), EnterAlternateScreen, cursor::Hide)?;
        Ok(screen)
    }

    /// The signal that arrived, if one did.
    fn signal(&self) -> Option<i32> {
        let signal = i32::try_from(self.signal.load(Ordering::Relaxed)).ok()?;
        (signal != 0).then_some(signal)
    }

    /// Restores the terminal, and returns the signal that arrived, if one did.
    pub(super) fn leave(self) -> Option<i32> {
        restore();
        self.signal()
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        restore();
        self.is_left.store(true, Ordering::Relaxed);
    }
}

fn restore() {
    if IS_CHANGED.swap(false, Ordering::Relaxed) {
        let _ = execute!(io::stdout(), LeaveAlternateScreen, cursor::Show);
        let _ = terminal::disable_raw_mode();
    }
}

/// The longest time for which a signal goes unseen, in milliseconds.
const TICK: u8 = 50;

/// The next key, or change of the terminal; `None` if a signal arrived.
///
/// # Errors
///
/// The terminal is gone, or cannot be read.
pub(super) fn next_event(screen: &Screen) -> Result<Option<Event>> {
    while screen.signal().is_none() {
        ensure!(
            !screen.is_gone.load(Ordering::Acquire),
            FileTrouble("the terminal is gone".to_owned())
        );
        let waited = event::poll(Duration::ZERO);
        let waited = waited.and_then(|there| there.then(event::read).transpose());
        match waited {
            // Keys that were typed at once have all been read, and are asked for first.
            Ok(None) => hold_on()?,
            // The next look at the flag tells, or that at the signal.
            Err(_) if ends(PollTimeout::ZERO) => screen.is_gone.store(true, Ordering::Release),
            _ if screen.is_gone.load(Ordering::Acquire) || screen.signal().is_some() => {}
            event => {
                let trouble = || FileTrouble("cannot read the keyboard".to_owned());
                return event.with_context(trouble);
            }
        }
    }
    Ok(None)
}

/// Waits until something is typed, for a [`TICK`] at most.
fn hold_on() -> Result<()> {
    let stdin = io::stdin();
    match poll(&mut [PollFd::new(stdin.as_fd(), PollFlags::POLLIN)], TICK) {
        // A signal: its flag is looked at next.
        Ok(_) | Err(Errno::EINTR) => Ok(()),
        Err(error) => Err(error).context("cannot wait for the keyboard"),
    }
}

/// Whether the terminal goes within that time.
fn ends(timeout: PollTimeout) -> bool {
    // That it is gone is told whatever is asked for.
    let stdin = io::stdin();
    let mut polled = [PollFd::new(stdin.as_fd(), PollFlags::empty())];
    !matches!(poll(&mut polled, timeout), Ok(0) | Err(Errno::EINTR))
}

/// Watches, on a thread of its own, whether the terminal goes, with a signal or without one.
///
/// crossterm 0.29 reads a terminal that is gone in a loop that has no end (`read` fails with EIO,
/// or reads nothing, and is called again). So the standard input becomes a pipe with one key in it,
/// after the flag that tells of it is set: the loop ends with that key.
fn watch(is_gone: Arc<AtomicBool>) -> io::Result<()> {
    let watch = move || {
        while !ends(PollTimeout::NONE) {}
        is_gone.store(true, Ordering::Release);
        if let Ok((keys, mut typing)) = io::pipe()
            && typing.write_all(b"q").is_ok()
            && dup2_stdin(keys).is_ok()
        {
            // An end of the pipe would be read for ever like the terminal's.
            mem::forget(typing);
        }
    };
    thread::Builder::new().spawn(watch).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Panics on the alternate screen, for the test below.
    #[test]
    #[ignore = "changes the terminal, and fails"]
    fn panics_on_the_screen() {
        let _screen = Screen::enter().unwrap();
        panic!("burnt");
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn a_panic_restores_the_terminal_before_its_message() {
        use std::fs::File;
        use std::io::Read;
        use std::process::{Command, Stdio};

        let pty = nix::pty::openpty(None, None).unwrap();
        let flags = || {
            nix::sys::termios::tcgetattr(&pty.slave)
                .unwrap()
                .local_flags
        };
        let before = flags();
        let end = || Stdio::from(pty.slave.try_clone().unwrap());
        let (_, module) = module_path!().split_once("::").unwrap();
        let name = format!("{module}::panics_on_the_screen");
        let mut panicking = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", &name, "--ignored", "--nocapture"])
            .stdin(end())
            .stdout(end())
            .stderr(end())
            .spawn()
            .unwrap();
        // What it writes fits into the terminal's buffer.
        assert!(!panicking.wait().unwrap().success());
        assert_eq!(flags(), before);
        drop(pty.slave);
        let mut told = Vec::new();
        // A terminal without a program at its other end is read to an error.
        let _ = File::from(pty.master).read_to_end(&mut told);
        let told = String::from_utf8_lossy(&told);
        let (_, after) = told.split_once("\u{1b}[?1049h").expect(&told);
        let (_, after) = after.split_once("\u{1b}[?1049l").expect(&told);
        assert!(after.contains("burnt"), "{told}");
    }
}
