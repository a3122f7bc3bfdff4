//! The rows of a trace: its tasks, and its threads.

use std::collections::HashMap;
use std::time::Duration;

use pollmark_core::trace::{
    End, Life, Lives, Period, Task, TaskId, ThreadId, ThreadKind, ThreadRow, Trace, What,
};

use super::folded;
use super::look::Sign;
use super::model::{Group, Kind, Mark, Picture, Row};
use super::window::Window;

/// The most tasks that all get a row of their own. If there are more, the rest is counted.
const MOST_TASKS: usize = 20;

/// The number of tasks that get a row of their own if not all do.
const FIRST_TASKS: usize = 8;

/// The most threads that get a row of their own.
const MOST_THREADS: usize = 10;

/// The picture of a trace; `None` for a run whose root never began.
pub(in crate::commands::trace) fn picture(trace: &Trace, lives: &Lives) -> Option<Picture> {
    let window = Window::of(trace)?;
    // The list of rows, from the top.
    let mut groups = of_tasks(&window, lives);
    groups.push(of_threads(&window, lives));
    let span = window.span();
    Some(Picture {
        span,
        groups,
        busy: busy(&window, lives, span),
    })
}

/// The tasks, in the order in which they were spawned, each before its named futures. Of many, the
/// first, and the numbers of the others.
fn of_tasks(window: &Window<'_>, lives: &Lives) -> Vec<Group> {
    let count = match lives.len() {
        all @ ..=MOST_TASKS => all,
        _ => FIRST_TASKS,
    };
    let mut shown: Vec<(Vec<TaskId>, Life<'_>)> = lives
        .iter()
        .take(count)
        .map(|life| (window.trace.path(life.task), life))
        .collect();
    shown.sort_by(|(a, _), (b, _)| a.cmp(b));
    let rows = shown
        .into_iter()
        .map(|(path, life)| row(window, life, path.len() - 1));
    let tasks = Group {
        rows: rows.collect(),
        ..Group::default()
    };
    let rest = || lives.iter().skip(count);
    let folded = (count < lives.len()).then(|| folded::group(window, rest));
    [tasks].into_iter().chain(folded).collect()
}

/// The row of a task, also of one that the picture only counts; `None` where there is no picture.
pub(in crate::commands::trace) fn of_task(trace: &Trace, life: Life<'_>) -> Option<Row> {
    let depth = trace.path(life.task).len() - 1;
    Some(row(&Window::of(trace)?, life, depth))
}

fn row(window: &Window<'_>, life: Life<'_>, depth: usize) -> Row {
    let stretches = stretches(life).map(|stretch| window.stretch(stretch));
    let task = &window.trace.tasks[life.task];
    Row {
        name: task.name.clone(),
        depth,
        kind: Kind::Task(life.task),
        stretches: stretches.filter(|stretch| !stretch.is_empty()).collect(),
        marks: end_of(window, task).into_iter().collect(),
    }
}

/// The mark at the end of a task that did not come to its own end. A task that the end of the
/// runtime dropped was not cancelled by the run.
fn end_of(window: &Window<'_>, task: &Task) -> Option<Mark> {
    let Some(end) = task.end else {
        return window.trace.run.stopped.then(|| Mark {
            at: window.span(),
            sign: Sign::Stopped,
        });
    };
    let sign = match end {
        End::Dropped => Sign::Cancelled,
        End::Panicked => Sign::Panicked,
        End::Finished | End::Failed => return None,
    };
    let of_the_run = window.trace.events_of_the_run();
    let ends = |what: &What| matches!(what, What::Ended { .. } | What::Dropped);
    let mut ended = of_the_run.iter().rev();
    let event = ended.find(|event| event.task == task.id && ends(&event.what))?;
    let at = window.since(event.at);
    window.holds(event.at).then_some(Mark { at, sign })
}

/// The workers, also those that polled nothing, and the other threads that polled a task or ran a
/// call. Of many, those that did most.
fn of_threads(window: &Window<'_>, lives: &Lives) -> Group {
    let threads = window.trace.thread_rows();
    let places = threads.iter().enumerate();
    let places = places.filter_map(|(place, row)| Some((row.thread?, place)));
    let places: HashMap<ThreadId, usize> = places.collect();
    let row = |(place, row): (usize, &ThreadRow)| Row {
        name: row.name.clone(),
        depth: 0,
        kind: Kind::Thread(place),
        stretches: Vec::new(),
        marks: Vec::new(),
    };
    let mut rows: Vec<Row> = threads.iter().enumerate().map(row).collect();
    let polls = on_threads(window.trace, lives).flat_map(stretches);
    for stretch in polls.filter(|stretch| stretch[0].is_polled()) {
        let thread = window.trace.events[stretch[0].begun_by].thread;
        let parts = window.stretch(stretch);
        if let Some(place) = places.get(&thread)
            && !parts.is_empty()
        {
            rows[*place].stretches.push(parts);
        }
    }
    let is_worker = |row: &Row| match row.kind {
        Kind::Thread(place) => threads[place].kind == ThreadKind::Worker,
        Kind::Task(_) | Kind::Count(_) => false,
    };
    rows.retain(|row| !row.stretches.is_empty() || is_worker(row));
    let count = rows.len();
    if count > MOST_THREADS {
        rows.sort_by_key(|row| std::cmp::Reverse(length(row)));
        rows.truncate(MOST_THREADS);
        // In the order of all threads again.
        rows.sort_by_key(|row| match row.kind {
            Kind::Thread(place) => place,
            Kind::Task(_) | Kind::Count(_) => usize::MAX,
        });
    }
    for row in &mut rows {
        row.stretches.sort_by_key(|stretch| stretch[0].from);
    }
    let left_out = count - rows.len();
    Group {
        title: Some("by thread".to_owned()),
        rows,
        left_out: (left_out > 0).then(|| format!("and {left_out} threads that did less")),
    }
}

/// The lives of tasks and calls. A named future holds its task's thread.
fn on_threads<'a>(trace: &'a Trace, lives: &'a Lives) -> impl Iterator<Item = Life<'a>> {
    let lives = lives.iter();
    lives.filter(|life| trace.outer(life.task).is_none())
}

/// The time in which something stands in a row.
fn length(row: &Row) -> Duration {
    let parts = row.stretches.iter().flat_map(|stretch| &**stretch);
    parts.map(|part| part.to - part.from).sum()
}

/// The stretches of a task's life: all periods of a poll together, any other period by
/// itself. Between two polls a task waits or is ready.
fn stretches(life: Life<'_>) -> impl Iterator<Item = &[Period]> {
    life.periods.chunk_by(|a, b| a.is_polled() && b.is_polled())
}

/// The total time in which tasks were polled, divided by the time of the run.
fn busy(window: &Window<'_>, lives: &Lives, span: Duration) -> f64 {
    let periods = on_threads(window.trace, lives).flat_map(|life| life.periods);
    let polled = periods.filter(|period| period.is_polled());
    let parts = polled.filter_map(|period| window.part(period));
    let total: Duration = parts.map(|part| part.to - part.from).sum();
    total.as_secs_f64() / span.as_secs_f64().max(f64::MIN_POSITIVE)
}

#[cfg(test)]
mod tests {
    use pollmark_core::trace::lives;
    use serde_json::{Value, json};

    use super::*;

    /// A second in which `main` waits, and its tasks come to their ends; the runtime's end is the
    /// last event.
    fn trace() -> Trace {
        let task = |id: usize, name: &str, end: &str| {
            json!({
                "id": id, "name": name, "kind": "task", "parent": null,
                "spawned_at": { "file": "a.rs", "line": 1 }, "spawned_ns": 0, "started_ns": 0,
                "ended_ns": 500_000_000, "end": end, "polls": 1, "wakes": 0,
            })
        };
        let event = |at_ns: u64, task: usize, more: Value| {
            let mut event = json!({ "at_ns": at_ns, "thread": 0, "task": task });
            let fields = event.as_object_mut().expect("it is an object");
            fields.extend(more.as_object().expect("so is this").clone());
            event
        };
        let half = 500_000_000;
        let dropped = json!({ "event": "dropped" });
        let begun = (0..4).flat_map(|task| {
            ["spawned", "poll_started", "suspended"]
                .map(|what| event(0, task, json!({ "event": what })))
        });
        let mut events: Vec<Value> = begun.collect();
        events.push(event(half, 1, dropped.clone()));
        events.push(event(
            half,
            2,
            json!({ "event": "ended", "end": "panicked" }),
        ));
        events.push(event(
            2 * half,
            0,
            json!({ "event": "ended", "end": "finished" }),
        ));
        let shutdown = events.len();
        events.push(event(2 * half, 3, dropped));
        let mut main = task(0, "main", "finished");
        main["ended_ns"] = json!(2 * half);
        let trace = json!({
            "run": {
                "clock": "virtual", "speed": 2.0, "workers": 1, "blocking_threads": null,
                "root": 0, "epoch_ns": 0, "until_ns": 2 * half, "shutdown_event": shutdown,
                "limit": 100, "dropped": 0, "poll_cost_ns": null,
            },
            "threads": [{ "id": 0, "name": "worker 0", "kind": "worker" }],
            "tasks": [
                main,
                task(1, "cancelled", "dropped"),
                task(2, "panicked", "panicked"),
                task(3, "left behind", "dropped"),
            ],
            "events": events,
        });
        serde_json::from_value(trace).expect("it is a trace")
    }

    #[test]
    fn a_task_that_did_not_come_to_its_own_end_is_marked_there_in_scenario_time() {
        let trace = trace();
        let picture = picture(&trace, &lives(&trace)).expect("main was polled");
        assert_eq!(picture.span, Duration::from_secs(2));
        let marks: Vec<(&str, &[Mark])> = picture.groups[0]
            .rows
            .iter()
            .map(|row| (row.name.as_str(), row.marks.as_slice()))
            .collect();
        let at = |sign| {
            [Mark {
                at: Duration::from_secs(1),
                sign,
            }]
        };
        let expected: [(&str, &[Mark]); 4] = [
            ("main", &[]),
            ("cancelled", &at(Sign::Cancelled)),
            ("panicked", &at(Sign::Panicked)),
            // By the end of the runtime, not by the run.
            ("left behind", &[]),
        ];
        assert_eq!(marks, expected);
        assert_eq!(
            picture.signs().into_iter().collect::<Vec<_>>(),
            [Sign::Cancelled, Sign::Panicked]
        );
        assert_eq!(picture.groups[1].title.as_deref(), Some("by thread"));
        assert_eq!(picture.groups[1].rows[0].kind, Kind::Thread(0));
    }
}
