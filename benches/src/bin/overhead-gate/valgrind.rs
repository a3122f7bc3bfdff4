//! Running the probe under valgrind, which counts every instruction of a process.

use std::io::ErrorKind;
use std::process::{Command, Output, Stdio};

use anyhow::{Context, bail, ensure};
use pollmark_benches::probe::{Allocated, Probe};

/// What one run of the probe came to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Counted {
    /// Instructions of the whole process, from its first to its last.
    pub(crate) instructions: u64,
    pub(crate) allocated: Allocated,
}

/// Checks that valgrind is there.
pub(crate) fn check() -> anyhow::Result<()> {
    run(Command::new("valgrind").arg("--version")).map(drop)
}

/// Runs this program as a probe under valgrind. Leaves no file behind.
pub(crate) fn count(probe: &Probe) -> anyhow::Result<Counted> {
    let this_program = std::env::current_exe().context("the path of this program is unknown")?;
    let mut command = Command::new("valgrind");
    command
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(this_program)
        .arg("probe")
        .args([probe.operation.name(), probe.runtime.name()])
        .args([probe.side.name(), &probe.count.to_string()]);
    let output = run(&mut command)?;
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

fn run(command: &mut Command) -> anyhow::Result<Output> {
    let output = match command.stdin(Stdio::null()).output() {
        Ok(output) => output,
        Err(error) if error.kind() == ErrorKind::NotFound => {
            bail!("valgrind is missing; install it: apt-get install valgrind")
        }
        Err(error) => return Err(error).context("valgrind could not be started"),
    };
    ensure!(
        output.status.success(),
        "valgrind failed ({}):\n{}",
        output.status,
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(output)
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
}
