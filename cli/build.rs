//! Records what the binary was built from: results are worth little without it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The crates whose versions belong to a result.
const CRATES: [&str; 6] = [
    "async-executor",
    "async-io",
    "async-std",
    "blocking",
    "smol",
    "tokio",
];

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    // `pollmark build` compiles a copy, and says of what.
    println!("cargo::rerun-if-env-changed=POLLMARK_COPIED_FROM");
    let copied_from = std::env::var_os("POLLMARK_COPIED_FROM").map(PathBuf::from);
    let workspace = copied_from.clone().unwrap_or_else(|| package.join(".."));
    for file in [".git/HEAD", ".git/logs/HEAD"] {
        watched(&workspace.join(file));
    }
    // A package that was unpacked has a lock file of its own.
    let locks = [package, &package.join("..")].map(|folder| folder.join("Cargo.lock"));
    let lock = locks.iter().find_map(|lock| watched(lock));

    let rustc = std::env::var("RUSTC").unwrap_or_else(|_| "rustc".into());
    record("RUSTC", output(Command::new(rustc).arg("--version")));
    record("COMMIT", commit(package, &workspace));
    record("PROFILE", std::env::var("PROFILE").ok());
    record("OPT_LEVEL", std::env::var("OPT_LEVEL").ok());
    let flags = std::env::var("CARGO_ENCODED_RUSTFLAGS").ok();
    record("RUSTFLAGS", flags.map(|flags| flags.replace('\x1f', " ")));
    let sources = workspace.canonicalize().ok();
    let sources = sources.filter(|sources| copied_from.is_some() || is_workspace(sources));
    record(
        "SOURCES",
        sources.map(|sources| sources.display().to_string()),
    );
    record("VERSIONS", lock.map(|lock| versions(&lock)));
}

fn is_workspace(folder: &Path) -> bool {
    folder.join("Cargo.lock").is_file() && folder.join("cli/Cargo.toml").is_file()
}

/// The text of a file, if it is there; a change of it builds anew.
fn watched(file: &Path) -> Option<String> {
    let text = fs::read_to_string(file).ok()?;
    println!("cargo::rerun-if-changed={}", file.display());
    Some(text)
}

/// The commit of the workspace, or the one that a package says it was made from.
fn commit(package: &Path, workspace: &Path) -> Option<String> {
    // Not of another repository around it.
    if workspace.join(".git").exists() {
        let git = ["rev-parse", "--short=12", "HEAD"];
        return output(Command::new("git").args(git).current_dir(workspace));
    }
    let made_from = watched(&package.join(".cargo_vcs_info.json"))?;
    let hash = made_from.split("\"sha1\": \"").nth(1)?;
    hash.get(..12).map(str::to_owned)
}

fn record(name: &str, value: Option<String>) {
    println!(
        "cargo::rustc-env=POLLMARK_{name}={}",
        value.unwrap_or_default()
    );
}

fn output(command: &mut Command) -> Option<String> {
    let output = command
        .output()
        .ok()
        .filter(|output| output.status.success())?;
    let text = String::from_utf8(output.stdout).ok()?;
    Some(text.trim().to_owned())
}

/// `tokio=1.54.1 smol=2.0.2 ...`, from the lock file's `name` and `version` lines.
fn versions(lock: &str) -> String {
    let mut found = Vec::new();
    for package in lock.split("[[package]]").skip(1) {
        let field = |key: &str| {
            let line = package.lines().find(|line| line.starts_with(key))?;
            line.split('"').nth(1)
        };
        if let (Some(name), Some(version)) = (field("name = "), field("version = "))
            && CRATES.contains(&name)
        {
            found.push(format!("{name}={version}"));
        }
    }
    found.join(" ")
}
