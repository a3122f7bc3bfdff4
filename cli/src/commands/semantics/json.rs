//! The answers as programs read them. Names are stable.

use anyhow::Result;
use serde::{Serialize, Serializer};

use super::asked::Asked;
use crate::model::environment::Environment;
use crate::semantics::answer::Answer;

const SCHEMA: &str = "pollmark-semantics/1";

/// Everything, as JSON.
///
/// # Errors
///
/// None that can happen: every map has strings for keys.
pub(crate) fn json(environment: &Environment, questions: &[Asked]) -> Result<String> {
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
    };
    Ok(serde_json::to_string_pretty(&document)? + "\n")
}

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    environment: &'a Environment,
    questions: Vec<Question<'a>>,
}

#[derive(Serialize)]
struct Question<'a> {
    id: &'static str,
    title: &'static str,
    /// Why it matters when a program moves from one runtime to another.
    why: &'static str,
    /// How it is measured.
    how: &'static str,
    /// The rule of the conformance suite that makes the contract's answers alike; null
    /// where the contract leaves them as they are.
    rule: Option<&'static str>,
    /// The unit of `value`; null where answers are no figures.
    unit: Option<&'static str>,
    native: ByRunner<'a>,
    contract: ByRunner<'a>,
}

/// A map from runner to answer that keeps the order of the runners.
struct ByRunner<'a>(&'a [(&'static str, Answer)]);

impl Serialize for ByRunner<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(runner, answer)| (runner, answer)))
    }
}
