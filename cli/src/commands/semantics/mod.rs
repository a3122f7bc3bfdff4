//! `pollmark semantics`: where the runtimes differ, measured on the spot.
//!
//! [`measure`] runs each probe of the [library](crate::semantics) in a process of its own, so
//! that one that hangs, or brings its process down, is an answer like another. [`human`] and
//! [`json`] show the answers.

mod asked;
mod human;
mod json;
mod measure;

use std::time::Instant;

use anyhow::{Result, bail};
use pollmark_core::RunnerInfo;

use self::asked::Asked;

use crate::args::{HumanOrJson, SemanticsArgs};
use crate::commands::prepare;
use crate::model::environment::Environment;
use crate::model::runners;
use crate::text::messages;
use crate::text::suggest::unknown;

/// Asks everything and shows it; whether every probe told something.
///
/// # Errors
///
/// A runner is unknown, the output cannot be written, or no process can be started.
pub(crate) fn semantics(args: &SemanticsArgs) -> Result<bool> {
    let runners = runners(&args.runner)?;
    let mut output = prepare::output(args.output.as_deref())?;
    let environment = Environment::look();
    let started = Instant::now();
    let questions = measure::all(&runners)?;
    let took = started.elapsed().as_secs_f64();
    let text = match args.format {
        HumanOrJson::Human => {
            let mut text = human::human(&questions, &runners);
            text.push_str(&human::footer(
                &questions,
                &runners,
                &environment.in_a_line(),
                took,
            ));
            text
        }
        HumanOrJson::Json => json::json(&environment, &questions)?,
    };
    output.write(text.as_bytes())?;
    let mut broken = questions.iter().flat_map(Asked::broken).peekable();
    let all_told = broken.peek().is_none();
    broken.for_each(|broken| messages::warn(&broken));
    Ok(all_told)
}

/// The real runners of these names, once each.
fn runners(names: &[String]) -> Result<Vec<RunnerInfo>> {
    let mut runners: Vec<RunnerInfo> = Vec::new();
    let known: Vec<RunnerInfo> = runners::real().map(|flavour| flavour.info()).collect();
    for name in names {
        let name = name.trim();
        let named: Vec<RunnerInfo> = known
            .iter()
            .filter(|runner| name == "all" || name == runner.id)
            .copied()
            .collect();
        if named.is_empty() {
            if runners::find(name).is_some() {
                bail!("`{name}` is pollmark's own and has no library beneath it to ask");
            }
            let ids = known.iter().map(|runner| runner.id);
            return Err(unknown("runner", name, ids.chain(["all"])));
        }
        for runner in named {
            if runners.iter().all(|other| other.id != runner.id) {
                runners.push(runner);
            }
        }
    }
    Ok(runners)
}
