//! The rows of a trace: its tasks, and its threads.

use std::time::Duration;

use pollmark_core::trace::{End, Life, Period, Task, Trace, What, lives};

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
pub(in crate::commands::trace) fn picture(trace: &Trace) -> Option<Picture> {
    let window = Window::of(trace)?;
    let lives = lives(trace);
    // The list of rows, from the top.
    let mut groups = of_tasks(&window, &lives);
    groups.push(of_threads(&window, &lives));
    let span = window.span();
    Some(Picture {
        span,
        groups,
        busy: busy(&window, &lives, span),
    })
}

/// The tasks, in the order in which they were spawned. Of many, the first, and the numbers of
/// the others.
fn of_tasks(window: &Window<'_>, lives: &[Life]) -> Vec<Group> {
    let names = window.trace.tasks.iter().map(|task| task.name.clone());
    let count = match lives.len() {
        all @ ..=MOST_TASKS => all,
        _ => FIRST_TASKS,
    };
    let (shown, rest) = lives.split_at(count);
    let rows = shown.iter().zip(names).map(|(life, name)| {
        let stretches = stretches(life).map(|stretch| window.stretch(stretch));
        Row {
            name,
            kind: Kind::Task(life.task),
            stretches: stretches.filter(|stretch| !stretch.is_empty()).collect(),
            marks: end_of(window, &window.trace.tasks[life.task])
                .into_iter()
                .collect(),
        }
    });
    let tasks = Group {
        rows: rows.collect(),
        ..Group::default()
    };
    let folded = (!rest.is_empty()).then(|| folded::group(window, rest));
    [tasks].into_iter().chain(folded).collect()
}

/// The mark at the end of a task that did not come to its own end. A task that the end of the
/// runtime dropped was not cancelled by the run.
fn end_of(window: &Window<'_>, task: &Task) -> Option<Mark> {
    let sign = match task.end? {
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

/// The threads that polled a task or ran a call. Of many, those that did most.
fn of_threads(window: &Window<'_>, lives: &[Life]) -> Group {
    let names = window.trace.thread_names();
    let mut rows: Vec<Row> = names
        .into_iter()
        .enumerate()
        .map(|(id, name)| Row {
            name,
            kind: Kind::Thread(id),
            stretches: Vec::new(),
            marks: Vec::new(),
        })
        .collect();
    for stretch in lives.iter().flat_map(stretches) {
        let thread = window.trace.events[stretch[0].begun_by].thread;
        let parts = window.stretch(stretch);
        if stretch[0].is_polled() && !parts.is_empty() {
            rows[thread].stretches.push(parts);
        }
    }
    rows.retain(|row| !row.stretches.is_empty());
    let count = rows.len();
    if count > MOST_THREADS {
        rows.sort_by_key(|row| std::cmp::Reverse(length(row)));
        rows.truncate(MOST_THREADS);
        // In the order of all threads again.
        rows.sort_by_key(|row| match row.kind {
            Kind::Thread(id) => id,
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

/// The time in which something stands in a row.
fn length(row: &Row) -> Duration {
    let parts = row.stretches.iter().flatten();
    parts.map(|part| part.to - part.from).sum()
}

/// The stretches of a task's life: all periods of a poll together, any other period by
/// itself. Between two polls a task waits or is ready.
fn stretches(life: &Life) -> impl Iterator<Item = &[Period]> {
    life.periods.chunk_by(|a, b| a.is_polled() && b.is_polled())
}

/// The total time in which tasks were polled, divided by the time of the run.
fn busy(window: &Window<'_>, lives: &[Life], span: Duration) -> f64 {
    let periods = lives.iter().flat_map(|life| &life.periods);
    let polled = periods.filter(|period| period.is_polled());
    let parts = polled.filter_map(|period| window.part(period));
    let total: Duration = parts.map(|part| part.to - part.from).sum();
    total.as_secs_f64() / span.as_secs_f64().max(f64::MIN_POSITIVE)
}
