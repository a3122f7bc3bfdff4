//! What a probe found.

use serde::{Deserialize, Serialize};

/// The answer of one side of one runtime to one question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Answer {
    /// In a few words; null where the question does not apply.
    pub(crate) answer: Option<String>,
    /// The figure, in the question's unit; null where the answer is none.
    pub(crate) value: Option<u64>,
    /// What was seen, where the answer alone does not say it.
    pub(crate) detail: Option<String>,
    /// Why the question does not apply; null where it does.
    pub(crate) reason: Option<String>,
    /// Whether a probe saw it; false where the probe hung or broke, or did not apply.
    pub(crate) observed: bool,
}

impl Answer {
    pub(crate) fn seen(answer: impl Into<String>) -> Self {
        Answer {
            answer: Some(answer.into()),
            value: None,
            detail: None,
            reason: None,
            observed: true,
        }
    }

    pub(crate) fn figure(answer: impl Into<String>, value: u64) -> Self {
        Answer {
            value: Some(value),
            ..Answer::seen(answer)
        }
    }

    /// The thing has no such notion.
    pub(crate) fn not_applicable(reason: &str) -> Self {
        Answer {
            answer: None,
            reason: Some(reason.to_owned()),
            observed: false,
            ..Answer::seen("")
        }
    }

    /// The probe itself did not come to an end as it should; `how` in one word.
    pub(crate) fn broken(how: &str, detail: impl Into<String>) -> Self {
        Answer {
            detail: Some(detail.into()),
            observed: false,
            ..Answer::seen(how)
        }
    }

    pub(crate) fn detail(self, detail: impl Into<String>) -> Self {
        Answer {
            detail: Some(detail.into()),
            ..self
        }
    }

    /// Whether the probe was to find something and did not.
    pub(crate) fn is_broken(&self) -> bool {
        !self.observed && self.answer.is_some()
    }
}
