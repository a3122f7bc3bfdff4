//! Counters: the number of tasks in each state over time.

use std::time::Duration;

use serde_json::json;

use super::ruler::micros;
use super::{Draw, Sheet};
use crate::time::nanos;
use crate::trace::analysis::in_flight::in_flight;
use crate::trace::analysis::intervals::{Level, levels};
use crate::trace::analysis::timeline::{Life, Period, State};
use crate::trace::data::TaskKind;

impl Sheet<'_> {
    pub(super) fn counters(&self, thread: usize, to: &mut Draw<'_>) {
        let of_task = |life: &Life<'_>| self.trace.tasks[life.task].kind != TaskKind::Future;
        let lives = || self.lives.iter().filter(of_task);
        let periods = || lives().flat_map(|life| life.periods);
        let ready = periods().filter(|period| period.state == State::Ready);
        let polled = periods().filter(|period| period.is_polled());
        let span = |period: &Period| self.drawn((period.from, period.to));
        let in_flight = in_flight(self.trace, &self.lives);
        let counters = [
            ("in flight", levels(in_flight.map(|span| self.drawn(span)))),
            ("ready", levels(ready.map(span))),
            ("polled", levels(polled.map(span))),
        ];
        for (name, levels) in counters {
            let levels: Vec<Level> = levels.collect();
            let count = |at: Duration, count: usize| {
                json!({
                    "ph": "C", "name": name, "pid": self.process, "tid": thread,
                    "ts": micros(nanos(at)), "args": { "tasks": count },
                })
            };
            for (index, level) in levels.iter().enumerate() {
                to(count(level.from, level.count));
                let next = levels.get(index + 1);
                if next.is_none_or(|next| next.from > level.to) {
                    to(count(level.to, 0));
                }
            }
        }
    }

    fn drawn(&self, (from, to): (Duration, Duration)) -> (Duration, Duration) {
        (self.ruler.at(from), self.ruler.at(to))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::program::speed::Speed;
    use crate::trace::chrome::tests::events;
    use crate::trace::testing::{Drawing, secs, waiter_tasks};

    fn counted(events: &[Value], name: &str) -> Vec<(f64, Value)> {
        let named = events.iter().filter(|event| event["name"] == name);
        let counted = named.map(|event| {
            let at = event["ts"].as_f64().expect("a time") / 1e6;
            (at, event["args"]["tasks"].clone())
        });
        counted.collect()
    }

    #[test]
    fn counters_end_at_zero() {
        let events = events(&[&waiter_tasks()], Speed::REAL, "C");
        let expected = [(0.0, 3), (3.0, 2), (8.0, 1), (16.0, 0)];
        assert_eq!(
            counted(&events, "in flight"),
            expected.map(|(at, count)| (at, json!(count)))
        );
    }

    #[test]
    fn nothing_is_counted_before_the_run() {
        let mut drawing = Drawing::new(1);
        drawing.poll(3, 0, 0);
        drawing.end(4, 0);
        let mut trace = drawing.until(4);
        trace.run.epoch = secs(3);
        let events = events(&[&trace], Speed::REAL, "C");
        assert_eq!(counted(&events, "ready"), []);
        assert_eq!(
            counted(&events, "polled"),
            [(0.0, json!(1)), (1.0, json!(0))]
        );
    }
}
