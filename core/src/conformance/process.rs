//! A process for each rule: its own global state, and an end to every hang.

use std::env;
use std::io::{self, Read, Write};
use std::process::{Child, Command, Stdio, exit};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use super::rule::Rule;
use crate::runtime::runner::{Exception, Runner};

/// How long a rule may take. Those that hold take well under a second.
const LIMIT: Duration = Duration::from_secs(60);

/// How long a rule may take for which the runner declared an exception: long
/// enough to show what happens, short enough to wait for.
const EXCEPTION_LIMIT: Duration = Duration::from_secs(5);

/// How long the outputs of a process that was killed may take to close.
const OUTPUTS_CLOSE: Duration = Duration::from_secs(5);

/// Set in the process that checks a rule.
const CHECKING: &str = "POLLMARK_CONFORMANCE_CHECKING";

/// Holds `Q` to a rule: the body of the `#[test]` whose full path is `test`.
///
/// Runs the test's own executable once more, for this test alone, and waits for it
/// for a limited time.
///
/// A rule for which `Q` declares an [`Exception`] is run as well. It may fail
/// and it may hold; which it was is printed with the reason, past the capture
/// of the test's output.
///
/// # Panics
///
/// Panics with the output of that process if the rule does not hold and no
/// exception was declared.
pub fn hold<Q: Runner>(test: &str, rule: fn() -> Rule<Q>) {
    if env::var_os(CHECKING).is_some() {
        end_with_the_limit();
        rule().check();
        return;
    }
    let name = test.rsplit("::").next().unwrap_or(test);
    let exceptions = Q::INFO.exceptions;
    let exception = exceptions.iter().find(|exception| exception.rule == name);
    let limit = exception.map_or(LIMIT, |_| EXCEPTION_LIMIT);

    let ended = check_in_a_process(test, &[], limit);
    match (ended, exception) {
        (ended, Some(exception)) => report(Q::INFO.id, exception, ended.is_ok()),
        (Ok(()), None) => {}
        (Err(output), None) => panic!("{} breaks the rule `{name}`\n{output}", Q::INFO.id),
    }
}

/// Runs `body` of the `#[test]` whose full path is `test` in a process of its own, in
/// which environment variables are set: for what is read once a process, or before its
/// first thread.
///
/// # Panics
///
/// Panics with the output of that process if `body` panicked there, or took longer than
/// a rule may.
pub fn hold_with_variables(test: &str, variables: &[(&str, &str)], body: fn()) {
    if env::var_os(CHECKING).is_some() {
        end_with_the_limit();
        return body();
    }
    if let Err(output) = check_in_a_process(test, variables, LIMIT) {
        panic!("`{test}` fails with {variables:?}\n{output}");
    }
}

/// A process whose parent was killed must not spin for ever.
fn end_with_the_limit() {
    let end = || {
        thread::sleep(LIMIT + Duration::from_secs(5));
        exit(1);
    };
    // The stack is written down because a test may ask for one that no thread can have.
    let watch = thread::Builder::new().stack_size(64 * 1024).spawn(end);
    watch.expect("a process that just started can start a thread");
}

fn report(runner: &str, Exception { rule, reason }: &Exception, held: bool) {
    let outcome = if held {
        "it held here"
    } else {
        "it did not hold here"
    };
    // Nothing to do about a closed stderr.
    let _ = writeln!(
        io::stderr(),
        "{runner}: exception declared: {rule}: {reason} ({outcome})"
    );
}

/// # Errors
///
/// What the process said if it failed, or did not end within `limit`.
fn check_in_a_process(
    test: &str,
    variables: &[(&str, &str)],
    limit: Duration,
) -> Result<(), String> {
    // Tests are known without the name of their crate.
    let test = test.split_once("::").map_or(test, |(_crate, path)| path);
    let executable = env::current_exe().map_err(|error| format!("no executable: {error}"))?;
    let mut child = Command::new(executable)
        .args(["--exact", test, "--nocapture", "--test-threads=1"])
        .env(CHECKING, "1")
        .envs(variables.iter().copied())
        // Many rules panic on purpose, and a backtrace takes longer than a rule.
        .env("RUST_BACKTRACE", "0")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| format!("no process: {error}"))?;

    let output = output_of(&mut child);
    let mut deadline = Instant::now() + limit;
    let mut said = String::new();
    let mut timed_out = false;
    loop {
        match output.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
            Ok(part) => said.push_str(&part),
            Err(RecvTimeoutError::Disconnected) => break,
            Err(RecvTimeoutError::Timeout) if timed_out => break,
            Err(RecvTimeoutError::Timeout) => {
                timed_out = true;
                // Fails only if the process has just ended by itself.
                let _ = child.kill();
                // What it said until then comes once its outputs are closed.
                deadline = Instant::now() + OUTPUTS_CLOSE;
            }
        }
    }
    let status = child
        .wait()
        .map_err(|error| format!("no status: {error}"))?;
    if timed_out {
        return Err(format!("not finished after {limit:?}:\n{said}"));
    }
    // Without the test in it, the process would succeed all the same.
    if !status.success() || !said.contains("1 passed") {
        return Err(format!("{status}:\n{said}"));
    }
    Ok(())
}

/// Collects what the process says; disconnected once it has closed its outputs.
fn output_of(child: &mut Child) -> Receiver<String> {
    let (sender, receiver) = channel();
    let stdout = child.stdout.take().map(boxed);
    let stderr = child.stderr.take().map(boxed);
    for mut pipe in stdout.into_iter().chain(stderr) {
        let sender = sender.clone();
        thread::spawn(move || {
            let mut said = Vec::new();
            // What was read before an error is worth as much without it.
            let _ = pipe.read_to_end(&mut said);
            let _ = sender.send(String::from_utf8_lossy(&said).into_owned());
        });
    }
    receiver
}

fn boxed(pipe: impl Read + Send + 'static) -> Box<dyn Read + Send> {
    Box::new(pipe)
}
