//! The answers that change for a program that moves from one runtime to another.

use std::fmt::Write as _;

use serde::Serialize;

use super::asked::Asked;
use crate::model::column::Column;
use crate::semantics::answer::Answer;
use crate::semantics::question::Info;
use crate::semantics::risk::{Risk, risk};
use crate::text::styles::{BOLD, DIM};
use crate::text::wrap::wrapped;

/// A measured time has changed if it is so many times as long, or as short: it is never the
/// same twice.
const TIMES: u64 = 2;

/// The answers of one bare library beside those of another.
#[derive(Debug, Serialize)]
pub(super) struct Moving<'a> {
    from: String,
    to: String,
    /// By risk, the worst first.
    changes: Vec<Change<'a>>,
    /// The questions that only one of the two has an answer to.
    not_compared: Vec<&'static str>,
}

/// An answer that is another one.
#[derive(Debug, Serialize)]
struct Change<'a> {
    id: &'static str,
    risk: Risk,
    from: &'a str,
    to: &'a str,
    #[serde(skip)]
    info: &'static Info,
}

impl<'a> Moving<'a> {
    /// Compares the first native answer to each of `questions` with the second.
    pub(super) fn between(from: &Column, to: &Column, questions: &'a [Asked]) -> Self {
        let (mut changes, mut not_compared) = (Vec::new(), Vec::new());
        for asked in questions {
            let [(_, old), (_, new)] = &asked.native[..] else {
                continue;
            };
            let info = asked.question.info();
            match (old.answer.as_deref(), new.answer.as_deref()) {
                (Some(from), Some(to)) if differ(info, old, new) => changes.push(Change {
                    id: info.id,
                    risk: risk(asked.question, old, new),
                    from,
                    to,
                    info,
                }),
                (Some(_), None) | (None, Some(_)) => not_compared.push(info.id),
                _ => {}
            }
        }
        changes.sort_by_key(|change| change.risk);
        Moving {
            from: from.to_string(),
            to: to.to_string(),
            changes,
            not_compared,
        }
    }

    /// The changes under the name of their risk.
    pub(super) fn human(&self, asked: usize) -> String {
        let Moving { from, to, .. } = self;
        let mut text = match self.changes.len() {
            0 => format!("Nothing to say: no answer that both give changes from {from} to {to}.\n"),
            changes => wrapped(
                &format!(
                    "From {from} to {to}, natively: {changes} of {asked} answers change. The \
                     gravest first."
                ),
                "",
                "",
            ),
        };
        text.push('\n');
        let wide = from.len().max(to.len());
        let rest = " ".repeat(wide + 6);
        for changes in self.changes.chunk_by(|one, next| one.risk == next.risk) {
            let risk = changes[0].risk;
            let _ = writeln!(text, "{BOLD}{}{BOLD:#}\n", risk.title());
            for change in changes {
                text.push_str(&wrapped(change.info.title, "  ", "  "));
                for (runner, answer) in [(from, change.from), (to, change.to)] {
                    text.push_str(&wrapped(answer, &format!("    {runner:<wide$}  "), &rest));
                }
                if risk != Risk::None {
                    let why = wrapped(change.info.why, "    ", "    ");
                    let _ = writeln!(text, "{DIM}{}{DIM:#}", why.trim_end());
                }
                text.push('\n');
            }
        }
        if !self.not_compared.is_empty() {
            let ids = self.not_compared.join(", ");
            let ids = format!("Not compared, because only one of the two has an answer: {ids}");
            text.push_str(&(wrapped(&ids, "", "") + "\n"));
        }
        text
    }
}

fn differ(info: &Info, old: &Answer, new: &Answer) -> bool {
    match (old.value, new.value) {
        (Some(old), Some(new)) if info.unit == Some("ns") => {
            old.max(new) >= old.min(new).saturating_mul(TIMES)
        }
        _ => (old.status, &old.answer) != (new.status, &new.answer),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::semantics::probes::Question;

    fn asked(question: Question, old: Answer, new: Answer) -> Asked {
        Asked {
            question,
            native: vec![("smol".to_owned(), old), ("tokio".to_owned(), new)],
            contract: Vec::new(),
        }
    }

    fn between_the_two(questions: &[Asked]) -> Moving<'_> {
        let [from, to] = ["smol", "tokio"].map(|name| Column::named(name, &[]).unwrap());
        Moving::between(&from, &to, questions)
    }

    fn timers(old: u64, new: u64) -> Asked {
        let figure = |value: u64| Answer::figure(format!("{value} ns"), value);
        asked(Question::TimerGranularity, figure(old), figure(new))
    }

    #[test]
    fn nothing_to_say_is_said() {
        let seen = Answer::seen("first in, first out");
        let same = asked(Question::PollOrder, seen.clone(), seen);
        let questions = [same, timers(110, 130)];
        let moving = between_the_two(&questions);
        let told = "Nothing to say: no answer that both give changes from smol to tokio.\n\n";
        assert_eq!(moving.human(2), told);
    }

    #[test]
    fn changes_stand_by_risk_and_what_one_lacks_is_named() {
        let panics = || Answer::panics("no reactor");
        let works = || Answer::seen("it works");
        let questions = [
            timers(110, 1100),
            asked(Question::OutsideIo, works(), panics()),
            asked(Question::OutsideTimer, panics(), works()),
            asked(
                Question::CancelBusy,
                Answer::not_applicable("none"),
                works(),
            ),
            asked(
                Question::PollOrder,
                Answer::seen("none"),
                Answer::seen("another"),
            ),
        ];
        let moving = between_the_two(&questions);
        let risks: Vec<Risk> = moving.changes.iter().map(|change| change.risk).collect();
        let order = [Risk::Silent, Risk::Panic, Risk::Timing, Risk::None];
        assert_eq!(risks, order);
        assert_eq!(moving.not_compared, ["cancel-busy"]);
        let text = moving.human(5);
        assert!(text.contains("4 of 5 answers change"), "{text}");
        assert!(
            text.contains("    smol   it works\n    tokio  it panics\n"),
            "{text}"
        );
    }
}
