//! Slices of polls and of the spans within them, and the lifetimes of tasks.

use serde_json::{Value, json};

use super::ruler::micros;
use super::{Draw, Sheet};
use crate::trace::analysis::timeline::Life;
use crate::trace::analysis::timeline::polls;
use crate::trace::data::{SpanKind, TaskKind, What};

impl Sheet<'_> {
    pub(super) fn polls(&self, life: Life<'_>, to: &mut Draw<'_>) {
        let category = match self.trace.tasks[life.task].kind {
            TaskKind::Task | TaskKind::Call => "poll",
            TaskKind::Future => "inside",
        };
        for (number, poll) in polls(life.periods).enumerate() {
            let then = match poll.ended_by.map(|end| self.trace.events[end].what) {
                Some(What::Ended { end }) => json!(end),
                Some(_) => json!("suspended"),
                None => Value::Null,
            };
            let args = json!({ "poll": number, "then": then });
            let name = &self.names[life.task];
            to(self.slice(category, name, (poll.begun_by, poll.ended_by), args));
        }
    }

    /// The spans that held the threads of polls.
    pub(super) fn spans(&self, to: &mut Draw<'_>) {
        // The open spans of each task, the innermost last, by the event that began them.
        let mut open: Vec<Vec<usize>> = vec![Vec::new(); self.lives.len()];
        for (index, event) in self.trace.events.iter().enumerate() {
            let open = &mut open[event.task];
            match event.what {
                What::SpanStarted { .. } => open.push(index),
                What::SpanEnded => {
                    let ended = open.pop().into_iter();
                    ended.for_each(|begun_by| to(self.span(begun_by, Some(index))));
                }
                // No span outlasts its poll.
                What::Suspended | What::Ended { .. } => {
                    let left = open.drain(..);
                    left.for_each(|begun_by| to(self.span(begun_by, Some(index))));
                }
                _ => {}
            }
        }
        let left = open.into_iter().flatten();
        left.for_each(|begun_by| to(self.span(begun_by, None)));
    }

    fn span(&self, begun_by: usize, ended_by: Option<usize>) -> Value {
        let name = match self.trace.events[begun_by].what {
            What::SpanStarted {
                span: SpanKind::Spin,
            } => "spin",
            What::SpanStarted {
                span: SpanKind::Compute,
            } => "compute",
            _ => "block",
        };
        self.slice("span", name, (begun_by, ended_by), json!({}))
    }

    /// A slice on the thread of the event that begins it, up to the event that ends it.
    fn slice(
        &self,
        category: &str,
        name: &str,
        (begun_by, ended_by): (usize, Option<usize>),
        mut args: Value,
    ) -> Value {
        let begin = &self.trace.events[begun_by];
        let end = ended_by.map_or(self.trace.run.until, |end| self.trace.events[end].at);
        args["task"] = json!(begin.task);
        args["scenario_s"] = json!(self.trace.scenario_time(begin.at).as_secs_f64());
        args["scenario_end_s"] = json!(self.trace.scenario_time(end).as_secs_f64());
        let (from, to) = (self.moments.at(begun_by), self.moments.end(ended_by));
        json!({
            "ph": "X", "cat": category, "name": name, "pid": self.process,
            "tid": self.thread(begin.thread), "ts": micros(from), "dur": micros(to - from),
            "args": args,
        })
    }

    /// The life of a task, from its spawn to its end. Its id is local to the process: viewers draw
    /// a slice with a global id outside of any process.
    pub(super) fn lifetime(&self, life: Life<'_>, thread: usize, to: &mut Draw<'_>) {
        let (Some(first), Some(last)) = (life.periods.first(), life.periods.last()) else {
            return;
        };
        let task = &self.trace.tasks[life.task];
        let end = |phase: &str, at: u64| {
            json!({
                "ph": phase, "cat": "task", "name": self.names[task.id], "pid": self.process,
                "tid": thread, "id2": { "local": task.id.to_string() }, "ts": micros(at),
            })
        };
        let mut begin = end("b", self.moments.at(first.begun_by));
        begin["args"] = json!({
            "task": task.id, "parent": task.parent, "kind": task.kind,
            "spawned_at": task.spawned_at.to_string(), "end": task.end, "polls": task.polls,
            "wakes": task.wakes,
            "scenario_s": self.trace.scenario_time(task.spawned).as_secs_f64(),
        });
        to(begin);
        to(end("e", self.moments.end(last.ended_by)));
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use serde_json::{Value, json};

    use crate::program::speed::Speed;
    use crate::trace::chrome::tests::events;
    use crate::trace::data::Trace;
    use crate::trace::testing::{Drawing, waiter_blocking, waiter_tasks};

    fn nanos(event: &Value, field: &str) -> u64 {
        (event[field].as_f64().expect("a number") * 1e3) as u64
    }

    /// Names, and when they begin and end, in microseconds.
    fn slices(trace: &Trace, category: &str) -> Vec<(String, u64, u64)> {
        let mut slices = events(&[trace], Speed::REAL, "X");
        slices.retain(|slice| slice["cat"] == category);
        slices.sort_by_key(|slice| nanos(slice, "ts"));
        let told = slices.iter().map(|slice| {
            let (from, length) = (nanos(slice, "ts"), nanos(slice, "dur"));
            let name = slice["name"].as_str().expect("a name").to_owned();
            (name, from / 1000, (from + length) / 1000)
        });
        told.collect()
    }

    fn seconds<const N: usize>(told: [(&str, u64, u64); N]) -> [(String, u64, u64); N] {
        told.map(|(name, from, to)| (name.to_owned(), from * 1_000_000, to * 1_000_000))
    }

    #[test]
    fn each_poll_is_a_slice_on_its_thread_and_each_task_lives_once() {
        let trace = waiter_blocking();
        let expected = [
            ("main", 0, 0),
            ("Pasta", 0, 8),
            ("Salad", 8, 11),
            ("Chops", 11, 27),
            ("main", 27, 27),
        ];
        assert_eq!(slices(&trace, "poll"), seconds(expected));
        for phase in ["b", "e"] {
            let events = events(&[&trace], Speed::REAL, phase);
            let ids: HashSet<_> = events.iter().map(|event| &event["id2"]["local"]).collect();
            assert_eq!(ids.len(), trace.tasks.len());
        }
    }

    #[test]
    fn polls_of_no_length_follow_one_another_as_do_their_spans() {
        let mut drawing = Drawing::new(1);
        drawing.poll(0, 0, 0);
        drawing.block(0, 0, 0);
        drawing.block(0, 0, 0);
        drawing.suspend(0, 0);
        for trace in [waiter_tasks(), drawing.until(0)] {
            for category in ["poll", "span"] {
                let mut slices = events(&[&trace], Speed::REAL, "X");
                slices.retain(|slice| slice["cat"] == category);
                slices.sort_by_key(|slice| nanos(slice, "ts"));
                for pair in slices.windows(2) {
                    let end = nanos(&pair[0], "ts") + nanos(&pair[0], "dur");
                    assert!(nanos(&pair[0], "dur") > 0, "{}", pair[0]);
                    assert!(end <= nanos(&pair[1], "ts"), "{pair:?}");
                    assert_eq!(
                        pair[0]["args"]["scenario_end_s"],
                        pair[0]["args"]["scenario_s"]
                    );
                }
            }
        }
    }

    #[test]
    fn what_is_under_way_at_the_end_is_drawn_up_to_it() {
        let mut drawing = Drawing::new(1);
        drawing.poll(0, 0, 0);
        drawing.block_begins(2, 0);
        let trace = drawing.until(20);
        assert_eq!(slices(&trace, "poll"), seconds([("main", 0, 20)]));
        assert_eq!(slices(&trace, "span"), seconds([("block", 2, 20)]));
    }

    #[test]
    fn a_span_that_nothing_ended_ends_with_its_poll() {
        let mut drawing = Drawing::new(1);
        drawing.poll(0, 0, 0);
        drawing.block_begins(2, 0);
        drawing.suspend(5, 0);
        assert_eq!(
            slices(&drawing.until(20), "span"),
            seconds([("block", 2, 5)])
        );
    }

    #[test]
    fn tasks_of_one_name_live_on_tracks_of_their_own() {
        let mut drawing = Drawing::new(1);
        drawing.poll(0, 0, 0);
        for _ in 0..2 {
            drawing.spawn(0, "yielder", Some(0));
        }
        let lives = events(&[&drawing.until(1)], Speed::REAL, "b");
        let names: Vec<_> = lives.iter().map(|life| &life["name"]).collect();
        assert_eq!(
            names,
            [&json!("main"), &json!("yielder #1"), &json!("yielder #2")]
        );
    }
}
