//! `pollmark run CELL --predict`: the user guesses first, then sees.

use std::io::{self, IsTerminal};
use std::time::Duration;

use anstyle::{AnsiColor, Style};
use anyhow::{Context, Result, bail};
use pollmark_core::time::{parse_duration, seconds};
use pollmark_core::{Listing, builtin};

use super::same_events;
use crate::model::cell::Cell;
use crate::model::program_text;
use crate::model::result::{CellResult, Line};
use crate::output::file::input;
use crate::output::file::trouble::FileTrouble;
use crate::output::human;
use crate::output::sink::Output;
use crate::process::attempt::attempt;
use crate::process::ideal;
use crate::text::escape;
use crate::text::lists::distinct;
use crate::text::styles::BOLD;
use crate::text::wrap;

const RIGHT: Style = AnsiColor::Green.on_default().bold();
const WRONG: Style = AnsiColor::Yellow.on_default().bold();

/// How far a guess of the time may be off: this share of the time, or a tenth of a second.
const CLOSE: f64 = 0.05;

/// The most answers to one question that are no answer: piped input may never end.
const MISTAKES: usize = 100;

/// The user's guess about a cell; `None` is no guess.
#[derive(Debug, Default)]
pub(crate) struct Guess {
    order: Option<Vec<String>>,
    time: Option<Duration>,
}

/// Shows the program of `cell` and asks for a guess; `None` if the input ends.
pub(crate) fn ask(cell: &Cell, output: &mut Output) -> Result<Option<Guess>> {
    let mut text = human::variant_heading(cell);
    text.push_str(&human::cell_heading(cell));
    text.push('\n');
    let mut prediction = String::new();
    if let Some(listing) = listing(cell) {
        for line in program_text::of(&listing, &cell.variant).lines() {
            text.push_str(&format!("    {line}\n"));
        }
        prediction = listing.lesson(cell.variant.id).predict;
    }
    text.push_str(&format!("\n{}\n", wrap::wrapped(&prediction, "", "")));
    output.write(text.as_bytes())?;

    let Some(names) = ask_order(cell, output)? else {
        return Ok(None);
    };
    let mut mistakes = 0;
    let time = loop {
        let Some(answer) = question("How long does it take, in scenario time? ", output)? else {
            return Ok(None);
        };
        if answer.is_empty() {
            break None;
        }
        match parse_duration(&answer) {
            Ok(time) => break Some(time),
            Err(_) if mistakes == MISTAKES => {
                bail!(FileTrouble(format!("no time in {MISTAKES} answers")));
            }
            Err(error) => {
                mistakes += 1;
                let told = wrap::wrapped(&escape::brief(&error.to_string()), "", "  ");
                output.write(told.as_bytes())?;
            }
        }
    };
    Ok(Some(Guess {
        order: (!names.is_empty()).then_some(names),
        time,
    }))
}

/// The names in the order that the user expects; `None` if the input ends.
///
/// At a terminal, an unknown task is asked for again. Piped input cannot answer
/// again: the mistake is reported, and the guess is wrong.
fn ask_order(cell: &Cell, output: &mut Output) -> Result<Option<Vec<String>>> {
    let asked = "In which order do the tasks end? Names, comma separated, or Enter: ";
    let tasks = tasks(cell)?;
    loop {
        let Some(answer) = question(asked, output)? else {
            return Ok(None);
        };
        let names = answer.split(',').map(|name| name.trim().to_owned());
        let names: Vec<String> = names.filter(|name| !name.is_empty()).collect();
        let told = unknown(&names, &tasks);
        let Some(told) = told else {
            return Ok(Some(names));
        };
        let is_asked_again = io::stdin().is_terminal();
        // Piped input is not echoed, so the question stands in an unfinished line.
        let begin = if is_asked_again { "" } else { "\n" };
        output.write(format!("{begin}{}", wrap::wrapped(&told, "", "  ")).as_bytes())?;
        if !is_asked_again {
            return Ok(Some(names));
        }
    }
}

/// The names of the tasks besides the root, in the order in which they begin on the virtual
/// clock; empty if they cannot be found there.
fn tasks(cell: &Cell) -> Result<Vec<String>> {
    let Some(simulated) = ideal::simulated(cell) else {
        return Ok(Vec::new());
    };
    let lines = attempt(&simulated, |_| {})?.transcript.into_iter();
    let tasks = lines.map(|line| line.task).filter(|task| task != "main");
    Ok(distinct(tasks))
}

/// A message about the first name that belongs to no task; `None` if every name does, or if
/// the tasks are not known.
fn unknown(names: &[String], tasks: &[String]) -> Option<String> {
    let is_known = |name: &&String| tasks.iter().any(|task| is_short_for(name, task));
    let name = names.iter().find(|name| !is_known(name))?;
    let all = tasks.join(", ");
    (!tasks.is_empty()).then(|| format!("no task `{name}`; the tasks are {all}"))
}

/// Whether `name` is the name of `task`, or a part of it.
fn is_short_for(name: &str, task: &str) -> bool {
    task.to_lowercase().contains(&name.to_lowercase())
}

fn listing(cell: &Cell) -> Option<Listing> {
    let mut catalogue = builtin().into_iter();
    catalogue.find(|listing| listing.info.id == cell.spec.scenario)
}

fn question(text: &str, output: &mut Output) -> Result<Option<String>> {
    output.write(text.as_bytes())?;
    let answer = input::line(io::stdin().lock(), input::ANSWER)
        .with_context(|| FileTrouble("cannot read the answer".to_owned()))?;
    if answer.is_empty() {
        output.write(b"\n")?;
        return Ok(None);
    }
    Ok(Some(answer.trim().to_owned()))
}

/// The right and the wrong parts of a guess.
pub(crate) fn compare(guess: &Guess, result: &CellResult) -> String {
    let mut text = String::new();
    if let Some(order) = &guess.order {
        let ends = ends(result);
        let shown: Vec<&str> = ends.iter().map(|line| line.task.as_str()).collect();
        let right = is_order(
            order,
            &ends,
            same_events::instant(&result.transcript, result.speed),
        );
        let shown = match shown.is_empty() {
            true => "empty: no task ends".to_owned(),
            false => shown.join(", "),
        };
        text.push_str(&verdict(right, "the order", &shown));
    }
    if let (Some(guessed), Some(measured)) = (guess.time, result.scenario_ns()) {
        let measured = Duration::from_nanos(measured);
        let off = guessed.abs_diff(measured);
        let right = off <= measured.mul_f64(CLOSE).max(Duration::from_millis(100));
        let shown = format!(
            "{}, you said {}",
            seconds(rounded(measured)),
            seconds(guessed)
        );
        text.push_str(&verdict(right, "the time", &shown));
    }
    text.push('\n');
    text
}

fn rounded(time: Duration) -> Duration {
    Duration::from_millis(u64::try_from(time.as_millis()).unwrap_or(u64::MAX))
}

fn verdict(right: bool, what: &str, truth: &str) -> String {
    if right {
        format!("{RIGHT}right:{RIGHT:#} {what} is {truth}\n")
    } else {
        format!("{WRONG}not so:{WRONG:#} {what} is {BOLD}{truth}{BOLD:#}\n")
    }
}

/// The ends of the tasks, without the root's own.
fn ends(result: &CellResult) -> Vec<&Line> {
    let ends = ["finished", "cancelled", "failed"];
    let lines = result.transcript.iter();
    lines
        .filter(|line| ends.contains(&line.event.as_str()) && line.task != "main")
        .collect()
}

/// Whether `names` is the order of `ends`. A part of a name is enough, and tasks that end
/// within an `instant` may stand in any order.
fn is_order(names: &[String], ends: &[&Line], instant: u64) -> bool {
    let mut left: Vec<&&Line> = ends.iter().collect();
    names.len() == ends.len()
        && names.iter().all(|name| {
            let Some(first) = left.first().map(|line| line.at_ns) else {
                return false;
            };
            let of_now = |line: &&&Line| line.at_ns.abs_diff(first) <= instant;
            let mut candidates = left.iter().take_while(|line| of_now(line));
            let found = candidates.position(|line| is_short_for(name, &line.task));
            found.map(|index| left.remove(index)).is_some()
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(at_ns: u64, task: &str) -> Line {
        Line {
            at_ns,
            task: task.to_owned(),
            event: "finished".to_owned(),
            text: None,
        }
    }

    #[test]
    fn an_order_may_be_told_in_short_and_ties_either_way() {
        let lines = [
            line(0, "milk 1"),
            line(0, "milk 2"),
            line(3_000_000_000, "Caesar salad"),
        ];
        let ends: Vec<&Line> = lines.iter().collect();
        let told = |names: &[&str]| {
            let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
            is_order(
                &names,
                &ends,
                same_events::instant(ends.iter().copied(), 20.0),
            )
        };
        assert!(told(&["milk 1", "milk 2", "salad"]));
        assert!(told(&["Milk 2", "Milk 1", "SALAD"]));
        assert!(!told(&["salad", "milk 1", "milk 2"]));
        assert!(!told(&["milk 1", "milk 2"]));
        assert!(!told(&["milk 1", "milk 2", "tea"]));
    }

    #[test]
    fn a_name_that_no_task_has_is_told_with_those_that_there_are() {
        let owned = |names: &[&str]| -> Vec<String> {
            names.iter().map(|name| (*name).to_owned()).collect()
        };
        let tasks = owned(&["milk 1", "Caesar salad"]);
        assert_eq!(unknown(&owned(&["Milk", "SALAD"]), &tasks), None);
        assert_eq!(
            unknown(&owned(&["milk", "tea"]), &tasks).as_deref(),
            Some("no task `tea`; the tasks are milk 1, Caesar salad")
        );
        assert_eq!(unknown(&owned(&["tea"]), &[]), None);
    }
}
