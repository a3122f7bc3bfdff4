//! The answer that a probe found.

use serde::{Deserialize, Serialize};

/// The answer of one side of one runtime to one question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Answer {
    pub(crate) status: Status,
    /// The answer in a few words; null if there is none.
    pub(crate) answer: Option<String>,
    /// The figure, in the question's unit; null if the answer is not a figure.
    pub(crate) value: Option<u64>,
    /// The observation, if the answer alone does not describe it.
    pub(crate) detail: Option<String>,
    /// Why there is no answer; null if there is one.
    pub(crate) reason: Option<String>,
}

/// How an answer came about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Status {
    /// A probe saw it.
    Observed,
    /// The probe hung and was stopped.
    Hangs,
    /// The probe's process was ended by a signal.
    Aborts,
    /// The question has no meaning for this runtime.
    NotApplicable,
    /// The probe failed: nothing is known.
    Broken,
}

/// The answer where a call comes to no end.
pub(crate) const HANGS: &str = "it hangs";

/// The answer where a call panics.
const PANICS: &str = "it panics";

impl Answer {
    pub(crate) fn seen(answer: impl Into<String>) -> Self {
        Answer {
            status: Status::Observed,
            answer: Some(answer.into()),
            value: None,
            detail: None,
            reason: None,
        }
    }

    pub(crate) fn figure(answer: impl Into<String>, value: u64) -> Self {
        Answer {
            value: Some(value),
            ..Answer::seen(answer)
        }
    }

    pub(crate) fn hangs(detail: impl Into<String>) -> Self {
        Answer {
            status: Status::Hangs,
            ..Answer::seen(HANGS).detail(detail)
        }
    }

    /// The library's call panicked with this message.
    pub(crate) fn panics(message: &str) -> Self {
        Answer::seen(PANICS).detail(format!("with `{message}`"))
    }

    /// Whether a program for which this is the answer cannot go on.
    pub(crate) fn fails(&self) -> bool {
        let answer = self.answer.as_deref();
        matches!(self.status, Status::Hangs | Status::Aborts)
            || answer.is_some_and(|answer| [PANICS, HANGS].contains(&answer))
    }

    pub(crate) fn aborts(detail: impl Into<String>) -> Self {
        Answer {
            status: Status::Aborts,
            ..Answer::seen("it aborts the process").detail(detail)
        }
    }

    pub(crate) fn not_applicable(reason: impl Into<String>) -> Self {
        Answer {
            status: Status::NotApplicable,
            answer: None,
            reason: Some(reason.into()),
            ..Answer::seen("")
        }
    }

    pub(crate) fn broken(reason: impl Into<String>) -> Self {
        Answer {
            status: Status::Broken,
            ..Answer::not_applicable(reason)
        }
    }

    pub(crate) fn detail(self, detail: impl Into<String>) -> Self {
        Answer {
            detail: Some(detail.into()),
            ..self
        }
    }
}
