//! Sets `tokio_since="1.52"`, and so on, for the version of tokio that the lock file names, so that
//! what an earlier one lacks can be left out. Without a lock file it is taken for the latest.

use std::fs;
use std::path::{Path, PathBuf};

/// The versions that brought something that the runner uses.
const SINCE: [&str; 4] = ["1.50", "1.51", "1.52", "1.54"];

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let values = SINCE.map(|since| format!("{since:?}")).join(", ");
    println!("cargo::rustc-check-cfg=cfg(tokio_since, values({values}))");
    let version = lock().and_then(|lock| tokio(&lock));
    for since in SINCE {
        if version
            .as_ref()
            .is_none_or(|version| *version >= numbers(since))
        {
            println!("cargo::rustc-cfg=tokio_since={since:?}");
        }
    }
}

/// The lock file of this workspace, or of the one whose target folder this is built into.
fn lock() -> Option<String> {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let out = PathBuf::from(std::env::var_os("OUT_DIR")?);
    let mut folders = [&*workspace].into_iter().chain(out.ancestors());
    let file = folders.find_map(|folder| {
        let file = folder.join("Cargo.lock");
        file.is_file().then_some(file)
    })?;
    println!("cargo::rerun-if-changed={}", file.display());
    fs::read_to_string(file).ok()
}

/// The version after the `name` of tokio.
fn tokio(lock: &str) -> Option<Vec<u64>> {
    let (_, rest) = lock.split_once("name = \"tokio\"\nversion = \"")?;
    Some(numbers(rest.split('"').next()?))
}

fn numbers(version: &str) -> Vec<u64> {
    let core = version.split(['-', '+']).next().unwrap_or_default();
    core.split('.')
        .map(|part| part.parse().unwrap_or(0))
        .collect()
}
