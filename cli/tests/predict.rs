//! Piped guesses, and the answers to them.

mod common;

use common::pollmark;

/// The output of `run CELL --predict` for these answers, at the lessons' default speed:
/// even on a busy machine their tasks end in order.
#[track_caller]
fn told(cell: &str, answers: &'static str) -> String {
    let ran = pollmark()
        .args(["run", cell, "--predict"])
        .write_stdin(answers)
        .assert()
        .success();
    String::from_utf8(ran.get_output().stdout.clone()).unwrap()
}

const ORDER: &str = "the order is Caesar salad, Pasta, Chops";

#[test]
fn a_right_guess_is_told_so() {
    let text = told("waiter/tasks@virtual", "salad, pasta, chops\n16\n");
    assert!(text.contains(&format!("right: {ORDER}")), "{text}");
    assert!(text.contains("right: the time is 16 s"), "{text}");
    assert!(!text.contains("no task"), "{text}");
}

#[test]
fn a_task_that_does_not_exist_is_told_with_those_that_do_and_counts_as_wrong() {
    for runner in ["virtual", "tokio", "threads"] {
        let cell = format!("waiter/tasks@{runner}");
        let text = told(&cell, "salad, tea, chops\n16\n");
        let line = "\nno task `tea`; the tasks are Pasta, Caesar salad, Chops\n";
        assert!(text.contains(line), "{text}");
        assert!(text.contains(&format!("not so: {ORDER}")), "{text}");
    }
}

#[test]
fn input_that_ends_runs_nothing_more() {
    let text = told("waiter/tasks@virtual", "salad, pasta, chops\n");
    assert!(
        text.contains("No more answers: nothing more was run."),
        "{text}"
    );
    assert!(!text.contains("cells ok"), "{text}");
}

#[test]
fn the_order_of_a_lesson_that_never_ends_is_that_of_the_tasks_that_end() {
    let answers = "customer 3, customer 1, customer 2\n\n";
    let text = told("shops/await-shops@virtual", answers);
    let right = "right: the order is customer 3, customer 1, customer 2\n";
    assert!(text.contains(right), "{text}");
}
