use super::*;
use crate::trace::testing::{Drawing, waiter_blocking, waiter_tasks};

fn path(trace: &Trace) -> Vec<(&str, SegmentKind, u64, u64)> {
    let path = critical_path(trace);
    let window = trace.window().expect("main was polled");
    let mut at = window.0;
    for segment in &path {
        assert_eq!(segment.from, at, "a gap before {segment:?}");
        at = segment.to;
    }
    assert_eq!(at, window.1, "the path ends before the run");
    let told = path.iter().map(|segment| {
        let name = trace.tasks[segment.task].name.as_str();
        (
            name,
            segment.kind,
            segment.from.as_secs(),
            segment.to.as_secs(),
        )
    });
    told.collect()
}

#[test]
fn concurrent_waits_take_as_long_as_the_longest() {
    assert_eq!(path(&waiter_tasks()), [("Chops", SegmentKind::Wait, 0, 16)]);
}

#[test]
fn blocking_tasks_are_waited_for_in_turn() {
    // Main is woken by the end of Pasta at 8, and gets the worker when Chops releases it.
    let expected = [
        ("Pasta", SegmentKind::Block, 0, 8),
        ("main", SegmentKind::Ready, 8, 27),
    ];
    let trace = waiter_blocking();
    assert_eq!(path(&trace), expected);
    let behind = critical_path(&trace)[1]
        .behind
        .map(|task| trace.tasks[task].name.as_str());
    assert_eq!(behind, Some("Chops"));
}

#[test]
fn the_path_goes_through_who_woke_whom_and_through_calls() {
    let mut drawing = Drawing::new(1);
    drawing.poll(1, 0, 0);
    let cook = drawing.spawn(2, "cook", Some(0));
    drawing.suspend(3, 0);
    drawing.poll(4, 0, cook);
    let call = drawing.call(5, "oven", cook);
    drawing.suspend(6, cook);
    drawing.poll(7, 1, call);
    drawing.end(9, call);
    drawing.wake(10, cook, By::EndOf(call));
    drawing.poll(11, 0, cook);
    drawing.wake(12, 0, By::Task(cook));
    drawing.suspend(13, cook);
    drawing.poll(14, 0, 0);
    drawing.end(15, 0);
    let expected = [
        ("main", SegmentKind::Poll, 1, 2),
        ("cook", SegmentKind::Ready, 2, 4),
        ("cook", SegmentKind::Poll, 4, 5),
        ("oven", SegmentKind::Ready, 5, 7),
        ("oven", SegmentKind::Call, 7, 9),
        ("cook", SegmentKind::Wait, 9, 10),
        ("cook", SegmentKind::Ready, 10, 11),
        ("cook", SegmentKind::Poll, 11, 12),
        ("main", SegmentKind::Ready, 12, 14),
        ("main", SegmentKind::Poll, 14, 15),
    ];
    assert_eq!(path(&drawing.until(15)), expected);
}

#[test]
fn who_is_told_of_an_end_long_after_it_has_used_the_time_himself() {
    let mut drawing = Drawing::new(2);
    drawing.poll(0, 0, 0);
    let child = drawing.spawn(0, "child", Some(0));
    drawing.poll(0, 1, child);
    drawing.end(2, child);
    drawing.suspend(9, 0);
    drawing.wake(10, 0, By::EndOf(child));
    drawing.poll(10, 0, 0);
    drawing.end(12, 0);
    let expected = [
        ("main", SegmentKind::Poll, 0, 9),
        ("main", SegmentKind::Wait, 9, 10),
        ("main", SegmentKind::Poll, 10, 12),
    ];
    assert_eq!(path(&drawing.until(12)), expected);
}

#[test]
fn a_cancelled_task_is_on_the_path_from_the_request_on() {
    let mut drawing = Drawing::new(1);
    drawing.poll(0, 0, 0);
    let task = drawing.spawn(0, "task", Some(0));
    drawing.suspend(0, 0);
    drawing.poll(0, 0, task);
    drawing.suspend(0, task);
    drawing.wake(4, 0, By::Timer);
    drawing.poll(4, 0, 0);
    drawing.abort(4, task, 0);
    drawing.suspend(4, 0);
    drawing.dropped(6, task);
    drawing.wake(6, 0, By::EndOf(task));
    drawing.poll(6, 0, 0);
    drawing.end(6, 0);
    let expected = [
        ("main", SegmentKind::Wait, 0, 4),
        ("task", SegmentKind::Wait, 4, 6),
    ];
    assert_eq!(path(&drawing.until(6)), expected);
}

#[test]
fn a_run_that_was_given_up_waits_to_its_end() {
    let mut drawing = Drawing::new(1);
    drawing.poll(0, 0, 0);
    drawing.suspend(0, 0);
    drawing.wake(3, 0, By::Timer);
    drawing.poll(3, 0, 0);
    drawing.suspend(3, 0);
    assert_eq!(
        path(&drawing.until(20)),
        [("main", SegmentKind::Wait, 0, 20)]
    );
}
