//! The answers in a form for programs. Names are stable.

use anyhow::Result;
use serde::{Serialize, Serializer};

use super::asked::Asked;
use super::moving::Moving;
use crate::model::environment::Environment;
use crate::semantics::answer::Answer;

const SCHEMA: &str = "pollmark-semantics/1";

/// Everything, as JSON.
///
/// # Errors
///
/// None that can happen: every map has strings for keys.
pub(crate) fn json(
    environment: &Environment,
    questions: &[Asked],
    moving: Option<&Moving<'_>>,
) -> Result<String> {
    let questions = questions.iter().map(|asked| {
        let info = asked.question.info();
        Question {
            id: info.id,
            title: info.title,
            why: info.why,
            how: info.how,
            rule: info.rule,
            unit: info.unit,
            native: ByRunner(&asked.native),
            contract: ByRunner(&asked.contract),
        }
    });
    let document = Document {
        schema: SCHEMA,
        environment,
        questions: questions.collect(),
        moving,
    };
    Ok(serde_json::to_string_pretty(&document)? + "\n")
}

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    environment: &'a Environment,
    questions: Vec<Question<'a>>,
    /// Only with `--from` and `--to`; then only the bare libraries are asked, and every
    /// `contract` is empty.
    #[serde(skip_serializing_if = "Option::is_none")]
    moving: Option<&'a Moving<'a>>,
}

#[derive(Serialize)]
struct Question<'a> {
    id: &'static str,
    title: &'static str,
    /// Why it matters when a program moves from one runtime to another.
    why: &'static str,
    /// How it is measured.
    how: &'static str,
    /// The rule of the conformance suite that makes the contract's answers alike; null if the
    /// contract leaves them as they are.
    rule: Option<&'static str>,
    /// The unit of `value`; null if the answers are not figures.
    unit: Option<&'static str>,
    native: ByRunner<'a>,
    contract: ByRunner<'a>,
}

/// A map from column to answer that keeps the order of the columns.
struct ByRunner<'a>(&'a [(String, Answer)]);

impl Serialize for ByRunner<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(runner, answer)| (runner, answer)))
    }
}
