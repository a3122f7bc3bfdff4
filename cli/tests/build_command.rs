//! `pollmark build`, with a cargo that only notes what it is asked: the copy, the order of its
//! steps, and every mistake. What real versions do is not tested: a build takes minutes.
#![cfg(target_os = "linux")]

mod common;

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use nix::sys::signal::Signal;
use predicates::prelude::*;
use tempfile::TempDir;

use common::process;
use common::running::{Running, obey_signals, until};

/// Sources, a cache and a cargo of its own.
struct Place {
    folder: TempDir,
}

const MANIFEST: &str = "\
[workspace]
members = [\"cli\"]

[workspace.dependencies]
tokio = { version = \"1.54\", features = [\"rt\"] } # the runtime
smol = \"2.0\"
";

const LOCK: &str = "\
version = 4

[[package]]
name = \"async-io\"
version = \"2.6.0\"

[[package]]
name = \"pollmark\"
version = \"0.1.0\"

[[package]]
name = \"tokio\"
version = \"1.54.1\"
";

/// Notes its arguments and what concerns it of its environment, and does what it must.
const CARGO: &str = r#"#!/bin/sh
echo "$* | $RUSTFLAGS | $POLLMARK_COPIED_FROM" >> "$NOTES"
case "$1" in +*) shift;; esac
case "$1" in
update)
    test "$4" = 9.9.9 && { echo 'error: no such version' >&2; exit 101; }
    test -n "$4" && sed -i "/name = \"$2\"/{n;s/\".*\"/\"$4\"/}" Cargo.lock
    from=$(sed -n "s/^$2 = { git = \"\(.*\)\", rev = \"\(.*\)\" }/git+\1?rev=\2#\2/p" Cargo.toml)
    test -n "$from" && test ! -e "$NOTES.ignored" &&
        sed -i "/name = \"$2\"/{n;s|$|\nsource = \"$from\"|}" Cargo.lock
    ;;
rustc)
    test -e "$NOTES.hang" && { echo $$ > "$NOTES.pid"; exec sleep 1000; }
    test -e "$NOTES.broken" && exit 101
    # Where the user's configuration of cargo has it.
    made="$CARGO_TARGET_DIR/of-the-host/release/pollmark"
    mkdir -p "${made%/*}"
    tokio=$(sed -n '/name = "tokio"/{n;s/.*"\(.*\)"/\1/p}' Cargo.lock)
    test -e "$NOTES.stale" && tokio=1.0.0
    cat > "$made" <<HELLO
#!/bin/sh
echo '{"Hello":{"protocol":1,"environment":{"versions":{"tokio":"$tokio"}}}}'
HELLO
    chmod 755 "$made"
    echo 'no message'
    echo "{\"reason\":\"compiler-artifact\",\"target\":{\"name\":\"pollmark\"},\"executable\":\"$made\"}"
    echo '{"reason":"build-finished","success":true}'
    ;;
esac
exit 0
"#;

impl Place {
    fn new() -> Self {
        let place = Place {
            folder: tempfile::tempdir().unwrap(),
        };
        for folder in [
            "bin",
            "sources/cli/src",
            "sources/target",
            "sources/.git",
            "out",
        ] {
            fs::create_dir_all(place.path(folder)).unwrap();
        }
        for (name, text) in [
            ("sources/Cargo.toml", MANIFEST),
            ("sources/Cargo.lock", LOCK),
            ("sources/cli/Cargo.toml", "[package]\nname = \"pollmark\"\n"),
            ("sources/cli/src/main.rs", "fn main() {}\n"),
            ("sources/target/CACHEDIR.TAG", ""),
            ("sources/.git/HEAD", "ref: refs/heads/main\n"),
            ("bin/cargo", CARGO),
        ] {
            fs::write(place.path(name), text).unwrap();
        }
        let runs = fs::Permissions::from_mode(0o755);
        fs::set_permissions(place.path("bin/cargo"), runs).unwrap();
        place
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// `pollmark build` in the sources.
    fn build(&self) -> Command {
        let path = std::env::var("PATH").unwrap();
        let mut command = process();
        command
            .current_dir(self.path("sources"))
            .env("PATH", format!("{}:{path}", self.path("bin").display()))
            .env("XDG_CACHE_HOME", self.path("cache"))
            .env("NOTES", self.path("notes"))
            .env_remove("RUSTFLAGS")
            .arg("build");
        command
    }

    /// The same, to its end.
    fn builds(&self, args: &[&str]) -> assert_cmd::assert::Assert {
        let mut command = self.build();
        command.args(args);
        assert_cmd::Command::from_std(command).assert()
    }

    #[track_caller]
    fn refuses(&self, code: i32, args: &[&str], why: &str) {
        let told = predicate::function(|told: &str| {
            let told = told.split_whitespace().collect::<Vec<_>>().join(" ");
            told.contains(why)
        });
        self.builds(args).code(code).stdout("").stderr(told);
    }

    /// What cargo was asked, a line each time.
    fn notes(&self) -> Vec<String> {
        let notes = fs::read_to_string(self.path("notes")).unwrap_or_default();
        let origin = self.path("sources").display().to_string();
        notes
            .lines()
            .map(|line| line.replace(&origin, "SOURCES"))
            .collect()
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }
}

const RUSTC: &str = "rustc --release --package pollmark --bin pollmark \
                     --message-format=json-render-diagnostics";

#[test]
fn it_builds_a_copy_with_the_version_and_leaves_the_sources_alone() {
    let place = Place::new();
    let line = "made ./pollmark-tokio-1.50.0 of tokio 1.50.0\n\
                compare with it: pollmark compare CELL --build other=./pollmark-tokio-1.50.0\n";
    place.builds(&["tokio=1.50.0"]).success().stdout(line);
    let made = place.path("sources/pollmark-tokio-1.50.0");
    assert!(fs::read_to_string(&made).unwrap().contains("1.50.0"));
    assert_eq!(
        fs::metadata(&made).unwrap().permissions().mode() & 0o777,
        0o755
    );
    let update = "update tokio --precise 1.50.0 |  | SOURCES";
    assert_eq!(
        place.notes(),
        [update.to_owned(), format!("{RUSTC} |  | SOURCES")]
    );

    assert_eq!(place.read("sources/Cargo.toml"), MANIFEST);
    assert_eq!(place.read("sources/Cargo.lock"), LOCK);
    let copy = "cache/pollmark/sources";
    let lowered = place.read(&format!("{copy}/Cargo.toml"));
    assert_eq!(lowered, MANIFEST.replace("1.54", "1.38"));
    assert!(
        place
            .read(&format!("{copy}/Cargo.lock"))
            .contains("\"1.50.0\"")
    );
    assert!(place.path(&format!("{copy}/cli/src/main.rs")).is_file());
    for left_out in ["target", ".git"] {
        assert!(!place.path(&format!("{copy}/{left_out}")).exists());
    }

    // The copy is replaced, from a folder inside of the sources too, and so is the binary.
    fs::write(place.path(&format!("{copy}/left over")), "").unwrap();
    let mut command = place.build();
    command.current_dir(place.path("sources/cli/src"));
    command.args(["tokio=1.51.0", "-o", "../../pollmark-tokio-1.50.0"]);
    let again = assert_cmd::Command::from_std(command).assert().success();
    again.stdout(predicate::str::contains("of tokio 1.51.0"));
    assert!(!place.path(&format!("{copy}/left over")).exists());
    assert!(
        place
            .path("cache/pollmark/target/of-the-host/release/pollmark")
            .is_file()
    );
}

#[test]
fn packages_flags_toolchain_and_order_are_cargos_arguments() {
    let place = Place::new();
    let several = ["tokio=1.50.0", "async-io=2.3.0", "--cfg", "tokio_unstable"];
    let rest = ["--rustc", "nightly", "--output", "../out/old"];
    let made = place.builds(&[&several[..], &rest].concat()).success();
    made.stdout(predicate::str::contains(
        "of tokio 1.50.0, async-io 2.3.0\n",
    ));
    assert!(place.path("out/old").is_file());
    let flags = "| --cfg tokio_unstable | SOURCES";
    let expected = [
        format!("+nightly update tokio --precise 1.50.0 {flags}"),
        format!("+nightly update async-io --precise 2.3.0 {flags}"),
        format!("+nightly {RUSTC} {flags}"),
    ];
    assert_eq!(place.notes(), expected);
    let own = "cache/pollmark/target-__cfg_tokio_unstable/of-the-host/release/pollmark";
    assert!(place.path(own).is_file());

    let relinked = place.builds(&["--relink"]).success();
    relinked.stdout(predicate::str::contains(
        "--build same=./pollmark-relinked --layout-floor same\n",
    ));
    let last = place.notes().pop().unwrap();
    assert!(
        last.contains("-- -C link-arg=-Wl,--shuffle-sections"),
        "{last}"
    );
    let named = ["tokio=1.50.0", "--cfg", "tokio_unstable,other=\"x\""];
    place.builds(&named).success();
    let name = "sources/pollmark-tokio-1.50.0-tokio_unstable-other__x_";
    assert!(place.path(name).is_file());
}

#[test]
fn a_package_of_a_repository_is_patched_in() {
    let place = Place::new();
    let from = ["tokio", "--git", "https://example.org/tokio#0123abc"];
    place.builds(&from).success();
    let manifest = place.read("cache/pollmark/sources/Cargo.toml");
    let patch = "[patch.crates-io]\n\
                 tokio = { git = \"https://example.org/tokio\", rev = \"0123abc\" }\n";
    assert!(manifest.ends_with(patch), "{manifest}");
    assert_eq!(place.notes()[0], "update tokio |  | SOURCES");
    assert!(place.path("sources/pollmark-tokio-0123abc").is_file());
}

#[test]
fn wrong_input_is_told_before_anything_is_built() {
    let place = Place::new();
    symlink("Cargo.lock", place.path("sources/link")).unwrap();
    for (args, why) in [
        (&[][..], "required arguments were not provided"),
        (
            &["tokio=1.50"],
            "write three numbers, such as `tokio=1.50.0`",
        ),
        (&["tokio=new"], "`new` is no whole version"),
        (&["=1.50.0"], "is no package"),
        (&["tok io=1.50.0"], "is no package"),
        (&["tokio"], "`tokio` has no version: write tokio=VERSION"),
        (
            &["tokyo=1.50.0"],
            "pollmark does not depend on it: unknown package `tokyo`; did you mean `tokio`",
        ),
        (&["tokio=1.50.0", "tokio=1.51.0"], "`tokio` is named twice"),
        (
            &["tokio=1.50.0", "--git", "https://example.org#a"],
            "`tokio` has a version",
        ),
        (&["tokio", "--git", "https://example.org"], "write URL#REV"),
        (
            &["--git", "https://example.org#a"],
            "required arguments were not provided",
        ),
        (&["tokio=1.50.0", "--cfg=--x"], "not a flag"),
        (&["tokio=1.50.0", "--cfg", "a b"], "not a flag"),
    ] {
        place.refuses(2, args, why);
    }
    for (output, why) in [
        ("none/old", "No such file or directory"),
        ("cli", "is a directory"),
        ("Cargo.toml", "it is a file that is no program"),
        ("link", "it is a file that is no program"),
        ("/dev/null", "it is no regular file"),
        ("/proc/old", "cannot make /proc/old"),
    ] {
        place.refuses(3, &["tokio=1.50.0", "-o", output], why);
    }
    assert!(place.notes().is_empty());
    assert!(!place.path("cache").exists());
}

#[test]
fn a_cache_inside_of_the_sources_is_not_copied() {
    let place = Place::new();
    for _ in 0..2 {
        let mut command = place.build();
        command.env("XDG_CACHE_HOME", place.path("sources/.cache"));
        command.arg("tokio=1.50.0");
        assert_cmd::Command::from_std(command).assert().success();
    }
    let copy = place.path("sources/.cache/pollmark/sources");
    assert!(copy.join("cli/Cargo.toml").is_file());
    assert!(!copy.join(".cache/pollmark").exists());
}

#[test]
fn a_binary_of_other_versions_is_not_delivered() {
    let place = Place::new();
    let git = ["tokio", "--git", "https://example.org/tokio#0123abc"];
    fs::write(place.path("notes.ignored"), "").unwrap();
    let why = "not as asked: `tokio` does not come from https://example.org/tokio at 0123abc";
    place.refuses(1, &git, why);
    fs::write(place.path("notes.stale"), "").unwrap();
    place.refuses(1, &["tokio=1.50.0"], "it was built of tokio 1.0.0");
    assert!(!place.path("sources/pollmark-tokio-1.50.0").exists());
}

#[test]
fn what_cargo_refuses_fails_the_build_and_says_what_to_do() {
    let place = Place::new();
    let why = "cargo cannot set tokio to 9.9.9, as it says above: name a version that \
               https://crates.io/crates/tokio/versions has";
    place.refuses(1, &["tokio=9.9.9"], why);
    place.refuses(1, &["tokio=9.9.9"], "error: no such version");
    fs::write(place.path("notes.broken"), "").unwrap();
    place.refuses(1, &["tokio=1.50.0"], "these versions do not go together");
    place.refuses(1, &["--relink"], "needs the linker lld");
    assert!(!place.path("sources/pollmark-tokio-1.50.0").exists());
    let mut command = place.build();
    command
        .args(["tokio=1.50.0"])
        .env("PATH", place.path("out"));
    let missing = predicate::str::contains("there is no `cargo` in PATH");
    assert_cmd::Command::from_std(command)
        .assert()
        .code(2)
        .stderr(missing);
}

#[test]
fn ctrl_c_ends_cargo_and_a_second_build_waits_for_none() {
    ended_by(Signal::SIGINT);
}

#[test]
fn other_signals_that_end_it_end_cargo_too() {
    ended_by(Signal::SIGTERM);
    ended_by(Signal::SIGHUP);
}

#[track_caller]
fn ended_by(signal: Signal) {
    obey_signals();
    let place = Place::new();
    fs::write(place.path("notes.hang"), "").unwrap();
    let mut command = place.build();
    command.arg("tokio=1.50.0").process_group(0);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let running = Running::of(command.spawn().unwrap());
    let pid = until("cargo builds", || {
        let pid = fs::read_to_string(place.path("notes.pid")).ok()?;
        pid.trim().parse::<u32>().ok()
    });
    place.refuses(
        2,
        &["tokio=1.51.0"],
        "another `pollmark build` is under way",
    );
    running.signal(signal);
    let ended = running.end();
    assert_eq!(ended.status.code(), Some(130));
    let told = String::from_utf8(ended.stderr).unwrap();
    assert!(told.contains("interrupted"), "{told}");
    assert!(
        !Path::new(&format!("/proc/{pid}")).exists(),
        "cargo lives on"
    );
    assert!(!place.path("sources/pollmark-tokio-1.50.0").exists());
}
