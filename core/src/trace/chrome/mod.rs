//! Traces for Perfetto (ui.perfetto.dev) and `chrome://tracing`.

mod arrows;

use std::time::Duration;

use serde_json::{Value, json};

use super::axes::{in_flight, polls};
use super::data::{SpanKind, TaskId, Trace, What};
use super::states::{Life, Period, State, lives};
use super::sweep::levels;

/// The traces in Chrome's trace event format, each a process named by its label, side by
/// side: their scenario times begin at the same moment.
///
/// - A track a thread, with a slice for each poll and blocking call, and within it one
///   for each `block`, `spin` and `compute`. Polls of one thread do not overlap.
/// - A track a task, from its spawn to its end, with an identity of its own.
/// - An arrow from each poll that woke a task to the poll that came of it. What a timer
///   wakes has none.
/// - Counters: tasks in flight (as [`Axes`](super::Axes) counts them), ready and polled.
///
/// Times are those of the runtime, in microseconds; each slice has the scenario time, in
/// seconds, among its arguments.
pub fn chrome(traces: &[(&str, &Trace)]) -> Value {
    let before_epoch = |trace: &Trace| {
        let first = trace.events.first().map(|event| event.at);
        trace
            .run
            .epoch
            .saturating_sub(first.unwrap_or(trace.run.epoch))
    };
    let lead = traces.iter().map(|(_, trace)| before_epoch(trace)).max();
    let lead = lead.unwrap_or_default();
    let mut events = Vec::new();
    for (index, (label, trace)) in traces.iter().enumerate() {
        let sheet = Sheet {
            trace,
            lives: lives(trace),
            process: index + 1,
            lead,
        };
        sheet.write(label, &mut events);
    }
    json!({ "traceEvents": events, "displayTimeUnit": "ms" })
}

/// What is drawn on threads, each with the event whose place it takes in the file, and its
/// place among those of that event.
type Placed = Vec<(usize, u8, Value)>;

struct Sheet<'a> {
    trace: &'a Trace,
    lives: Vec<Life>,
    process: usize,
    /// When scenario time begins on the sheet.
    lead: Duration,
}

impl Sheet<'_> {
    fn write(&self, label: &str, to: &mut Vec<Value>) {
        to.push(self.named("process_name", 0, label));
        for thread in &self.trace.threads {
            to.push(self.named("thread_name", thread.id, &thread.name));
        }
        let mut placed = Placed::new();
        for life in &self.lives {
            self.lifetime(life, to);
            for (number, poll) in polls(life).into_iter().enumerate() {
                placed.push((poll.begun_by, 0, self.poll(life.task, number, &poll)));
            }
            self.arrows(life, &mut placed);
        }
        self.spans(&mut placed);
        // An arrow leads to and from the slice that was the last to begin on its thread, in
        // the order of the file where times are the same.
        placed.sort_by_key(|(event, place, _)| (*event, *place));
        to.extend(placed.into_iter().map(|(.., event)| event));
        self.counters(to);
    }

    /// Microseconds on the sheet.
    fn at(&self, at: Duration) -> f64 {
        micros((at + self.lead).saturating_sub(self.trace.run.epoch))
    }

    fn scenario(&self, at: Duration) -> f64 {
        self.trace.scenario_time(at).as_secs_f64()
    }

    fn named(&self, what: &str, thread: usize, name: &str) -> Value {
        json!({
            "ph": "M", "name": what, "pid": self.process, "tid": thread, "args": { "name": name },
        })
    }

    fn thread_of(&self, event: usize) -> usize {
        self.trace.events[event].thread
    }

    fn slice(
        &self,
        category: &str,
        name: &str,
        period: (Duration, Duration),
        thread: usize,
        args: Value,
    ) -> Value {
        let (from, to) = period;
        json!({
            "ph": "X", "cat": category, "name": name, "pid": self.process, "tid": thread,
            "ts": self.at(from), "dur": micros(to.saturating_sub(from)), "args": args,
        })
    }

    fn poll(&self, task: TaskId, number: usize, poll: &Period) -> Value {
        let then = match poll.ended_by.map(|end| self.trace.events[end].what) {
            Some(What::Ended { end }) => json!(end),
            Some(_) => json!("suspended"),
            None => Value::Null,
        };
        let args = json!({
            "task": task, "poll": number, "then": then, "scenario_s": self.scenario(poll.from),
        });
        let name = &self.trace.tasks[task].name;
        self.slice(
            "poll",
            name,
            (poll.from, poll.to),
            self.thread_of(poll.begun_by),
            args,
        )
    }

    fn lifetime(&self, life: &Life, to: &mut Vec<Value>) {
        let task = &self.trace.tasks[life.task];
        let ended = task.ended.unwrap_or(self.trace.run.until);
        let args = json!({
            "task": task.id, "parent": task.parent, "kind": task.kind,
            "spawned_at": task.spawned_at.to_string(), "end": task.end, "polls": task.polls,
            "wakes": task.wakes, "scenario_s": self.scenario(task.spawned),
        });
        for (phase, at, args) in [("b", task.spawned, args), ("e", ended, json!({}))] {
            to.push(json!({
                "ph": phase, "cat": "task", "name": task.name, "pid": self.process, "tid": 0,
                "id": format!("{}.{}", self.process, task.id), "ts": self.at(at), "args": args,
            }));
        }
    }

    fn spans(&self, to: &mut Placed) {
        // What is open in each task, the innermost last, by the event that began it.
        let mut open: Vec<Vec<usize>> = vec![Vec::new(); self.lives.len()];
        for (index, event) in self.trace.events.iter().enumerate() {
            match event.what {
                What::SpanStarted { .. } => open[event.task].push(index),
                What::SpanEnded => {
                    if let Some(begun_by) = open[event.task].pop() {
                        to.push((begun_by, 0, self.span(begun_by, event.at)));
                    }
                }
                _ => {}
            }
        }
        for begun_by in open.into_iter().flatten() {
            to.push((begun_by, 0, self.span(begun_by, self.trace.run.until)));
        }
    }

    /// What held the thread of a poll, from this event on.
    fn span(&self, begun_by: usize, to: Duration) -> Value {
        let event = &self.trace.events[begun_by];
        let name = match event.what {
            What::SpanStarted {
                span: SpanKind::Spin,
            } => "spin",
            What::SpanStarted {
                span: SpanKind::Compute,
            } => "compute",
            _ => "block",
        };
        let args = json!({ "task": event.task, "scenario_s": self.scenario(event.at) });
        self.slice("span", name, (event.at, to), event.thread, args)
    }

    fn counters(&self, to: &mut Vec<Value>) {
        let periods = || self.lives.iter().flat_map(|life| &life.periods);
        let ready = periods().filter(|period| period.state == State::Ready);
        let polled = periods().filter(|period| period.is_polled());
        let span = |period: &Period| (period.from, period.to);
        let counters = [
            ("in flight", levels(in_flight(self.trace, &self.lives))),
            ("ready", levels(ready.map(span))),
            ("polled", levels(polled.map(span))),
        ];
        for (name, levels) in counters {
            let count = |at: Duration, count: usize| {
                json!({
                    "ph": "C", "name": name, "pid": self.process, "tid": 0, "ts": self.at(at),
                    "args": { "tasks": count },
                })
            };
            for (index, level) in levels.iter().enumerate() {
                to.push(count(level.from, level.count));
                let next = levels.get(index + 1);
                if next.is_none_or(|next| next.from > level.to) {
                    to.push(count(level.to, 0));
                }
            }
        }
    }
}

/// Whole nanoseconds as microseconds, so that times a thousand and cut off they are the same
/// nanoseconds. Perfetto reads them so, and drops a slice that reaches into its neighbour.
fn micros(duration: Duration) -> f64 {
    let nanos = u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX);
    let micros = nanos as f64 / 1e3;
    match ((micros * 1e3) as u64) < nanos {
        true => micros.next_up(),
        false => micros,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace::drawn::{Drawing, waiter_blocking, waiter_tasks};

    fn events(of: &Value, phase: &str) -> Vec<Value> {
        let events = of["traceEvents"].as_array().expect("a list");
        let mut events = events.clone();
        events.retain(|event| event["ph"] == phase);
        events
    }

    #[test]
    fn each_poll_is_a_slice_on_its_thread_and_each_task_lives_once() {
        let trace = waiter_blocking();
        let json = chrome(&[("waiter/blocking-tasks@virtual", &trace)]);
        let slices: Vec<_> = events(&json, "X")
            .iter()
            .filter(|slice| slice["cat"] == "poll")
            .map(|slice| {
                let seconds = |field: &str| slice[field].as_f64().expect("a number") / 1e6;
                (
                    slice["name"].as_str().expect("a name").to_owned(),
                    seconds("ts"),
                    seconds("dur"),
                )
            })
            .collect();
        let expected = [
            ("main", 0.0, 0.0),
            ("Pasta", 0.0, 8.0),
            ("Salad", 8.0, 3.0),
            ("Chops", 11.0, 16.0),
            ("main", 27.0, 0.0),
        ];
        assert_eq!(
            slices,
            expected.map(|(name, from, length)| (name.to_owned(), from, length))
        );
        for phase in ["b", "e"] {
            let ids: std::collections::HashSet<_> = events(&json, phase)
                .iter()
                .map(|event| event["id"].to_string())
                .collect();
            assert_eq!(ids.len(), trace.tasks.len());
        }
        let names = events(&json, "M");
        assert_eq!(names[0]["args"]["name"], "waiter/blocking-tasks@virtual");
    }

    #[test]
    fn perfetto_reads_the_very_nanoseconds() {
        let mut state = 1_u64;
        for index in 0..200_000_u64 {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            // Up to ten days.
            for nanos in [index, state >> 14] {
                let read = (micros(Duration::from_nanos(nanos)) * 1000.0) as u64;
                assert_eq!(read, nanos);
            }
        }
    }

    #[test]
    fn what_is_under_way_at_the_end_is_drawn_up_to_it() {
        let mut drawing = Drawing::new(1);
        drawing.poll(0, 0, 0);
        drawing.block_begins(2, 0);
        let json = chrome(&[("a", &drawing.until(20))]);
        let drawn: Vec<_> = events(&json, "X")
            .iter()
            .map(|slice| {
                (
                    slice["name"].clone(),
                    slice["ts"].clone(),
                    slice["dur"].clone(),
                )
            })
            .collect();
        let expected = [("main", 0.0, 20e6), ("block", 2e6, 18e6)];
        assert_eq!(
            drawn,
            expected.map(|(name, from, length)| (json!(name), json!(from), json!(length)))
        );
    }

    #[test]
    fn counters_end_at_zero() {
        let json = chrome(&[("a", &waiter_tasks())]);
        let in_flight: Vec<_> = events(&json, "C")
            .iter()
            .filter(|event| event["name"] == "in flight")
            .map(|event| {
                (
                    event["ts"].as_f64().expect("a time") / 1e6,
                    event["args"]["tasks"].clone(),
                )
            })
            .collect();
        let expected = [(0.0, 3), (3.0, 2), (8.0, 1), (16.0, 0)];
        assert_eq!(in_flight, expected.map(|(at, count)| (at, json!(count))));
    }
}
