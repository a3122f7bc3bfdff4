//! The limits of the system: few threads, descriptors, memory and stack, and full disks.
//!
//! No case panics, ends with 101 or hangs; one that cannot do its work names the limit. A limit
//! that this machine cannot set is printed with the reason. `bash` sets the limits, and
//! `setpriv` of util-linux becomes a user without other processes, which takes root.
#![cfg(target_os = "linux")]

mod common;

use std::collections::BTreeMap;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::Duration;
use std::{fs, thread};

use nix::sys::signal::Signal;
use serde_json::Value;
use tempfile::TempDir;

use common::process;

/// The time after which a case hangs. `timeout` of coreutils ends it with 124.
const LIMIT: Duration = Duration::from_secs(20);

/// The exit code where a file could not be read or written.
const NOT_WRITTEN: i32 = 3;

/// A folder that every user can read, with the command as `pm` and a user to become.
struct Place {
    folder: TempDir,
    user: Option<u32>,
}

impl Place {
    fn new() -> Place {
        let folder = tempfile::tempdir().unwrap();
        let mode = |path: &Path| {
            fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
        };
        mode(folder.path());
        let program = folder.path().join("pm");
        fs::copy(process().get_program(), &program).unwrap();
        mode(&program);
        // No other test has this user: the limit of processes counts all that a user has.
        let is_root = fs::metadata("/proc/self").unwrap().uid() == 0;
        let user = is_root.then(|| 1_000_000 + std::process::id());
        Place { folder, user }
    }

    /// Runs a line of bash, in which `$pm` is the command, with these variables.
    fn bash(&self, line: &str, as_user: bool, variables: &[(&str, &str)]) -> Output {
        let limit = LIMIT.as_secs().to_string();
        let mut words = vec!["timeout", "--signal=KILL", &limit];
        let ids = self
            .user
            .map(|user| [format!("--reuid={user}"), format!("--regid={user}")]);
        if let (true, Some([user, group])) = (as_user, &ids) {
            words.extend(["setpriv", user, group, "--clear-groups"]);
        }
        words.extend(["bash", "-c", line]);
        let mut command = Command::new(words[0]);
        command
            .args(&words[1..])
            .current_dir(self.folder.path())
            .env("pm", self.folder.path().join("pm"))
            .env_remove("RUST_BACKTRACE")
            .envs(variables.iter().copied())
            .stdin(Stdio::null());
        command.output().unwrap()
    }
}

/// The cases of one kind, and those of them that failed.
#[derive(Default)]
struct Cases {
    failed: BTreeMap<String, String>,
    count: usize,
}

impl Cases {
    fn tell(&mut self, name: &str, outcome: Result<(), String>) {
        self.count += 1;
        if let Err(why) = outcome {
            self.failed.insert(name.to_owned(), why);
        }
    }

    #[track_caller]
    fn hold(self) {
        let failed = self.failed.iter();
        let told = failed.map(|(name, why)| format!("{name}: {why}\n"));
        let told = told.collect::<String>();
        let (few, count) = (self.failed.len(), self.count);
        assert!(self.failed.is_empty(), "{few} of {count} cases\n{told}");
    }
}

/// Everything that was printed, with single spaces: messages are broken into lines.
fn told(ended: &Output) -> String {
    let text = [&ended.stdout, &ended.stderr].map(|bytes| String::from_utf8_lossy(bytes));
    let words = text.iter().flat_map(|text| text.split_whitespace());
    words.collect::<Vec<_>>().join(" ")
}

/// Holds for each case: no panic and no signal, and an end in time.
fn is_sound(ended: &Output) -> Result<(), String> {
    let told = told(ended);
    let last = told.char_indices().rev().nth(400).map_or(0, |(at, _)| at);
    let why = match (ended.status.code(), ended.status.signal()) {
        (Some(137), _) | (None, Some(9)) => "it hangs",
        (Some(101), _) => "exit code 101",
        (Some(128..), _) | (None, _) => "killed by a signal",
        _ if told.contains("panicked at") => "a panic",
        _ => return Ok(()),
    };
    Err(format!("{why} ({}): {}", ended.status, &told[last..]))
}

/// Sound, and with success or else with one of these names of the limit.
fn names(ended: &Output, limit: &[&str]) -> Result<(), String> {
    is_sound(ended)?;
    let told = told(ended);
    if ended.status.success() || limit.iter().any(|name| told.contains(name)) {
        return Ok(());
    }
    Err(format!("no word of {limit:?} ({}): {told}", ended.status))
}

/// A command of each kind, short.
const COMMANDS: &[(&str, &str)] = &[
    ("list", "list"),
    ("run", "run done@tokio --quiet --timeout 5s"),
    (
        "run-all",
        "run done --runner all --jobs 4 --quiet --timeout 5s",
    ),
    (
        "compare",
        "compare done --runner tokio,smol --samples 2 --runs 2 --timeout 5s",
    ),
    ("trace", "trace done@tokio --timeout 5s"),
    ("semantics", "semantics --runner smol"),
];

/// Runs each command under each limit, set by a line of bash, some at the same time.
#[track_caller]
fn each_command_under(
    limits: &[&str],
    as_user: bool,
    is_right: impl Fn(&Output) -> Result<(), String> + Sync,
) {
    let place = &Place::new();
    if as_user && place.user.is_none() {
        println!("cannot run: {limits:?}: becoming a user without other processes takes root");
        return;
    }
    let mut cases = Cases::default();
    for limit in limits {
        let probe = format!("LC_ALL=C $pm --version && {limit} && exec true");
        let known = place.bash(&probe, as_user, &[]);
        if !known.status.success() {
            println!("cannot run: {limit}: {}", told(&known));
            continue;
        }
        let run = |args: &str| {
            let line = format!("{limit} && exec $pm {args}");
            is_right(&place.bash(&line, as_user, &[]))
        };
        // With a limit of processes, all commands of the user would count together.
        for some in COMMANDS.chunks(if as_user { 1 } else { 3 }) {
            thread::scope(|scope| {
                let started = some
                    .iter()
                    .map(|(name, args)| (name, scope.spawn(|| run(args))));
                for (name, running) in started.collect::<Vec<_>>() {
                    cases.tell(&format!("{limit}: {name}"), running.join().unwrap());
                }
            });
        }
    }
    cases.hold();
}

#[test]
fn few_threads_and_processes() {
    let limits = ["ulimit -u 2", "ulimit -u 8", "ulimit -u 12"];
    each_command_under(&limits, true, |ended| names(ended, &["ulimit -u"]));
}

#[test]
fn few_descriptors() {
    let limits = ["ulimit -n 6", "ulimit -n 10", "ulimit -n 16"];
    let words = ["ulimit -n", "Too many open files"];
    each_command_under(&limits, false, |ended| names(ended, &words));
}

#[test]
fn small_stacks() {
    let limits = ["ulimit -s 64", "ulimit -s 256"];
    each_command_under(&limits, false, |ended| names(ended, &["ulimit -s"]));
}

#[test]
fn little_memory() {
    // With less the kernel or the loader refuses the program before its first instruction.
    let place = Place::new();
    let is_loaded = |kib: &u32| {
        let line = format!("ulimit -v {kib} && exec $pm --version");
        let status = place.bash(&line, false, &[]).status;
        status.signal().is_none() && status.code() != Some(127)
    };
    let least = (30_000..250_000).step_by(2_000).find(is_loaded);
    let least = format!("ulimit -v {}", least.expect("250 MB suffice"));
    let limits = [least.as_str(), "ulimit -v 250000"];
    let words = [
        "ulimit -v",
        "Cannot allocate memory",
        "memory allocation of",
    ];
    each_command_under(&limits, false, |ended| {
        // The standard library aborts on a failed allocation, and says so.
        let aborted = ended.status.signal() == Some(Signal::SIGABRT as i32);
        let is_told = told(ended).contains("memory allocation of");
        if aborted && is_told {
            return Ok(());
        }
        names(ended, &words)
    });
}

#[test]
fn huge_stacks_of_threads() {
    let limits = ["export RUST_MIN_STACK=99999999999999"];
    each_command_under(&limits, false, |ended| {
        names(ended, &["RUST_MIN_STACK", "ulimit -v"])
    });
}

/// A run of 15 cells: their results are larger than a full disk's 32 KiB.
const RUN: &str = "run waiter --runner virtual,smol --speed 200 --jobs 2 --quiet";

/// The results are shown and saved elsewhere, the message has these words, and the exit code
/// says that a file could not be written.
fn nothing_is_lost(ended: &Output, temporary: &Path, words: &[&str]) -> Result<(), String> {
    is_sound(ended)?;
    let told = told(ended);
    if ended.status.code() != Some(NOT_WRITTEN) {
        return Err(format!("{}, not {NOT_WRITTEN}: {told}", ended.status));
    }
    if let Some(word) = words.iter().find(|word| !told.contains(**word)) {
        return Err(format!("no `{word}`: {told}"));
    }
    let shown = String::from_utf8_lossy(&ended.stdout);
    if !shown.contains(" cells ok") {
        return Err(format!("the results are not shown: {told}"));
    }
    let elsewhere = fs::read_dir(temporary).unwrap().flatten();
    let mut saved = elsewhere.filter_map(|entry| {
        let results = serde_json::from_slice::<Value>(&fs::read(entry.path()).ok()?).ok()?;
        let cells = results["cells"].as_array()?.len();
        // A long path may be broken into lines.
        let name = entry.file_name().to_string_lossy().into_owned();
        let is_named = told.replace(' ', "").contains(&name);
        (is_named && cells > 0 && shown.contains(&format!("of {cells} cells ok"))).then_some(())
    });
    saved
        .next()
        .ok_or_else(|| format!("no whole save that is named: {told}"))
}

#[test]
fn a_save_that_fails_loses_nothing() {
    let place = Place::new();
    let mut cases = Cases::default();
    let disk = place.folder.path().join("disk");
    fs::create_dir(&disk).unwrap();
    let mounted = "unshare --mount true && unshare --mount mount -t tmpfs -o size=32k none disk";
    let can_mount = place.bash(mounted, false, &[]);
    // The disk is gone with the last process that sees it.
    let on_disk = format!(
        "exec unshare --mount bash -c \
         'mount -t tmpfs -o size=32k none disk && exec $pm {RUN} --save disk/r.json'"
    );
    for (name, line, words) in [
        (
            "save to /dev/full",
            format!("exec $pm {RUN} --save /dev/full"),
            "No space left",
        ),
        ("save to a full disk", on_disk, "No space left"),
        (
            "save beyond ulimit -f",
            format!("ulimit -f 8; exec $pm {RUN} --save limited.json"),
            "File too large",
        ),
        (
            "a trace beyond ulimit -f",
            "ulimit -f 8; exec $pm trace waiter/tasks@smol --speed 200 --save limited.json".into(),
            "File too large",
        ),
        (
            "a sheet beyond ulimit -f",
            "ulimit -f 8; exec $pm trace waiter/tasks@smol --speed 200 --chrome limited.json"
                .into(),
            "File too large",
        ),
    ] {
        if name == "save to a full disk" && !can_mount.status.success() {
            println!("cannot run: {name}: {}", told(&can_mount));
            continue;
        }
        let temporary = tempfile::tempdir().unwrap();
        let folder = temporary.path().to_str().unwrap();
        let ended = place.bash(&line, false, &[("TMPDIR", folder)]);
        // The limit of `ulimit -f` holds for the fallback too: what is left is the screen.
        let outcome = if line.contains("$pm run") && !line.contains("ulimit -f") {
            nothing_is_lost(&ended, temporary.path(), &[words, "--save"])
        } else {
            is_sound(&ended).and_then(|()| {
                let told = told(&ended);
                let shown = String::from_utf8_lossy(&ended.stdout);
                let is_shown = shown.contains("waiter/tasks") || shown.contains("cells ok");
                let is_right = ended.status.code() == Some(NOT_WRITTEN);
                let is_right = is_right && is_shown && told.contains(words);
                is_right
                    .then_some(())
                    .ok_or(format!("{}: {told}", ended.status))
            })
        };
        cases.tell(name, outcome);
    }
    cases.hold();
}

#[test]
fn an_output_that_fails_is_told() {
    let place = Place::new();
    let mut cases = Cases::default();
    for (name, args) in COMMANDS {
        let to = if *name == "list" {
            "> /dev/full"
        } else {
            "--output /dev/full"
        };
        let ended = place.bash(&format!("exec $pm {args} {to}"), false, &[]);
        let told = told(&ended);
        let is_right = ended.status.code() == Some(NOT_WRITTEN) && told.contains("No space left");
        let right = is_right
            .then_some(())
            .ok_or(format!("{}: {told}", ended.status));
        cases.tell(
            &format!("output to /dev/full: {name}"),
            is_sound(&ended).and(right),
        );
    }
    cases.hold();
}
