//! Compares two runs, so that only a run that differs needs to be shown in full.

use std::time::Duration;

use pollmark_core::Unit;

use crate::model::cell::Cell;
use crate::model::result::{CellResult, Line, Status};
use crate::output::human::runner;
use crate::text::units::{scenario_time, show};
use crate::text::wrap::wrapped;

/// A run beside the first of its variant.
pub(crate) enum Beside {
    /// It went like the first one; this line says so.
    Like(String),
    /// Its transcript is worth reading, after this remark.
    Unlike(&'static str),
}

pub(crate) fn beside(cell: &Cell, result: &CellResult, first: &CellResult) -> Beside {
    let measured = scenario_time(result.scenario_ns());
    if result.status == Status::Ok && result.transcript.is_empty() && first.transcript.is_empty() {
        // Neither run was recorded.
        return Beside::Like(format!("  {}, {measured}\n", runner(cell)));
    }
    let (one, other) = (&first.transcript, &result.transcript);
    let instant = instant(one, first.speed).max(instant(other, result.speed));
    let how = match Likeness::of(one, other, instant) {
        Likeness::Same => "the same events in the same order".to_owned(),
        Likeness::TiesDiffer => {
            let within = show(instant as f64, Unit::Nanoseconds).replace(' ', "\u{a0}");
            format!("the same events at the same times, within {within}; ties in another order")
        }
        Likeness::OrderDiffers => return Beside::Unlike("the same events in another order"),
        Likeness::Different => return Beside::Unlike(""),
    };
    let told = format!("{}, {measured}: {how}", runner(cell));
    Beside::Like(wrapped(&told, "  ", "    "))
}

/// How similar two runs of a variant were.
#[derive(Debug, PartialEq, Eq)]
enum Likeness {
    /// The same events in the same order.
    Same,
    /// The same events at the same times, but with events of the same instant in another order.
    TiesDiffer,
    /// The same events in another order, and not because they were simultaneous.
    OrderDiffers,
    Different,
}

impl Likeness {
    /// Events that are no more than `instant` nanoseconds apart count as simultaneous.
    fn of(one: &[Line], other: &[Line], instant: u64) -> Self {
        let (mut one, mut other) = (course(one), course(other));
        let is_same = |one: &[(What<'_>, u64)], other: &[(What<'_>, u64)]| {
            let mut pairs = one.iter().zip(other);
            one.len() == other.len() && pairs.all(|(a, b)| a.0 == b.0)
        };
        if is_same(&one, &other) {
            return Likeness::Same;
        }
        one.sort();
        other.sort();
        if !is_same(&one, &other) {
            return Likeness::Different;
        }
        let mut pairs = one.iter().zip(&other);
        match pairs.all(|(a, b)| a.1.abs_diff(b.1) <= instant) {
            true => Likeness::TiesDiffer,
            false => Likeness::OrderDiffers,
        }
    }
}

/// The step in which the coarsest of the timers fires, tokio's, in real time.
const TIMER_STEP: Duration = Duration::from_millis(1);

/// One part in so many of a run's length is lost by waking up.
const LOST: u64 = 50;

/// A timer's step is no excuse in a run that is shorter than so many of them: in such a run
/// nothing of note waits for one.
const STEPS: u64 = 10;

/// The nanoseconds of scenario time within which events of a run count as simultaneous. They
/// follow from its length, and from the timer's step at its speed.
pub(crate) fn instant<'a>(transcript: impl IntoIterator<Item = &'a Line>, speed: f64) -> u64 {
    let times = transcript.into_iter().map(|line| line.at_ns);
    let length = times.max().unwrap_or_default();
    let step = TIMER_STEP.mul_f64(speed).as_nanos() as u64;
    length / LOST + step.min(length / STEPS)
}

/// Task, event and text, without the times in the text.
type What<'a> = (&'a str, &'a str, Option<String>);

fn course(transcript: &[Line]) -> Vec<(What<'_>, u64)> {
    fn event(line: &Line) -> (What<'_>, u64) {
        let text = line.text.as_deref().map(without_decimals);
        ((&line.task, &line.event, text), line.at_ns)
    }
    transcript.iter().map(event).collect()
}

/// The text with every decimal number replaced: such numbers are measured times.
fn without_decimals(text: &str) -> String {
    let is_decimal = |word: &&str| word.contains('.') && word.parse::<f64>().is_ok();
    let words = text.split(' ');
    let words = words.map(|word| if is_decimal(&word) { "#" } else { word });
    words.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Lines from `at task event`, with times in microseconds.
    fn transcript(lines: &[&str]) -> Vec<Line> {
        let line = |line: &&str| {
            let words: Vec<&str> = line.splitn(3, ' ').collect();
            let [at, task, event] = words[..] else {
                panic!("{line}");
            };
            Line {
                at_ns: at.parse::<u64>().unwrap() * 1_000,
                task: task.to_owned(),
                event: event.to_owned(),
                text: None,
            }
        };
        lines.iter().map(line).collect()
    }

    fn likeness(one: &[&str], other: &[&str], speed: f64) -> Likeness {
        let [one, other] = [one, other].map(transcript);
        let instant = instant(&one, speed).max(instant(&other, speed));
        Likeness::of(&one, &other, instant)
    }

    const TOKIO: [&str; 4] = [
        "14 b finished",
        "610 c finished",
        "830 a finished",
        "850 main finished",
    ];

    #[test]
    fn another_order_within_a_millisecond_is_no_tie() {
        let smol = [
            "600 c finished",
            "820 a finished",
            "840 b finished",
            "863 main finished",
        ];
        assert_eq!(likeness(&TOKIO, &smol, 1.0), Likeness::OrderDiffers);
        let virtually = [
            "0 c finished",
            "0 a finished",
            "0 b finished",
            "0 main finished",
        ];
        assert_eq!(likeness(&TOKIO, &virtually, 1.0), Likeness::OrderDiffers);
        assert_eq!(likeness(&TOKIO, &TOKIO, 1.0), Likeness::Same);
    }

    #[test]
    fn events_of_one_instant_may_change_places() {
        // Eight seconds, twenty times as fast: a timer's step is 20 ms.
        let one = [
            "0 main started",
            "8000000 a finished",
            "8000900 b finished",
            "8001000 main finished",
        ];
        let late = [
            "0 main started",
            "8011000 b finished",
            "8020000 a finished",
            "8030000 main finished",
        ];
        assert_eq!(likeness(&one, &late, 20.0), Likeness::TiesDiffer);
        let later = [
            "0 main started",
            "8011000 b finished",
            "8500000 a finished",
            "8600000 main finished",
        ];
        assert_eq!(likeness(&one, &later, 20.0), Likeness::OrderDiffers);
        let other = [
            "0 main started",
            "8000900 b finished",
            "8000950 b finished",
            "8001000 main finished",
        ];
        assert_eq!(likeness(&one, &other, 20.0), Likeness::Different);
        assert_eq!(likeness(&one, &one[..3], 20.0), Likeness::Different);
    }

    #[test]
    fn an_instant_is_short_in_a_short_run() {
        let of = |length: u64, speed| {
            let end = format!("{length} main finished");
            instant(&transcript(&[&end]), speed) / 1_000
        };
        assert_eq!(of(16_000_000, 20.0), 320_000 + 20_000);
        assert_eq!(of(100_000, 1.0), 2_000 + 1_000);
        assert_eq!(of(850, 1.0), 17 + 85);
        assert_eq!(of(0, 1.0), 0);
    }
}
