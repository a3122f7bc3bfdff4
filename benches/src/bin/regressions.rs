//! Builds versions of the runtimes that became slower or worse, beside the ones before or after,
//! and tells whether `pollmark compare` finds it. Prints a table in Markdown, and ends with 1 if one
//! that is to be found was not.
//!
//! A version takes some minutes to build, the first one more. Binaries that are in the folder
//! already are used as they are.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

use anyhow::{Context, bail};
use clap::Parser;
use serde_json::Value;

/// A regression of a runtime, with a version that has it and one that has not.
struct Regression {
    id: &'static str,
    what: &'static str,
    package: &'static str,
    with: &'static str,
    without: &'static str,
    runner: &'static str,
    /// Programs of the catalogue, with their parameters.
    cells: &'static [&'static str],
    /// The reason why it is not expected to be found; empty if it is.
    out_of_reach: &'static str,
}

const REGRESSIONS: &[Regression] = &[
    Regression {
        id: "a",
        what: "idle workers steal the task that was woken last (tokio#7431, reverted by #8100)",
        package: "tokio",
        with: "1.51.0",
        without: "1.50.0",
        runner: "tokio",
        cells: &["hog/waking", "ping-pong", "yield-storm"],
        out_of_reach: "",
    },
    Regression {
        id: "b",
        what: "a blocking call waits for the thread that another one holds (tokio#8056)",
        package: "tokio",
        with: "1.52.0",
        without: "1.52.1",
        runner: "tokio",
        cells: &["blocking-flood/meeting"],
        out_of_reach: "",
    },
    Regression {
        id: "c",
        what: "timers that are cancelled cost more (tokio#7226, #7744)",
        package: "tokio",
        with: "1.45.0",
        without: "1.44.2",
        runner: "tokio",
        cells: &["timer-storm/cancelled"],
        out_of_reach: "",
    },
    Regression {
        id: "d",
        what: "the timers of a version that was yanked (tokio#8458, reverted by #8692)",
        package: "tokio",
        with: "1.54.0",
        without: "1.53.3",
        runner: "tokio",
        cells: &["timer-storm"],
        out_of_reach: "no program is known that it makes slower",
    },
    Regression {
        id: "e",
        what: "the executor of a version that was yanked (async-executor#102, #104)",
        package: "async-executor",
        with: "1.9.0",
        without: "1.9.1",
        runner: "smol",
        cells: &["yield-storm", "ping-pong"],
        out_of_reach: "it needs `tick`, and the runner uses `run`",
    },
];

/// Tells which regressions of runtimes `pollmark compare` finds.
#[derive(Parser)]
struct Args {
    /// Regressions to look for, by letter; all if none is named
    regressions: Vec<String>,

    /// The pollmark command
    #[arg(long, default_value = "target/release/pollmark")]
    pollmark: PathBuf,

    /// Folder of the binaries
    #[arg(long, default_value = "target/regressions")]
    folder: PathBuf,

    /// Rounds of each comparison
    #[arg(long, default_value_t = 20)]
    samples: u32,

    /// Prints the commands, and runs none
    #[arg(long)]
    dry_run: bool,
}

fn main() -> anyhow::Result<ExitCode> {
    let args = Args::parse();
    let known = |id: &String| REGRESSIONS.iter().any(|regression| regression.id == id);
    if let Some(id) = args.regressions.iter().find(|id| !known(id)) {
        bail!("no regression `{id}`; there is a, b, c, d, e");
    }
    let wanted = |regression: &&Regression| {
        args.regressions.is_empty() || args.regressions.iter().any(|id| id == regression.id)
    };
    if !args.dry_run && !args.pollmark.exists() {
        bail!(
            "there is no {}; `cargo build --release -p pollmark` makes it",
            args.pollmark.display()
        );
    }
    std::fs::create_dir_all(&args.folder)?;
    let mut missing = false;
    let mut table = "| | regression | with | without | found |\n|---|---|---|---|---|\n".to_owned();
    for regression in REGRESSIONS.iter().filter(wanted) {
        let Regression {
            id,
            what,
            package,
            with,
            without,
            ..
        } = regression;
        let found = regression.look(&args)?;
        missing |= found.is_empty() && regression.out_of_reach.is_empty();
        let told = match (found.is_empty(), regression.out_of_reach) {
            (true, "") => "no".to_owned(),
            (true, why) => format!("no: {why}"),
            (false, _) => found.join("; "),
        };
        writeln!(
            table,
            "| {id} | {what} | {package} {with} | {without} | {told} |"
        )?;
    }
    if args.dry_run {
        return Ok(ExitCode::SUCCESS);
    }
    print!("{table}");
    Ok(ExitCode::from(u8::from(missing)))
}

impl Regression {
    /// Builds both versions, compares them, and tells what was found of the one that has it.
    fn look(&self, args: &Args) -> anyhow::Result<Vec<String>> {
        let builds = [("without", self.without), ("with", self.with)];
        let mut compare = vec!["compare".to_owned()];
        compare.extend(self.cells.iter().map(|cell| (*cell).to_owned()));
        let columns = builds.map(|(name, _)| format!("{}@{name}", self.runner));
        compare.extend(["--runner".to_owned(), columns.join(",")]);
        for (name, version) in builds {
            let path = args.folder.join(format!("{}-{version}", self.package));
            if !path.exists() {
                let package = format!("{}={version}", self.package);
                run(args, &["build".into(), package, "-o".into(), shown(&path)])?;
            }
            compare.extend(["--build".into(), format!("{name}={}", shown(&path))]);
        }
        let save = args.folder.join(format!("{}.json", self.id));
        compare.extend(["--samples".into(), args.samples.to_string()]);
        compare.extend(["--save".into(), shown(&save)]);
        run(args, &compare)?;
        if args.dry_run {
            return Ok(Vec::new());
        }
        let results: Value = serde_json::from_str(&std::fs::read_to_string(&save)?)?;
        Ok(found(&results, &columns[1]))
    }
}

/// Runs pollmark; a failed check is a finding, and not a failure of its.
fn run(args: &Args, arguments: &[String]) -> anyhow::Result<()> {
    eprintln!("{} {}", args.pollmark.display(), arguments.join(" "));
    if args.dry_run {
        return Ok(());
    }
    let mut pollmark = Command::new(&args.pollmark);
    let ran = pollmark.args(arguments).stdout(Stdio::null()).status();
    let ran = ran.with_context(|| format!("cannot start {}", args.pollmark.display()))?;
    match (ran.code(), arguments[0].as_str()) {
        (Some(0), _) | (Some(1), "compare") => Ok(()),
        _ => bail!("pollmark {} ended with {ran}", arguments[0]),
    }
}

/// The cells of a column that failed, and those that are behind.
fn found(results: &Value, column: &str) -> Vec<String> {
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let name = |value: &Value| {
        let parts = ["scenario", "variant", "column"].map(|part| text(&value[part]));
        format!("{}/{}@{}", parts[0], parts[1], parts[2])
    };
    let mut found = Vec::new();
    for cell in list(&results["cells"]) {
        if cell["column"] == column && cell["status"] != "ok" {
            let status = text(&cell["status"]).replace('_', " ");
            found.push(format!(
                "{} {status}: {}",
                name(&cell),
                text(&cell["error"])
            ));
        }
    }
    for judged in list(&results["comparison"]["judgements"]) {
        if judged["column"] == column && judged["verdict"] == "behind" {
            let interval = &judged["ratio_to_fastest_interval"];
            let [low, high] = [0, 1].map(|end| interval[end].as_f64().unwrap_or(f64::NAN));
            let ratio = judged["ratio_to_fastest"].as_f64().unwrap_or(f64::NAN);
            let name = name(&judged);
            found.push(format!("{name} {ratio:.2}x ({low:.2} to {high:.2})"));
        }
    }
    found
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn failures_and_what_is_behind_are_found_of_the_version_that_has_it() {
        let cell = |column: &str, status: &str, error: Value| {
            json!({
                "scenario": "s", "variant": "v", "column": column, "status": status, "error": error,
            })
        };
        let judged = |column: &str, verdict: &str| {
            json!({
                "scenario": "s", "variant": "v", "column": column, "verdict": verdict,
                "ratio_to_fastest": 1.5, "ratio_to_fastest_interval": [1.25, 1.75],
            })
        };
        let results = json!({
            "cells": [cell("a", "ok", Value::Null), cell("b", "timed_out", json!("it hung"))],
            "comparison": { "judgements": [judged("a", "best"), judged("b", "behind")] },
        });
        let told = ["s/v@b timed out: it hung", "s/v@b 1.50x (1.25 to 1.75)"];
        assert_eq!(found(&results, "b"), told);
        assert!(found(&results, "a").is_empty());
    }
}
