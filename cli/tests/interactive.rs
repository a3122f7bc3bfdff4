//! `trace --interactive` on a terminal of the test's own: each signal restores it.
#![cfg(target_os = "linux")]

mod common;

use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::process::ExitStatusExt;
use std::process::Stdio;

use nix::fcntl::{FcntlArg, FdFlag, fcntl};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::pty::{Winsize, openpty};
use nix::sys::signal::Signal;
use nix::sys::termios::{LocalFlags, tcgetattr};

use common::process;
use common::running::{Running, obey_signals, until, until_ended};

/// Reads on until `text` appears, and returns all that was read.
#[track_caller]
fn read_until(terminal: &mut File, text: &str) -> String {
    let mut told = Vec::new();
    until(text, || {
        let mut polled = [PollFd::new(terminal.as_fd(), PollFlags::POLLIN)];
        if poll(&mut polled, PollTimeout::from(10_u8)).unwrap() > 0 {
            let mut chunk = [0; 4096];
            let read = terminal.read(&mut chunk).unwrap();
            told.extend(&chunk[..read]);
        }
        let told = String::from_utf8_lossy(&told);
        told.contains(text).then(|| told.into_owned())
    })
}

/// A command on a terminal of 24 lines and, if not told otherwise, 100 columns.
struct Stepped {
    running: Running,
    terminal: File,
    slave: OwnedFd,
    before: LocalFlags,
}

impl Stepped {
    #[track_caller]
    fn begin(variables: &[(&str, &str)]) -> Self {
        Stepped::through(&["waiter/cancel-pending@virtual"], variables)
    }

    #[track_caller]
    fn through(cell: &[&str], variables: &[(&str, &str)]) -> Self {
        Stepped::on(100, cell, variables)
    }

    #[track_caller]
    fn on(width: u16, cell: &[&str], variables: &[(&str, &str)]) -> Self {
        obey_signals();
        let size = Winsize {
            ws_row: 24,
            ws_col: width,
            ws_xpixel: 0,
            ws_ypixel: 0,
        };
        let pty = openpty(Some(&size), None).unwrap();
        // No child holds the terminal's other end.
        fcntl(&pty.master, FcntlArg::F_SETFD(FdFlag::FD_CLOEXEC)).unwrap();
        let before = tcgetattr(&pty.slave).unwrap().local_flags;
        assert!(before.contains(LocalFlags::ICANON));
        let end = || Stdio::from(pty.slave.try_clone().unwrap());
        let child = process()
            .args(["trace", "--interactive", "--workers", "1"])
            .args(cell)
            .env("TERM", "xterm")
            .envs(variables.iter().copied())
            .stdin(end())
            .stdout(end())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        Stepped {
            running: Running::of(child),
            terminal: File::from(pty.master),
            slave: pty.slave,
            before,
        }
    }

    fn flags(&self) -> LocalFlags {
        tcgetattr(&self.slave).unwrap().local_flags
    }

    /// Presses keys, and returns the page that follows, up to `text`.
    #[track_caller]
    fn press(&mut self, keys: &str, text: &str) -> String {
        self.terminal.write_all(keys.as_bytes()).unwrap();
        read_until(&mut self.terminal, text)
    }
}

#[track_caller]
fn a_signal_restores_the_terminal(signal: Signal) {
    let mut stepped = Stepped::begin(&[]);
    let told = read_until(&mut stepped.terminal, "q quit");
    assert!(told.contains("\u{1b}[?1049h"), "{told}");
    assert!(!stepped.flags().contains(LocalFlags::ICANON));
    stepped.running.signal(signal);
    let Stepped {
        running,
        mut terminal,
        slave,
        before,
    } = stepped;
    let ended = until_ended(running);
    read_until(&mut terminal, "\u{1b}[?1049l");
    assert_eq!(tcgetattr(&slave).unwrap().local_flags, before);
    match signal {
        Signal::SIGINT => assert_eq!(ended.status.code(), Some(130), "{ended:?}"),
        other => assert_eq!(ended.status.signal(), Some(other as i32), "{ended:?}"),
    }
}

#[test]
fn sigterm_restores_the_terminal() {
    a_signal_restores_the_terminal(Signal::SIGTERM);
}

#[test]
fn sigint_restores_the_terminal() {
    a_signal_restores_the_terminal(Signal::SIGINT);
}

#[test]
fn sighup_restores_the_terminal() {
    a_signal_restores_the_terminal(Signal::SIGHUP);
}

#[test]
fn sigquit_restores_the_terminal() {
    a_signal_restores_the_terminal(Signal::SIGQUIT);
}

/// A terminal may go without a signal, as that of a closed window in a session of another process.
#[test]
fn a_terminal_that_is_gone_ends_the_command() {
    // Before the keyboard is read for the first time, and after it.
    for keys in ["", " "] {
        a_terminal_that_goes_after(keys);
    }
}

#[track_caller]
fn a_terminal_that_goes_after(keys: &str) {
    let mut stepped = Stepped::begin(&[]);
    read_until(&mut stepped.terminal, "q quit");
    if !keys.is_empty() {
        stepped.press(keys, "q quit");
    }
    let Stepped {
        running,
        terminal,
        slave,
        ..
    } = stepped;
    drop((terminal, slave));
    let ended = until_ended(running);
    assert_eq!(ended.status.code(), Some(3), "{ended:?}");
    let told = String::from_utf8_lossy(&ended.stderr);
    assert!(told.contains("the terminal is gone"), "{told}");
}

/// The cells of a page, without the sequences that place and colour them.
fn plain(page: &str) -> String {
    let mut text = String::new();
    let mut parts = page.split('\u{1b}');
    text.extend(parts.next());
    for part in parts {
        let end = part.find(|letter: char| letter.is_ascii_alphabetic());
        // Each line is placed by a sequence that ends with an H.
        text.push_str(if part[end.unwrap_or(0)..].starts_with('H') {
            "\n"
        } else {
            ""
        });
        text.push_str(&part[end.map_or(part.len(), |end| end + 1)..]);
    }
    text
}

#[test]
fn keys_move_a_cursor_over_the_timeline_above_the_source() {
    for variables in [&[][..], &[("NO_COLOR", "1")]] {
        let mut stepped = Stepped::begin(variables);
        let first = plain(&read_until(&mut stepped.terminal, "q quit"));
        assert!(first.contains("before the first of "), "{first}");
        assert!(first.contains("async fn cancel_pending"), "{first}");
        let second = plain(&stepped.press(" ", "q quit"));
        assert!(second.contains("event 1 of "), "{second}");
        let last = stepped.press("G", "q quit");
        assert_eq!(last.contains("\u{1b}[7m"), variables.is_empty(), "{last:?}");
        let last = plain(&last);
        assert!(last.contains("this was the last event"), "{last}");
        // Those that have ended are still there, each with its fate.
        for row in [
            "Chops        cancelled",
            "Caesar salad ended",
            "main         ended",
        ] {
            assert!(last.contains(row), "no {row:?} in {last}");
        }
        let column = |page: &str| {
            let line = page.lines().find(|line| line.contains('▼')).expect(page);
            line.chars().position(|letter| letter == '▼')
        };
        assert!(column(&first) < column(&last), "{first} {last}");
        let back = plain(&stepped.press("p", "q quit"));
        assert!(
            back.contains("event ") && !back.contains("this was the last"),
            "{back}"
        );
        let typed = plain(&stepped.press("4", "q quit"));
        assert!(typed.contains("to event 4"), "{typed}");
        let spawned = plain(&stepped.press("\r", "q quit"));
        assert!(spawned.contains("event 4 of "), "{spawned}");
        let is_spawn = |line: &str| line.starts_with('>') && line.contains(".spawn(");
        assert!(spawned.lines().any(is_spawn), "{spawned}");
        let help = plain(&stepped.press("?", "Ctrl-C"));
        assert!(
            help.contains("PgDn, PgUp") && help.contains("this page"),
            "{help}"
        );
        stepped.press("x", "q quit");
        stepped.press("q", "\u{1b}[?1049l");
        let before = stepped.before;
        let ended = until_ended(stepped.running);
        assert_eq!(ended.status.code(), Some(0), "{ended:?}");
        assert_eq!(tcgetattr(&stepped.slave).unwrap().local_flags, before);
    }
}

#[test]
fn a_wide_terminal_shows_the_source_beside_the_timeline() {
    let mut stepped = Stepped::on(160, &["waiter/cancel-pending@virtual"], &[]);
    read_until(&mut stepped.terminal, "q quit");
    let page = plain(&stepped.press("G", "q quit"));
    let row = page
        .lines()
        .find(|line| line.contains("Chops        cancelled"));
    // The first half is the timeline's; the source begins after it, at the same column in each line.
    let source = |line: &str| line.chars().skip(82).collect::<String>();
    assert!(!source(row.expect(&page)).trim().is_empty(), "{page}");
    let program = page
        .lines()
        .find(|line| line.contains("async fn cancel_pending"));
    assert!(
        source(program.expect(&page)).contains("async fn cancel_pending"),
        "{page}"
    );
    assert!(
        page.lines().all(|line| line.chars().count() <= 160),
        "{page}"
    );
    stepped.press("q", "\u{1b}[?1049l");
    assert_eq!(until_ended(stepped.running).status.code(), Some(0));
}

/// The picture has rows for the first of many tasks alone.
#[test]
fn the_task_of_the_event_has_a_row_and_all_others_are_counted() {
    let cell = [
        "yield-storm/together@virtual",
        "--param",
        "tasks=30",
        "--param",
        "yields=2",
    ];
    let mut stepped = Stepped::through(&cell, &[]);
    read_until(&mut stepped.terminal, "q quit");
    // In the middle of the spawns.
    stepped.press("2", "q quit");
    stepped.press("0", "q quit");
    let page = plain(&stepped.press("\r", "q quit"));
    assert!(page.contains("event 20 of "), "{page}");
    let rows = |sign: &str, name: &str| {
        let row = format!("{sign} {name}");
        page.lines().filter(|line| line.starts_with(&row)).count()
    };
    assert_eq!(rows(">", "yielder"), 1, "{page}");
    let shown = 1 + rows(" ", "main") + rows(" ", "yielder");
    let rest = format!("and {} more tasks", 31 - shown);
    assert!(page.contains(&rest), "no {rest:?} in {page}");
    stepped.press("q", "\u{1b}[?1049l");
    assert_eq!(until_ended(stepped.running).status.code(), Some(0));
}
