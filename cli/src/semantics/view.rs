//! The answers, for people and for programs.

use std::fmt::Write as _;

use anstyle::Style;
use anyhow::Result;
use pollmark_core::RunnerInfo;
use serde::{Serialize, Serializer};

use super::Finding;
use super::answer::Answer;
use crate::environment::Environment;
use crate::human::wrapped;

const BOLD: Style = Style::new().bold();
const DIM: Style = Style::new().dimmed();

/// A block for each question: each answer with the runtimes that gave it.
pub(crate) fn human(findings: &[Finding], runners: &[RunnerInfo]) -> String {
    let mut text = String::new();
    for Finding {
        question,
        native,
        contract,
    } in findings
    {
        let info = question.info();
        let _ = writeln!(text, "{BOLD}{}{BOLD:#}", info.title);
        let figures = info.unit.is_some();
        text.push_str(&side("natively", native, figures));
        let natural = if info.levelled { "" } else { " (not levelled)" };
        text.push_str(&side("through pollmark", contract, figures));
        let why = format!("{}{natural}", info.why);
        let _ = write!(text, "{DIM}{}{DIM:#}", wrapped(&why, "  ", "  "));
        text.push('\n');
    }
    let ids: Vec<&str> = runners.iter().map(|runner| runner.id).collect();
    text.push_str(&wrapped(&format!("Asked of {}.", ids.join(", ")), "", ""));
    text
}

const INDENT: &str = "                    ";

fn side(name: &str, answers: &[(&'static str, Answer)], figures: bool) -> String {
    let mut text = String::new();
    let mut first = format!("  {name:<16}  ");
    for (answer, runners) in grouped(answers) {
        let who = if runners.len() == answers.len() && runners.len() > 1 {
            "all".to_owned()
        } else {
            runners.join(", ")
        };
        let _ = figures;
        text.push_str(&wrapped(&format!("{answer}: {who}"), &first, INDENT));
        INDENT.clone_into(&mut first);
    }
    text
}

/// Each distinct answer and who gave it, in the order in which they first come.
fn grouped(answers: &[(&'static str, Answer)]) -> Vec<(String, Vec<&'static str>)> {
    let mut groups: Vec<(String, Vec<&'static str>)> = Vec::new();
    for (runner, answer) in answers {
        let said = match (&answer.answer, &answer.reason) {
            (Some(answer), _) => answer.clone(),
            (None, Some(reason)) => format!("not applicable ({reason})"),
            (None, None) => "not applicable".to_owned(),
        };
        match groups.iter_mut().find(|(known, _)| *known == said) {
            Some((_, runners)) => runners.push(runner),
            None => groups.push((said, vec![runner])),
        }
    }
    groups
}

const SCHEMA: &str = "pollmark-semantics/1";

/// Everything, as JSON.
///
/// # Errors
///
/// None that can happen: names are strings, and every field serialises.
pub(crate) fn json(environment: &Environment, findings: &[Finding]) -> Result<String> {
    let questions = findings.iter().map(|finding| {
        let info = finding.question.info();
        JsonQuestion {
            id: info.id,
            title: info.title,
            why: info.why,
            how: info.how,
            levelled: info.levelled,
            unit: info.unit,
            native: ByRunner(&finding.native),
            contract: ByRunner(&finding.contract),
        }
    });
    let document = Json {
        schema: SCHEMA,
        environment,
        questions: questions.collect(),
    };
    Ok(serde_json::to_string_pretty(&document)? + "\n")
}

#[derive(Serialize)]
struct Json<'a> {
    schema: &'static str,
    environment: &'a Environment,
    questions: Vec<JsonQuestion<'a>>,
}

#[derive(Serialize)]
struct JsonQuestion<'a> {
    id: &'static str,
    title: &'static str,
    why: &'static str,
    how: &'static str,
    levelled: bool,
    unit: Option<&'static str>,
    native: ByRunner<'a>,
    contract: ByRunner<'a>,
}

/// A map that keeps the order of the runners.
struct ByRunner<'a>(&'a [(&'static str, Answer)]);

impl Serialize for ByRunner<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(runner, answer)| (runner, answer)))
    }
}
