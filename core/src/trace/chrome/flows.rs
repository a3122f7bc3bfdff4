//! Arrows from the cause of a wake to the poll that followed from it.

use serde_json::json;

use super::ruler::micros;
use super::{Draw, Sheet};
use crate::trace::analysis::timeline::polls;
use crate::trace::analysis::timeline::{Life, State};
use crate::trace::data::{By, TaskKind, What};

impl Sheet<'_> {
    /// An arrow from each poll that made the task ready to the poll that followed; none to the polls
    /// of named futures, which lie inside of it.
    pub(super) fn arrows(&self, life: Life<'_>, to: &mut Draw<'_>) {
        if self.trace.tasks[life.task].kind == TaskKind::Future {
            return;
        }
        for ready in life
            .periods
            .iter()
            .filter(|period| period.state == State::Ready)
        {
            let Some(poll) = ready.ended_by else {
                continue;
            };
            let Some(cause) = self.cause(ready.begun_by) else {
                continue;
            };
            if self.trace.events[poll].what != What::PollStarted {
                continue;
            }
            let end = |phase: &str, event: usize, at: u64| {
                json!({
                    "ph": phase, "cat": "wake", "name": "wake",
                    "id": self.first_arrow + ready.begun_by, "pid": self.process,
                    "tid": self.thread(self.trace.events[event].thread), "ts": micros(at),
                })
            };
            to(end("s", cause.event, cause.moment));
            let mut arrived = end("f", poll, self.moments.at(poll));
            arrived["bp"] = json!("e");
            to(arrived);
        }
    }

    /// The beginning of the arrow of this wake or spawn, if a task caused it.
    fn cause(&self, event: usize) -> Option<ArrowStart> {
        let here = ArrowStart {
            event,
            moment: self.moments.at(event),
        };
        let cause = &self.trace.events[event];
        match cause.what {
            What::Spawned => self.trace.tasks[cause.task].parent.map(|_| here),
            What::Woken { by: By::Task(_) } => Some(here),
            // The wake comes after the last poll of the task that ended, so the arrow begins just
            // before that poll's end.
            What::Woken {
                by: By::EndOf(other),
            } => {
                let last = polls(&self.lives[other]).next_back()?;
                Some(ArrowStart {
                    event: last.begun_by,
                    moment: self.moments.end(last.ended_by) - 1,
                })
            }
            _ => None,
        }
    }
}

/// An event on the thread on which an arrow begins, and the moment at which it begins.
struct ArrowStart {
    event: usize,
    moment: u64,
}

#[cfg(test)]
mod tests {
    use std::collections::{HashMap, HashSet};

    use serde_json::Value;

    use crate::program::speed::Speed;
    use crate::trace::chrome::Drawn;
    use crate::trace::chrome::tests::written;
    use crate::trace::data::Trace;
    use crate::trace::testing::{waiter_blocking, waiter_tasks};

    fn events(of: &[Trace]) -> Vec<Value> {
        let drawn = |trace| Drawn {
            label: "a",
            trace,
            speed: Speed::REAL,
        };
        written(&of.iter().map(drawn).collect::<Vec<_>>())
    }

    /// The tasks that each arrow connects, found as Perfetto finds them: it sorts events by time,
    /// those of one time by their order in the file, and binds each end of an arrow to the slice
    /// that began last on that thread and is not over. The third figure is the time from the
    /// beginning of the arrow to the end of its slice, in nanoseconds.
    fn bound(trace: Trace) -> Vec<(u64, u64, u64)> {
        let nanos =
            |event: &Value, field: &str| (event[field].as_f64().expect("a time") * 1e3) as u64;
        let mut events = events(&[trace]);
        events.retain(|event| ["X", "s", "f"].iter().any(|phase| event["ph"] == *phase));
        events.sort_by_key(|event| nanos(event, "ts"));
        let mut open: HashMap<u64, Vec<(u64, u64)>> = HashMap::new();
        let mut begun = HashMap::new();
        let mut arrows = Vec::new();
        for event in &events {
            let open = open
                .entry(event["tid"].as_u64().expect("a thread"))
                .or_default();
            let at = nanos(event, "ts");
            open.retain(|(to, _)| *to > at);
            if event["ph"] == "X" {
                let task = event["args"]["task"].as_u64().expect("a task");
                open.push((at + nanos(event, "dur"), task));
                continue;
            }
            let id = event["id"].as_u64().expect("a whole number");
            let (to, task) = *open.last().expect("an arrow in no slice");
            match event["ph"] == "s" {
                true => drop(begun.insert(id, (task, to - at))),
                false => {
                    let (cause, before) = begun[&id];
                    arrows.push((cause, task, before));
                }
            }
        }
        arrows
    }

    #[test]
    fn arrows_lead_from_and_to_the_right_polls_where_all_is_at_one_time() {
        let tasks = |trace| -> Vec<_> {
            let bound = bound(trace);
            bound.iter().map(|(from, to, _)| (*from, *to)).collect()
        };
        assert_eq!(
            tasks(waiter_tasks()),
            [(0, 1), (0, 2), (0, 3), (1, 0), (3, 0)]
        );
        assert_eq!(tasks(waiter_blocking()), [(0, 1), (0, 2), (0, 3), (1, 0)]);
    }

    /// The arrow does not begin when the last poll began, 8 s before.
    #[test]
    fn the_arrow_of_an_end_begins_where_the_last_poll_ends() {
        let (from, to, before) = bound(waiter_blocking()).pop().expect("an arrow");
        assert_eq!((from, to, before), (1, 0, 1));
    }

    #[test]
    fn each_arrow_has_a_number_of_its_own_on_the_whole_sheet() {
        let events = events(&[waiter_tasks(), waiter_tasks()]);
        let ids = |phase: &str| -> Vec<u64> {
            let of_phase = events.iter().filter(|event| event["ph"] == phase);
            let ids = of_phase.map(|event| event["id"].as_u64().expect("a whole number"));
            ids.collect()
        };
        // Three spawns and the ends of Pasta and Chops have arrows, timers have none; and two
        // traces.
        assert_eq!(ids("s").len(), 10);
        assert_eq!(ids("s"), ids("f"));
        assert_eq!(ids("s").iter().collect::<HashSet<_>>().len(), 10);
        assert!(!ids("s").contains(&0));
    }
}
