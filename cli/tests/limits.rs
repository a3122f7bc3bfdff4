//! Few threads, processes and files, and small stacks: an error names the limit, and nothing
//! panics or hangs.
#![cfg(target_os = "linux")]

mod common;

use std::fs::File;
use std::os::unix::process::CommandExt;
use std::process::{Command, Output, Stdio};

use common::process;
use common::running::{Running, until_ended};

/// A command under a limit of `ulimit`, as the user `uid` if there is one. Its program is its
/// standard input: another user may not search the folders that lead to it.
fn limited(ulimit: &str, uid: Option<u32>, args: &[&str]) -> Command {
    let program = process();
    let mut shell = Command::new("bash");
    for (name, value) in program.get_envs() {
        match value {
            Some(value) => shell.env(name, value),
            None => shell.env_remove(name),
        };
    }
    if let Some(uid) = uid {
        shell.uid(uid).gid(uid);
    }
    let run = format!("ulimit {ulimit} && exec /proc/self/fd/0 \"$@\"");
    shell.args(["-c", &run, "bash"]).args(args);
    shell
        .current_dir("/")
        .stdin(File::open(program.get_program()).unwrap())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    shell
}

/// Its end, without a panic, within the patience of a test.
#[track_caller]
fn ended(command: Command) -> (Option<i32>, String) {
    let (code, told) = ended_somehow(command);
    assert!(!told.contains("panicked"), "{told}");
    (code, told)
}

#[track_caller]
fn ended_somehow(mut command: Command) -> (Option<i32>, String) {
    let Output {
        status,
        stdout,
        stderr,
    } = until_ended(Running::of(command.spawn().unwrap()));
    let told = String::from_utf8_lossy(&[stdout, stderr].concat()).into_owned();
    (status.code(), told)
}

/// A user without a process, so that `ulimit -u` counts those of the test alone; `None`, and
/// the reason, where this process may not become one.
fn somebody_else(test: &str, number: u32) -> Option<u32> {
    let uid = 1_000_000 + std::process::id() % 100_000 * 10 + number;
    let mut command = limited("-c 0", Some(uid), &["--version"]);
    match command.output() {
        Ok(output) if output.status.success() => Some(uid),
        refused => {
            eprintln!("`{test}` did not run: it needs an unprivileged user: {refused:?}");
            None
        }
    }
}

/// Cells of every runner, some of which want threads for blocking calls.
const CELLS: &[&str] = &["run", "waiter/blocking-tasks", "waiter/tasks", "--quiet"];
const SHORT: &[&str] = &["--speed", "100", "--timeout", "3s", "--workers", "2"];

#[test]
fn few_processes_are_an_error_that_names_the_limit() {
    let Some(uid) = somebody_else("few_processes_are_an_error_that_names_the_limit", 1) else {
        return;
    };
    let args = [CELLS, SHORT].concat();
    for most in 1..=12 {
        let (code, told) = ended(limited(&format!("-u {most}"), Some(uid), &args));
        let words = told.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(code.is_some(), "{most}: {told}");
        if most <= 4 {
            assert_ne!(code, Some(0), "{most}: {told}");
            assert!(words.contains("ulimit -u"), "{most}: {told}");
        }
    }
}

#[test]
fn few_open_files_are_an_error_that_names_the_limit() {
    let args = [CELLS, SHORT].concat();
    for most in [8, 12, 16] {
        let (code, told) = ended(limited(&format!("-n {most}"), None, &args));
        assert!(
            code == Some(0) || told.contains("ulimit -n"),
            "{most}: {told}"
        );
    }
}

/// The standard library ends a process that gets no memory, in words of its own.
#[test]
fn little_memory_is_told() {
    let args = [CELLS, SHORT].concat();
    let words = [
        "ulimit -v",
        "memory allocation of",
        "Cannot allocate memory",
    ];
    for most in [150_000, 250_000, 400_000] {
        let (code, told) = ended_somehow(limited(&format!("-v {most}"), None, &args));
        let is_told = words.iter().any(|words| told.contains(words));
        assert!(code == Some(0) || is_told, "{most}: {told}");
    }
}

#[test]
fn a_small_stack_is_enough() {
    let run = [&["run", "done"], SHORT].concat();
    for args in [&["list"][..], &["explain", "waiter"], &run] {
        let (code, told) = ended(limited("-s 32", None, args));
        assert_eq!(code, Some(0), "{args:?}: {told}");
    }
}

#[test]
fn the_stacks_of_threads_do_not_depend_on_a_variable() {
    for size in ["1", "1152921504606846976"] {
        let mut run = process();
        run.args(["run", "done"]).args(SHORT);
        run.env("RUST_MIN_STACK", size);
        run.stdout(Stdio::piped()).stderr(Stdio::piped());
        let (code, told) = ended(run);
        assert_eq!(code, Some(0), "{size}: {told}");
    }
}
