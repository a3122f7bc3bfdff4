//! `pollmark semantics`: where the runtimes differ, measured on the spot.
//!
//! [`question`] has the questions as data and [`probes`] a probe for each, generic over
//! the side that it is asked of ([`side`]): a bare library ([`native`]), or pollmark's
//! contract on top of it ([`contract`]). [`measure`] runs each probe in a process of its
//! own, so that one that hangs, or brings its process down, is an answer like another.
//! [`view`] and [`document`] show the [`answer`]s.

pub(crate) mod answer;
mod fate;

mod contract;
mod document;
mod measure;
mod native;
pub(crate) mod probe;
mod probes;
mod question;
mod side;
mod view;
mod witness;

use std::time::Instant;

use anyhow::{Result, bail};
use pollmark_core::RunnerInfo;

use crate::args::{HumanOrJson, SemanticsArgs};
use crate::environment::Environment;
use crate::flavours;
use crate::output::sink::Output;
use crate::suggest::unknown;
use crate::text::messages;

use self::answer::{Answer, Status};
use self::question::Question;

/// One question, and what was found for it.
#[derive(Debug)]
pub(crate) struct Finding {
    question: Question,
    /// By runner, in the order asked for.
    native: Vec<(&'static str, Answer)>,
    contract: Vec<(&'static str, Answer)>,
}

impl Finding {
    /// The probes that failed, and so say nothing about the runtime.
    fn broken(&self) -> impl Iterator<Item = String> {
        let answers = self.native.iter().chain(&self.contract);
        let broken = answers.filter(|(_, answer)| answer.status == Status::Broken);
        broken.map(|(runner, answer)| {
            let why = answer.reason.as_deref().unwrap_or_default();
            format!(
                "the probe `{}` failed on {runner}: {why}",
                self.question.info().id
            )
        })
    }
}

/// Asks everything and shows it; whether every probe told something.
///
/// # Errors
///
/// A runner is unknown, the output cannot be written, or no process can be started.
pub(crate) fn semantics(args: &SemanticsArgs) -> Result<bool> {
    let runners = runners(&args.runner)?;
    let mut output = Output::open(args.output.as_deref())?;
    let environment = Environment::look();
    let started = Instant::now();
    let findings = measure::all(&runners)?;
    let took = started.elapsed().as_secs_f64();
    let text = match args.format {
        HumanOrJson::Human => {
            let mut text = view::human(&findings, &runners);
            text.push_str(&view::footer(
                &findings,
                &runners,
                &environment.in_a_line(),
                took,
            ));
            text
        }
        HumanOrJson::Json => document::json(&environment, &findings)?,
    };
    output.write(text.as_bytes())?;
    let mut broken = findings.iter().flat_map(Finding::broken).peekable();
    let all_told = broken.peek().is_none();
    broken.for_each(|broken| messages::warn(&broken));
    Ok(all_told)
}

/// The real runners of these names, once each.
fn runners(names: &[String]) -> Result<Vec<RunnerInfo>> {
    let mut runners: Vec<RunnerInfo> = Vec::new();
    let known: Vec<RunnerInfo> = flavours::real().map(|flavour| flavour.info()).collect();
    for name in names {
        let name = name.trim();
        let named: Vec<RunnerInfo> = known
            .iter()
            .filter(|runner| name == "all" || name == runner.id)
            .copied()
            .collect();
        if named.is_empty() {
            if flavours::find(name).is_some() {
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
