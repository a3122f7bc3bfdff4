//! The drawings, messages and refusals of `trace`.

mod common;

use std::fs;

use predicates::prelude::*;
use predicates::str::contains;

use common::runners;
use common::{pollmark, process};

/// The output of `pollmark ARGS`, with all of its cells as expected.
fn printed(args: &[&str]) -> String {
    let ran = pollmark().args(args).assert().success();
    String::from_utf8(ran.get_output().stdout.clone()).expect("it is text")
}

fn refuses(args: &[&str], message: &str) {
    refuses_with(2, args, message);
}

fn refuses_with(code: i32, args: &[&str], message: &str) {
    let told = contains(message).and(contains("panicked").not());
    pollmark()
        .args(args)
        .assert()
        .code(code)
        .stdout("")
        .stderr(told);
}

/// Exact, since no poll takes any time there.
#[test]
fn a_picture_on_the_virtual_clock() {
    let text = printed(&["trace", "waiter/tasks@virtual", "--ascii", "--workers", "1"]);
    let rows: Vec<&str> = text.lines().skip(3).take(9).collect();
    let expected = [
        "virtual, 1 worker  16.000 s  the ideal",
        "  main          |-------------------------------|------------------------------|",
        "  Pasta         |-------------------------------|",
        "  Caesar salad  |-----------|",
        "  Chops         |--------------------------------------------------------------|",
        "  by thread",
        "  worker 0      |           |                   |                              |",
        "                +-------------------+-------------------+----------------------+",
        "                0                  5 s                10 s                  16 s",
    ];
    assert_eq!(rows, expected);
    assert!(
        text.contains("concurrency without\n  parallelism."),
        "{text}"
    );
}

/// The names of the rows below `by thread` of the last picture.
fn thread_rows(args: &[&str]) -> Vec<String> {
    let text = printed(&[args, &["--ascii"]].concat());
    let (_, rows) = text.rsplit_once("  by thread\n").expect(&text);
    let rows = rows.lines().take_while(|line| !line.starts_with("    "));
    // A name and its row are at least two blanks apart.
    let names = rows.map(|row| row.trim_start().split("  ").next().unwrap_or_default());
    names.map(str::to_owned).collect()
}

#[test]
fn each_worker_has_a_row_in_order_even_if_it_polled_nothing() {
    let hog = [
        "trace",
        "hog/inline@virtual",
        "--workers",
        "3",
        "--param",
        "hog=40ms",
        "--param",
        "beat=5ms",
    ];
    let expected = ["worker 0", "worker 1", "worker 2 (idle)"];
    assert_eq!(thread_rows(&hog), expected);
    for runner in ["tokio", "smol", "async-std"] {
        let cell = format!("waiter/tasks@{runner}");
        let rows = thread_rows(&["trace", &cell, "--workers", "3", "--runner", runner]);
        let numbers = rows.iter().map(|row| row.trim_end_matches(" (idle)"));
        assert_eq!(
            numbers.collect::<Vec<_>>(),
            ["worker 0", "worker 1", "worker 2"]
        );
    }
}

#[test]
fn a_thread_is_named_by_its_work_and_no_thread_like_a_task() {
    let mut calls = ["Caesar salad", "Chops", "Pasta"].map(|dish| format!("blocking ({dish})"));
    for (runner, others) in [
        ("tokio-current-thread", &["worker 0"][..]),
        ("virtual", &["worker 0"]),
        (
            "threads",
            &[
                "thread of Caesar salad",
                "thread of Chops",
                "thread of Pasta",
                "thread of main",
            ],
        ),
    ] {
        let cell = format!("waiter/offloaded@{runner}");
        let mut rows = thread_rows(&["trace", &cell, "--workers", "1"]);
        rows.sort();
        calls.sort();
        assert_eq!(
            rows,
            [
                calls.as_slice(),
                &others.iter().map(|&row| row.to_owned()).collect::<Vec<_>>()
            ]
            .concat()
        );
    }
}

#[test]
fn what_the_runtime_costs_is_told_in_real_time_and_not_before_the_run() {
    let text = printed(&["trace", "waiter/tasks@tokio-current-thread"]);
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        text.contains(" real (main);") || text.contains(" real (Pasta);"),
        "{text}"
    );
    assert!(
        text.contains(" real (median), ") && text.contains(" real (longest)"),
        "{text}"
    );
    assert!(
        text.contains("Times marked real are the machine's own"),
        "{text}"
    );
    let args = [
        "trace",
        "waiter/tasks@tokio-current-thread",
        "--format",
        "json",
    ];
    let traces: serde_json::Value = serde_json::from_str(&printed(&args)).expect("it is JSON");
    // The first polls of three tasks and their wakes, and two wakes of main: none before the run.
    let delays = &traces["cells"][0]["axes"]["blocking"]["delay"];
    assert_eq!(delays["count"], 8);
    assert!(traces["cells"][0]["trace"]["threads"][0]["kind"] == "worker");
}

/// Futures inside of one task have rows under it, and are concurrency without a second task.
#[test]
fn futures_of_one_task_are_drawn_under_it_and_wait_at_once() {
    let text = printed(&["trace", "io@virtual", "--ascii"]);
    let rows: Vec<&str> = text.lines().skip(4).take(5).collect();
    let expected = [
        "  main             |-----------------------------------------------------------|",
        "    Disk           |-----------------------------------------------------------|",
        "    Network        |-----------------------------------------------------------|",
        "  by thread",
        "  worker 0         |                                                           |",
    ];
    assert_eq!(rows, expected);
    for (program, in_flight, waits) in [
        ("io", "2 futures of 1 task in flight, 2.00", 2),
        ("slow-resource", "4 futures of 1 task in flight, 1.60", 4),
        (
            "jobs/milk-bread-gather",
            "2 futures of 1 task in flight, 1.50",
            2,
        ),
        (
            "gather/fail-fast-futures",
            "3 futures of 1 task in flight, 2.50",
            3,
        ),
    ] {
        let text = printed(&["trace", &format!("{program}@virtual")]);
        let sentence =
            format!("  {waits} waits at once in one task: concurrency without a second task.\n");
        assert!(text.contains(in_flight), "{text}");
        assert!(text.contains(&sentence), "{text}");
        assert!(text.contains("\nIn flight is what has begun"), "{text}");
    }
}

#[test]
fn output_to_a_file_fits_80_columns_and_has_no_colour() {
    for args in [
        &["trace", "waiter", "--runner", "virtual"][..],
        &["trace", "hog", "--runner", "virtual", "--workers", "1"],
        &["trace", "shops/random", "--runner", "virtual,threads"],
        &["trace", "shops/fixed@virtual", "--steps"],
        &["trace", "divisibles/parallel@tokio"],
        &["run", "cafe/blocking@tokio", "--timeline"],
    ] {
        let text = printed(args);
        assert!(!text.contains('\x1b'), "{args:?} prints colours to a file");
        for line in text.lines() {
            assert!(line.chars().count() <= 80, "{args:?}: {line:?}");
            assert_eq!(line.trim_end(), line, "{args:?}");
        }
    }
}

#[test]
fn ascii_is_ascii_from_the_first_letter_to_the_last() {
    for args in [
        &[
            "trace",
            "waiter/blocking-tasks",
            "--workers",
            "2",
            "--ascii",
        ][..],
        &[
            "trace",
            "visitors/at-once@virtual",
            "--param",
            "visitors=300",
            "--ascii",
        ],
        &["trace", "divisibles/parallel@virtual", "--ascii"],
    ] {
        let text = printed(args);
        let odd: String = text.chars().filter(|letter| !letter.is_ascii()).collect();
        assert_eq!(odd, "", "{args:?}");
    }
}

/// The scale of each runner is that of the slowest one, so rows can be compared with rows: an
/// axis ends with its run, and marks the same times at the same places as the others.
#[test]
fn runners_stand_one_above_the_other_at_one_scale_below_their_ideals() {
    let text = printed(&[
        "trace",
        "waiter/blocking-tasks",
        "--workers",
        "2",
        "--runner",
        "all",
    ]);
    let by_workers = |wanted: &dyn Fn(&str) -> bool, workers: &str| -> Vec<String> {
        let real = runners::real().into_iter().filter(|runner| wanted(runner));
        let heads = ["virtual"].into_iter().chain(real);
        heads.map(|runner| format!("{runner}, {workers}")).collect()
    };
    let takes = |runner: &str| runners::takes_workers(runner);
    let heads = [
        by_workers(&takes, "2 workers"),
        by_workers(&|runner| !takes(runner) && runner != "threads", "1 worker"),
        by_workers(&|runner| runner == "threads", "a thread a task"),
    ]
    .concat();
    let found = text
        .lines()
        .filter(|line| heads.iter().any(|head| line.starts_with(head.as_str())));
    let found: Vec<&str> = found.filter_map(|line| line.split("  ").next()).collect();
    assert_eq!(found, heads);
    let axes: Vec<Vec<usize>> = text
        .lines()
        .filter(|line| line.contains('┴'))
        .map(|line| {
            let letters = line.chars().enumerate();
            let marks = letters.filter(|(_, letter)| *letter == '┴');
            marks.map(|(column, _)| column).collect()
        })
        .collect();
    assert_eq!(axes.len(), heads.len());
    let longest = axes.iter().max_by_key(|marks| marks.last()).unwrap();
    for marks in &axes {
        let (_, of_the_scale) = marks.split_last().unwrap();
        assert!(of_the_scale.len() > 1, "{axes:?}");
        assert!(longest.starts_with(of_the_scale), "{axes:?}");
    }
}

#[test]
fn many_tasks_are_folded_into_charts() {
    let text = printed(&[
        "trace",
        "visitors/at-once@virtual",
        "--param",
        "visitors=5000",
    ]);
    assert!(text.contains("  visitor 7 "), "{text}");
    assert!(!text.contains("  visitor 8 "), "{text}");
    assert!(
        text.contains("and 4993 more tasks: up to 4993 alive"),
        "{text}"
    );
    assert!(text.lines().count() < 40, "{text}");
}

#[test]
fn advice_is_given_once_and_what_is_the_matter_for_each_runner() {
    let text = printed(&[
        "trace",
        "cafe/blocking",
        "--runner",
        "tokio,smol",
        "--workers",
        "1",
    ]);
    let times = |part: &str| text.matches(part).count();
    // The ideal's is among them.
    assert_eq!(times("severe: `coffee"), 3, "{text}");
    assert_eq!(times("Await instead of blocking"), 1, "{text}");
}

#[test]
fn steps_say_who_is_where_after_each_event() {
    let text = printed(&["trace", "waiter/tasks@virtual", "--steps", "--workers", "1"]);
    let expected = "   13     3.000  Caesar salad is woken by a timer
                 ready: Caesar salad   waiting: main, Pasta, Chops
   14     3.000  Caesar salad is polled on worker 0
                 running: Caesar salad   waiting: main, Pasta, Chops
   15     3.000  Caesar salad ends
                 waiting: main, Pasta, Chops\n";
    assert!(text.contains(expected), "{text}");
    assert!(
        text.ends_with("main ends\n                 nobody is left\n\n"),
        "{text}"
    );
}

#[test]
fn a_run_shows_its_timeline_on_request() {
    let text = printed(&["run", "waiter/tasks@tokio", "--timeline", "--quiet"]);
    for part in ["1 of 1 cells ok", "by thread", "at most 3 tasks in flight"] {
        assert!(text.contains(part), "no {part:?} in {text}");
    }
}

#[test]
fn what_the_limit_drops_is_told() {
    let text = printed(&["trace", "waiter/tasks@virtual", "--trace-limit", "10"]);
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let expected =
        "17 events over the limit of 10 were dropped, and the end is missing (--trace-limit)";
    assert!(text.contains(expected), "{text}");
    refuses(
        &["trace", "waiter/tasks", "--trace-limit", "0"],
        "--trace-limit",
    );
    refuses(
        &["trace", "waiter/tasks", "--trace-limit", "-1"],
        "--trace-limit",
    );
}

#[test]
fn what_cannot_be_done_is_told_before_anything_runs() {
    refuses(
        &["trace", "waiter/tasks@tokio", "--interactive"],
        "needs a terminal",
    );
    refuses(&["trace", "waiter/tasks", "--format", "csv"], "human, json");
    refuses(
        &["trace", "waiter/tasks", "--format", "markdown"],
        "human, json",
    );
    refuses(&["trace", "waiter/taskz"], "did you mean `tasks`");
    refuses(&["trace"], "CELL");
    refuses(
        &["trace", "waiter/tasks@tokio", "--steps", "--interactive"],
        "--interactive",
    );
    let nowhere = "/no/such/directory/trace.json";
    refuses_with(
        3,
        &["trace", "waiter/tasks@tokio", "--chrome", nowhere],
        nowhere,
    );
}

#[test]
fn a_dry_run_lists_the_cells_and_writes_nothing() {
    let dir = tempfile::tempdir().expect("a directory can be made");
    let file = dir.path().join("trace.json");
    let path = file.to_str().expect("a path that is text");
    let text = printed(&["trace", "waiter/tasks@tokio", "--chrome", path, "--dry-run"]);
    assert!(text.contains("waiter/tasks@tokio"), "{text}");
    assert!(!file.exists());
}

/// Runs on a terminal made by util-linux's or BSD's `script`, if there is one.
#[test]
fn on_a_terminal_there_is_colour_unless_it_is_refused() {
    let program = process();
    let command = format!(
        "{} trace waiter/tasks@virtual",
        program.get_program().to_str().expect("a path that is text")
    );
    let dir = tempfile::tempdir().expect("a directory can be made");
    let on_terminal = |colours: bool| {
        let log = dir.path().join("typescript");
        let mut script = std::process::Command::new("script");
        script.args(["-q", "-e", "-c", &command]).arg(&log);
        script
            .env("TERM", "xterm")
            .env_remove("CLICOLOR")
            .env_remove("CLICOLOR_FORCE");
        match colours {
            true => script.env_remove("NO_COLOR"),
            false => script.env("NO_COLOR", "1"),
        };
        script
            .stdin(std::process::Stdio::null())
            .stdout(std::process::Stdio::null());
        match script.status() {
            Ok(status) if status.success() => {
                Some(fs::read_to_string(log).expect("it was written"))
            }
            _ => None,
        }
    };
    let (Some(coloured), Some(plain)) = (on_terminal(true), on_terminal(false)) else {
        eprintln!("skipped: no `script` command that takes -e and -c");
        return;
    };
    assert!(coloured.contains("by thread") && plain.contains("by thread"));
    assert!(coloured.contains("\x1b["), "{coloured}");
    assert!(!plain.contains("\x1b["), "{plain}");
}
