//! A reader that has seen enough, such as `head`, causes no error.
#![cfg(unix)]

mod common;

use std::io::{self, BufRead, BufReader};
use std::process::{Output, Stdio};

use common::process;

const QUICK: [&str; 4] = ["run", "cafe/concurrent@virtual", "--speed", "1000"];

/// Runs `pollmark ARGS` with a standard output that has no reader from the start.
#[track_caller]
fn unread(args: &[&str]) -> Output {
    let (reader, writer) = io::pipe().unwrap();
    drop(reader);
    let command = process()
        .args(args)
        .stdin(Stdio::null())
        .stdout(writer)
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    command.wait_with_output().unwrap()
}

#[track_caller]
fn ends_quietly(ended: &Output) {
    let told = String::from_utf8_lossy(&ended.stderr);
    assert_eq!(ended.status.code(), Some(0), "{told}");
    // Only a warning about the build or the machine may be printed.
    for line in told.lines() {
        assert!(line.starts_with("warning: "), "{told}");
    }
}

#[test]
fn a_list_that_nobody_reads_ends_quietly() {
    ends_quietly(&unread(&["list"]));
    ends_quietly(&unread(&["list", "--format", "json"]));
}

#[test]
fn results_that_nobody_reads_end_quietly() {
    for format in ["human", "json", "csv", "markdown"] {
        let args = [&QUICK[..], &["--format", format]].concat();
        ends_quietly(&unread(&args));
    }
    ends_quietly(&unread(&[&QUICK[..], &["--quiet"]].concat()));
    ends_quietly(&unread(&[&QUICK[..], &["--dry-run"]].concat()));
}

#[test]
fn help_and_completions_that_nobody_reads_end_quietly() {
    ends_quietly(&unread(&["--help"]));
    ends_quietly(&unread(&["run", "--help"]));
    ends_quietly(&unread(&["--version"]));
    ends_quietly(&unread(&["completions", "zsh"]));
}

#[test]
fn a_reader_that_leaves_in_the_middle_ends_the_run() {
    // A line every tenth of a second, for a thousand seconds.
    let mut running = process()
        .args(["run", "cafe/sequential@smol", "--speed", "50"])
        .args(["--param", "customers=10000", "--timeout", "1h"])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut reader = BufReader::new(running.stdout.take().unwrap());
    let mut line = String::new();
    reader.read_line(&mut line).unwrap();
    assert!(line.starts_with("cafe/sequential"), "{line}");
    drop(reader);
    ends_quietly(&running.wait_with_output().unwrap());
}

#[test]
fn a_reader_that_leaves_does_not_end_a_run_that_is_saved() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("results.json");
    let mut running = process()
        .args(["run", "cafe", "--speed", "100", "--save"])
        .arg(&path)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut reader = BufReader::new(running.stdout.take().unwrap());
    reader.read_line(&mut String::new()).unwrap();
    drop(reader);
    ends_quietly(&running.wait_with_output().unwrap());
    let saved: serde_json::Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    assert_eq!(saved["cells"].as_array().map(Vec::len), Some(20));
}

#[test]
fn the_exit_code_tells_where_nobody_reads_the_message() {
    let (reader, writer) = io::pipe().unwrap();
    drop(reader);
    let refused = process()
        .args(["run", "wayter"])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(writer)
        .status()
        .unwrap();
    assert_eq!(refused.code(), Some(2));
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_an_error_and_no_closed_pipe() {
    for args in [&["list"][..], &QUICK] {
        let full = std::fs::File::options()
            .write(true)
            .open("/dev/full")
            .unwrap();
        let ended = process()
            .args(args)
            .stdin(Stdio::null())
            .stdout(full)
            .stderr(Stdio::piped())
            .spawn()
            .unwrap()
            .wait_with_output()
            .unwrap();
        let told = String::from_utf8_lossy(&ended.stderr);
        assert_eq!(ended.status.code(), Some(3), "{told}");
        assert!(told.contains("No space left"), "{told}");
        assert!(!told.contains("panicked"), "{told}");
    }
}
