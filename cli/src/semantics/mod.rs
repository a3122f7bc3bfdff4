//! `pollmark semantics`: where the runtimes differ, measured on the spot.
//!
//! [`question`] has the questions as data and [`probes`] a probe for each, generic over
//! the side that it is asked of ([`side`]): a bare library ([`native`]), or pollmark's
//! contract on top of it ([`contract`]). [`measure`] runs each probe in a process of its
//! own, so that one that hangs, or brings its process down, is an answer like another.
//! [`view`] shows the [`answer`]s.

mod answer;
mod contract;
mod measure;
mod native;
mod probes;
mod question;
mod side;
mod view;
mod witness;

use anyhow::{Result, bail};
use pollmark_core::RunnerInfo;
use serde::{Deserialize, Serialize};

use crate::args::{DEFAULT_BLOCKING_THREADS, ListFormat, SemanticsArgs};
use crate::environment::Environment;
use crate::flavours;
use crate::output::{self, Output};
use crate::suggest::unknown;

pub(crate) use self::answer::Answer;
use self::question::Question;
use self::side::Setup;
pub(crate) use probes::ask;

/// Whom a question is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Side {
    /// The bare library.
    Native,
    /// The library through pollmark's contract.
    Contract,
}

/// One question to one side of one runtime.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Probe {
    pub(crate) question: Question,
    pub(crate) runner: String,
    pub(crate) side: Side,
}

impl Probe {
    fn setup(&self) -> Setup {
        let wanted = self.question.blocking_threads();
        let blocking_threads = match self.side {
            Side::Native => wanted,
            Side::Contract => wanted.or(DEFAULT_BLOCKING_THREADS.0),
        };
        Setup { blocking_threads }
    }

    /// What must be set before the process starts.
    fn environment(&self) -> Vec<(&'static str, String)> {
        let setup = self.setup();
        match self.side {
            Side::Contract => flavours::find(&self.runner).map_or_else(Vec::new, |flavour| {
                (flavour.info().environment)(&contract::config(setup))
            }),
            Side::Native => {
                let threads = setup.blocking_threads;
                let threads = threads.map(|threads| ("BLOCKING_MAX_THREADS", threads.to_string()));
                let workers = ("ASYNC_STD_THREAD_COUNT", "1".to_owned());
                threads.into_iter().chain([workers]).collect()
            }
        }
    }
}

/// One question, and what was found for it.
#[derive(Debug)]
pub(crate) struct Finding {
    question: Question,
    /// By runner, in the order asked for.
    native: Vec<(&'static str, Answer)>,
    contract: Vec<(&'static str, Answer)>,
}

/// Asks everything and shows it; whether every probe came to an end.
///
/// # Errors
///
/// A runner is unknown, the output cannot be written, or no process can be started.
pub(crate) fn semantics(args: &SemanticsArgs) -> Result<bool> {
    let runners = runners(&args.runner)?;
    let mut output = Output::open(args.output.as_deref())?;
    let environment = Environment::look();
    let findings = measure::all(&runners)?;
    let all_ended = findings.iter().all(|finding| {
        let mut answers = finding.native.iter().chain(&finding.contract);
        answers.all(|(_, answer)| !answer.is_broken())
    });
    let text = match args.format {
        ListFormat::Human => view::human(&findings, &runners),
        ListFormat::Json => view::json(&environment, &findings)?,
    };
    // An unoptimised build moves figures here, and no other answer.
    output.write(text.as_bytes())?;
    if !all_ended {
        output::warn("a probe hung or broke, which is shown as its answer");
    }
    Ok(all_ended)
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
