//! The answers to a question.

use crate::semantics::answer::{Answer, Status};
use crate::semantics::probes::Question;

/// One question, and the answers to it.
#[derive(Debug)]
pub(super) struct Asked {
    pub(super) question: Question,
    /// By runner, in the order asked for.
    pub(super) native: Vec<(&'static str, Answer)>,
    pub(super) contract: Vec<(&'static str, Answer)>,
}

impl Asked {
    /// The probes that failed, and so say nothing about the runtime.
    pub(super) fn broken(&self) -> impl Iterator<Item = String> {
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
