//! Asks another binary which protocol it speaks, how it was built, and what it can run.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, anyhow, bail};
use nix::errno::Errno;
use serde_json::Value;

use super::interrupt;
use super::parent::{self, End};
use super::protocol::{PROTOCOL, Task};
use crate::model::build::{Build, Hello};

/// The time for an answer, of which a binary needs some milliseconds.
const LIMIT: Duration = Duration::from_secs(10);

/// Asks each of these binaries.
///
/// # Errors
///
/// Two have one name, or one cannot be started, is no pollmark or speaks another protocol.
pub(crate) fn ask_all(named: &[(String, PathBuf)]) -> anyhow::Result<Vec<Arc<Build>>> {
    if !named.is_empty() {
        // Each is waited for.
        interrupt::listen()?;
    }
    let mut builds: Vec<Arc<Build>> = Vec::new();
    for (name, path) in named {
        if builds.iter().any(|build| build.name == *name) {
            bail!("--build names two binaries `{name}`; give each a name of its own");
        }
        let build = ask(name, path).with_context(|| format!("--build {name}={}", path.display()));
        builds.push(Arc::new(build?));
    }
    Ok(builds)
}

fn ask(name: &str, path: &Path) -> anyhow::Result<Build> {
    // Not one of the same name in PATH.
    let program = path.canonicalize().context("there is no such file")?;
    if !program.is_file() {
        bail!("it is no file");
    }
    let hello = said_by(&program)?;
    match hello["protocol"].as_u64() {
        Some(protocol) if protocol == u64::from(PROTOCOL) => {}
        Some(other) => bail!(
            "it speaks version {other} of the protocol, and this binary version {PROTOCOL}; \
             build both from the same sources (pollmark build)"
        ),
        None => bail!("it says no version of the protocol"),
    }
    let hello: Hello = serde_json::from_value(hello).context("it does not say all it should")?;
    Ok(Build {
        name: name.to_owned(),
        program,
        hello,
    })
}

/// What a binary says of itself, of whatever version.
fn said_by(program: &Path) -> anyhow::Result<Value> {
    let mut said = None;
    let ended = parent::lines(Some(program), Task::Hello, &[], LIMIT, |line| {
        let message: Option<Value> = serde_json::from_slice(line).ok();
        let hello = message.and_then(|mut message| Some(message.get_mut("Hello")?.take()));
        said = said.take().or(hello);
    });
    let ended = ended.map_err(not_a_program)?;
    said.ok_or_else(|| {
        let how = match ended.end {
            End::Done => "its process ended without a word of that".to_owned(),
            End::TookTooLong => format!("it said nothing in {} s", LIMIT.as_secs()),
            End::Aborted(how) | End::Broke(how) => how,
        };
        anyhow!("it does not say which protocol it speaks, as a pollmark of today does: {how}")
    })
}

/// The versions of packages that a binary says it was built of.
///
/// # Errors
///
/// It cannot be started, or is no pollmark.
pub(crate) fn versions(program: &Path) -> anyhow::Result<BTreeMap<String, String>> {
    let mut hello = said_by(program)?;
    let versions = hello["environment"]["versions"].take();
    serde_json::from_value(versions).context("it does not say its versions")
}

/// The error of a file that the system does not run, which is no limit of the system.
fn not_a_program(error: anyhow::Error) -> anyhow::Error {
    let cause = error.root_cause().downcast_ref::<io::Error>();
    match cause.and_then(io::Error::raw_os_error).map(Errno::from_raw) {
        Some(Errno::EACCES | Errno::ENOEXEC | Errno::ENOENT) => {
            anyhow!("it cannot be started: {}", error.root_cause())
        }
        _ => error,
    }
}
