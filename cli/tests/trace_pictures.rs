//! The pictures of `trace`: their widths, colours and marks, and the same as SVG.

mod common;

use std::fs;
use std::path::Path;

use predicates::prelude::*;
use predicates::str::contains;
use roxmltree::{Document, Node};
use serde_json::Value;
use unicode_width::UnicodeWidthStr;

use common::pollmark;
use common::results::cells;

/// The output of `pollmark trace ARGS`, with all of its cells as expected.
#[track_caller]
fn traced(args: &[&str], variables: &[(&str, &str)]) -> String {
    let mut command = pollmark();
    command
        .arg("trace")
        .args(args)
        .envs(variables.iter().copied());
    let ran = command.assert().success();
    String::from_utf8(ran.get_output().stdout.clone()).expect("it is text")
}

/// The output for every lesson on the virtual clock. Some of them compute, and on a busy machine
/// one may come to its time limit: its picture is drawn all the same.
fn every_lesson(args: &[&str]) -> String {
    let mut command = pollmark();
    command.args(["trace", "all", "--runner", "virtual", "--param", "scale=1"]);
    let ran = command.args(args).assert().code(predicate::in_iter([0, 1]));
    String::from_utf8(ran.get_output().stdout.clone()).expect("it is text")
}

/// The rows of the only picture in a text, and its axis.
fn picture(text: &str) -> String {
    let rows = text.lines().skip(3);
    let rows = rows.take_while(|line| !line.starts_with("  concurrency "));
    rows.map(|line| format!("{line}\n")).collect()
}

/// Exact, since no poll takes any time there.
#[test]
fn a_picture_is_as_wide_as_it_is_told() {
    for (width, expected) in [
        ("80", include_str!("pictures/cancel-pending.80.txt")),
        ("120", include_str!("pictures/cancel-pending.120.txt")),
        ("200", include_str!("pictures/cancel-pending.200.txt")),
    ] {
        let cell = ["waiter/cancel-pending@virtual", "--workers", "1"];
        let args = [&cell[..], &["--width", width]].concat();
        assert_eq!(picture(&traced(&args, &[])), expected);
        let ascii = traced(&[&args[..], &["--ascii"]].concat(), &[]);
        // Each sign in the place of the other.
        let shape = |text: &str| text.replace(|letter: char| !letter.is_whitespace(), "x");
        assert_eq!(shape(&picture(&ascii)), shape(expected));
    }
}

#[test]
fn without_a_terminal_the_reader_of_the_pipe_says_the_width() {
    let widest = |args: &[&str], variables: &[(&str, &str)]| {
        let args = [&["waiter/tasks@virtual"], args].concat();
        let text = traced(&args, variables);
        text.lines().map(UnicodeWidthStr::width).max()
    };
    assert_eq!(widest(&[], &[]), Some(80));
    assert_eq!(widest(&[], &[("COLUMNS", "120")]), Some(120));
    assert_eq!(widest(&[], &[("COLUMNS", "5000")]), Some(200));
    assert_eq!(widest(&[], &[("COLUMNS", "wide")]), Some(80));
    assert_eq!(
        widest(&["--width", "100"], &[("COLUMNS", "120")]),
        Some(100)
    );
    assert_eq!(widest(&["--width", "400"], &[]), Some(400));
}

#[test]
fn every_line_of_every_lesson_is_within_the_width() {
    for width in [60, 200] {
        for line in every_lesson(&["--width", &width.to_string()]).lines() {
            assert!(line.width() <= width, "{width}: {line:?}");
            assert_eq!(line.trim_end(), line, "{width}");
        }
    }
}

#[test]
fn a_width_that_is_none_is_refused() {
    for wrong in ["59", "1001", "0", "-1", "wide", ""] {
        let refused = contains("--width").and(contains("from 60 to 1000"));
        pollmark()
            .args(["trace", "waiter/tasks@virtual", "--width", wrong])
            .assert()
            .code(2)
            .stderr(refused);
    }
}

#[test]
fn a_theme_changes_colours_and_nothing_else() {
    let args = ["waiter/blocking-tasks@virtual", "--workers", "1"];
    let coloured = |theme: &[&str], background: &str| {
        let forced = [("CLICOLOR_FORCE", "1"), ("COLORFGBG", background)];
        picture(&traced(&[&args[..], theme].concat(), &forced))
    };
    let (light, dark) = (["--theme", "light"], ["--theme", "dark"]);
    let [on_light, on_dark] = [light, dark].map(|theme| coloured(&theme, ""));
    assert!(on_light.contains("\x1b[38;5;124m▒"), "{on_light}");
    assert!(on_dark.contains("\x1b[31m▒"), "{on_dark}");
    assert_eq!(coloured(&[], "0;15"), on_light);
    assert_eq!(coloured(&[], "15;0"), on_dark);
    assert_eq!(coloured(&[], ""), on_dark);
    assert_eq!(coloured(&dark, "0;15"), on_dark);
    let plain = traced(&args, &[]);
    assert!(!plain.contains('\x1b'), "{plain}");
}

#[test]
fn a_mark_is_explained_where_it_occurs() {
    let cancels = traced(&["waiter/cancel-pending@virtual"], &[]);
    assert!(cancels.contains("blocking   ✗ cancelled\n"), "{cancels}");
    let both = traced(
        &[
            "waiter/tasks",
            "waiter/cancel-pending",
            "--runner",
            "virtual",
        ],
        &[],
    );
    assert_eq!(both.matches("cancelled\n").count(), 1, "{both}");
    // The end of the runtime drops the orphan; the run did not cancel it.
    let orphan = traced(&["waiter/orphan@virtual"], &[]);
    assert!(!orphan.contains('✗'), "{orphan}");
}

#[test]
fn many_that_wait_do_not_look_like_many_that_run() {
    for ascii in [&[][..], &["--ascii"]] {
        let args = ["visitors/at-once@virtual", "--param", "visitors=1000"];
        let text = traced(&[&args[..], ascii].concat(), &[]);
        let waiting = text.lines().find(|line| line.starts_with("  waiting "));
        let waiting = waiting.expect(&text);
        assert!(!waiting.contains(['█', '#']), "{waiting}");
        assert!(waiting.ends_with(['⎺', '^']), "{waiting}");
    }
}

#[test]
fn each_runner_stands_below_its_own_ideal() {
    let heads = |args: &[&str]| -> Vec<String> {
        let text = traced(&[&["waiter/blocking-tasks"], args].concat(), &[]);
        let heads = text.lines().filter(|line| {
            let runners = ["virtual, ", "tokio", "smol, ", "threads, "];
            runners.iter().any(|runner| line.starts_with(runner))
        });
        heads
            .map(|line| line.split("  ").next().unwrap().to_owned())
            .collect()
    };
    let three = [
        "--runner",
        "tokio,tokio-current-thread,smol,threads",
        "--workers",
        "2",
    ];
    let expected = [
        "virtual, 2 workers",
        "tokio, 2 workers",
        "smol, 2 workers",
        "virtual, 1 worker",
        "tokio-current-thread, 1 worker",
        "virtual, a thread a task",
        "threads, a thread a task",
    ];
    assert_eq!(heads(&three), expected);
    // An ideal that was asked for is not drawn twice.
    let asked = [
        "--runner",
        "tokio,tokio-current-thread,virtual",
        "--workers",
        "2",
    ];
    let expected = [
        "virtual, 2 workers",
        "tokio, 2 workers",
        "virtual, 1 worker",
        "tokio-current-thread, 1 worker",
    ];
    assert_eq!(heads(&asked), expected);
}

/// The pictures of `run`, as SVG, and its output.
fn svg(run: impl FnOnce(&[&str]) -> String) -> (String, String) {
    let dir = tempfile::tempdir().expect("a directory can be made");
    let path = dir.path().join("pictures.svg");
    let printed = run(&["--svg", path.to_str().expect("a path that is text")]);
    let file = fs::read_to_string(&path).expect("it was written");
    (file, printed)
}

fn number(node: Node<'_, '_>, name: &str) -> f64 {
    let value = node.attribute(name).expect(name);
    value.parse().expect(value)
}

/// No fixed-width font in use has wider letters, as a share of their height.
const WIDEST: f64 = 0.61;

#[test]
fn every_lesson_is_drawn_as_svg_with_every_task_named_and_no_text_outside() {
    let (file, printed) = svg(|svg| every_lesson(&[svg, &["--format", "json"]].concat()));
    let document = Document::parse(&file).expect("it is XML");
    let root = document.root_element();
    assert_eq!(root.attribute("role"), Some("img"));
    let within = |node: &Node<'_, '_>| node.descendants().any(|inner| inner.has_tag_name("style"));
    assert!(within(&root) && file.contains("prefers-color-scheme:dark"));
    let named = |tag: &'static str| {
        let of_tag = document
            .descendants()
            .filter(move |node| node.tag_name().name() == tag);
        of_tag.map(|node| node.text().expect(tag).to_owned())
    };
    let (titles, texts): (Vec<String>, Vec<String>) =
        (named("title").collect(), named("text").collect());
    let json: Value = serde_json::from_str(&printed).expect("it is JSON");
    for cell in cells(&json) {
        let program = format!(
            "{}/{}",
            cell["scenario"].as_str().unwrap(),
            cell["variant"].as_str().unwrap()
        );
        // Its parameters may follow.
        let is_it = |text: &String| text.split(' ').next() == Some(program.as_str());
        assert!(texts.iter().any(is_it), "{program}");
        for task in cell["trace"]["tasks"].as_array().expect("there is a trace") {
            let name = task["name"].as_str().unwrap().to_owned();
            assert!(titles.contains(&name), "{program}: no {name}");
        }
    }
    let view = root.attribute("viewBox").expect("it has a view");
    let view: Vec<f64> = view
        .split(' ')
        .map(|number| number.parse().unwrap())
        .collect();
    for text in document
        .descendants()
        .filter(|node| node.has_tag_name("text"))
    {
        let (x, y) = (number(text, "x"), number(text, "y"));
        let told = text.text().unwrap_or_default();
        let right = x + told.width() as f64 * number(text, "font-size") * WIDEST;
        assert!(x >= 0.0 && right <= view[2], "{told:?} ends at {right}");
        assert!(y >= 0.0 && y <= view[3], "{told:?} stands at {y}");
    }
    for part in file.split("url(").skip(1) {
        assert!(part.starts_with('#'), "{part:.40}");
    }
    for foreign in ["href", "<script", "<image", "@import", "http:", "https:"] {
        let allowed = usize::from(foreign == "http:");
        assert_eq!(file.matches(foreign).count(), allowed, "{foreign}");
    }
}

#[test]
fn a_state_is_told_by_its_shape_and_a_mark_by_its_own() {
    let programs = ["waiter/blocking-tasks", "waiter/cancel-pending"];
    let args = [&programs[..], &["--runner", "virtual"]].concat();
    let (file, _) = svg(|svg| traced(&[&args, svg].concat(), &[]));
    for class in ["waiting", "dotted", "polled", "striped", "cancelled"] {
        assert!(
            file.contains(&format!(r#"<path class="{class}""#)),
            "no {class}"
        );
    }
    // One file, the programs in order.
    let first = file.find(">waiter/blocking-tasks</text>").expect(&file);
    let second = file.find(">waiter/cancel-pending</text>").expect(&file);
    assert!(first < second);
}

#[test]
fn an_svg_goes_where_files_go() {
    let dir = tempfile::tempdir().expect("a directory can be made");
    let path = dir.path().join("pictures.svg");
    let name = path.to_str().expect("a path that is text");
    let args = ["trace", "waiter/tasks@virtual", "--svg", name];
    let refused = |more: &[&str], code: i32, why: &str| {
        let ran = pollmark().args(args).args(more).assert();
        ran.code(code).stderr(contains(why));
        assert!(!Path::new(name).exists());
    };
    refused(&["--save", name], 2, "--svg and --save name the same file");
    refused(
        &["--output", "/no/such/directory/text"],
        3,
        "/no/such/directory",
    );
    pollmark().args(args).arg("--dry-run").assert().success();
    assert!(!path.exists());
    pollmark()
        .args([
            "trace",
            "waiter/tasks@virtual",
            "--svg",
            "/no/such/directory/a.svg",
        ])
        .assert()
        .code(3)
        .stderr(contains("--svg"));
}
