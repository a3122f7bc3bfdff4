//! Checks that Chrome trace events mean to a viewer what they should.

use std::collections::{BTreeMap, BTreeSet};

use pollmark_core::trace::Trace;
use serde::Deserialize;
use serde_json::Value;

use super::results::{cells, name};

/// A slice of a thread's track, in nanoseconds.
pub(crate) struct Slice {
    from: u64,
    to: u64,
    task: u64,
    /// Its recorded beginning and end, in seconds of the scenario.
    scenario: (f64, f64),
}

impl Slice {
    fn holds(&self, other: &Slice) -> bool {
        self.task == other.task && self.from < other.from && other.to <= self.to
    }
}

/// An end of an arrow: thread and time.
type ArrowEnd = (u64, u64);

/// The events of one traced cell on the sheet.
#[derive(Default)]
struct Process {
    threads: Vec<u64>,
    /// The sort keys for viewers: those of the process, and of its threads.
    places: BTreeMap<String, Vec<u64>>,
    /// By thread.
    polls: BTreeMap<u64, Vec<Slice>>,
    spans: Vec<(u64, Slice)>,
    /// The polls of named futures.
    inside: Vec<(u64, Slice)>,
    /// By identity: name, beginning and end, and its task.
    lives: BTreeMap<String, (String, u64, Option<u64>, u64)>,
    /// By number: where an arrow leaves and arrives.
    arrows: BTreeMap<u64, [Option<ArrowEnd>; 2]>,
}

fn number(event: &Value, field: &str) -> f64 {
    let number = event[field].as_f64();
    let number = number.unwrap_or_else(|| panic!("`{field}` is no number in {event}"));
    assert!(number.is_finite() && number >= 0.0, "{field} of {event}");
    number
}

/// Microseconds, rounded to the nanosecond: a parsed number may be off in the last of its
/// sixteen digits.
fn nanos(event: &Value, field: &str) -> u64 {
    (number(event, field) * 1e3).round() as u64
}

fn whole(event: &Value, field: &str) -> u64 {
    event[field]
        .as_u64()
        .unwrap_or_else(|| panic!("`{field}` is no id in {event}"))
}

fn text<'a>(event: &'a Value, field: &str) -> &'a str {
    event[field]
        .as_str()
        .unwrap_or_else(|| panic!("`{field}` is no text in {event}"))
}

/// The processes with their labels, in order. Panics if an event does not have the format,
/// or if its number is taken.
fn read(sheet: &Value) -> Vec<(String, Process)> {
    assert_eq!(sheet["displayTimeUnit"], "ns");
    let mut labels = BTreeMap::new();
    let mut processes: BTreeMap<u64, Process> = BTreeMap::new();
    let mut owners = BTreeMap::new();
    for event in sheet["traceEvents"].as_array().expect("events are a list") {
        let (pid, tid) = (whole(event, "pid"), whole(event, "tid"));
        let owner = owners.entry(tid).or_insert(pid);
        assert_eq!(*owner, pid, "thread {tid} is of two processes");
        let process = processes.entry(pid).or_default();
        process.read(event, tid);
        if event["name"] == "process_name" {
            let label = text(&event["args"], "name").to_owned();
            let other = labels.insert(pid, label);
            assert!(other.is_none(), "a process with two names");
        }
    }
    assert_eq!(labels.len(), processes.len(), "a process without a name");
    // Viewers take thread 0, or a thread whose number is that of a process, for the main one.
    let taken = |tid: &u64| *tid == 0 || processes.contains_key(tid);
    assert!(!owners.keys().any(taken), "{:?}", owners.keys());
    let arrows = || processes.values().flat_map(|process| process.arrows.keys());
    let numbers: BTreeSet<&u64> = arrows().collect();
    assert_eq!(numbers.len(), arrows().count(), "two arrows of one number");
    processes
        .into_iter()
        .map(|(pid, process)| (labels[&pid].clone(), process))
        .collect()
}

impl Process {
    fn read(&mut self, event: &Value, tid: u64) {
        let slice = || Slice {
            from: nanos(event, "ts"),
            to: nanos(event, "ts") + nanos(event, "dur"),
            task: whole(&event["args"], "task"),
            scenario: (
                number(&event["args"], "scenario_s"),
                number(&event["args"], "scenario_end_s"),
            ),
        };
        match (text(event, "ph"), event["cat"].as_str()) {
            ("M", _) => match text(event, "name") {
                "process_name" => {}
                "thread_name" => {
                    assert!(!text(&event["args"], "name").is_empty());
                    assert!(!self.threads.contains(&tid), "a thread with two names");
                    self.threads.push(tid);
                }
                what => {
                    let place = whole(&event["args"], "sort_index");
                    self.places.entry(what.to_owned()).or_default().push(place);
                }
            },
            ("X", Some("poll")) => self.polls.entry(tid).or_default().push(slice()),
            ("X", Some("inside")) => self.inside.push((tid, slice())),
            ("X", Some("span")) => self.spans.push((tid, slice())),
            ("b", Some("task")) => {
                let task = whole(&event["args"], "task");
                let begun = (
                    text(event, "name").to_owned(),
                    nanos(event, "ts"),
                    None,
                    task,
                );
                let id = text(&event["id2"], "local").to_owned();
                let other = self.lives.insert(id, begun);
                assert!(other.is_none(), "two lives: {event}");
            }
            ("e", Some("task")) => {
                let life = self.lives.get_mut(text(&event["id2"], "local"));
                let life = life.unwrap_or_else(|| panic!("an end before the begin: {event}"));
                let other = life.2.replace(nanos(event, "ts"));
                assert!(other.is_none(), "two ends: {event}");
            }
            (phase @ ("s" | "f"), Some("wake")) => {
                let arrow = self.arrows.entry(whole(event, "id")).or_default();
                let end = &mut arrow[usize::from(phase == "f")];
                let other = end.replace((tid, nanos(event, "ts")));
                assert!(other.is_none(), "two ends of an arrow: {event}");
            }
            ("C", _) => {
                number(event, "ts");
                let values = event["args"].as_object().expect("a counter has values");
                assert!(!values.is_empty() && values.values().all(Value::is_number));
            }
            _ => panic!("what is {event}?"),
        }
    }

    /// Checks that polls of one thread do not overlap, that spans and named futures lie within
    /// polls, that arrows lead from poll to poll, and that each task lives once.
    fn is_valid(&mut self, cell: &Value) {
        let (name, trace) = (name(cell), &cell["trace"]);
        let tasks = trace["tasks"].as_array().expect("tasks are a list");
        assert_eq!(self.lives.len(), tasks.len(), "{name}: lives and tasks");
        let mut lives = BTreeMap::new();
        for (id, (_, from, to, task)) in &self.lives {
            let to = to.unwrap_or_else(|| panic!("{name}: {id} does not end"));
            assert!(*from < to, "{name}: {id} ends before it begins");
            let other = lives.insert(*task, (*from, to));
            assert!(other.is_none(), "{name}: task {task} lives twice");
        }
        let names: BTreeSet<&str> = self.lives.values().map(|life| life.0.as_str()).collect();
        assert_eq!(names.len(), tasks.len(), "{name}: two tasks on one track");
        let polling: Vec<&u64> = self.polls.keys().collect();
        let threads: Vec<&u64> = self.threads.iter().collect();
        assert_eq!(threads, polling, "{name}: named threads, and with polls");
        assert_eq!(self.places["process_sort_index"].len(), 1);
        let places = self.places.remove("thread_sort_index").unwrap_or_default();
        assert_eq!(places, self.threads, "{name}: places of threads");
        let mut polled = vec![0; tasks.len()];
        for (thread, polls) in &mut self.polls {
            polls.sort_by_key(|poll| poll.from);
            for pair in polls.windows(2) {
                let (ends, begins) = (pair[0].to, pair[1].from);
                assert!(
                    ends <= begins,
                    "{name}: a poll ends at {ends} ns, and one begins at {begins} on {thread}"
                );
            }
            for poll in polls {
                assert!(poll.from < poll.to, "{name}: a poll of no length");
                let (from, to) = lives[&poll.task];
                assert!(
                    from < poll.from && poll.to <= to,
                    "{name}: task {} is polled outside of its life",
                    poll.task
                );
                polled[usize::try_from(poll.task).expect("an index")] += 1;
            }
        }
        for (thread, inner) in &self.inside {
            assert!(inner.from < inner.to, "{name}: a poll of no length");
            let poll = self.poll_at((*thread, inner.from));
            assert!(
                poll.is_some_and(|poll| poll.from < inner.from && inner.to < poll.to),
                "{name}: future {} is polled in no poll",
                inner.task
            );
            polled[usize::try_from(inner.task).expect("an index")] += 1;
        }
        let counted: Vec<u64> = tasks.iter().map(|task| whole(task, "polls")).collect();
        assert_eq!(polled, counted, "{name}: polls by task");
        for (thread, span) in &self.spans {
            assert!(span.from < span.to, "{name}: a span of no length");
            let poll = self.poll_at((*thread, span.from));
            assert!(
                poll.is_some_and(|poll| poll.holds(span)),
                "{name}: a span of task {} in none of its polls",
                span.task
            );
        }
        for (id, ends) in &self.arrows {
            let [Some(from), Some(to)] = *ends else {
                panic!("{name}: arrow {id} has one end");
            };
            assert!(from.1 < to.1, "{name}: arrow {id} leads back in time");
            assert!(
                self.poll_at(from).is_some(),
                "{name}: arrow {id} begins in no poll"
            );
            let to_poll = self.poll_at(to);
            assert!(
                to_poll.is_some_and(|poll| poll.from == to.1),
                "{name}: arrow {id} does not end where a poll begins"
            );
        }
    }

    /// The poll under way on that thread at that time.
    fn poll_at(&self, (thread, at): (u64, u64)) -> Option<&Slice> {
        let polls = self.polls.get(&thread)?;
        let begun = polls.partition_point(|poll| poll.from <= at);
        polls[..begun].last().filter(|poll| at < poll.to)
    }

    /// Checks that the transcript's events of a task happened in its first or last poll.
    /// Returns the number of lines that were compared with polls.
    fn agrees(&self, cell: &Value) -> usize {
        let speed = cell["trace"]["run"]["speed"].as_f64().expect("a number");
        let tasks = cell["trace"]["tasks"].as_array().expect("tasks are a list");
        let lines = cell["transcript"]
            .as_array()
            .expect("a transcript is a list");
        let mut held = 0;
        for line in lines {
            let (task, event) = (text(line, "task"), text(line, "event"));
            let same = |other: &&Value| other["task"] == task && other["event"] == event;
            let mut named = tasks.iter().filter(|other| other["name"] == task);
            // Two tasks of one name, or a call that is none of the tasks, cannot be told apart.
            let (Some(found), None, 1) = (
                named.next(),
                named.next(),
                lines.iter().filter(same).count(),
            ) else {
                continue;
            };
            let id = whole(found, "id");
            let inside = self.inside.iter().map(|(_, poll)| poll);
            let polls = self.polls.values().flatten().chain(inside);
            let polls = polls.filter(|poll| poll.task == id);
            let poll = match event {
                "started" => polls.min_by_key(|poll| poll.from),
                "finished" => polls.max_by_key(|poll| poll.from),
                _ => continue,
            };
            let poll = poll.unwrap_or_else(|| panic!("{}: {task} was never polled", name(cell)));
            let at = number(line, "at_ns") / 1e9;
            // The runtime's clock is exact to the nanosecond.
            let rounding = 2e-9 * speed;
            let (from, to) = poll.scenario;
            assert!(
                (from - rounding..=to + rounding).contains(&at),
                "{}: {task} {event} at {at} s, and its poll was {from} to {to} s",
                name(cell),
            );
            held += 1;
        }
        held
    }
}

/// Compares every traced cell with its part of the sheet. Returns the number of tasks, and
/// the number of transcript lines that agreed.
pub(crate) fn holds(traces: &Value, sheet: &Value) -> [usize; 2] {
    let mut processes = read(sheet);
    let recorded = |cell: &&Value| !cell["trace"].is_null();
    let cells: Vec<&Value> = cells(traces).iter().filter(recorded).collect();
    assert_eq!(processes.len(), cells.len(), "processes and cells");
    let mut seen = [0, 0];
    for ((label, process), cell) in processes.iter_mut().zip(cells) {
        let parts = ["scenario", "variant", "runner"].map(|part| text(cell, part));
        let is_named = parts.iter().all(|part| label.contains(part));
        assert!(is_named, "{} stands on the sheet as {label}", name(cell));
        let trace = Trace::deserialize(&cell["trace"]).expect("it is a trace");
        assert_eq!(trace.validate(), Ok(()), "{}", name(cell));
        process.is_valid(cell);
        seen[0] += process.lives.len();
        // A last poll that is cut off took longer than the trace shows.
        if cell["trace"]["run"]["dropped"] == 0 {
            seen[1] += process.agrees(cell);
        }
    }
    seen
}
