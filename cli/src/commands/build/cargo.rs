//! Cargo, which builds the copy and tells its progress itself.

use std::io::{BufRead, BufReader, ErrorKind};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, bail};
use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use serde_json::Value;

use crate::process::interrupt::{self, Interrupted};
use crate::text::messages;

/// The time in which cargo and its compilers end after Ctrl-C, before they are killed.
const ENDING: Duration = Duration::from_secs(5);

/// Cargo, in the copy of the sources.
#[derive(Debug)]
pub(super) struct Cargo<'a> {
    /// The copy.
    pub(super) folder: &'a Path,
    /// The sources that it is of.
    pub(super) sources: &'a Path,
    pub(super) target: PathBuf,
    /// One that rustup has; `None` for the one in use.
    pub(super) toolchain: Option<&'a str>,
    /// The compiler's flags for all packages.
    pub(super) flags: String,
}

impl Cargo<'_> {
    /// Sets the version of a package in the lock file, or the one of its repository. Returns
    /// whether that can be.
    pub(super) fn update(&self, package: &str, version: Option<&str>) -> Result<bool> {
        let mut arguments = vec!["update", package];
        arguments.extend(
            version
                .into_iter()
                .flat_map(|version| ["--precise", version]),
        );
        let is_set = self.run(&arguments)?.is_some();
        if !is_set {
            let wanted = version.unwrap_or("the version of that revision");
            messages::complain(&anyhow!(
                "cargo cannot set {package} to {wanted}, as it says above: name a version that \
                 https://crates.io/crates/{package}/versions has and that the other packages \
                 allow, or change those too, as in `pollmark build tokio=1.50.0 async-io=2.3.0`"
            ));
        }
        Ok(is_set)
    }

    /// Builds the binary. Returns its path, or `None` if it did not compile.
    pub(super) fn build(&self, relink: bool) -> Result<Option<PathBuf>> {
        let mut arguments = vec![
            "rustc",
            "--release",
            "--package",
            "pollmark",
            "--bin",
            "pollmark",
            // Errors are shown all the same, and the binary is named.
            "--message-format=json-render-diagnostics",
        ];
        if relink {
            // The linker puts the functions in another order, the same one each time.
            arguments.extend(["--", "-C", "link-arg=-Wl,--shuffle-sections=.text*=1"]);
        }
        if let Some(told) = self.run(&arguments)? {
            let made = told.iter().rev().find_map(|line| executable(line));
            return made
                .map(Some)
                .context("cargo does not say which binary it made");
        }
        let why = match relink {
            true => "; linking in another order needs the linker lld",
            false => ": these versions do not go together, or not with this pollmark",
        };
        messages::complain(&anyhow!("cargo cannot build it, as it says above{why}"));
        Ok(None)
    }

    /// Runs cargo. Returns the lines of its output, or `None` if it failed, as it says itself.
    fn run(&self, arguments: &[&str]) -> Result<Option<Vec<String>>> {
        let mut cargo = Command::new("cargo");
        cargo
            .args(self.toolchain.map(|toolchain| format!("+{toolchain}")))
            .args(arguments)
            .current_dir(self.folder)
            .env("CARGO_TARGET_DIR", &self.target)
            .env("POLLMARK_COPIED_FROM", self.sources)
            // The binary would be in another folder.
            .env_remove("CARGO_BUILD_TARGET")
            .env_remove("CARGO_ENCODED_RUSTFLAGS")
            // It could not be answered.
            .env("GIT_TERMINAL_PROMPT", "0")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            // With its compilers, which are ended with it.
            .process_group(0);
        if !self.flags.is_empty() {
            cargo.env("RUSTFLAGS", &self.flags);
        }
        let started = cargo.spawn().map_err(|error| match error.kind() {
            ErrorKind::NotFound => {
                anyhow!("there is no `cargo` in PATH; https://rustup.rs installs it")
            }
            _ => anyhow!(error).context("cannot start `cargo`"),
        });
        let mut cargo = started?;
        let output = cargo.stdout.take().context("cargo has no output")?;
        let lines = || {
            BufReader::new(output)
                .lines()
                .map_while(Result::ok)
                .collect()
        };
        let reading = thread::spawn(lines);
        loop {
            if let Some(status) = cargo.try_wait()? {
                let told = reading.join().unwrap_or_default();
                return Ok(status.success().then_some(told));
            }
            if interrupt::asked() {
                end(&mut cargo)?;
                bail!(Interrupted);
            }
            thread::sleep(Duration::from_millis(50));
        }
    }
}

/// The binary that cargo says it has made, in a line of its output.
fn executable(line: &str) -> Option<PathBuf> {
    let message: Value = serde_json::from_str(line).ok()?;
    let is_it = message["reason"] == "compiler-artifact" && message["target"]["name"] == "pollmark";
    let path = message["executable"].as_str().filter(|_| is_it)?;
    Some(PathBuf::from(path))
}

/// Ends cargo and its compilers.
fn end(cargo: &mut Child) -> Result<()> {
    let group = Pid::from_raw(i32::try_from(cargo.id()).context("no process has such an id")?);
    // They may have ended by themselves.
    let _ = killpg(group, Signal::SIGINT);
    let killed_at = Instant::now() + ENDING;
    while cargo.try_wait()?.is_none() {
        if Instant::now() >= killed_at {
            let _ = killpg(group, Signal::SIGKILL);
        }
        thread::sleep(Duration::from_millis(20));
    }
    // Those that do not heed it.
    let _ = killpg(group, Signal::SIGKILL);
    Ok(())
}
