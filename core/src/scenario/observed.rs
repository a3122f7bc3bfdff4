//! The view of a finished run that a scenario's check gets, and the assertions it may make.

use std::time::Duration;

use crate::program::speed::Speed;
use crate::program::transcript::{Entry, Event};
use crate::runtime::config::Config;
use crate::runtime::name::ROOT;
use crate::runtime::runner_info::{Clock, Placement, RunnerInfo};
use crate::scenario::outcome::Outcome;
use crate::scenario::params::Params;
use crate::time::seconds;

/// How much before its deadline a real clock may seem to end a wait. This covers the rounding of a
/// duration that was scaled there and back, and nothing else.
const ROUNDING: Duration = Duration::from_nanos(200);

/// How late a wait on the critical path may end before the run is called late: this share of the
/// wait ...
const LATE_SHARE: f64 = 0.02;

/// ... and this much of real time, for each wait.
const LATE_PER_WAIT: Duration = Duration::from_millis(2);

/// An expected line of a task, at a scenario time.
pub type Line<'a> = (Duration, &'a str, &'a str);

/// One run, as a scenario's check sees it.
///
/// On the virtual clock, times and order are exact. On a real clock no event may be early. Lateness
/// is due to the machine and is noted, not failed. The order of events is asserted only between a
/// cause and its effect.
#[derive(Debug)]
pub struct Observed<'a> {
    /// The parameters of the run.
    pub params: &'a Params,
    /// The runner.
    pub runner: &'a RunnerInfo,
    /// The configuration that the runtime was built with.
    pub config: &'a Config,
    /// The speed of the run; 1 on the virtual clock.
    pub speed: Speed,
    /// Scenario time from the root's first poll to its end.
    pub elapsed: Duration,
    /// The scenario's own values, complete.
    pub outcome: &'a Outcome,
    /// All recorded entries, in order.
    pub transcript: &'a [Entry],
    /// Whether the transcript that the scenario's check relies on is available; false if a lesson
    /// ran unrecorded.
    pub(crate) is_told: bool,
    /// Whether the check could not be made without that transcript.
    pub(crate) is_open: bool,
    pub(crate) wrong: Vec<String>,
    pub(crate) notes: Vec<String>,
}

/// An expected event of a task, at a scenario time.
pub type At<'a> = (Duration, &'a str, Event);

impl Observed<'_> {
    /// Whether times are exact and those of a scheduler that any free worker serves. A virtual
    /// clock without stealing keeps to the rules of a real one.
    pub fn is_exact(&self) -> bool {
        self.runner.clock == Clock::Virtual && !self.is_fixed()
    }

    /// Whether a task stays with the worker on which it was placed, even if another is free.
    pub fn is_fixed(&self) -> bool {
        self.runner.effective_placement(self.config) == Placement::Fixed
    }

    /// Whether times are exact and ties are broken first in, first out.
    pub fn is_fifo(&self) -> bool {
        self.is_exact() && self.config.seed.is_none()
    }

    /// The number of workers that share the tasks: as configured, or as many as there are tasks
    /// (`usize::MAX`).
    pub fn workers(&self) -> usize {
        if self.config.worker_per_task {
            return usize::MAX;
        }
        let workers = self.runner.effective_workers(self.config);
        workers.unwrap_or(usize::MAX)
    }

    /// The number of threads that share the blocking calls.
    pub fn blocking_threads(&self) -> usize {
        let threads = self.config.blocking_threads;
        threads.map_or(usize::MAX, |threads| threads.get())
    }

    /// Fails the check with `complaint` unless `condition` holds.
    ///
    /// The condition is not checked if a lesson ran [unrecorded](crate::Session::run_unrecorded),
    /// since it may depend on the transcript.
    pub fn require(&mut self, condition: bool, complaint: impl FnOnce() -> String) {
        if self.is_told {
            self.hold(condition, complaint);
        }
    }

    /// Whether the transcript that a lesson's check relies on is available. A check with expected
    /// values or times that depend on it calls this first. If the transcript is missing, the check
    /// ends there and the run is [`Verdict::Unsupported`](crate::Verdict::Unsupported).
    pub fn goes_by_transcript(&mut self) -> bool {
        self.is_open |= !self.is_told;
        self.is_told
    }

    /// Like [`require`](Observed::require), for a condition that does not depend on the transcript.
    fn hold(&mut self, condition: bool, complaint: impl FnOnce() -> String) {
        if !condition {
            self.wrong.push(complaint());
        }
    }

    /// Adds a remark about this run that the reader should know.
    pub fn note(&mut self, text: impl Into<String>) {
        self.notes.push(text.into());
    }

    /// The outcome's value of `name` must be `expected`.
    pub fn value(&mut self, name: &str, expected: impl Into<serde_json::Value>) {
        let expected = expected.into();
        let found = self.outcome.value(name);
        if *found != expected {
            let complaint = format!("{name} is {found}, expected {expected}");
            self.wrong.push(complaint);
        }
    }

    /// The run takes `expected`: to the nanosecond on the virtual clock, and never less on a real
    /// one. If it exceeds the tolerance for `waits` consecutive waits, it is noted as late.
    pub fn takes(&mut self, expected: Duration, waits: u32) {
        if self.is_exact() {
            let elapsed = self.elapsed;
            self.hold(elapsed == expected, || {
                format!("took {elapsed:?}, expected exactly {expected:?}")
            });
            return;
        }
        self.takes_at_least(expected);
        let real = self.speed.to_runtime(expected).mul_f64(1.0 + LATE_SHARE);
        let allowed = self.speed.to_scenario(real + LATE_PER_WAIT * waits);
        // A task that waits for its own worker is late by design.
        if self.elapsed > allowed && !self.is_fixed() {
            let late = seconds(self.speed.to_runtime(self.elapsed - expected)).to_string();
            self.note(format!(
                "late: {late} of real time over the {} of the program; \
                 the machine was busy, or the speed is too high for its timers",
                seconds(expected)
            ));
        }
    }

    /// The run takes `expected` or more, however late the machine is.
    pub fn takes_at_least(&mut self, expected: Duration) {
        let elapsed = self.elapsed;
        let early = self.is_early(elapsed, expected);
        self.hold(!early, || {
            format!("took {elapsed:?}, less than the {expected:?} that it must take")
        });
    }

    pub(crate) fn is_early(&self, at: Duration, expected: Duration) -> bool {
        let rounding = match self.runner.clock {
            Clock::Virtual => Duration::ZERO,
            Clock::Real => self.speed.to_scenario(ROUNDING),
        };
        at + rounding < expected
    }

    /// Whether an event happened at `expected` or, on a real clock, not before it.
    pub(crate) fn is_due(&self, at: Duration, expected: Duration) -> bool {
        if self.is_exact() {
            return at == expected;
        }
        !self.is_early(at, expected)
    }

    /// The events of the transcript, except notes and the root task's, are exactly the expected
    /// ones.
    ///
    /// On the virtual clock each is at its time, and in the order given (with a seed: in any order
    /// within an instant). On a real clock each occurs once and none is early.
    pub fn events(&mut self, expected: &[At<'_>]) {
        if !self.is_told {
            return;
        }
        let events = self.transcript.iter().filter(|entry| is_of_a_task(entry));
        let mut seen: Vec<_> = events
            .map(|entry| (entry.at, entry.task.to_string(), entry.event))
            .collect();
        if self.is_exact() {
            let mut expected: Vec<_> = expected
                .iter()
                .map(|&(at, task, event)| (at, task.to_owned(), event))
                .collect();
            if self.config.seed.is_some() {
                let key = |(at, task, event): &(Duration, String, Event)| {
                    (*at, task.clone(), *event as u8)
                };
                seen.sort_by_key(key);
                expected.sort_by_key(key);
            }
            self.require(seen == expected, || {
                format!("events are {seen:?}, expected {expected:?}")
            });
            return;
        }
        for &(at, task, event) in expected {
            let matches = |(_, t, e): &(Duration, String, Event)| t == task && *e == event;
            let Some(index) = seen.iter().position(matches) else {
                self.wrong.push(format!("`{task}` never {event}"));
                continue;
            };
            let (seen_at, ..) = seen.remove(index);
            let early = self.is_early(seen_at, at);
            self.require(!early, || {
                format!("`{task}` {event} at {seen_at:?}, before {at:?}")
            });
        }
        self.require(seen.is_empty(), || format!("unexpected events: {seen:?}"));
    }

    /// Like [`events`](Observed::events), but unless the order is that of an ideal scheduler, a
    /// task may end as in `otherwise` instead, and this is noted: another end may overtake its end
    /// in a tie, or because the machine is late.
    ///
    /// A task that is cancelled in this way need not have started.
    pub fn events_or(&mut self, expected: &[At<'_>], otherwise: &[At<'_>]) {
        let mut expected = expected.to_vec();
        let possible: &[At<'_>] = if self.is_fifo() { &[] } else { otherwise };
        for &(at, task, event) in possible {
            if self.time_of(task, event).is_none() {
                continue;
            }
            let is_its_end = |&(_, t, e): &At<'_>| t == task && e != Event::Started;
            let planned = expected.iter().find(|end| is_its_end(end)).copied();
            if planned.is_none_or(|(.., planned)| planned != event) {
                expected.retain(|end| !is_its_end(end));
                expected.push((at, task, event));
                let otherwise = planned.map_or(String::new(), |(.., planned)| {
                    format!(", and not {planned} as on the virtual clock")
                });
                self.note(format!(
                    "`{task}` {event}{otherwise}: a tie, or how late the machine was, decided so"
                ));
            }
            if event == Event::Cancelled && self.time_of(task, Event::Started).is_none() {
                expected.retain(|&(_, t, e)| t != task || e != Event::Started);
            }
        }
        self.events(&expected);
    }

    /// The lines that tasks said, including the root task's, are exactly the expected ones.
    ///
    /// Times are checked like those of [`events`](Observed::events). Each task's own lines are in
    /// the order given on every clock; the lines of all tasks together are in order only if the
    /// order is that of an ideal scheduler.
    pub fn lines(&mut self, expected: &[Line<'_>]) {
        let notes = self.transcript.iter().filter_map(|entry| {
            let text = entry.text.as_deref()?;
            Some((entry.at, entry.task.to_string(), text))
        });
        let mut seen: Vec<_> = notes.collect();
        let mut expected = expected.to_vec();
        if !self.is_fifo() {
            seen.sort_by(|(_, a, _), (_, b, _)| a.cmp(b));
            expected.sort_by_key(|&(_, task, _)| task);
        }
        let mut pairs = seen.iter().zip(&expected);
        let alike = pairs.all(|((at, task, text), (due, by, line))| {
            task == by && text == line && self.is_due(*at, *due)
        });
        let alike = alike && seen.len() == expected.len();
        self.require(alike, || {
            format!("lines are {seen:?}, expected {expected:?}")
        });
    }

    /// Each of these events causes the next, so they must be in this order on every clock. Other
    /// events may come between them.
    pub fn in_order(&mut self, expected: &[(&str, Event)]) {
        if !self.is_told {
            return;
        }
        let mut entries = self.transcript.iter();
        for (task, event) in expected {
            let found = entries.any(|entry| entry.task == **task && entry.event == *event);
            if !found {
                let complaint = format!("`{task}` {event} is missing, or out of order");
                self.wrong.push(complaint);
                return;
            }
        }
    }

    /// The scenario time of an event, if it is in the transcript.
    pub fn time_of(&self, task: &str, event: Event) -> Option<Duration> {
        let mut entries = self.transcript.iter();
        let entry = entries.find(|entry| entry.task == *task && entry.event == event);
        entry.map(|entry| entry.at)
    }

    /// The lines that tasks said, in order.
    pub fn said(&self) -> impl Iterator<Item = &str> {
        self.transcript
            .iter()
            .filter_map(|entry| entry.text.as_deref())
    }
}

fn is_of_a_task(entry: &Entry) -> bool {
    entry.event != Event::Note && entry.task != *ROOT
}
