//! Whether two runs had the same events, so that only differences need to be shown.

use std::time::Duration;

use crate::model::cell::Cell;
use crate::model::result::{CellResult, Line, Status};
use crate::output::human::runner;
use crate::text::units::scenario_time;
use crate::text::wrap::wrapped;

/// One line for a run that went as another of its variant did; `None` if it did
/// not, and its transcript is worth reading.
pub(crate) fn same_as(cell: &Cell, result: &CellResult, first: &CellResult) -> Option<String> {
    if result.status == Status::Ok && result.transcript.is_empty() && first.transcript.is_empty() {
        // Nothing was recorded of either.
        let measured = scenario_time(result.scenario_ns());
        return Some(format!("  {}, {measured}\n", runner(cell)));
    }
    let how = match Likeness::of(first, result) {
        Likeness::Same => "the same events in the same order",
        Likeness::TiesDiffer => "the same events at the same times; ties in another order",
        Likeness::Different => return None,
    };
    let measured = scenario_time(result.scenario_ns());
    let told = format!("{}, {measured}: {how}", runner(cell));
    Some(wrapped(&told, "  ", "    "))
}

/// How alike two runs of a variant went.
#[derive(Debug, PartialEq, Eq)]
enum Likeness {
    /// The same events in the same order.
    Same,
    /// The same events at the same times, but those of one instant in another order.
    TiesDiffer,
    Different,
}

/// Events closer than this, in real time, count as one instant.
const INSTANT: Duration = Duration::from_millis(5);

impl Likeness {
    fn of(one: &CellResult, other: &CellResult) -> Self {
        let (mut one_course, mut other_course) = (course(one), course(other));
        if one_course
            .iter()
            .map(|(what, _)| what)
            .eq(other_course.iter().map(|(what, _)| what))
        {
            return Likeness::Same;
        }
        one_course.sort();
        other_course.sort();
        let speed = one.speed.max(other.speed);
        let pairs = one_course.iter().zip(&other_course);
        let alike = pairs.fold(one_course.len() == other_course.len(), |alike, (a, b)| {
            alike && a.0 == b.0 && is_one_instant(a.1, b.1, speed)
        });
        if alike {
            Likeness::TiesDiffer
        } else {
            Likeness::Different
        }
    }
}

pub(crate) fn is_one_instant(a: u64, b: u64, speed: f64) -> bool {
    let allowed = INSTANT.as_nanos() as f64 * speed + 0.02 * a.max(b) as f64;
    a.abs_diff(b) as f64 <= allowed
}

/// Task, event and text, without the times that a text tells.
type What<'a> = (&'a str, &'a str, Option<String>);

fn course(result: &CellResult) -> Vec<(What<'_>, u64)> {
    fn event(line: &Line) -> (What<'_>, u64) {
        let text = line.text.as_deref().map(without_decimals);
        ((&line.task, &line.event, text), line.at_ns)
    }
    result.transcript.iter().map(event).collect()
}

/// The text with every decimal number replaced: such numbers are measured times.
fn without_decimals(text: &str) -> String {
    let is_decimal = |word: &&str| word.contains('.') && word.parse::<f64>().is_ok();
    let words = text.split(' ');
    let words = words.map(|word| if is_decimal(&word) { "#" } else { word });
    words.collect::<Vec<_>>().join(" ")
}
