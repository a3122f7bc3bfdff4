//! Whether Chrome trace events are what a viewer takes them for.

use std::collections::BTreeMap;

use pollmark_core::trace::Trace;
use serde::Deserialize;
use serde_json::Value;

use super::results::{cells, name};

/// Less than a nanosecond, in microseconds: what a decimal fraction may be off by.
const ROUNDING: f64 = 1e-3;

/// A slice of a thread's track.
pub(crate) struct Slice {
    pub(crate) from: f64,
    pub(crate) to: f64,
    pub(crate) task: u64,
    pub(crate) scenario: f64,
}

/// What one traced cell has on the sheet.
#[derive(Default)]
pub(crate) struct Process {
    threads: Vec<u64>,
    /// By thread.
    pub(crate) polls: BTreeMap<u64, Vec<Slice>>,
    spans: Vec<(u64, Slice)>,
    /// By identity: when it began and ended, and its task.
    lives: BTreeMap<String, (f64, Option<f64>, u64)>,
    /// By identity: how often an arrow leaves and arrives.
    arrows: BTreeMap<String, [u32; 2]>,
}

fn number(event: &Value, field: &str) -> f64 {
    let number = event[field].as_f64();
    let number = number.unwrap_or_else(|| panic!("`{field}` is no number in {event}"));
    assert!(number.is_finite() && number >= 0.0, "{field} of {event}");
    number
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

/// The processes with their labels, in order. Panics where an event is not of the
/// format.
fn read(sheet: &Value) -> Vec<(String, Process)> {
    let mut labels = BTreeMap::new();
    let mut processes: BTreeMap<u64, Process> = BTreeMap::new();
    for event in sheet["traceEvents"].as_array().expect("events are a list") {
        let (pid, tid) = (whole(event, "pid"), whole(event, "tid"));
        let process = processes.entry(pid).or_default();
        text(event, "name");
        let slice = || Slice {
            from: number(event, "ts"),
            to: number(event, "ts") + number(event, "dur"),
            task: whole(&event["args"], "task"),
            scenario: number(&event["args"], "scenario_s"),
        };
        match (text(event, "ph"), event["cat"].as_str()) {
            ("M", _) if event["name"] == "process_name" => {
                let label = text(&event["args"], "name").to_owned();
                assert!(
                    labels.insert(pid, label).is_none(),
                    "a process with two names"
                );
            }
            ("M", _) => {
                assert_eq!(event["name"], "thread_name");
                assert!(!text(&event["args"], "name").is_empty());
                assert!(!process.threads.contains(&tid), "a thread with two names");
                process.threads.push(tid);
            }
            ("X", Some("poll")) => process.polls.entry(tid).or_default().push(slice()),
            ("X", Some("span")) => process.spans.push((tid, slice())),
            ("b", Some("task")) => {
                let begun = (number(event, "ts"), None, whole(&event["args"], "task"));
                let id = text(event, "id").to_owned();
                assert!(
                    process.lives.insert(id, begun).is_none(),
                    "two lives: {event}"
                );
            }
            ("e", Some("task")) => {
                let life = process.lives.get_mut(text(event, "id"));
                let life = life.unwrap_or_else(|| panic!("an end before the begin: {event}"));
                assert!(
                    life.1.replace(number(event, "ts")).is_none(),
                    "two ends: {event}"
                );
            }
            ("s" | "f", Some("wake")) => {
                number(event, "ts");
                let arrow = process
                    .arrows
                    .entry(text(event, "id").to_owned())
                    .or_default();
                arrow[usize::from(event["ph"] == "f")] += 1;
            }
            ("C", _) => {
                number(event, "ts");
                let values = event["args"].as_object().expect("a counter has values");
                assert!(!values.is_empty() && values.values().all(Value::is_number));
            }
            _ => panic!("what is {event}?"),
        }
    }
    assert_eq!(labels.len(), processes.len(), "a process without a name");
    processes
        .into_iter()
        .map(|(pid, process)| (labels[&pid].clone(), process))
        .collect()
}

impl Process {
    /// Polls of one thread do not overlap, spans lie in polls, each task lives once.
    pub(crate) fn is_valid(&mut self, cell: &Value) {
        let (name, trace) = (name(cell), &cell["trace"]);
        let tasks = trace["tasks"].as_array().expect("tasks are a list");
        assert_eq!(self.lives.len(), tasks.len(), "{name}: lives and tasks");
        let mut lives = BTreeMap::new();
        for (id, (from, to, task)) in &self.lives {
            let to = to.unwrap_or_else(|| panic!("{name}: {id} does not end"));
            assert!(from <= &to, "{name}: {id} ends before it begins");
            assert!(
                lives.insert(*task, (*from, to)).is_none(),
                "{name}: task {task} lives twice"
            );
        }
        let mut polled = vec![0; tasks.len()];
        for (thread, polls) in &mut self.polls {
            assert!(
                self.threads.contains(thread),
                "{name}: thread {thread} has no name"
            );
            polls.sort_by(|a, b| (a.from, a.to).partial_cmp(&(b.from, b.to)).expect("finite"));
            for pair in polls.windows(2) {
                let gap = pair[1].from - pair[0].to;
                assert!(
                    gap > -ROUNDING,
                    "{name}: polls overlap by {gap} us on {thread}"
                );
            }
            for poll in polls {
                let (from, to) = lives[&poll.task];
                let within = poll.from > from - ROUNDING && poll.to < to + ROUNDING;
                assert!(
                    within,
                    "{name}: task {} is polled outside of its life",
                    poll.task
                );
                polled[usize::try_from(poll.task).expect("an index")] += 1;
            }
        }
        let counted: Vec<u64> = tasks.iter().map(|task| whole(task, "polls")).collect();
        assert_eq!(polled, counted, "{name}: polls by task");
        for (thread, span) in &self.spans {
            let mut polls = self.polls[thread].iter();
            let inside = polls.any(|poll| {
                let within = poll.from < span.from + ROUNDING && poll.to > span.to - ROUNDING;
                poll.task == span.task && within
            });
            assert!(
                inside,
                "{name}: a span of task {} in none of its polls",
                span.task
            );
        }
        for (id, ends) in &self.arrows {
            assert_eq!(*ends, [1, 1], "{name}: arrow {id}");
        }
    }

    /// What the transcript says of a task happened in its first or last poll. How many
    /// lines were held against polls.
    pub(crate) fn agrees(&self, cell: &Value) -> usize {
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
            // Two of one name, or a future that is none of the tasks, cannot be told apart.
            let (Some(found), None, 1) = (
                named.next(),
                named.next(),
                lines.iter().filter(same).count(),
            ) else {
                continue;
            };
            let id = whole(found, "id");
            let polls = self.polls.values().flatten().filter(|poll| poll.task == id);
            let ordered = |a: &&Slice, b: &&Slice| a.from.total_cmp(&b.from);
            let poll = match event {
                "started" => polls.min_by(ordered),
                "finished" => polls.max_by(ordered),
                _ => continue,
            };
            let poll = poll.unwrap_or_else(|| panic!("{}: {task} was never polled", name(cell)));
            let at = number(line, "at_ns") / 1e9;
            // To the nanosecond of the runtime's clock.
            let rounding = 2e-9 * speed;
            let to = poll.scenario + (poll.to - poll.from) / 1e6 * speed;
            assert!(
                (poll.scenario - rounding..=to + rounding).contains(&at),
                "{}: {task} {event} at {at} s, and its poll was {} to {to} s",
                name(cell),
                poll.scenario
            );
            held += 1;
        }
        held
    }
}

/// Holds every traced cell against its part of the sheet: how many tasks there were, and
/// how many lines of transcripts agreed.
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
        // A last poll that is cut off lasted for longer than can be seen.
        if cell["trace"]["run"]["dropped"] == 0 {
            seen[1] += process.agrees(cell);
        }
    }
    seen
}
