//! `pollmark semantics`: where the runtimes differ, measured on the spot.
//!
//! [`measure`] runs each probe of the [library](crate::semantics) in a process of its own, so
//! that one that hangs, or brings its process down, is an answer like another. [`human`] and
//! [`json`] show the answers; [`moving`] those that change from one runtime to another.

mod asked;
mod human;
mod json;
mod measure;
mod moving;

use std::time::Instant;

use anyhow::{Result, anyhow, bail};
use pollmark_core::RunnerInfo;

use self::asked::Asked;
use self::moving::Moving;
use crate::args::{HumanOrJson, SemanticsArgs};
use crate::commands::prepare;
use crate::model::environment::Environment;
use crate::model::runners;
use crate::semantics::question::Side;
use crate::text::messages;
use crate::text::suggest::unknown;

/// Asks everything and shows it; whether every probe told something.
///
/// # Errors
///
/// A runner is unknown, or one is to be compared with itself; the output cannot be written, or no process can be started.
pub(crate) fn semantics(args: &SemanticsArgs) -> Result<bool> {
    let ends = match (&args.from, &args.to) {
        (Some(from), Some(to)) => Some((one(from)?, one(to)?)),
        _ => None,
    };
    let (runners, sides) = match &ends {
        Some((from, to)) if from.id == to.id => bail!(
            "a program that stays on `{}` meets no difference; `--from` and `--to` take two runners",
            from.id
        ),
        Some((from, to)) => (vec![*from, *to], &[Side::Native][..]),
        None => (runners(&args.runner)?, &[Side::Native, Side::Contract][..]),
    };
    let mut output = prepare::output(args.output.as_deref())?;
    let environment = Environment::look();
    let started = Instant::now();
    let questions = measure::all(&runners, sides)?;
    let took = started.elapsed().as_secs_f64();
    let moving = ends.map(|(from, to)| Moving::between(from.id, to.id, &questions));
    let text = match args.format {
        HumanOrJson::Human => {
            let text = match &moving {
                Some(moving) => moving.human(questions.len()),
                None => human::human(&questions, &runners),
            };
            text + &human::footer(&questions, &environment.in_a_line(), took)
        }
        HumanOrJson::Json => json::json(&environment, &questions, moving.as_ref())?,
    };
    output.write(text.as_bytes())?;
    let mut broken = questions.iter().flat_map(Asked::broken).peekable();
    let all_told = broken.peek().is_none();
    broken.for_each(|broken| messages::warn(&broken));
    Ok(all_told)
}

/// The real runner of this name.
fn one(name: &str) -> Result<RunnerInfo> {
    let name = name.trim();
    let named = known().find(|runner| runner.id == name);
    named.ok_or_else(|| not_known(name, known().map(|runner| runner.id)))
}

/// The real runners of these names, once each.
fn runners(names: &[String]) -> Result<Vec<RunnerInfo>> {
    let mut runners: Vec<RunnerInfo> = Vec::new();
    for name in names {
        let name = name.trim();
        let mut named = known()
            .filter(|runner| name == "all" || name == runner.id)
            .peekable();
        if named.peek().is_none() {
            return Err(not_known(
                name,
                known().map(|runner| runner.id).chain(["all"]),
            ));
        }
        for runner in named {
            if runners.iter().all(|other| other.id != runner.id) {
                runners.push(runner);
            }
        }
    }
    Ok(runners)
}

fn known() -> impl Iterator<Item = RunnerInfo> {
    runners::real().map(|flavour| flavour.info())
}

fn not_known(name: &str, choices: impl Iterator<Item = &'static str>) -> anyhow::Error {
    if runners::find(name).is_some() {
        return anyhow!("`{name}` is pollmark's own and has no library beneath it to ask");
    }
    unknown("runner", name, choices)
}
