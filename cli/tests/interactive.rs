//! `trace --interactive` on a terminal of the test's own: each signal restores it.
#![cfg(target_os = "linux")]

mod common;

use std::fs::File;
use std::io::Read;
use std::os::fd::AsFd;
use std::os::unix::process::ExitStatusExt;
use std::process::Stdio;

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::pty::{Winsize, openpty};
use nix::sys::signal::Signal;
use nix::sys::termios::{LocalFlags, tcgetattr};

use common::process;
use common::running::{Running, obey_sigint, until, until_ended};

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

#[track_caller]
fn a_signal_restores_the_terminal(signal: Signal) {
    obey_sigint();
    let size = Winsize {
        ws_row: 24,
        ws_col: 100,
        ws_xpixel: 0,
        ws_ypixel: 0,
    };
    let pty = openpty(Some(&size), None).unwrap();
    let flags = || tcgetattr(&pty.slave).unwrap().local_flags;
    let before = flags();
    assert!(before.contains(LocalFlags::ICANON));
    let end = || Stdio::from(pty.slave.try_clone().unwrap());
    let child = process()
        .args(["trace", "waiter/tasks@virtual", "--interactive"])
        .stdin(end())
        .stdout(end())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let running = Running::of(child);
    let mut terminal = File::from(pty.master);
    let told = read_until(&mut terminal, "q quit");
    assert!(told.contains("\u{1b}[?1049h"), "{told}");
    assert!(!flags().contains(LocalFlags::ICANON));
    running.signal(signal);
    let ended = until_ended(running);
    read_until(&mut terminal, "\u{1b}[?1049l");
    assert_eq!(flags(), before);
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
