//! Arrows from what woke a task to what came of it.

use std::time::Duration;

use serde_json::json;

use super::super::axes::polls;
use super::super::data::{By, What};
use super::super::states::{Life, State};
use super::{Placed, Sheet};

impl Sheet<'_> {
    /// From each poll that made the task ready to the poll that came of it.
    pub(super) fn arrows(&self, life: &Life, to: &mut Placed) {
        for ready in life
            .periods
            .iter()
            .filter(|period| period.state == State::Ready)
        {
            let Some(end) = ready.ended_by else {
                continue;
            };
            let poll = &self.trace.events[end];
            let Some(cause) = self.cause(ready.begun_by) else {
                continue;
            };
            if poll.what != What::PollStarted {
                continue;
            }
            let id = format!("{}.{}", self.process, ready.begun_by);
            let start = json!({
                "ph": "s", "cat": "wake", "name": "wake", "id": id, "pid": self.process,
                "tid": cause.thread, "ts": self.at(cause.at),
            });
            to.push((cause.event, 1, start));
            let finish = json!({
                "ph": "f", "bp": "e", "cat": "wake", "name": "wake", "id": id,
                "pid": self.process, "tid": poll.thread, "ts": self.at(poll.at),
            });
            to.push((end, 1, finish));
        }
    }

    /// Where the arrow of this wake or spawn begins, if a task caused it.
    fn cause(&self, event: usize) -> Option<Cause> {
        let cause = &self.trace.events[event];
        let here = Cause {
            event,
            at: cause.at,
            thread: cause.thread,
        };
        match cause.what {
            What::Spawned => self.trace.tasks[cause.task].parent.map(|_| here),
            What::Woken { by: By::Task(_) } => Some(here),
            // The word of an end comes after the last poll: the arrow begins where that did.
            What::Woken {
                by: By::EndOf(other),
            } => {
                let last = polls(&self.lives[other]).pop()?;
                Some(Cause {
                    event: last.begun_by,
                    at: last.from,
                    thread: self.thread_of(last.begun_by),
                })
            }
            _ => None,
        }
    }
}

/// The event at which an arrow begins, and on which thread.
struct Cause {
    event: usize,
    at: Duration,
    thread: usize,
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use serde_json::Value;

    use crate::trace::drawn::{waiter_blocking, waiter_tasks};
    use crate::trace::{Trace, chrome};

    /// From which task to which each arrow leads, as Perfetto finds out: events in the order
    /// of their times, those of one time in the order of the file, and both ends in the
    /// slice that was the last to begin on the thread and is not over.
    fn bound(trace: &Trace) -> Vec<(u64, u64)> {
        let json = chrome(&[("a", trace)]);
        let nanos =
            |event: &Value, field: &str| (event[field].as_f64().expect("a time") * 1e3) as u64;
        let mut events = json["traceEvents"].as_array().expect("a list").clone();
        events.retain(|event| ["X", "s", "f"].iter().any(|phase| event["ph"] == *phase));
        events.sort_by_key(|event| nanos(event, "ts"));
        let mut open: HashMap<u64, Vec<(u64, u64, u64)>> = HashMap::new();
        let mut begun = HashMap::new();
        let mut arrows = Vec::new();
        for event in &events {
            let open = open
                .entry(event["tid"].as_u64().expect("a thread"))
                .or_default();
            let at = nanos(event, "ts");
            if event["ph"] == "X" {
                let length = nanos(event, "dur");
                open.retain(|(from, to, _)| *to > at || (from == to && *to == at && length == 0));
                open.push((
                    at,
                    at + length,
                    event["args"]["task"].as_u64().expect("a task"),
                ));
                continue;
            }
            let id = event["id"].to_string();
            let (.., task) = *open.last().expect("an arrow in no slice");
            match event["ph"] == "s" {
                true => drop(begun.insert(id, task)),
                false => arrows.push((begun[&id], task)),
            }
        }
        arrows
    }

    #[test]
    fn arrows_lead_from_and_to_the_right_polls_where_all_is_at_one_time() {
        assert_eq!(
            bound(&waiter_tasks()),
            [(0, 1), (0, 2), (0, 3), (1, 0), (3, 0)]
        );
        assert_eq!(bound(&waiter_blocking()), [(0, 1), (0, 2), (0, 3), (1, 0)]);
    }

    #[test]
    fn an_arrow_leads_from_a_spawn_or_an_end_to_the_poll_that_came_of_it() {
        let json = chrome(&[("a", &waiter_tasks()), ("b", &waiter_tasks())]);
        let ids = |phase: &str| -> Vec<_> {
            let events = json["traceEvents"].as_array().expect("a list").iter();
            let of_phase = events.filter(|event| event["ph"] == phase);
            let mut ids: Vec<_> = of_phase.map(|event| event["id"].to_string()).collect();
            ids.sort();
            ids
        };
        // Three spawns and the ends of Pasta and Chops; timers have none. Twice.
        assert_eq!(ids("s").len(), 10);
        assert_eq!(ids("s"), ids("f"));
        let mut unique = ids("s");
        unique.dedup();
        assert_eq!(unique.len(), 10);
    }
}
