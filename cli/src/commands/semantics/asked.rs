//! The answers to a question.

use crate::model::column::runner_of;
use crate::semantics::answer::{Answer, Status};
use crate::semantics::probes::Question;
use crate::semantics::question::Side;

/// One question, and the answers to it.
#[derive(Debug)]
pub(super) struct Asked {
    pub(super) question: Question,
    /// By column, in the order asked for.
    pub(super) native: Vec<(String, Answer)>,
    pub(super) contract: Vec<(String, Answer)>,
}

impl Asked {
    /// The number of answers for which a probe was run.
    pub(super) fn probes(&self) -> usize {
        let info = self.question.info();
        let run = |side, answers: &[(String, Answer)]| {
            let runners = answers.iter().map(|(column, _)| runner_of(column));
            let apply = runners.filter(|runner| info.inapplicable_to(side, runner).is_none());
            apply.count()
        };
        run(Side::Native, &self.native) + run(Side::Contract, &self.contract)
    }

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
