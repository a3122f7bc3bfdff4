//! Files that options name: every kind of target, faults while it runs, and what is read.
#![cfg(target_os = "linux")]

mod common;

use std::ffi::OsStr;
use std::fs::{self, File, Permissions};
use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::{FileTypeExt, MetadataExt, PermissionsExt, chown, symlink};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use nix::sys::signal::Signal;
use nix::sys::stat::Mode;
use nix::unistd::mkfifo;
use serde_json::{Value, json};
use tempfile::TempDir;

use common::results::cells;
use common::running::{Running, none_is_left, obey_signals, saved, until};
use common::{pollmark, process};

const QUICK: [&str; 3] = ["run", "done@virtual", "--quiet"];

/// A comparison that goes on until it is interrupted, with a save after each round.
const ENDLESS: [&str; 8] = [
    "compare",
    "io@tokio",
    "--speed",
    "1000",
    "--samples",
    "10000",
    "--runs",
    "1",
];

struct Place(TempDir);

impl Place {
    fn new() -> Self {
        Place(tempfile::tempdir().unwrap())
    }

    fn at(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(self.0.path()).unwrap().flatten();
        let names = entries.map(|entry| entry.file_name().into_string().unwrap());
        let mut names: Vec<String> = names.collect();
        names.sort_unstable();
        names
    }

    fn fifo(&self) -> PathBuf {
        let path = self.at("fifo");
        mkfifo(&path, Mode::S_IRUSR | Mode::S_IWUSR).unwrap();
        path
    }
}

/// Runs `QUICK` with these options; standard output and standard error, in which any space
/// may have been a line break.
#[track_caller]
fn quick<S: AsRef<OsStr>>(options: &[S], code: i32) -> (String, String) {
    let ran = pollmark().args(QUICK).args(options).assert().code(code);
    let output = ran.get_output();
    let words = |bytes: &[u8]| {
        let text = String::from_utf8(bytes.to_vec()).unwrap();
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    let (stdout, stderr) = (words(&output.stdout), words(&output.stderr));
    assert!(!stderr.contains("panicked"), "{stderr}");
    (stdout, stderr)
}

/// Runs `PROGRAM QUICK` and `rest` in a shell, in this folder.
fn shell(place: &Place, before: &str, rest: &str) -> std::process::Output {
    let program = process().get_program().to_owned();
    let script = format!("{before} exec \"$0\" {} {rest}", QUICK.join(" "));
    let mut sh = Command::new("sh");
    sh.args(["-c", &script])
        .arg(program)
        .current_dir(place.0.path());
    sh.env("TMPDIR", place.0.path()).output().unwrap()
}

fn option<'a>(name: &'a str, path: &'a Path) -> [&'a OsStr; 2] {
    [name.as_ref(), path.as_os_str()]
}

fn is_whole(path: &Path) -> bool {
    saved(path).is_some_and(|results| cells(&results).len() == 1)
}

#[test]
fn standard_output_is_written_through_by_any_name() {
    let place = Place::new();
    let link = place.at("out");
    symlink("/proc/self/fd/1", &link).unwrap();
    for path in [&*link, Path::new("/dev/stdout"), Path::new("/dev/fd/1")] {
        let (stdout, _) = quick(&option("--save", path), 0);
        assert!(stdout.contains("pollmark/2"), "{stdout}");
        assert!(stdout.contains("1 of 1 cells ok"), "{stdout}");
    }
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    assert!(fs::symlink_metadata("/dev/stdout").unwrap().is_symlink());
    // Redirected to a file, it is that file to its end.
    fs::write(place.at("file"), "").unwrap();
    let inode = fs::metadata(place.at("file")).unwrap().ino();
    shell(&place, "", "--save /dev/stdout > file");
    assert_eq!(fs::metadata(place.at("file")).unwrap().ino(), inode);
    let text = fs::read_to_string(place.at("file")).unwrap();
    assert!(
        text.starts_with('{') && text.contains("1 of 1 cells ok"),
        "{text}"
    );
    // As `>(...)` names it.
    let ended = shell(&place, "", "--save /dev/fd/3 3>&1 >/dev/null");
    assert!(
        serde_json::from_slice::<Value>(&ended.stdout).is_ok(),
        "{ended:?}"
    );
}

#[test]
fn files_of_the_user_beside_it_are_left_alone() {
    let place = Place::new();
    fs::write(place.at("victim"), "victim").unwrap();
    for name in ["one.json", "two.json"] {
        fs::write(place.at(name), "old").unwrap();
    }
    fs::write(place.at("one.json.part"), "mine").unwrap();
    symlink("victim", place.at("two.json.part")).unwrap();
    let before = place.names();
    for name in ["one.json", "two.json"] {
        quick(&option("--save", &place.at(name)), 0);
        assert!(is_whole(&place.at(name)));
        assert!(!fs::symlink_metadata(place.at(name)).unwrap().is_symlink());
    }
    assert_eq!(
        fs::read_to_string(place.at("one.json.part")).unwrap(),
        "mine"
    );
    assert_eq!(fs::read_to_string(place.at("victim")).unwrap(), "victim");
    assert_eq!(place.names(), before);
}

#[test]
fn of_two_commands_on_one_file_the_second_is_refused_at_once() {
    for is_there in [false, true] {
        let place = Place::new();
        let path = place.at("two.json");
        if is_there {
            fs::write(&path, "old").unwrap();
        }
        symlink("two.json", place.at("link")).unwrap();
        let mut first = process();
        first
            .args(ENDLESS)
            .arg("--save")
            .arg(&path)
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let first = Running::of(first.spawn().unwrap());
        let pid = first.pid();
        until("a round is saved", || {
            let text = fs::read(&path).ok()?;
            let saved: Value = serde_json::from_slice(&text).ok()?;
            (!saved["comparison"]["order"].as_array()?.is_empty()).then_some(())
        });
        for name in ["two.json", "link"] {
            let (stdout, stderr) = quick(&option("--save", &place.at(name)), 3);
            assert!(
                stderr.contains("another pollmark is writing to it"),
                "{stderr}"
            );
            assert_eq!(stdout, "");
        }
        first.signal(Signal::SIGKILL);
        first.end();
        none_is_left(pid);
        assert!(saved(&path).is_some());
        quick(&option("--save", &path), 0);
        assert!(is_whole(&path));
    }
}

/// Starts `pollmark ARGS`, and calls `meet` once it says that it waits at a FIFO.
#[track_caller]
fn waits(args: &[&OsStr], meet: impl FnOnce()) -> std::process::Output {
    let mut command = process();
    command
        .args(args)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut stderr = BufReader::new(child.stderr.take().unwrap());
    let mut told = String::new();
    while !told.contains("waiting") {
        assert_ne!(stderr.read_line(&mut told).unwrap(), 0, "{told}");
    }
    assert!(
        told.contains("fifo") && told.contains("is a pipe"),
        "{told}"
    );
    meet();
    drop(stderr);
    child.wait_with_output().unwrap()
}

#[test]
fn a_fifo_without_a_reader_is_waited_for_and_said_so() {
    for (command, option) in [
        ("run", "--save"),
        ("run", "--output"),
        ("trace", "--chrome"),
    ] {
        let place = Place::new();
        let fifo = place.fifo();
        let args = [command, "done@virtual", option].map(OsStr::new);
        let args = [&args[..], &[fifo.as_os_str()]].concat();
        let mut text = String::new();
        let ended = waits(&args, || text = fs::read_to_string(&fifo).unwrap());
        assert_eq!(ended.status.code(), Some(0), "{option}");
        match option {
            "--output" => assert!(text.contains("1 of 1 cells ok"), "{text}"),
            _ => drop(serde_json::from_str::<Value>(&text).unwrap()),
        }
        assert!(fs::symlink_metadata(&fifo).unwrap().file_type().is_fifo());
    }
}

#[test]
fn a_fifo_is_read_by_diff_after_it_has_said_that_it_waits() {
    let place = Place::new();
    let (fifo, file) = (place.fifo(), place.at("file"));
    quick(&option("--save", &file), 0);
    let args = ["diff".as_ref(), fifo.as_os_str(), file.as_os_str()];
    let ended = waits(&args, || {
        fs::write(&fifo, fs::read(&file).unwrap()).unwrap();
    });
    assert_eq!(ended.status.code(), Some(0));
    assert!(
        String::from_utf8_lossy(&ended.stdout).contains("done"),
        "{ended:?}"
    );
}

#[test]
fn mode_and_owner_stay() {
    let place = Place::new();
    let path = place.at("file");
    for flag in ["--save", "--output"] {
        fs::write(&path, "old").unwrap();
        fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
        quick(&option(flag, &path), 0);
        assert_eq!(
            fs::metadata(&path).unwrap().mode() & 0o7777,
            0o600,
            "{flag}"
        );
    }
    if chown(&path, Some(12), Some(34)).is_err() {
        eprintln!("mode_and_owner_stay: not as root, so the owner was not checked");
        return;
    }
    quick(&option("--save", &path), 0);
    let now = fs::metadata(&path).unwrap();
    assert_eq!((now.uid(), now.gid(), now.mode() & 0o7777), (12, 34, 0o600));
}

#[test]
fn a_file_with_other_names_is_written_in_place_and_said_so() {
    let place = Place::new();
    fs::write(place.at("one"), "x".repeat(100_000)).unwrap();
    fs::hard_link(place.at("one"), place.at("two")).unwrap();
    for flag in ["--save", "--output"] {
        let (_, stderr) = quick(&option(flag, &place.at("one")), 0);
        assert!(
            stderr.contains("written in place, since it has other names"),
            "{stderr}"
        );
        let text = fs::read_to_string(place.at("two")).unwrap();
        assert!(!text.contains("xxx") && text.contains("done"), "{text}");
        assert_eq!(text, fs::read_to_string(place.at("one")).unwrap());
    }
    assert_eq!(place.names(), ["one", "two"]);
}

#[test]
fn a_file_in_a_folder_that_may_not_be_written_is_written_in_place() {
    let test = "a_file_in_a_folder_that_may_not_be_written_is_written_in_place";
    let place = Place::new();
    let folder = place.at("folder");
    let path = folder.join("file");
    fs::create_dir(&folder).unwrap();
    fs::write(&path, "old").unwrap();
    for (path, mode) in [(&path, 0o666), (&folder, 0o555), (&place.at(""), 0o755)] {
        fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
    }
    let mut command = process();
    if fs::metadata(&path).unwrap().uid() == 0 {
        // A copy, for the user may not come to where the tests were built.
        let copy = place.at("pollmark");
        fs::copy(command.get_program(), &copy).unwrap();
        command = Command::new(copy);
        command.uid(65_534).gid(65_534).current_dir("/");
    }
    command.args(QUICK).arg("--save").arg(&path);
    let ended = match command.output() {
        Ok(ended) => ended,
        Err(error) => return eprintln!("{test}: could not run as another user: {error}"),
    };
    fs::set_permissions(&folder, Permissions::from_mode(0o755)).unwrap();
    let told = String::from_utf8_lossy(&ended.stderr);
    assert_eq!(ended.status.code(), Some(0), "{told}");
    assert!(told.contains("is written in place"), "{told}");
    assert!(is_whole(&path));
}

#[test]
fn a_name_may_be_as_long_as_the_system_has_them() {
    let place = Place::new();
    for length in [252, 255] {
        let path = place.at(&"n".repeat(length));
        for _ in 0..2 {
            quick(&option("--save", &path), 0);
        }
        assert!(is_whole(&path));
    }
    quick(&option("--save", &place.at(&"n".repeat(256))), 3);
}

#[test]
fn two_options_for_one_file_are_found_by_its_links() {
    let place = Place::new();
    fs::write(place.at("file"), "old").unwrap();
    symlink("file", place.at("soft")).unwrap();
    fs::hard_link(place.at("file"), place.at("hard")).unwrap();
    symlink("free", place.at("dangling")).unwrap();
    let before = place.names();
    for (one, other) in [("file", "soft"), ("hard", "file"), ("free", "dangling")] {
        let (one, other) = (place.at(one), place.at(other));
        let options = [option("--save", &one), option("--output", &other)].concat();
        let (_, stderr) = quick(&options, 2);
        assert!(stderr.contains("name the same file"), "{stderr}");
    }
    assert_eq!(fs::read_to_string(place.at("file")).unwrap(), "old");
    assert_eq!(place.names(), before);
}

#[test]
fn a_refused_option_leaves_no_new_file_for_another() {
    let place = Place::new();
    let (new, nowhere) = (place.at("new"), place.at("no/such"));
    for (good, bad) in [("--save", "--output"), ("--output", "--save")] {
        let options = [option(good, &new), option(bad, &nowhere)].concat();
        quick(&options, 3);
        assert_eq!(place.names(), [""; 0]);
    }
}

#[test]
fn links_are_followed_and_circles_are_refused() {
    let place = Place::new();
    for (link, target) in [("dangling", "free"), ("a", "b"), ("b", "a")] {
        symlink(target, place.at(link)).unwrap();
    }
    quick(&option("--save", &place.at("dangling")), 0);
    assert!(is_whole(&place.at("free")));
    let (_, stderr) = quick(&option("--save", &place.at("a")), 3);
    assert!(stderr.contains("in a circle"), "{stderr}");
    for link in ["dangling", "a"] {
        assert!(fs::symlink_metadata(place.at(link)).unwrap().is_symlink());
    }
}

#[test]
fn a_full_device_loses_no_results() {
    let full = Path::new("/dev/full");
    for (flag, instead) in [("--save", "saved to"), ("--output", "shown here instead")] {
        let (stdout, stderr) = quick(&option(flag, full), 3);
        assert!(stdout.contains("1 of 1 cells ok"), "{stdout}");
        assert!(
            stderr.contains("No space left") && stderr.contains(instead),
            "{stderr}"
        );
        if let Some(path) = stderr.split('`').find(|name| name.contains("pollmark-")) {
            assert!(is_whole(Path::new(path)), "{stderr}");
            fs::remove_file(path).unwrap();
        }
    }
    // A failed cell counts for more.
    let failed = [
        "run",
        "waiter/sync@tokio",
        "--timeout",
        "10ms",
        "--output",
        "/dev/full",
    ];
    pollmark().args(failed).assert().code(1);
    let place = Place::new();
    let traced = ["trace", "done@virtual", "--chrome", "/dev/full"];
    let ran = pollmark()
        .args(traced)
        .env("TMPDIR", place.0.path())
        .assert()
        .code(3);
    assert!(String::from_utf8_lossy(&ran.get_output().stdout).contains("done"));
    assert_eq!(place.names().len(), 1);
}

/// As a full disk, for the folder for temporary files too.
#[test]
fn a_limit_on_the_size_of_files_loses_no_results_and_leaves_no_part() {
    let place = Place::new();
    let ended = shell(&place, "ulimit -f 8;", "waiter@virtual --save big.json");
    let (stdout, stderr) = (
        String::from_utf8_lossy(&ended.stdout),
        String::from_utf8_lossy(&ended.stderr),
    );
    assert_eq!(ended.status.code(), Some(3), "{stdout}{stderr}");
    assert!(stdout.contains("cells ok"), "{stdout}");
    assert!(stderr.contains("too large"), "{stderr}");
    assert!(saved(&place.at("big.json")).is_some());
    assert_eq!(place.names(), ["big.json"]);
}

#[test]
fn a_folder_that_goes_while_it_runs_loses_no_results() {
    let (place, elsewhere) = (Place::new(), Place::new());
    let folder = place.at("folder");
    fs::create_dir(&folder).unwrap();
    let path = folder.join("results.json");
    obey_signals();
    let mut command = process();
    command
        .args(ENDLESS)
        .arg("--save")
        .arg(&path)
        .process_group(0);
    command.env("TMPDIR", elsewhere.0.path());
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let running = Running::of(command.spawn().unwrap());
    let rounds = |path: &Path| {
        let order = saved(path)?["comparison"]["order"].as_array()?.len();
        (order > 0).then_some(())
    };
    until("a round is saved", || rounds(&path));
    fs::rename(&folder, place.at("gone")).unwrap();
    let instead = until("a round is saved elsewhere", || {
        let name = elsewhere
            .names()
            .into_iter()
            .find(|name| name.starts_with("pollmark-"))?;
        let text = fs::read(elsewhere.at(&name)).ok()?;
        serde_json::from_slice::<Value>(&text).ok().map(|_| name)
    });
    running.signal_group(Signal::SIGINT);
    let ended = running.end();
    let told = String::from_utf8_lossy(&ended.stderr);
    assert_eq!(ended.status.code(), Some(130), "{told}");
    assert!(told.contains(&instead), "{told}");
    assert!(rounds(&elsewhere.at(&instead)).is_some());
    assert_eq!(elsewhere.names().len(), 1);
    assert!(String::from_utf8_lossy(&ended.stdout).contains("io/together"));
}

#[test]
fn a_trace_that_is_killed_keeps_each_cell_that_has_ended() {
    let place = Place::new();
    let (save, chrome) = (place.at("save"), place.at("chrome"));
    let mut command = process();
    command.args(["trace", "done@virtual", "waiter/sync@tokio", "--speed", "1"]);
    command.args(["--format", "json"]);
    command.args([option("--save", &save), option("--chrome", &chrome)].concat());
    command.stdout(Stdio::null()).stderr(Stdio::null());
    let running = Running::of(command.spawn().unwrap());
    let pid = running.pid();
    until("a cell is saved", || {
        (cells(&saved(&save)?).len() == 1).then_some(())
    });
    running.signal(Signal::SIGKILL);
    running.end();
    none_is_left(pid);
    assert_eq!(saved(&save).unwrap()["cells"][0]["status"], "ok");
    let sheet = saved(&chrome).unwrap();
    assert!(!sheet["traceEvents"].as_array().unwrap().is_empty());
}

/// The output without the styles that are the command's own.
fn without_styles(bytes: &[u8]) -> String {
    let text = String::from_utf8(bytes.to_vec()).unwrap();
    let mut parts = text.split("\u{1b}[");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| {
        let (style, rest) = part.split_once('m').unwrap();
        assert!(
            style
                .bytes()
                .all(|byte| byte.is_ascii_digit() || byte == b';'),
            "{part:?}"
        );
        text + rest
    })
}

#[test]
fn escape_sequences_are_shown_and_not_obeyed() {
    let place = Place::new();
    let path = place.at("theirs\u{1b}]0;title\u{7}");
    quick(&option("--save", &path), 0);
    let mut results = saved(&path).unwrap();
    let evil = "\u{1b}]52;c;Y2xpcA==\u{7}\u{1b}[2J\u{9b}2J\r";
    for field in ["scenario", "variant", "runner", "column"] {
        results["cells"][0][field] = json!(evil);
    }
    results["cells"][0]["params"] = json!({ evil: evil });
    results["environment"]["warnings"] = json!([evil]);
    results["environment"]["rustc"] = json!(evil);
    fs::write(&path, results.to_string()).unwrap();
    let path = path.to_str().unwrap();
    let elsewhere = format!("/no/{evil}");
    for (args, code) in [
        (&["diff", path, path][..], 0),
        (&["diff", path, path, "--format", "json"], 0),
        (&["diff", evil, path], 3),
        (&["run", evil], 2),
        (&["run", "done", evil], 2),
        (&["run", "done", "--speed", evil], 2),
        (&["run", "done", "--param", evil], 2),
        (&["run", &format!("--{evil}")], 2),
        (&["run", "done", "--save", &elsewhere], 3),
        (&[evil], 2),
    ] {
        // Otherwise they would be taken from what is no terminal.
        let ran = pollmark()
            .args(args)
            .env("CLICOLOR_FORCE", "1")
            .assert()
            .code(code);
        let output = ran.get_output();
        let told = without_styles(&output.stdout) + &without_styles(&output.stderr);
        let control = told.chars().find(|c| c.is_control() && *c != '\n');
        assert_eq!(control, None, "{args:?}: {told:?}");
        assert!(told.contains("52;c;Y2xpcA"), "{args:?}: {told:?}");
    }
}

#[test]
fn long_arguments_are_cut_in_messages() {
    let long = "a".repeat(100_000);
    let of_long = |prefix: &str| format!("{prefix}{long}");
    for args in [
        &["run", &long][..],
        &["run", &of_long("cafe@")],
        &["run", "cafe", "--param", &long],
        &["run", "cafe", "--param", &of_long("customers=")],
        &["run", "cafe", "--speed", &long],
        &["run", "cafe", "--timeout", &long],
        &["run", "cafe", "--workers", &long],
        &["run", "cafe", "--save", &long],
        &["run", &of_long("--")],
        &["compare", "io", "--figure", &long],
        &["compare", "io", "--reference", &long],
        &["diff", &long, "x"],
        &["list", &long],
        &["explain", &long],
        &["semantics", "--runner", &long],
        &[&long],
    ] {
        let ran = pollmark().args(args).assert();
        let output = ran.get_output();
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(matches!(output.status.code(), Some(2 | 3)), "{told}");
        assert!(
            told.contains("aaa...") && told.len() < 2_000,
            "{}: {told}",
            args[0]
        );
    }
}

#[test]
fn an_input_without_an_end_ends_at_once() {
    let place = Place::new();
    let file = place.at("file");
    quick(&option("--save", &file), 0);
    for device in ["/dev/zero", "/dev/urandom"] {
        let ran = pollmark()
            .args(["diff", device])
            .arg(&file)
            .assert()
            .code(3);
        let told = String::from_utf8_lossy(&ran.get_output().stderr).into_owned();
        assert!(told.contains(device), "{told}");
    }
    let predict = ["run", "waiter/tasks@virtual", "--predict"];
    let zero = process()
        .args(predict)
        .stdin(File::open("/dev/zero").unwrap())
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&zero.stderr);
    assert_eq!(zero.status.code(), Some(3), "{told}");
    assert!(told.contains("longer than 64 KiB"), "{told}");
    let yes = pollmark()
        .args(predict)
        .write_stdin("y\n".repeat(10_000))
        .assert()
        .code(3);
    let told = String::from_utf8_lossy(&yes.get_output().stderr).into_owned();
    assert!(told.contains("no time in 100 answers"), "{told}");
}

#[test]
fn a_time_of_zero_has_no_infinite_ratio() {
    let place = Place::new();
    let (old, new) = (place.at("old"), place.at("new"));
    quick(&option("--save", &old), 0);
    let mut results = saved(&old).unwrap();
    for (path, nanos) in [(&old, 0), (&new, 1_000)] {
        let sample = results["cells"][0]["samples"][0].clone();
        let samples = (0..14).map(|round| {
            let mut sample = sample.clone();
            sample["round"] = json!(round);
            sample["scenario_ns"] = json!(nanos);
            sample
        });
        results["cells"][0]["samples"] = samples.collect();
        let mut file = File::create(path).unwrap();
        file.write_all(results.to_string().as_bytes()).unwrap();
    }
    let ran = pollmark().arg("diff").arg(&old).arg(&new).assert();
    let told = String::from_utf8_lossy(&ran.get_output().stdout).into_owned();
    assert!(told.contains("done") && !told.contains("inf"), "{told}");
}

#[test]
fn the_exit_codes_are_told() {
    let help = pollmark().arg("--help").assert().success();
    let help = String::from_utf8_lossy(&help.get_output().stdout).into_owned();
    let readme = include_str!("../../README.md");
    for code in ["  0 ", "  1 ", "  2 ", "  3 ", "  130 "] {
        assert!(help.contains(&format!("\n{code}")), "{help}");
    }
    for code in ["is 0 if", "1 if", "2 for", "3 if", "130 after"] {
        assert!(readme.contains(code), "{code}");
    }
    assert!(
        help.lines().all(|line| line.chars().count() <= 80),
        "{help}"
    );
}
