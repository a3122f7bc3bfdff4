//! Runs made by hand, to show that a check takes lateness on a real clock for no failure.

use std::time::Duration;

use crate::program::speed::Speed;
use crate::program::transcript::{Entry, Event};
use crate::runtime::config::Config;
use crate::runtime::runner_info::{Clock, RunnerInfo, Workers};
use crate::scenario::Scenario;
use crate::scenario::observed::Observed;
use crate::scenario::outcome::Outcome;
use crate::scenario::params::Params;

/// A run on one worker.
pub(crate) struct Run<'a> {
    pub(crate) elapsed: Duration,
    pub(crate) outcome: Outcome,
    /// Task, time and event.
    pub(crate) events: &'a [(&'static str, Duration, Event)],
    /// Time and text of each line that `main` says.
    pub(crate) lines: &'a [(Duration, String)],
}

impl Run<'_> {
    /// The complaints and the notes of the check of `case` about this run.
    pub(crate) fn checked<C: Scenario>(&self, case: C, clock: Clock) -> [Vec<String>; 2] {
        let entry = |at, task: &'static str, event, text| Entry {
            at,
            task: task.into(),
            event,
            text,
        };
        let events = self.events.iter();
        let events = events.map(|&(task, at, event)| entry(at, task, event, None));
        let lines = self.lines.iter();
        let lines = lines.map(|(at, text)| entry(*at, "main", Event::Note, Some(text.clone())));
        let mut transcript: Vec<Entry> = events.chain(lines).collect();
        transcript.sort_by_key(|entry| entry.at);
        let mut seen = Observed {
            params: &Params::defaults(C::INFO.params),
            runner: &RunnerInfo::new("made", "", Workers::Any, clock),
            config: &Config::with_workers(1),
            speed: Speed::REAL,
            elapsed: self.elapsed,
            cpu: None,
            outcome: &self.outcome,
            transcript: &transcript,
            is_told: true,
            is_open: false,
            wrong: Vec::new(),
            notes: Vec::new(),
        };
        case.check(&mut seen);
        [seen.wrong, seen.notes]
    }

    /// On a real clock this run is ok and has the note `told`; on the virtual clock it fails.
    pub(crate) fn is_only_late<C: Scenario + Copy>(&self, case: C, told: &str) {
        let [wrong, notes] = self.checked(case, Clock::Real);
        assert!(wrong.is_empty(), "{wrong:?}");
        let is_told = notes.iter().any(|note| note.contains(told));
        assert!(is_told, "{notes:?} without {told:?}");
        let [wrong, _] = self.checked(case, Clock::Virtual);
        assert!(!wrong.is_empty(), "the virtual clock is never late");
    }
}

mod tests {
    use serde_json::json;

    use super::*;
    use crate::program::transcript::Event::{Cancelled, Failed, Finished, Started};
    use crate::scenarios::support::timetable::secs;
    use crate::scenarios::{Fairness, Gather, Hog, SlowResource, Waiter};

    const START: Duration = Duration::ZERO;

    #[test]
    fn timeouts_that_overtake_their_answers_are_noted() {
        let run = Run {
            elapsed: secs(2),
            outcome: Outcome::new()
                .with("loaded", vec!["text"])
                .with("timed_out", vec!["photo", "video", "advert"]),
            events: &[
                ("photo", START, Started),
                ("text", START, Started),
                ("video", START, Started),
                ("advert", START, Started),
                ("text", secs(2), Finished),
                ("photo", secs(2), Cancelled),
                ("video", secs(2), Cancelled),
                ("advert", secs(2), Cancelled),
            ],
            lines: &[],
        };
        run.is_only_late(SlowResource::Timeout, "`video` cancelled");
        let early = Run {
            elapsed: Duration::from_millis(900),
            ..run
        };
        let [wrong, _] = early.checked(SlowResource::Timeout, Clock::Real);
        assert!(!wrong.is_empty(), "no timeout ends early");
    }

    #[test]
    fn a_stall_between_two_polls_may_end_the_bread_before_the_milk_fails() {
        let run = Run {
            elapsed: secs(3),
            outcome: Outcome::new().with("error", "milk sold out"),
            events: &[
                ("milk", START, Started),
                ("bread", START, Started),
                ("eggs", START, Started),
                ("bread", secs(3), Finished),
                ("eggs", secs(3), Finished),
                ("milk", secs(3), Failed),
            ],
            lines: &[(secs(3), "fails: milk sold out".to_owned())],
        };
        run.is_only_late(Gather::FailFastFutures, "`bread` finished");
    }

    #[test]
    fn a_task_may_end_before_a_late_cancel_or_be_cancelled_before_a_late_start() {
        let served = |chops_cancelled| {
            Outcome::new()
                .with("of", 3)
                .with("served", 2)
                .with("dishes", vec!["Caesar salad", "Pasta"])
                .with("chops_cancelled", chops_cancelled)
        };
        let run = Run {
            elapsed: secs(17),
            outcome: served(false),
            events: &[
                ("Pasta", START, Started),
                ("Caesar salad", START, Started),
                ("Chops", START, Started),
                ("Caesar salad", secs(3), Finished),
                ("Pasta", secs(8), Finished),
                ("Chops", secs(16), Finished),
            ],
            lines: &[],
        };
        run.is_only_late(Waiter::CancelPending, "`Chops` finished");
        let unbegun = Run {
            elapsed: secs(8),
            outcome: served(true),
            events: &[
                ("Pasta", START, Started),
                ("Caesar salad", START, Started),
                ("Caesar salad", secs(3), Finished),
                ("Chops", secs(4), Cancelled),
                ("Pasta", secs(8), Finished),
            ],
            lines: &[],
        };
        let [wrong, _] = unbegun.checked(Waiter::CancelPending, Clock::Real);
        assert!(wrong.is_empty(), "{wrong:?}");
    }

    #[test]
    fn a_whole_dish_may_be_cooked_before_the_cancel_of_it() {
        let events = [("Pasta", START, Started), ("Pasta", secs(8), Finished)];
        let run = |elapsed| Run {
            elapsed,
            outcome: Outcome::new().with("cancelled", false).with("began", true),
            events: &events,
            lines: &[],
        };
        // With one worker the task cannot begin, and that stays a complaint.
        let [wrong, notes] = run(secs(8)).checked(Waiter::CancelBeforeStart, Clock::Real);
        assert_eq!(wrong, ["began is true, expected false"]);
        let is_told = notes.iter().any(|note| note.contains("before the cancel"));
        assert!(is_told, "{notes:?}");
        let [wrong, _] = run(START).checked(Waiter::CancelBeforeStart, Clock::Virtual);
        assert!(wrong.len() >= 2, "{wrong:?}");
    }

    #[test]
    fn spinners_that_come_after_the_window_compute_nothing() {
        let run = Run {
            elapsed: secs(9),
            outcome: Outcome::new()
                .with("slices", vec![0, 0, 0, 0])
                .with("beats", 100),
            events: &[],
            lines: &[],
        };
        run.is_only_late(Fairness::Yielding, "no spinner computed");
        run.is_only_late(Fairness::NeverYielding, "no spinner computed");
    }

    #[test]
    fn a_hog_that_begins_after_the_beats_makes_none_late() {
        let run = Run {
            elapsed: secs(9),
            outcome: Outcome::new()
                .with("slices", 1)
                .with("beats", 0)
                .with("hog_took_ns", 5_000_000_000_u64)
                .with("lateness", json!({ "max_ns": 0 })),
            events: &[],
            lines: &[],
        };
        let [_, notes] = run.checked(Hog::Inline, Clock::Real);
        assert!(notes[0].contains("few beats were left"), "{notes:?}");
        let [wrong, _] = run.checked(Hog::Inline, Clock::Virtual);
        assert!(wrong.iter().any(|wrong| wrong.contains("late at the most")));
    }
}
