//! The answers in a form for people.

use std::fmt::Write as _;

use super::asked::Asked;
use crate::model::column::Column;
use crate::semantics::answer::{Answer, Status};
use crate::text::styles::{BOLD, DIM};
use crate::text::wrap::wrapped;

/// The indent of the answers, past the names of the sides.
const INDENT: &str = "                    ";

/// A space that does not break a line; it is printed as a plain space.
const GLUE: &str = "\u{a0}";

/// A block for each question: each answer with the runtimes that gave it, natively and
/// through pollmark, and why it matters.
pub(crate) fn human(questions: &[Asked], columns: &[Column]) -> String {
    let mut text = String::new();
    for asked in questions {
        let info = asked.question.info();
        let measures = info.unit == Some("ns");
        let _ = writeln!(text, "{BOLD}{}{BOLD:#}", info.title);
        text.push_str(&side("natively", lines(&asked.native, measures)));
        text.push_str(&side("through pollmark", lines(&asked.contract, measures)));
        if let Some(remark) = remark(asked, columns) {
            text.push_str(&wrapped(&remark, INDENT, INDENT));
        }
        let why = wrapped(info.why, "  ", "  ");
        let _ = writeln!(text, "{DIM}{}{DIM:#}\n", why.trim_end());
    }
    text
}

/// The last lines: number of probes, time taken, machine and build.
pub(crate) fn footer(questions: &[Asked], environment: &str, seconds: f64) -> String {
    let probes = questions.iter().map(Asked::probes).sum::<usize>();
    let probes = format!(
        "{probes} probes with one worker, or two where the question says so, each in a process \
         of its own, in {seconds:.1} s. How each is measured: --format json."
    );
    wrapped(&probes, "", "") + &wrapped(environment, "", "")
}

fn side(name: &str, lines: Vec<String>) -> String {
    let mut text = String::new();
    let mut first = format!("  {name:<16}  ");
    for line in lines {
        text.push_str(&wrapped(&line, &first, INDENT));
        INDENT.clone_into(&mut first);
    }
    text
}

/// A line for each distinct answer with the runners that gave it, in the order in which the
/// answers first come; answers that do not apply come last. Measured answers differ from
/// runner to runner: if every runner has one, a single line holds them all.
fn lines(answers: &[(String, Answer)], measured: bool) -> Vec<String> {
    if measured && answers.iter().all(|(_, answer)| answer.value.is_some()) {
        let each = |(runner, answer): &(String, Answer)| {
            format!("{runner} {}", said(answer)).replace(' ', GLUE)
        };
        return vec![answers.iter().map(each).collect::<Vec<_>>().join(", ")];
    }
    let mut groups: Vec<(String, Vec<&str>)> = Vec::new();
    let applies = |answer: &Answer| answer.status != Status::NotApplicable;
    let (apply, rest): (Vec<_>, Vec<_>) = answers.iter().partition(|(_, answer)| applies(answer));
    for (runner, answer) in apply.iter().chain(&rest) {
        let said = said(answer);
        match groups.iter_mut().find(|(known, _)| *known == said) {
            Some((_, runners)) => runners.push(runner),
            None => groups.push((said, vec![runner])),
        }
    }
    let everyone = |runners: &[&str]| runners.len() == answers.len() && answers.len() > 1;
    groups
        .into_iter()
        .map(|(said, runners)| match everyone(&runners) {
            true => format!("{said}: all"),
            false => format!("{said}: {}", runners.join(", ")),
        })
        .collect()
}

fn said(answer: &Answer) -> String {
    let reason = || answer.reason.as_deref().unwrap_or("no reason is known");
    match (&answer.answer, answer.status) {
        (Some(answer), _) => answer.clone(),
        (None, Status::Broken) => format!("the probe failed ({})", reason()),
        (None, _) => format!("not applicable ({})", reason()),
    }
}

/// Why answers through the contract differ, where they do.
fn remark(asked: &Asked, columns: &[Column]) -> Option<String> {
    let mut answers = asked.contract.iter().map(|(_, answer)| &answer.answer);
    let first = answers.next()?;
    if answers.all(|answer| answer == first) {
        return None;
    }
    let Some(rule) = asked.question.info().rule else {
        return Some("(the contract leaves this as it is)".to_owned());
    };
    let declare = columns
        .iter()
        .filter(|column| column.runner.exception(rule).is_some());
    let declared: Vec<String> = declare.map(Column::to_string).collect();
    if declared.is_empty() {
        return None;
    }
    Some(format!(
        "(declared as an exception: {})",
        declared.join(", ")
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_says_the_same_stands_in_one_line() {
        let of = |runner: &str, answer: &str| (runner.to_owned(), Answer::seen(answer));
        let answers = [of("a", "x"), of("b", "y"), of("c", "x")];
        assert_eq!(lines(&answers, false), ["x: a, c", "y: b"]);
        let both = [of("a", "x"), of("b", "x")];
        assert_eq!(lines(&both, false), ["x: all"]);
        assert_eq!(lines(&both[..1], false), ["x: a"]);
    }

    #[test]
    fn what_is_measured_stands_in_one_line_where_all_have_it() {
        let of = |runner: &str, answer| (runner.to_owned(), answer);
        let figure = |value: u64| Answer::figure(format!("{value} ms"), value);
        let mut answers = vec![of("a", figure(1)), of("b", figure(1))];
        let glued = format!("a{GLUE}1{GLUE}ms, b{GLUE}1{GLUE}ms");
        assert_eq!(lines(&answers, true), [glued]);
        answers.push(of("c", Answer::hangs("for a minute")));
        assert_eq!(lines(&answers, true), ["1 ms: a, b", "it hangs: c"]);
    }

    #[test]
    fn what_does_not_apply_comes_last_with_its_reason() {
        let answers = [
            ("a".to_owned(), Answer::not_applicable("none there")),
            ("b".to_owned(), Answer::hangs("for a minute")),
            ("c".to_owned(), Answer::broken("no thread")),
        ];
        let expected = [
            "it hangs: b",
            "the probe failed (no thread): c",
            "not applicable (none there): a",
        ];
        assert_eq!(lines(&answers, false), expected);
    }
}
