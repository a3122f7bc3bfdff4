//! Records what the binary was built from: results are worth little without it.

use std::fs;
use std::path::Path;
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
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let lock = root.join("Cargo.lock");
    println!("cargo::rerun-if-changed={}", lock.display());
    for file in ["HEAD", "logs/HEAD"] {
        let path = root.join(".git").join(file);
        if path.exists() {
            println!("cargo::rerun-if-changed={}", path.display());
        }
    }

    let rustc = std::env::var("RUSTC").unwrap_or_else(|_| "rustc".into());
    record("RUSTC", output(Command::new(rustc).arg("--version")));
    let git = ["rev-parse", "--short=12", "HEAD"];
    record(
        "COMMIT",
        output(Command::new("git").args(git).current_dir(&root)),
    );
    record("PROFILE", std::env::var("PROFILE").ok());
    record("OPT_LEVEL", std::env::var("OPT_LEVEL").ok());
    record(
        "VERSIONS",
        fs::read_to_string(lock).ok().map(|lock| versions(&lock)),
    );
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
