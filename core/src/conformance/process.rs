//! Runs each rule in a process of its own, with its own global state and a limit to every hang.

use std::env;
use std::io::{self, Read, Write};
use std::process::{Child, Command, Stdio, exit};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use super::rule::Rule;
use crate::runtime::runner::Runner;
use crate::runtime::runner_info::Exception;

/// The time limit of a rule. A rule that holds takes well under a second.
const LIMIT: Duration = Duration::from_secs(60);

/// The time limit of a rule for which the runner declared an exception: long enough to show the
/// behaviour, short enough to wait for.
const EXCEPTION_LIMIT: Duration = Duration::from_secs(5);

/// The time limit for the outputs of a killed process to close.
const OUTPUTS_CLOSE: Duration = Duration::from_secs(5);

/// This variable is set in the process that checks a rule.
const CHECKING: &str = "POLLMARK_CONFORMANCE_CHECKING";

/// Holds `Q` to a rule: the body of the `#[test]` whose full path is `test`.
///
/// Runs the test's own executable once more, for this test alone, and waits for it for a limited
/// time.
///
/// A rule for which `Q` declares an [`Exception`] is run as well. Whether it holds or fails, the
/// outcome is printed with the reason, bypassing the capture of the test's output.
///
/// # Panics
///
/// Panics with the output of that process if the rule does not hold and no exception was declared.
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

/// Runs `body` of the `#[test]` whose full path is `test` in a process of its own, with the given
/// environment variables: for settings that are read once per process, or before its first thread.
///
/// # Panics
///
/// Panics with the output of that process if `body` panicked there, or took longer than a rule may.
pub fn hold_with_variables(test: &str, variables: &[(&str, &str)], body: fn()) {
    if env::var_os(CHECKING).is_some() {
        end_with_the_limit();
        return body();
    }
    if let Err(output) = check_in_a_process(test, variables, LIMIT) {
        panic!("`{test}` fails with {variables:?}\n{output}");
    }
}

/// Ends this process after the limit: if its parent was killed, it must not spin for ever.
fn end_with_the_limit() {
    let end = || {
        thread::sleep(LIMIT + Duration::from_secs(5));
        exit(1);
    };
    // The stack size is given because a test may configure one that no thread can have.
    let watch = thread::Builder::new().stack_size(64 * 1024).spawn(end);
    watch.expect("a process that just started can start a thread");
}

fn report(runner: &str, Exception { rule, reason }: &Exception, held: bool) {
    let outcome = if held {
        "it held here"
    } else {
        "it did not hold here"
    };
    // A closed stderr cannot be helped.
    let _ = writeln!(
        io::stderr(),
        "{runner}: exception declared: {rule}: {reason} ({outcome})"
    );
}

/// # Errors
///
/// The output of the process, if it failed or did not end within `limit`.
fn check_in_a_process(
    test: &str,
    variables: &[(&str, &str)],
    limit: Duration,
) -> Result<(), String> {
    // The test harness knows tests without the name of their crate.
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
                // This fails only if the process has just ended by itself.
                let _ = child.kill();
                // The output so far arrives once the outputs are closed.
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
    // The process would succeed even if it contained no such test.
    if !status.success() || !said.contains("1 passed") {
        return Err(format!("{status}:\n{said}"));
    }
    Ok(())
}

/// Collects the output of the process; disconnects once the process has closed its outputs.
fn output_of(child: &mut Child) -> Receiver<String> {
    let (sender, receiver) = channel();
    let stdout = child.stdout.take().map(boxed);
    let stderr = child.stderr.take().map(boxed);
    for mut pipe in stdout.into_iter().chain(stderr) {
        let sender = sender.clone();
        thread::spawn(move || {
            let mut said = Vec::new();
            // The text read before an error is just as useful without the error.
            let _ = pipe.read_to_end(&mut said);
            let _ = sender.send(String::from_utf8_lossy(&said).into_owned());
        });
    }
    receiver
}

fn boxed(pipe: impl Read + Send + 'static) -> Box<dyn Read + Send> {
    Box::new(pipe)
}
