//! Building the probe, and running it under valgrind, which counts every
//! instruction of a process.

use std::env;
use std::ffi::OsString;
use std::io::ErrorKind;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use anyhow::{Context, bail, ensure};
use pollmark_benches::probe::{Allocated, Probe};
use serde_json::Value;

/// Runs probes under valgrind.
#[derive(Debug)]
pub(crate) struct Counter {
    /// The probe's binary.
    probe: PathBuf,
}

/// The figures of one run of the probe.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Counted {
    /// Instructions of the whole process, from its first to its last.
    pub(crate) instructions: u64,
    pub(crate) allocated: Allocated,
}

impl Counter {
    /// Checks that valgrind is there, and has cargo build the probe with the
    /// profile of the benches, and not with this program's: without
    /// whole-program optimisation it is luck which side's calls are inlined.
    pub(crate) fn new() -> anyhow::Result<Self> {
        if let Err(error) = Command::new("valgrind").arg("--version").output() {
            if error.kind() == ErrorKind::NotFound {
                bail!("valgrind is missing; install it: apt-get install valgrind");
            }
            return Err(error).context("valgrind could not be started");
        }
        let mut cargo = Command::new(env::var_os("CARGO").unwrap_or(OsString::from("cargo")));
        cargo
            .args(["build", "--quiet", "--profile", "bench"])
            .args(["--bin", "overhead-probe", "--message-format", "json"])
            .args([
                "--manifest-path",
                concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"),
            ])
            // The compiler's complaints are the user's to see.
            .stderr(Stdio::inherit());
        let messages = output("cargo", &mut cargo)?.stdout;
        let probe = executable(&String::from_utf8_lossy(&messages));
        Ok(Counter {
            probe: probe.context("cargo does not say where the probe is")?,
        })
    }

    /// Runs `probe`. Leaves no file behind.
    pub(crate) fn count(&self, probe: &Probe) -> anyhow::Result<Counted> {
        let mut valgrind = Command::new("valgrind");
        valgrind
            .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
            .arg(&self.probe)
            .args([probe.operation.name(), probe.runtime.name()])
            .args([probe.side.name(), &probe.count.to_string()]);
        let output = output("valgrind", &mut valgrind)?;
        let log = String::from_utf8_lossy(&output.stderr);
        let printed = String::from_utf8_lossy(&output.stdout);
        let instructions = instructions(&log)
            .with_context(|| format!("valgrind does not say what it collected:\n{log}"))?;
        let allocated = Allocated::parse(&printed)
            .with_context(|| format!("the probe does not say what it allocated: {printed:?}"))?;
        Ok(Counted {
            instructions,
            allocated,
        })
    }
}

fn output(program: &str, command: &mut Command) -> anyhow::Result<Output> {
    let output = command
        .stdin(Stdio::null())
        .output()
        .with_context(|| format!("{program} could not be started"))?;
    ensure!(
        output.status.success(),
        "{program} failed ({}):\n{}",
        output.status,
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(output)
}

/// Finds the path of the one executable in cargo's messages, a JSON object a line.
fn executable(messages: &str) -> Option<PathBuf> {
    messages.lines().find_map(|line| {
        let message: Value = serde_json::from_str(line).ok()?;
        message["executable"].as_str().map(PathBuf::from)
    })
}

/// Finds the total in callgrind's log: `==4711== Collected : 22222211`.
fn instructions(log: &str) -> Option<u64> {
    let total = log.lines().find_map(|line| {
        let (_, total) = line.split_once("Collected :")?;
        total.split_whitespace().next()
    });
    total?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_total_is_found_in_the_log() {
        let log = "==7== Events    : Ir\n==7== Collected : 22222211\n==7== \n";
        assert_eq!(instructions(log), Some(22_222_211));
        assert_eq!(instructions("==7== Events    : Ir\n"), None);
    }

    #[test]
    fn the_probe_is_found_in_cargos_messages() {
        let messages = concat!(
            r#"{"reason":"compiler-artifact","executable":null}"#,
            "\nnot a message\n",
            r#"{"reason":"compiler-artifact","executable":"/t/release/overhead-probe"}"#,
        );
        let found = executable(messages);
        assert_eq!(found, Some(PathBuf::from("/t/release/overhead-probe")));
        assert_eq!(executable(""), None);
    }
}
