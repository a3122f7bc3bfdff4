//! A trace step by step: the tasks that are ready, running and waiting after each event.

use std::collections::BTreeSet;
use std::fmt;
use std::fmt::Write as _;
use std::rc::Rc;

use pollmark_core::trace::{By, End, SpanKind, TaskId, TaskKind, Trace, What};

use crate::text::styles::{BOLD, DIM};
use crate::text::wrap;

/// The most names listed for a set.
const MOST_NAMES: usize = 6;

/// The state of a task that has not ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standing {
    Ready,
    Running,
    Blocking,
    Waiting,
}

/// The states of all tasks after an event.
#[derive(Debug, Clone)]
pub(crate) struct Standings<'a> {
    trace: &'a Trace,
    /// The names of the threads, the same for all clones.
    threads: Rc<[String]>,
    /// By task; `None` before its spawn and after its end.
    places: Vec<Option<Standing>>,
    /// The same tasks by state, since most events move one task out of many.
    sets: [BTreeSet<TaskId>; 4],
    /// Whether a running task was woken since its poll began.
    woken: Vec<bool>,
    spawned: Vec<bool>,
    /// The index of the next event.
    next: usize,
}

impl<'a> Standings<'a> {
    /// The states before the first event.
    pub(crate) fn new(trace: &'a Trace) -> Self {
        Standings {
            trace,
            threads: trace.thread_names().into(),
            places: vec![None; trace.tasks.len()],
            sets: Default::default(),
            woken: vec![false; trace.tasks.len()],
            spawned: vec![false; trace.tasks.len()],
            next: 0,
        }
    }

    /// The number of events so far.
    pub(crate) fn index(&self) -> usize {
        self.next
    }

    /// Takes in the next event; returns `false` if there is none.
    pub(crate) fn step(&mut self) -> bool {
        let Some(event) = self.trace.events.get(self.next) else {
            return false;
        };
        self.next += 1;
        let task = event.task;
        self.spawned[task] = true;
        let place = self.places[task];
        // A blocking call blocks its thread from beginning to end.
        let polled = match self.trace.tasks[task].kind {
            TaskKind::Task | TaskKind::Future => Some(Standing::Running),
            TaskKind::Call => Some(Standing::Blocking),
        };
        let next = match event.what {
            What::Spawned => Some(Standing::Ready),
            What::PollStarted => {
                self.woken[task] = false;
                polled
            }
            What::Suspended if self.woken[task] => Some(Standing::Ready),
            What::Suspended => Some(Standing::Waiting),
            What::Ended { .. } | What::Dropped => None,
            What::Woken { .. } if place == Some(Standing::Waiting) => Some(Standing::Ready),
            What::Woken { .. } => {
                self.woken[task] = true;
                place
            }
            What::Aborted { .. } => place,
            What::SpanStarted {
                span: SpanKind::Block,
            } => Some(Standing::Blocking),
            What::SpanStarted { .. } => place,
            What::SpanEnded => polled,
        };
        if let Some(place) = place {
            self.sets[place as usize].remove(&task);
        }
        if let Some(next) = next {
            self.sets[next as usize].insert(task);
        }
        self.places[task] = next;
        true
    }

    /// The tasks in that state.
    pub(crate) fn those(&self, standing: Standing) -> &BTreeSet<TaskId> {
        &self.sets[standing as usize]
    }

    /// The state of a task; `None` before its spawn and after its end.
    pub(crate) fn of(&self, task: TaskId) -> Option<Standing> {
        self.places[task]
    }

    pub(crate) fn is_spawned(&self, task: TaskId) -> bool {
        self.spawned[task]
    }

    /// `ready: milk, bread   running: main`, without the empty sets.
    pub(crate) fn sets(&self) -> String {
        let sets = [
            ("ready", Standing::Ready),
            ("running", Standing::Running),
            ("blocking", Standing::Blocking),
            ("waiting", Standing::Waiting),
        ];
        let mut told = Vec::new();
        for (title, standing) in sets {
            let tasks = self.those(standing);
            if !tasks.is_empty() {
                told.push(format!("{title}: {}", names(self.trace, tasks)));
            }
        }
        match told.is_empty() {
            true => "nobody is left".to_owned(),
            false => told.join("   "),
        }
    }
}

/// The number of events after which the states are kept.
const KEPT_EACH: usize = 10_000;

/// A trace in which steps lead forth and back: from the last states that were kept.
#[derive(Debug)]
pub(crate) struct Steps<'a> {
    now: Standings<'a>,
    /// Those after each [`KEPT_EACH`] events, from none on, as far as the steps have led.
    kept: Vec<Standings<'a>>,
}

impl<'a> Steps<'a> {
    pub(crate) fn through(trace: &'a Trace) -> Self {
        let now = Standings::new(trace);
        let kept = vec![now.clone()];
        Steps { now, kept }
    }

    /// The states after so many events, or after all if there are fewer.
    pub(crate) fn after(&mut self, events: usize) -> &Standings<'a> {
        let nearest = &self.kept[(events / KEPT_EACH).min(self.kept.len() - 1)];
        if !(nearest.index()..=events).contains(&self.now.index()) {
            self.now = nearest.clone();
        }
        while self.now.index() < events && self.now.step() {
            if self.now.index() == self.kept.len() * KEPT_EACH {
                self.kept.push(self.now.clone());
            }
        }
        &self.now
    }
}

fn names(trace: &Trace, tasks: &BTreeSet<TaskId>) -> String {
    let shown = tasks.iter().take(MOST_NAMES);
    let shown: Vec<&str> = shown.map(|&task| trace.tasks[task].name.as_str()).collect();
    let mut text = shown.join(", ");
    if tasks.len() > MOST_NAMES {
        let _ = write!(text, " and {} more", tasks.len() - MOST_NAMES);
    }
    text
}

/// An event as a clause: `Pasta is woken by its timer`.
pub(crate) fn told(standings: &Standings<'_>, index: usize) -> impl fmt::Display {
    let trace = standings.trace;
    let event = &trace.events[index];
    let name = |task: TaskId| trace.tasks[task].name.clone();
    let by = |by: By| match by {
        By::Task(task) => format!("by {}", name(task)),
        By::EndOf(task) => format!("by the end of {}", name(task)),
        By::Timer => "by a timer".to_owned(),
        By::Pipe => "by a pipe".to_owned(),
        By::Outside => "from outside".to_owned(),
    };
    let task = name(event.task);
    let is_inside = trace.tasks[event.task].kind == TaskKind::Future;
    match event.what {
        What::Spawned => match trace.tasks[event.task].parent {
            Some(parent) if is_inside => format!("{task} begins inside of {}", name(parent)),
            Some(parent) => format!("{task} is spawned by {}", name(parent)),
            None => format!("{task} is spawned"),
        },
        What::PollStarted if is_inside => format!("{task} is polled inside of its task"),
        What::PollStarted => format!("{task} is polled on {}", standings.threads[event.thread]),
        What::Suspended => format!("{task} suspends"),
        What::Ended { end } => match end {
            End::Finished => format!("{task} ends"),
            End::Failed => format!("{task} ends with an error"),
            End::Panicked => format!("{task} panics"),
            End::Dropped => format!("{task} is dropped"),
        },
        What::Dropped => format!("{task} is dropped before its end"),
        What::Woken { by: waker } => format!("{task} is woken {}", by(waker)),
        What::Aborted { by: who } => format!("the end of {task} is asked for {}", by(who)),
        What::SpanStarted { span } => match span {
            SpanKind::Block => format!("{task} blocks its thread"),
            SpanKind::Spin => format!("{task} burns CPU"),
            SpanKind::Compute => format!("{task} computes"),
        },
        What::SpanEnded => format!("{task} goes on"),
    }
}

/// Every event, with the states of all tasks after it.
pub(crate) fn text(trace: &Trace) -> String {
    let mut text = String::new();
    let mut standings = Standings::new(trace);
    let end = trace.events_of_the_run().len();
    while standings.index() < end && standings.step() {
        let number = standings.index();
        let index = number - 1;
        let at = trace.scenario_time(trace.events[index].at);
        let first = format!("{number:>5} {:>9.3}  ", at.as_secs_f64());
        let margin = " ".repeat(first.len());
        let event = wrap::wrapped(&told(&standings, index).to_string(), &first, &margin);
        let sets = wrap::wrapped(&standings.sets(), &margin, &margin);
        let _ = write!(text, "{BOLD}{event}{BOLD:#}{DIM}{sets}{DIM:#}");
    }
    if trace.run.stopped {
        let at = trace.scenario_time(trace.run.until).as_secs_f64();
        let _ = writeln!(
            text,
            "{BOLD}      {at:>9.3}  pollmark stops the run{BOLD:#}"
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    /// A task that is polled and woken again and again, and another one that waits.
    fn long() -> Trace {
        let task = |id: usize, polls: usize| {
            json!({
                "id": id, "name": format!("task {id}"), "kind": "task", "parent": null,
                "spawned_at": { "file": "a.rs", "line": 1 }, "spawned_ns": 0, "started_ns": 0,
                "ended_ns": null, "end": null, "polls": polls, "wakes": polls,
            })
        };
        let event = |task: usize, what: &str| json!({ "at_ns": 0, "thread": 0, "task": task, "event": what, "by": "outside" });
        let mut events = vec![event(0, "spawned"), event(1, "spawned")];
        let polls = KEPT_EACH;
        for _ in 0..polls {
            events.extend(["poll_started", "suspended", "woken"].map(|what| event(0, what)));
        }
        let trace: Value = json!({
            "run": {
                "clock": "virtual", "speed": 1.0, "workers": 1, "blocking_threads": null,
                "root": 0, "epoch_ns": 0, "until_ns": 0, "shutdown_event": null,
                "limit": 100_000, "dropped": 0, "poll_cost_ns": null,
            },
            "threads": [{ "id": 0, "name": "worker 0", "kind": "worker" }],
            "tasks": [task(0, polls), task(1, 0)],
            "events": events,
        });
        serde_json::from_value(trace).expect("it is a trace")
    }

    #[test]
    fn steps_lead_forth_and_back_to_the_same_states() {
        let trace = long();
        let all = trace.events.len();
        let mut straight = Standings::new(&trace);
        let mut expected = vec![straight.sets()];
        while straight.step() {
            expected.push(straight.sets());
        }
        let mut steps = Steps::through(&trace);
        let far = KEPT_EACH + 2;
        for events in [
            1,
            far,
            far - 1,
            far - 4,
            all,
            all - 1,
            2,
            KEPT_EACH,
            0,
            all + 9,
        ] {
            let standings = steps.after(events);
            assert_eq!(standings.index(), events.min(all), "{events}");
            assert_eq!(standings.sets(), expected[events.min(all)], "{events}");
        }
        assert_eq!(steps.kept.len(), all / KEPT_EACH + 1);
    }
}
